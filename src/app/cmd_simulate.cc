#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <filesystem>

#include "app/command.h"
#include "app/faults_file.h"
#include "app/send_plant.h"
#include "app/server.h"
#include "io/clock.h"
#include "simulate/plant_spec.h"
#include "simulate/simulated_server.h"

namespace tundish::app {
namespace {

struct SimulateOptions {
  std::string pack;
  simulate::ServerOptions server;
  std::string epoch;
  std::string http, token_file, from;
  std::string faults_file;
  bool until_input_ends = false;
  bool list_faults = false;
};

/// Waits a quarter of a second; true when this process is told to stop.
bool told_to_stop(bool until_input_ends) {
  constexpr int kTickMs = 250;
  if (!until_input_ends) return signalled_within(kTickMs * kMillisecond);
  // Whoever started this holds the other end: when it dies, however it dies, so does this.
  pollfd input{STDIN_FILENO, POLLIN, 0};
  if (::poll(&input, 1, kTickMs) <= 0) return false;
  char byte = 0;
  return ::read(STDIN_FILENO, &byte, 1) <= 0;
}

int list_faults(const std::string& folder) {
  const auto plant = simulate::load_plant(folder);
  if (!plant) return report(plant.error());
  for (const auto& fault : plant->faults)
    fmt::print("{}{}{}\n", fault.name, fault.description.empty() ? "" : "  ", fault.description);
  return kDone;
}

int run(SimulateOptions options) {
  block_signals();
  const auto folder = find_pack(options.pack);
  if (!folder) return report(folder.error());
  if (options.list_faults) return list_faults(*folder);
  if (!options.epoch.empty()) {
    const auto epoch = parse_time(options.epoch, io::real_clock().now());
    if (!epoch) return report(epoch.error());
    options.server.epoch = *epoch;
  }
  if (!options.http.empty()) {
    SendPlantOptions sending;
    sending.folder = *folder;
    sending.name = std::filesystem::path(*folder).filename().string();
    sending.url = options.http;
    sending.token_file = options.token_file;
    sending.seed = options.server.seed;
    sending.epoch = options.epoch.empty() ? io::real_clock().now() - kHour : options.server.epoch;
    if (!options.from.empty()) {
      const auto from = parse_time(options.from, io::real_clock().now());
      if (!from) return report(from.error());
      sending.from = *from;
    }
    sending.faults = options.server.faults;
    sending.faults_file = options.faults_file;
    sending.until_input_ends = options.until_input_ends;
    const auto sent = send_plant(sending);
    return sent ? kDone : report(sent.error());
  }
  const auto server = simulate::SimulatedServer::start(*folder, io::real_clock(), options.server);
  if (!server) return report(server.error());
  fmt::print("{} {}\n", (*server)->endpoint(), (*server)->fingerprint());
  std::fflush(stdout);
  if (!options.until_input_ends)
    fmt::print(stderr, "{} signals of {} by OPC UA; Ctrl-C stops it\n", (*server)->signals().size(),
               options.pack);
  FaultsFollower switches(options.faults_file, options.server.faults,
                          [&](const auto& names) { return (*server)->set_faults(names); });
  while (!told_to_stop(options.until_input_ends)) switches.look();
  (*server)->stop();
  return kDone;
}

}  // namespace

Result<std::string> find_pack(const std::string& name) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (fs::is_regular_file(name + "/simulation.yaml", error)) return name;
  const std::string packs = find_beside_program("packs");
  if (name.find('/') == std::string::npos &&
      fs::is_regular_file(packs + "/" + name + "/simulation.yaml", error))
    return packs + "/" + name;
  std::string known;
  for (const auto& entry : fs::directory_iterator(packs, error))
    if (fs::is_regular_file(entry.path() / "simulation.yaml", error))
      known += (known.empty() ? "" : ", ") + entry.path().filename().string();
  return fail(
      ErrorCode::kNotFound,
      fmt::format("there is no pack '{}': name one of {}, or a folder with a simulation.yaml", name,
                  known.empty() ? "(none found)" : known));
}

void add_simulate_command(CLI::App& program, Action& action) {
  auto* command = program.add_subcommand(
      "simulate", "Runs one simulated plant that speaks OPC UA, or sends over HTTP");
  command->footer(
      "Prints its endpoint and the fingerprint of its certificate on stdout.\n"
      "Example: tundish simulate steel --opcua 4840 --fault stuck_sensor\n"
      "With --http it sends numbered batches instead, and prints URL and enterprise.\n"
      "Example: tundish simulate vehicles --http http://127.0.0.1:8080 --token token.txt");
  const auto options = std::make_shared<SimulateOptions>();
  command->add_option("PACK", options->pack, "Name of a pack, or its folder")->required();
  command->add_option("--opcua", options->server.port, "Port on 127.0.0.1; 0: a free one")
      ->default_val(0);
  auto* http =
      command
          ->add_option("--http", options->http, "Send to this server instead, as numbered batches")
          ->type_name("URL")
          ->excludes("--opcua");
  auto* token = command
                    ->add_option("--token", options->token_file,
                                 "File with an API token that may create tags")
                    ->type_name("FILE")
                    ->needs(http);
  http->needs(token);
  command->add_option("--from", options->from, "With --http: time of the first frame; default now")
      ->needs(http);
  auto* speed = command->add_option("--speed", options->server.speed, "Plant seconds in a second")
                    ->check(CLI::Range(0.01, 1000.0))
                    ->default_val(1);
  http->excludes(speed);
  command->add_option("--fault", options->server.faults, "Faults that are on from the start");
  command->add_flag("--list-faults", options->list_faults,
                    "Only prints the faults that the plant can have, and ends");
  command
      ->add_option("--faults-file", options->faults_file,
                   "Names in this file, separated by commas, are the faults that are on while it "
                   "runs; what is on is answered in FILE.on")
      ->type_name("FILE");
  command->add_option("--seed", options->server.seed, "Another seed, another plant")
      ->default_val(1);
  command->add_option("--epoch", options->epoch,
                      "When the plant's life began; default an hour ago");
  command
      ->add_option("--certificates", options->server.certificate_folder,
                   "Keeps certificate and key here, so that the fingerprint stays")
      ->type_name("DIR");
  command->add_option("--user", options->server.user, "Besides anonymous");
  command->add_option("--password", options->server.password, "Of that user");
  command->add_flag("--until-input-ends", options->until_input_ends,
                    "Stop when standard input closes instead of on a signal");
  command->callback([&action, options] { action = [options] { return run(*options); }; });
}

}  // namespace tundish::app
