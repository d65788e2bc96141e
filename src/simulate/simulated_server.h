#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/clock.h"
#include "model/value.h"

namespace tundish::simulate {

/// One signal as a connection to the plant's server names it.
struct SignalInfo {
  std::string namespace_uri;
  std::string identifier;  ///< `s=works/ironmaking/bf1/hot_blast_temp`
  std::string path;        ///< below the enterprise: `works/ironmaking/bf1/hot_blast_temp`
  ValueType type = ValueType::kDouble;
  std::string unit;  ///< UCUM
  bool step = false;
  std::string description;
};

struct ServerOptions {
  std::uint16_t port = 0;           ///< on loopback; 0: a free one
  std::string certificate_folder;   ///< keeps certificate and key, so that the fingerprint stays
  std::string user, password;       ///< besides anonymous, when given
  double speed = 1;                 ///< plant seconds in a second
  std::vector<std::string> faults;  ///< on from the start
  std::uint64_t seed = 1;
  TimeNs epoch = 0;  ///< where the plant's life began; 0: one hour ago
};

/// Signals and fault names of a pack, without a server. Errors: those of load_plant.
Result<std::vector<SignalInfo>> pack_signals(const std::string& pack_folder);
Result<std::vector<std::string>> pack_faults(const std::string& pack_folder);

/// A plant behind a real OPC UA server (open62541): its tree with units and ranges, source
/// timestamps and status codes, an hour of history, security None and the three current policies
/// with Sign and SignAndEncrypt. Any client certificate is taken: it is a simulator. Faults can be
/// switched by writing their names, separated by commas, to the node `s=Faults`.
/// Listens on loopback only; runs a thread of its own until stop().
class SimulatedServer {
 public:
  static Result<std::unique_ptr<SimulatedServer>> start(const std::string& pack_folder,
                                                        io::Clock& clock, ServerOptions options);
  ~SimulatedServer();
  void stop();

  /// Switches faults to exactly these at the next second, as writing the node does. Any thread.
  /// Errors: kNotFound with the nearest name; then nothing changes.
  Status set_faults(std::vector<std::string> names);

  std::string endpoint() const;     ///< `opc.tcp://127.0.0.1:4840`
  std::string fingerprint() const;  ///< SHA-256 of its certificate, lower-case hexadecimal
  std::span<const SignalInfo> signals() const;

 private:
  class Implementation;
  explicit SimulatedServer(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace tundish::simulate
