#include "app/send_plant.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <optional>

#include "app/client.h"
#include "app/faults_file.h"
#include "base/log.h"
#include "io/clock.h"
#include "simulate/frame_source.h"
#include "wire/json/json_value.h"

namespace tundish::app {
namespace {

constexpr int kTickMs = 1'000;
constexpr int kFramesATurn = 360;           ///< an hour of them
constexpr std::size_t kBatchesMax = 8'640;  ///< a day of frames of ten seconds
constexpr std::size_t kTokenBytesMax = 4'096;

Result<std::string> read_token(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string token(kTokenBytesMax, '\0');
  in.read(token.data(), static_cast<std::streamsize>(token.size()));
  token.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  while (!token.empty() && std::isspace(static_cast<unsigned char>(token.back()))) token.pop_back();
  if (token.empty())
    return fail(ErrorCode::kNotFound, "there is no API token in " + file, "--token");
  return token;
}

/// Waits `wait_ms`; true when this process is told to stop.
bool told_to_stop(bool until_input_ends, int wait_ms = kTickMs) {
  if (until_input_ends) {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    if (::poll(&input, 1, wait_ms) <= 0) return false;
    char byte = 0;
    return ::read(STDIN_FILENO, &byte, 1) <= 0;
  }
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  const timespec tick{wait_ms / 1000, 0};
  return ::sigtimedwait(&signals, nullptr, &tick) > 0;
}

/// The enterprise that the token is of. Errors: what the server says; kPermissionDenied when it is of none.
Result<std::string> enterprise_of(Client& client) {
  TUNDISH_TRY(const auto text, client.ask({.target = "/api/v1/session"}));
  TUNDISH_TRY(const auto session, wire::parse_json(text));
  TUNDISH_TRY(const auto user, wire::required_member<wire::JsonValue::Object>(session, "user"));
  TUNDISH_TRY(const auto code,
              wire::optional_member<std::string>(wire::JsonValue(user), "enterprise"));
  if (!code) return fail(ErrorCode::kPermissionDenied, "this token is of no enterprise", "--token");
  return *code;
}

/// The connection to the server, made anew with what is in the token's file after a refusal.
class Line {
 public:
  explicit Line(const SendPlantOptions& options) : options_(options) {}

  Result<std::string> connect() {
    TUNDISH_TRY(const auto token, read_token(options_.token_file));
    TUNDISH_TRY(client_, connect_to_url(options_.url, token));
    return enterprise_of(*client_);
  }
  Client& client() { return *client_; }

 private:
  const SendPlantOptions& options_;
  std::unique_ptr<Client> client_;
};

/// What the sender holds on to while the client behind it changes.
class Renewed final : public Client {
 public:
  explicit Renewed(Line& line) : line_(line) {}
  Result<Answer> send(const Call& call, const Sink& sink) override {
    auto answer = line_.client().send(call, sink);
    if (!answer || answer->status != 401) return answer;
    // The token ran out or was exchanged: the file may have the next one.
    TUNDISH_RETURN_IF_ERROR(line_.connect());
    return line_.client().send(call, sink);
  }

 private:
  Line& line_;
};

/// Says on stderr when the server goes away and when it is back.
class Teller {
 public:
  void tell(const Status& sent, const BatchSender& sender) {
    if (sent.has_value() == away_) {
      if (sent)
        log_info("simulate", "the server answers again; {} batches are stored, {} were dropped",
                 sender.counts().batches, sender.counts().dropped_batches);
      else
        log_warning("simulate", "{}; batches wait", sent.error().message);
      away_ = !sent;
    }
  }

 private:
  bool away_ = false;
};

}  // namespace

Result<bool> send_due(simulate::FrameSource& frames, BatchSender& sender, TimeNs now) {
  for (int taken = 0; taken < kFramesATurn; ++taken) {
    auto frame = frames.next(now);
    if (!frame) {
      TUNDISH_RETURN_IF_ERROR(sender.send());
      return false;
    }
    sender.push(std::move(*frame));
  }
  TUNDISH_RETURN_IF_ERROR(sender.send());
  return true;
}

Status send_plant(const SendPlantOptions& options) {
  if (options.until_input_ends) {
    // Nothing of it is on disk: whoever started it may end it at once, whatever it waits for.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  }
  TUNDISH_TRY(auto spec, simulate::load_plant(options.folder));
  const TimeNs from = options.from != 0 ? options.from : io::real_clock().now();
  Line line(options);
  // The paths begin with the enterprise, which the server knows: until it has answered the frames are
  // not made, and none is lost, because they are a function of time.
  std::optional<std::string> enterprise;
  for (bool told = false; !enterprise;) {
    auto connected = line.connect();
    if (connected) {
      enterprise = std::move(*connected);
      break;
    }
    const ErrorCode code = connected.error().code;
    if (code != ErrorCode::kUnavailable && code != ErrorCode::kIo) return fail(connected.error());
    if (!told) log_warning("simulate", "{}; waiting for it", connected.error().message);
    told = true;
    if (told_to_stop(options.until_input_ends)) return {};
  }
  simulate::FrameSource frames(std::move(spec), *enterprise, options.seed, options.epoch,
                               std::max(from, options.epoch));
  TUNDISH_RETURN_IF_ERROR(frames.set_faults(options.faults));
  fmt::print("{} {}\n", options.url, *enterprise);
  std::fflush(stdout);

  FaultsFollower switches(options.faults_file, options.faults,
                          [&](const auto& names) { return frames.set_faults(names); });
  Renewed client(line);
  BatchSender sender(client, "simulate/" + options.name, "frames", kBatchesMax);
  Teller teller;
  bool more = false;
  do {
    switches.look();
    const auto sent = send_due(frames, sender, io::real_clock().now());
    const Status state = sent ? Status() : Status(std::unexpected(sent.error()));
    teller.tell(state, sender);
    if (!sent && sent.error().code == ErrorCode::kConflict) return state;
    more = sent.value_or(false);
  } while (!told_to_stop(options.until_input_ends, more ? 0 : kTickMs));
  const auto& counts = sender.counts();
  log_info(
      "simulate",
      "{} batches with {} samples stored, {} samples refused, {} dropped, {} batches still waited",
      counts.batches, counts.samples, counts.refused_samples, counts.dropped_samples,
      sender.waiting());
  return {};
}

}  // namespace tundish::app
