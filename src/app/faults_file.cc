#include "app/faults_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

#include "base/log.h"

namespace tundish::app {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kRefused = "! ";

/// Nothing when there is no such file.
std::optional<std::string> read_whole(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::string text(kFaultsBytesMax + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

/// A reader sees the old or the new text, never half of it.
Status replace(const std::string& path, const std::string& text) {
  const std::string fresh = fmt::format("{}.{}", path, ::getpid());
  {
    std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
    out << text;
    out.flush();
    if (!out) return fail(ErrorCode::kIo, fmt::format("{} cannot be written", fresh), fresh);
  }
  std::error_code error;
  fs::rename(fresh, path, error);
  if (!error) return {};
  std::error_code ignored;
  fs::remove(fresh, ignored);
  return fail(ErrorCode::kIo, fmt::format("{} cannot be replaced: {}", path, error.message()),
              path);
}

std::string answer_file(const std::string& file) { return file + ".on"; }

Error nobody(const std::string& file) {
  return {ErrorCode::kUnavailable,
          fmt::format("no simulated plant follows {}: is the demo of that folder running?", file)};
}

}  // namespace

std::vector<std::string> split_faults(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  std::vector<std::string> names;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    std::string_view name = text.substr(at, end - at);
    const auto first = name.find_first_not_of(kBlanks);
    if (first != std::string_view::npos)
      names.emplace_back(name.substr(first, name.find_last_not_of(kBlanks) - first + 1));
    at = end + 1;
  }
  return names;
}

std::string join_faults(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ","));
}

FaultsFollower::FaultsFollower(std::string file, const std::vector<std::string>& on, Switch set)
    : file_(std::move(file)), set_(std::move(set)), seen_(join_faults(on)) {
  if (file_.empty()) return;
  for (const auto& path : {file_, answer_file(file_)})
    if (const auto written = replace(path, seen_); !written)
      log_warning("simulate", "{}", written.error().message);
}

FaultsFollower::~FaultsFollower() {
  if (file_.empty()) return;
  std::error_code ignored;
  for (const auto& path : {file_, answer_file(file_)}) fs::remove(path, ignored);
}

void FaultsFollower::look() {
  if (file_.empty()) return;
  const auto text = read_whole(file_);
  if (!text || *text == seen_) return;
  seen_ = *text;
  const auto names = split_faults(seen_);
  const auto set = text->size() > kFaultsBytesMax
                       ? Status(fail(ErrorCode::kTooLarge, "the list of faults is too long"))
                       : set_(names);
  if (!set) log_warning("simulate", "{}", set.error().message);
  const auto told = replace(answer_file(file_),
                            set ? join_faults(names) : std::string(kRefused) + set.error().message);
  if (!told) log_warning("simulate", "{}", told.error().message);
}

Result<std::vector<std::string>> faults_on(const std::string& file) {
  const auto text = read_whole(answer_file(file));
  if (!text) return fail(nobody(file));
  // A refusal left on what was on before, which the file itself still says to nobody.
  if (text->starts_with(kRefused)) return fail(ErrorCode::kConflict, text->substr(kRefused.size()));
  return split_faults(*text);
}

Status ask_faults(const std::string& file, const std::vector<std::string>& names,
                  DurationNs wait_max) {
  const auto before = read_whole(file), answered = read_whole(answer_file(file));
  if (!before || !answered) return fail(nobody(file));
  const std::string wanted = join_faults(names);
  TUNDISH_RETURN_IF_ERROR(replace(file, wanted));
  const auto end = std::chrono::steady_clock::now() + std::chrono::nanoseconds(wait_max);
  Error error = nobody(file);
  while (std::chrono::steady_clock::now() < end) {
    const auto answer = read_whole(answer_file(file));
    if (answer && *answer == wanted) return {};
    if (answer && answer != answered && answer->starts_with(kRefused)) {
      error = {ErrorCode::kInvalidArgument, answer->substr(kRefused.size())};
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  // As it was: nothing is left behind for a plant that comes later, and this one answers what is on.
  TUNDISH_RETURN_IF_ERROR(replace(file, *before));
  while (std::chrono::steady_clock::now() < end && read_whole(answer_file(file)) != answered)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  return fail(std::move(error));
}

}  // namespace tundish::app
