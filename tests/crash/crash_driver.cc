// crash_driver --tundish PROGRAM [--rounds N] [--seed S] [--keep FOLDER]
//
// Runs the real server under mixed load (JSON, line protocol, numbered batches that are repeated, erasures, queries
// meanwhile), kills it with SIGKILL at a random moment, starts it with other options, and compares everything it shows
// with what it had acknowledged. What was acknowledged is kept here, in another process than the one that is killed.
// Prints `crash: rounds N, failed N, seed S, ...`.

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

#include "crash/writers.h"
#include "support/http_client.h"
#include "support/server_process.h"

namespace tundish::crash {
namespace {

constexpr DurationNs kReadyWithin = 5 * kSecond;
constexpr DurationNs kGiveUpAfter = 60 * kSecond;
constexpr int kFullCheckEvery = 10;

struct Settings {
  std::string program;
  int rounds = 200;
  std::uint64_t seed = 1;
  std::string folder;
  bool keep = false;
};

class Driver {
 public:
  explicit Driver(Settings settings)
      : settings_(std::move(settings)), random_(settings_.seed), data_(settings_.folder + "/data") {
    constexpr Dialect kDialects[] = {Dialect::kJson, Dialect::kLineProtocol, Dialect::kNumbered,
                                     Dialect::kNumbered};
    for (std::size_t i = 0; i < std::size(kDialects); ++i)
      writers_.push_back(std::make_unique<Writer>(kDialects[i], i, random_.next()));
    for (const auto& writer : writers_) {
      for (const auto& tag : writer->tags()) tags_.push_back(tag.get());
    }
  }

  /// @return a sentence when something is wrong
  std::string set_up() {
    write_config();
    auto server = start();  // makes the folder
    if (!server) return server.error().to_string();
    std::string output;
    auto code = run({"enterprise", "create", "--data", data_, "--code", kEnterprise}, output);
    if (code != 0) return "cannot make the enterprise: " + output;
    code = run({"token", "create", "--data", data_, "--enterprise", kEnterprise, "--role",
                "engineer", "--name", "crash", "--may-create-tags"},
               output);
    token_ = output.substr(0, output.find_first_of(" \r\n"));
    if (code != 0 || token_.empty()) return "cannot make a token: " + output;
    return {};
  }

  std::string round(int number) {
    write_config();
    if (random_.one_in(8)) kill_while_starting();
    auto server = start();
    if (!server) return server.error().to_string();
    auto wrong = check(*server, number % kFullCheckEvery == 0);
    if (wrong.empty()) wrong = verify();
    if (!wrong.empty()) return wrong;
    return load_and_kill(*server);
  }

  std::string finish() {
    auto server = start();
    if (!server) return server.error().to_string();
    auto wrong = check(*server, true);
    if (!wrong.empty()) return wrong;
    server->process.send_signal(SIGTERM);
    if (const int code = server->process.wait(); code != 0)
      return fmt::format("the server ended with {} when told to stop", code);
    return verify();
  }

  std::string summary() const {
    auto sorted = ready_after_;
    std::sort(sorted.begin(), sorted.end());
    const auto at = [&](std::size_t percent) {
      return sorted.empty() ? 0 : sorted[(sorted.size() - 1) * percent / 100] / kMillisecond;
    };
    std::size_t samples = 0;
    for (const ExpectedTag* tag : tags_) samples += tag->acknowledged();
    return fmt::format(
        "samples there {}, queries meanwhile {}, ready after p50 {} ms, p99 {} ms, at most {} ms",
        samples, queries_, at(50), at(99), at(100));
  }

 private:
  int run(std::vector<std::string> command, std::string& output) {
    command.insert(command.begin(), settings_.program);
    const auto code = test::run_command(std::move(command), settings_.folder, output);
    if (!code) output = code.error().to_string();
    if (!code || *code != 0) output += test::read_text(settings_.folder + "/command.err");
    return code.value_or(-1);
  }

  void write_config() {
    std::ofstream file(settings_.folder + "/config.yaml");
    file << fmt::format(
        "limits: {{workers: {}}}\n"
        "historian: {{flush_minutes: 1, head_mib: {}, journal_mib: {}, segment_mib: {}, shards: "
        "{}}}\n",
        2 + random_.below(8), 1 + random_.below(4), 2 + random_.below(6), 2 + random_.below(3),
        1 + random_.below(4));
  }

  Result<test::ServerProcess> start(DurationNs give_up_after = kGiveUpAfter) {
    auto server =
        test::ServerProcess::start(settings_.program, data_, log_file(),
                                   {"--config", settings_.folder + "/config.yaml"}, give_up_after);
    if (!server) return server;
    ready_after_.push_back(server->ready_after);
    if (server->ready_after > kReadyWithin)
      return fail(ErrorCode::kTimeout,
                  fmt::format("ready only after {} ms", server->ready_after / kMillisecond));
    return server;
  }

  /// Recovery itself must survive being killed.
  void kill_while_starting() {
    auto process =
        test::Process::start({settings_.program, "serve", "--data", data_, "--listen",
                              "127.0.0.1:0", "--config", settings_.folder + "/config.yaml"},
                             log_file() + ".out", log_file());
    if (!process) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(random_.below(120)));
    process->send_signal(SIGKILL);
    process->wait();
  }

  std::string check(const test::ServerProcess& server, bool all) {
    test::HttpClient client(io::real_net(), server.address, token_);
    for (const auto& writer : writers_) {
      // Nothing older was touched in the last round.
      const std::int64_t touched = writer->take_touched_from();
      for (const auto& tag : writer->tags()) {
        const std::int64_t from = all ? 0 : touched;
        if (from == std::numeric_limits<std::int64_t>::max()) continue;
        const auto rows = read_rows(client, tag->path(), from);
        if (!rows) return rows.error().to_string();
        auto wrong = tag->check(from, *rows, true);
        if (!wrong.empty()) return wrong;
      }
    }
    return {};
  }

  /// While the server runs (through its control socket), or after it stopped.
  std::string verify() {
    for (const char* command : {"verify", "doctor"}) {
      std::string output;
      if (run({command, "--data", data_}, output) != 0)
        return fmt::format("tundish {}: {}", command, output);
    }
    return {};
  }

  std::string load_and_kill(test::ServerProcess& server) {
    std::atomic<bool> stop = false;
    std::mutex mutex;
    std::string wrong;
    const auto report = [&](std::string sentence) {
      const std::scoped_lock lock(mutex);
      if (wrong.empty()) wrong = std::move(sentence);
    };
    {
      std::vector<std::jthread> threads;
      for (const auto& writer : writers_)
        threads.emplace_back([&] {
          test::HttpClient client(io::real_net(), server.address, token_);
          report(writer->run(client, stop));
        });
      threads.emplace_back([&, seed = random_.next()] {
        test::HttpClient client(io::real_net(), server.address, token_);
        io::SeededRandom random(seed);
        report(read_meanwhile(client, random, tags_, stop, queries_));
      });
      std::this_thread::sleep_for(std::chrono::milliseconds(20 + random_.below(700)));
      if (!server.process.running()) report("the server ended by itself");
      // One round in ten ends in order.
      const bool in_order = random_.one_in(10);
      if (in_order) stop = true;
      if (in_order) threads.clear();
      server.process.send_signal(in_order ? SIGTERM : SIGKILL);
      const int code = server.process.wait();
      if (in_order && code != 0)
        report(fmt::format("told to stop, the server ended with {}", code));
      stop = true;
    }
    return wrong;
  }

  std::string log_file() const { return settings_.folder + "/serve.log"; }

  const Settings settings_;
  io::SeededRandom random_;
  const std::string data_;
  std::string token_;
  std::vector<std::unique_ptr<Writer>> writers_;
  std::vector<ExpectedTag*> tags_;
  std::vector<DurationNs> ready_after_;
  std::uint64_t queries_ = 0;
};

int usage() {
  std::fprintf(stderr,
               "usage: crash_driver --tundish PROGRAM [--rounds N] [--seed S] [--keep FOLDER]\n"
               "example: crash_driver --tundish build/dev/tundish --rounds 10\n");
  return 2;
}

int run_all(int argc, char** argv) {
  Settings settings;
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i];
    if (i + 1 == argc) return usage();
    const std::string value = argv[i + 1];
    const auto number = [&](auto& into) {
      const auto parsed = std::from_chars(value.data(), value.data() + value.size(), into);
      return parsed.ec == std::errc() && parsed.ptr == value.data() + value.size();
    };
    if (name == "--tundish") {
      settings.program = value;
    } else if (name == "--keep") {
      settings.folder = value;
      settings.keep = true;
    } else if (!(name == "--rounds" && number(settings.rounds)) &&
               !(name == "--seed" && number(settings.seed))) {
      return usage();
    }
  }
  if (settings.program.empty()) return usage();
  if (!settings.keep) {
    std::string pattern = std::filesystem::temp_directory_path().string() + "/tundish-crash-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) return 1;
    settings.folder = pattern;
  }
  std::filesystem::create_directories(settings.folder);

  Driver driver(settings);
  int rounds = 0;
  std::string wrong = driver.set_up();
  while (wrong.empty() && rounds < settings.rounds) {
    wrong = driver.round(++rounds);
    if (rounds % 100 == 0) fmt::print(stderr, "crash: {} of {} rounds\n", rounds, settings.rounds);
  }
  if (wrong.empty()) wrong = driver.finish();
  if (!wrong.empty()) {
    // The state after a failure is what has to be looked at, so this ends here and keeps it.
    fmt::print(
        "round {}: {}\n  the data folder is kept: {}\n  again: {} --tundish {} --rounds {} --seed "
        "{}\n",
        rounds, wrong, settings.folder, argv[0], settings.program, settings.rounds, settings.seed);
  } else if (!settings.keep) {
    std::filesystem::remove_all(settings.folder);
  }
  fmt::print("crash: rounds {}, failed {}, seed {}, {}\n", rounds, wrong.empty() ? 0 : 1,
             settings.seed, driver.summary());
  return wrong.empty() ? 0 : 1;
}

}  // namespace
}  // namespace tundish::crash

int main(int argc, char** argv) { return tundish::crash::run_all(argc, argv); }
