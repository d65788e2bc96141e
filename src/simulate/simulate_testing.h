#pragma once

#include <unistd.h>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace tundish::simulate {

/// A folder of this test process, with a slash at its end, removed when it ends: ctest runs several
/// processes of one program at a time.
inline const std::string& own_folder() {
  struct Folder {
    std::string path = testing::TempDir() + "simulate_" + std::to_string(::getpid()) + "/";
    Folder() { std::filesystem::create_directories(path); }
    ~Folder() {
      std::error_code ignored;
      std::filesystem::remove_all(path, ignored);
    }
  };
  static const Folder folder;
  return folder.path;
}

/// A pack in a folder of its own: a controlled temperature, a held word, a batch, two faults.
inline std::string small_pack(const std::string& name) {
  const std::string folder = own_folder() + "pack_" + name;
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/simulation.yaml") << R"(
plant: {name: Small works, namespace: "urn:tundish:plant:small"}
batches: {heat: {prefix: H, phases: {charge: 25s, blow: 65s}}}
signals:
  works/furnace/setpoint: {kind: setpoint, values: [1200, 1210, 1220], hold: 5min, unit: Cel, range: [0, 1500]}
  works/furnace/temperature: {kind: loop, setpoint: works/furnace/setpoint, time: 60s, unit: Cel, range: [0, 1500],
                              noise: 0.5, resolution: 0.1, description: "Furnace temperature"}
  works/furnace/phase: {kind: phase, of: heat}
  works/furnace/energy: {kind: counter, input: works/furnace/temperature, unit: kW.h}
  works/furnace/burning: {kind: running, of: heat, phases: [blow]}
faults:
  rests: {kind: stuck, signals: works/furnace/temperature}
  offline: {kind: bad, signals: "works/furnace/**", quality: BadNoCommunication}
)";
  return folder;
}

}  // namespace tundish::simulate
