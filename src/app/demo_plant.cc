#include "app/demo_plant.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <tuple>

#include "app/client.h"
#include "base/log.h"
#include "simulate/history.h"
#include "simulate/simulated_server.h"
#include "wire/batch/batch.h"
#include "wire/json/json_value.h"
#include "wire/json/json_writer.h"

namespace tundish::app {
namespace {

constexpr int kStartTimeoutMs = 60'000;

/// One line from a pipe, within the time.
Result<std::string> read_line(int handle, int timeout_ms) {
  std::string line;
  while (true) {
    pollfd ready{handle, POLLIN, 0};
    const int count = ::poll(&ready, 1, timeout_ms);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return fail(ErrorCode::kTimeout, "a simulated plant did not start in time");
    char byte = 0;
    const auto got = ::read(handle, &byte, 1);
    if (got <= 0)
      return fail(ErrorCode::kUnavailable, "a simulated plant ended at its start; see above");
    if (byte == '\n') return line;
    line += byte;
  }
}

std::string program_path() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).string();
}

std::string source_of(const DemoEnterprise& enterprise) { return "simulate/" + enterprise.pack; }

/// Every signal of a pack as an item of its connection.
std::vector<ConnectionItem> items_of(const std::vector<simulate::SignalInfo>& signals,
                                     const std::string& enterprise) {
  std::vector<ConnectionItem> items;
  for (const auto& signal : signals) {
    ConnectionItem item;
    item.namespace_uri = signal.namespace_uri;
    item.identifier = signal.identifier;
    item.path = enterprise + "/" + signal.path;
    item.type = signal.type;
    item.step = signal.step;
    item.unit = signal.unit;
    item.description = signal.description;
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace

Result<std::unique_ptr<PlantProcess>> PlantProcess::start(const std::string& pack,
                                                          std::uint16_t port, std::uint64_t seed,
                                                          TimeNs epoch,
                                                          const std::string& certificate_folder,
                                                          const std::string& faults_file) {
  return spawn({program_path(), "simulate", pack, "--opcua", std::to_string(port), "--seed",
                std::to_string(seed), "--epoch", std::to_string(epoch), "--certificates",
                certificate_folder, "--faults-file", faults_file, "--until-input-ends"});
}

Result<std::unique_ptr<PlantProcess>> PlantProcess::start_sender(
    const std::string& pack, const std::string& url, const std::string& token_file,
    std::uint64_t seed, TimeNs epoch, TimeNs from, const std::string& faults_file) {
  return spawn({program_path(), "simulate", pack, "--http", url, "--token", token_file, "--seed",
                std::to_string(seed), "--epoch", std::to_string(epoch), "--from",
                std::to_string(from), "--faults-file", faults_file, "--until-input-ends"});
}

Result<std::unique_ptr<PlantProcess>> PlantProcess::spawn(const std::vector<std::string>& words) {
  int input[2], output[2];
  if (::pipe2(input, O_CLOEXEC) != 0 || ::pipe2(output, O_CLOEXEC) != 0)
    return fail(ErrorCode::kIo, "no pipe could be made");
  std::vector<char*> arguments;
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // Ctrl-C goes to the whole group of the terminal: a group of its own lets us end the plant in turn.
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, 0);
  std::unique_ptr<PlantProcess> plant(new PlantProcess());
  const int failed = ::posix_spawn(&plant->pid_, words[0].c_str(), &actions, &attributes,
                                   arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  ::close(input[0]);
  ::close(output[1]);
  plant->input_ = input[1];
  if (failed != 0) {
    plant->pid_ = -1;
    ::close(output[0]);
    return fail(ErrorCode::kIo, "the simulated plant could not be started");
  }
  const auto line = read_line(output[0], kStartTimeoutMs);
  ::close(output[0]);
  if (!line) return fail(line.error());
  const auto space = line->find(' ');
  plant->endpoint_ = line->substr(0, space);
  plant->fingerprint_ = space == std::string::npos ? "" : line->substr(space + 1);
  return plant;
}

PlantProcess::~PlantProcess() {
  if (input_ >= 0) ::close(input_);
  if (pid_ <= 0) return;
  for (int i = 0; i < 300; ++i) {
    if (::waitpid(pid_, nullptr, WNOHANG) != 0) return;
    ::usleep(10'000);
  }
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

Status move_connection(Platform& platform, std::string_view enterprise_code,
                       const std::string& endpoint, const std::string& fingerprint) {
  const auto enterprise = platform.enterprises().find(enterprise_code);
  if (!enterprise) return {};
  for (ConnectionConfig& known : platform.connection_store().load_all()) {
    if (known.enterprise != enterprise->id || !known.simulated) continue;
    if (known.endpoint == endpoint && known.trusted_fingerprint == fingerprint) return {};
    known.endpoint = endpoint;
    known.trusted_fingerprint = fingerprint;
    TUNDISH_RETURN_IF_ERROR(platform.connection_store().save(std::move(known)));
    return {};
  }
  return {};
}

namespace {

/// Three shifts from 08:00, as most plants of the demo's regions work.
std::string calendar_text(const std::string& zone) {
  return fmt::format(
      "name: three_shifts\ntime_zone: {}\nday_starts: \"08:00\"\nshifts:\n"
      "  day: {{from: \"08:00\", to: \"16:00\", words: {{en: Day, zh: 白班}}}}\n"
      "  evening: {{from: \"16:00\", to: \"00:00\", words: {{en: Evening, zh: 中班}}}}\n"
      "  night: {{from: \"00:00\", to: \"08:00\", words: {{en: Night, zh: 夜班}}}}\n"
      "downtime_reasons:\n"
      "  M: {{category: unplanned, words: {{en: Mechanical, zh: 机械}}}}\n"
      "  M01: {{category: unplanned, within: M, words: {{en: Bearing, zh: 轴承}}}}\n"
      "  M02: {{category: unplanned, within: M, words: {{en: Hydraulics, zh: 液压}}}}\n"
      "  E: {{category: unplanned, words: {{en: Electrical, zh: 电气}}}}\n"
      "  E01: {{category: unplanned, within: E, words: {{en: Drive, zh: 传动}}}}\n"
      "  L: {{category: unplanned, words: {{en: Waiting for material, zh: 待料}}}}\n"
      "  P: {{category: planned, words: {{en: Planned, zh: 计划停机}}}}\n"
      "  P01: {{category: planned, within: P, words: {{en: Maintenance, zh: 检修}}}}\n"
      "  P02: {{category: planned, within: P, words: {{en: Change of product, zh: 换产}}}}\n",
      zone);
}

/// The pack's templates, the plant's assets, and a calendar, unless somebody has made a model already.
Status set_up_model(Platform& platform, EnterpriseId enterprise, const DemoEnterprise& demo) {
  if (platform.calendars().calendars(enterprise).empty()) {
    TUNDISH_TRY(const auto made,
                platform.calendars().create(enterprise, calendar_text(demo.time_zone)));
    for (const Site& site : platform.enterprises().sites(enterprise))
      TUNDISH_RETURN_IF_ERROR(platform.calendars().set_calendar_of(enterprise, site.id, made.name));
  }
  if (!platform.models().model(enterprise)->assets().empty()) return {};
  const auto applied = platform.packs().apply({"demo", false}, enterprise, demo.pack, true);
  if (!applied) {
    // The plant runs without a model, too.
    log_warning("demo", "{}: the pack was not applied: {}", demo.code, applied.error().to_string());
  }
  return {};
}

}  // namespace

Status set_up_enterprise(Platform& platform, const DemoEnterprise& demo,
                         const PlantProcess* plant) {
  auto& enterprises = platform.enterprises();
  auto enterprise = enterprises.find(demo.code);
  if (!enterprise) {
    Enterprise fresh;
    fresh.code = demo.code;
    fresh.name = demo.name;
    fresh.industry = demo.industry;
    fresh.region = demo.region;
    fresh.simulated = true;
    TUNDISH_TRY(enterprise, enterprises.create(std::move(fresh)));
  }
  TUNDISH_TRY(const auto folder, find_pack(demo.pack));
  TUNDISH_TRY(const auto signals, simulate::pack_signals(folder));
  if (enterprises.sites(enterprise->id).empty()) {
    Site site;
    site.enterprise = enterprise->id;
    site.code = signals.front().path.substr(0, signals.front().path.find('/'));
    site.name = demo.site_name;
    site.time_zone = demo.time_zone;
    site.region = demo.region;
    site.latitude = demo.latitude;
    site.longitude = demo.longitude;
    if (demo.time_zone == "Asia/Shanghai") site.currency = "CNY";
    TUNDISH_RETURN_IF_ERROR(enterprises.save_site(std::move(site)));
  }
  // Tags first, with units and steps, so that the history finds them as the connection will.
  std::vector<NewTag> tags;
  for (const auto& signal : signals)
    tags.push_back({demo.code + "/" + signal.path, signal.type, signal.step, signal.unit,
                    signal.description, true});
  TUNDISH_RETURN_IF_ERROR(platform.tags().ensure(enterprise->id, tags));

  TUNDISH_RETURN_IF_ERROR(set_up_model(platform, enterprise->id, demo));
  if (plant == nullptr) return {};
  // The connection is made as a person would make it; the fingerprint is compared with what the
  // process that was just started said of itself.
  ConnectionConfig config;
  config.enterprise = enterprise->id;
  config.name = demo.site_name + " (simulated)";
  // One from an earlier run goes on: move_connection() has told it where the plant is now.
  for (const auto& existing : platform.connections().list(enterprise->id))
    if (existing.simulated) return {};
  config.endpoint = plant->endpoint();
  config.trusted_fingerprint = plant->fingerprint();
  config.simulated = true;
  config.items = items_of(signals, demo.code);
  TUNDISH_RETURN_IF_ERROR(platform.connections().save(std::move(config)));
  return {};
}

Status write_sender_token(Platform& platform, const DemoEnterprise& demo, const std::string& file) {
  static constexpr const char* kName = "simulated plant of the demo";
  const auto enterprise = platform.enterprises().find(demo.code);
  if (!enterprise) return fail(ErrorCode::kNotFound, "the demo's enterprise is missing");
  for (const auto& known : platform.access().tokens(enterprise->id))
    if (known.name == kName)
      TUNDISH_RETURN_IF_ERROR(platform.access().remove_token(enterprise->id, known.id));
  TUNDISH_TRY(const auto token,
              platform.access().create_token({kName, Role::kOperator, enterprise->id, true, 0}));
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(file).parent_path(), error);
  ::unlink(file.c_str());
  const int handle = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (handle < 0) return fail(ErrorCode::kIo, "the plant's token could not be written", file);
  const auto written = ::write(handle, token.secret.data(), token.secret.size());
  ::close(handle);
  if (written != static_cast<ssize_t>(token.secret.size()))
    return fail(ErrorCode::kIo, "the plant's token could not be written", file);
  return {};
}

std::string length_text(DurationNs length) {
  for (const auto& [unit, one, many] : {std::tuple{kDay, "a day", "days"},
                                        {kHour, "an hour", "hours"},
                                        {kMinute, "a minute", "minutes"},
                                        {kSecond, "a second", "seconds"}}) {
    // In the largest unit of which it is nearly a whole number: a run starts some seconds into its history.
    const auto count = (length + unit / 100) / unit;
    if (count == 0 || std::abs(length - count * unit) > unit / 100) continue;
    return count == 1 ? one : fmt::format("{} {}", count, many);
  }
  return format_duration(length);
}

Status post_history(Server& server, const DemoEnterprise& demo, TimeNs from, TimeNs to) {
  TUNDISH_TRY(const auto folder, find_pack(demo.pack));
  const auto enterprise = server.platform().enterprises().find(demo.code);
  if (!enterprise) return fail(ErrorCode::kNotFound, "the demo's enterprise is missing");
  // By the public interface and with a token, as any sender of numbered batches would.
  TUNDISH_TRY(const auto token,
              server.platform().access().create_token(
                  {"history of the demo", Role::kOperator, enterprise->id, true, to + kHour}));
  TUNDISH_TRY(const auto client, connect_to_url(server.url(), token.secret));
  std::string open_body;
  wire::JsonWriter json(open_body);
  json.begin_object().member("source", source_of(demo)).member("stream", "history").end_object();
  TUNDISH_TRY(const auto opened,
              client->ask({.method = "POST", .target = "/api/v1/streams", .body = open_body}));
  TUNDISH_TRY(const auto stream, wire::parse_json(opened));
  TUNDISH_TRY(const auto epoch, wire::required_member<std::int64_t>(stream, "epoch"));
  TUNDISH_TRY(const auto generator,
              simulate::HistoryGenerator::open(folder, demo.code, from, to, demo.seed));
  const bool terminal = ::isatty(STDERR_FILENO) != 0;
  const std::string length = length_text(to - from);
  std::uint64_t sequence = 1, samples = 0;
  while (auto batch = generator->next()) {
    samples += batch->rows.size();
    batch->number = ReceivedBatch::Number{source_of(demo), "history",
                                          static_cast<std::uint32_t>(epoch), sequence++};
    const Bytes bytes = wire::encode_batch(*batch);
    TUNDISH_RETURN_IF_ERROR(client->ask({.method = "POST",
                                         .target = "/api/v1/samples",
                                         .body = std::string(as_text(bytes)),
                                         .content_type = std::string(wire::kBatchMediaType)}));
    if (terminal)
      fmt::print(stderr, "\r  {}: {} of history, {:3.0f} %", demo.code, length,
                 generator->done() * 100);
  }
  fmt::print(stderr, "{}  {}: {} of history, {} samples\n", terminal ? "\r" : "", demo.code, length,
             samples);
  TUNDISH_RETURN_IF_ERROR(server.platform().access().remove_token(enterprise->id, token.token.id));
  return {};
}

}  // namespace tundish::app
