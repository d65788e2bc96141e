#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "app/command.h"
#include "app/demo_plant.h"
#include "app/faults_file.h"
#include "app/server.h"
#include "base/log.h"
#include "base/nearest_word.h"
#include "io/clock.h"
#include "simulate/plant.h"

namespace tundish::app {
namespace {

struct DemoOptions {
  std::string data = "./data";
  std::string listen;
  std::string console;
  std::size_t enterprises = 0;  ///< 0: all whose pack is there
  std::string history = "1d";
  int opcua_port = 4840;
};

/// The enterprises of the demo, in the order in which --enterprises takes them.
std::vector<DemoEnterprise> demo_enterprises() {
  std::vector<DemoEnterprise> all{
      {"steel-01", "Steel works 01", "steel", "Chongqing", "steel", "Steel works", "Asia/Shanghai",
       29.56, 106.55, 11},
      {"chem-01", "Chemical plant 01", "chemicals", "Jiangsu", "chemicals", "Chemical plant",
       "Asia/Shanghai", 32.06, 118.79, 12},
      {"mining-01", "Copper mine 01", "mining", "Jiangxi", "mining", "Copper mine", "Asia/Shanghai",
       28.95, 117.57, 13},
      {"aluminium-01", "Aluminium smelter 01", "aluminium", "Guangxi", "aluminium", "Smelter",
       "Asia/Shanghai", 23.9, 106.6, 14},
      {"site-01", "High-rise site 01", "construction", "Chongqing", "construction",
       "Construction site", "Asia/Shanghai", 29.6, 106.5, 15},
      {"rail-01", "Rail hub 01", "rail", "Chongqing", "rail", "Rail logistics hub", "Asia/Shanghai",
       29.63, 106.33, 16},
      {"auto-01", "Car plant 01", "automobile", "Chongqing", "automobile", "Car plant",
       "Asia/Shanghai", 29.72, 106.64, 17},
      {"fleet-01", "Test fleet 01", "vehicles", "Chongqing", "vehicles", "Test fleet",
       "Asia/Shanghai", 29.56, 106.55, 18, true},
  };
  std::erase_if(all, [](const DemoEnterprise& one) { return !find_pack(one.pack); });
  return all;
}

std::string state_file(const DemoOptions& options, const DemoEnterprise& enterprise) {
  return options.data + "/demo/" + enterprise.code + ".epoch";
}

/// A plant's life goes on where it was: its epoch is kept beside the data.
TimeNs epoch_of(const DemoOptions& options, const DemoEnterprise& enterprise, TimeNs fresh) {
  std::ifstream in(state_file(options, enterprise));
  TimeNs epoch = 0;
  // A plant steps through its whole life at a start: after a week it begins a new one.
  if (in >> epoch && epoch > fresh - 6 * kDay && epoch <= fresh + kDay) return epoch;
  return fresh;
}

/// By which `tundish demo fault` switches the faults of its plant.
std::string faults_file(const std::string& data, const DemoEnterprise& enterprise) {
  return data + "/demo/" + enterprise.code + ".faults";
}

/// One enterprise while the demo runs: its plant, and when its life began.
struct Running {
  DemoEnterprise enterprise;
  TimeNs epoch = 0;
  std::unique_ptr<PlantProcess> plant;
};

Result<Running> start_plant(const DemoOptions& options, const DemoEnterprise& enterprise,
                            std::uint16_t port, TimeNs fresh) {
  const TimeNs epoch = epoch_of(options, enterprise, fresh);
  if (enterprise.by_http) return Running{enterprise, epoch, nullptr};
  const std::string certificates = options.data + "/demo/" + enterprise.code;
  TUNDISH_TRY(const auto pack, find_pack(enterprise.pack));
  auto plant = PlantProcess::start(pack, port, enterprise.seed, epoch, certificates,
                                   faults_file(options.data, enterprise));
  if (!plant) {
    // The usual port is taken: any other does.
    log_warning("demo", "{}; taking a free port", plant.error().message);
    plant = PlantProcess::start(pack, 0, enterprise.seed, epoch, certificates,
                                faults_file(options.data, enterprise));
  }
  if (!plant) return fail(plant.error());
  return Running{enterprise, epoch, std::move(*plant)};
}

/// A plant that sends needs the server, its token and the past before it: it comes last. Frames of a new
/// life join its history; of one that goes on they begin now.
Status start_sender(Server& server, const DemoOptions& options, Running& running, TimeNs now) {
  const DemoEnterprise& enterprise = running.enterprise;
  if (!enterprise.by_http) return {};
  const std::string token = options.data + "/demo/" + enterprise.code + ".token";
  TUNDISH_RETURN_IF_ERROR(write_sender_token(server.platform(), enterprise, token));
  TUNDISH_TRY(const auto pack, find_pack(enterprise.pack));
  TUNDISH_TRY(running.plant,
              PlantProcess::start_sender(pack, server.url(), token, enterprise.seed, running.epoch,
                                         now, faults_file(options.data, enterprise)));
  return {};
}

Status set_up(Server& server, const DemoOptions& options, Running& running, TimeNs now,
              TimeNs fresh) {
  const DemoEnterprise& enterprise = running.enterprise;
  TUNDISH_RETURN_IF_ERROR(set_up_enterprise(server.platform(), enterprise, running.plant.get()));
  fmt::print(stderr, "  {}: {} at {}\n", enterprise.code, enterprise.name,
             running.plant ? running.plant->endpoint() : "HTTP, numbered batches");
  if (running.epoch != fresh) return start_sender(server, options, running, now);
  TUNDISH_RETURN_IF_ERROR(post_history(server, enterprise, running.epoch, now));
  std::ofstream(state_file(options, enterprise)) << running.epoch << "\n";
  return start_sender(server, options, running, now);
}

int run(const DemoOptions& options) {
  block_signals();
  ServeConfig config;
  config.platform.data_folder = options.data;
  if (!options.console.empty()) config.platform.api.console_folder = options.console;
  if (!options.listen.empty())
    if (const auto listen = parse_listen(options.listen, config.http); !listen)
      return report(listen.error());
  const auto history = parse_duration(options.history);
  if (!history) return report({ErrorCode::kInvalidArgument, history.error().message, "--history"});
  const auto all = demo_enterprises();
  const std::size_t count = options.enterprises == 0 ? all.size() : options.enterprises;
  if (count < 1 || count > all.size())
    return report({ErrorCode::kInvalidArgument,
                   fmt::format("the demo has 1 to {} enterprises", all.size()), "--enterprises"});
  const TimeNs now = io::real_clock().now();
  const TimeNs fresh = (now - *history) / kSecond * kSecond;

  fmt::print(stderr, "Tundish {}; starting the simulated plants\n", version_text());
  std::vector<Running> all_running;
  // Plants first: connections that are known from the last time find them, wherever they are now.
  auto server = Server::start(config, [&](Platform& platform) -> Status {
    for (std::size_t i = 0; i < count; ++i) {
      const auto port = options.opcua_port == 0 ? 0 : options.opcua_port + static_cast<int>(i);
      TUNDISH_TRY(auto running,
                  start_plant(options, all[i], static_cast<std::uint16_t>(port), fresh));
      if (running.plant)
        TUNDISH_RETURN_IF_ERROR(move_connection(platform, running.enterprise.code,
                                                running.plant->endpoint(),
                                                running.plant->fingerprint()));
      all_running.push_back(std::move(running));
    }
    return {};
  });
  if (!server) return report(server.error());
  fmt::print(stderr, "Serving at {}\n", (*server)->url());
  for (auto& running : all_running)
    if (const auto done = set_up(**server, options, running, now, fresh); !done)
      return report(done.error());

  fmt::print(stderr, "\nEach link signs in once, in a browser on this machine:\n");
  fmt::print("platform operator  {}\n", (*server)->operator_link(true));
  for (std::size_t i = 0; i < count; ++i) {
    const auto enterprise = (*server)->platform().enterprises().find(all[i].code);
    const auto secret = (*server)->platform().access().make_link(
        enterprise->id, Role::kAdministrator, all[i].code + "-admin", 7 * kDay);
    if (!secret) return report(secret.error());
    fmt::print("{:<18} {}/#/welcome/{}\n", all[i].code, (*server)->url(), *secret);
  }
  std::fflush(stdout);
  fmt::print(
      stderr,
      "\nAll plants here are simulated and marked as such; tundish demo fault CODE --data {} "
      "lists their faults. Ctrl-C stops the demo; its data "
      "stay in {}\n",
      options.data, options.data);
  wait_for_signal();
  fmt::print(stderr, "\nStopping: what is in memory is written out.\n");
  (*server)->stop();
  return kDone;
}

struct FaultOptions {
  std::string data, plant, fault, state;
};

/// Of what people call it: the enterprise's code, or its pack.
Result<DemoEnterprise> find_enterprise(const std::string& name) {
  std::vector<std::string> known;
  for (auto& one : demo_enterprises()) {
    if (one.code == name || one.pack == name) return one;
    known.push_back(one.code);
    known.push_back(one.pack);
  }
  return fail(ErrorCode::kNotFound,
              fmt::format("the demo has no enterprise '{}'; did you mean '{}'?", name,
                          nearest_word(name, known)));
}

int list_faults(const std::vector<simulate::FaultSpec>& faults,
                const std::vector<std::string>& on) {
  for (const auto& fault : faults)
    fmt::print("{}  {}{}{}\n", std::ranges::find(on, fault.name) != on.end() ? "on " : "off",
               fault.name, fault.description.empty() ? "" : "  ", fault.description);
  return kDone;
}

int switch_fault(const FaultOptions& options) {
  const auto enterprise = find_enterprise(options.plant);
  if (!enterprise) return report(enterprise.error());
  const auto folder = find_pack(enterprise->pack);
  if (!folder) return report(folder.error());
  const auto plant = simulate::load_plant(*folder);
  if (!plant) return report(plant.error());
  const std::string file = faults_file(options.data, *enterprise);
  auto on = faults_on(file);
  if (!on) return report(on.error());
  if (options.fault.empty()) return list_faults(plant->faults, *on);
  if (const auto known = simulate::Plant::check_faults(*plant, {options.fault}); !known)
    return report(known.error());
  std::erase(*on, options.fault);
  if (options.state == "on") on->push_back(options.fault);
  if (const auto done = ask_faults(file, *on); !done) return report(done.error());
  fmt::print("{} {} at {}\n", options.fault, options.state, enterprise->code);
  return kDone;
}

void add_fault_command(CLI::App& demo, Action& action) {
  auto* command = demo.add_subcommand(
      "fault",
      "Switches a fault of a plant of the demo that is running; without a name: lists them");
  command->footer(
      "Example: tundish demo fault steel-01 superheat_probe on --data ./data\n"
      "Faults last until they are switched off or the demo ends.");
  const auto options = std::make_shared<FaultOptions>();
  options->data = "./data";
  command->add_option("PLANT", options->plant, "Code of the enterprise, or its pack")->required();
  auto* fault = command->add_option("FAULT", options->fault, "Name of a fault of its pack");
  auto* state = command->add_option("STATE", options->state, "on or off")
                    ->check(CLI::IsMember({"on", "off"}));
  fault->needs(state);
  command->add_option("--data", options->data, "The data folder of the demo")
      ->type_name("DIR")
      ->capture_default_str();
  command->callback([&action, options] { action = [options] { return switch_fault(*options); }; });
}

}  // namespace

void add_demo_command(CLI::App& program, Action& action) {
  auto* command = program.add_subcommand("demo",
                                         "Runs the platform with simulated plants, connected over "
                                         "OPC UA and HTTP as real ones would be");
  command->footer(
      "Example: tundish demo --data ./data\nPrints one sign-in link for each enterprise on "
      "stdout.");
  const auto options = std::make_shared<DemoOptions>();
  command->add_option("--data", options->data, "The data folder")
      ->type_name("DIR")
      ->capture_default_str();
  command->add_option("--listen", options->listen, "Address and port; default 127.0.0.1:8080");
  command->add_option("--console", options->console, "Folder of the built web console")
      ->type_name("DIR");
  command
      ->add_option("--enterprises", options->enterprises,
                   "How many; default one of each pack that is there")
      ->check(CLI::Range(1, 1000));
  command->add_option("--history", options->history, "How much of the past comes in first")
      ->capture_default_str();
  command->add_option("--opcua-port", options->opcua_port, "First OPC UA port; 0: free ones")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  add_fault_command(*command, action);
  command->callback([&action, options, command] {
    if (command->get_subcommands().empty()) action = [options] { return run(*options); };
  });
}

}  // namespace tundish::app
