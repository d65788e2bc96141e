#include "bench/report.h"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdio>
#include <sstream>

#include "bench/child_process.h"
#include "io/clock.h"
#include "wire/json/json_writer.h"

namespace tundish::bench {
namespace {

std::string processor() {
  std::istringstream lines(read_file("/proc/cpuinfo"));
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("model name"))
      if (const auto at = line.find(": "); at != std::string::npos) return line.substr(at + 2);
  return "unknown";
}

std::string kernel() {
  utsname names{};
  ::uname(&names);
  return fmt::format("{} {} {}", names.sysname, names.release, names.machine);
}

/// More is better for speeds; for times and sizes less is.
bool more_is_better(std::string_view unit) { return unit.ends_with("/s"); }

}  // namespace

Report::Report(std::string bench, std::string subject, const WorkloadOptions& work)
    : bench_(std::move(bench)), subject_(std::move(subject)), work_(work) {}

std::string Report::json() const {
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object().member("bench", bench_).member("subject", subject_);
  json.key("machine").begin_object().member("processor", processor());
  json.member("cores", ::sysconf(_SC_NPROCESSORS_ONLN));
  json.member("memory_bytes", ::sysconf(_SC_PHYS_PAGES) * ::sysconf(_SC_PAGESIZE));
  json.member("kernel", kernel()).end_object();
  json.key("time").time(io::real_clock().now() / kSecond * kSecond);
  json.key("work").begin_object().member("tags", work_.tags).member("seconds", work_.seconds);
  json.member("samples", work_.samples()).member("jitter", work_.jitter);
  json.member("late_percent", work_.late_percent).member("seed", work_.seed).end_object();
  json.key("figures").begin_array();
  for (const Figure& figure : figures_) {
    json.begin_object().member("name", figure.name).member("value", figure.value);
    json.member("unit", figure.unit);
    if (figure.goal) json.member("goal", *figure.goal);
    if (!figure.note.empty()) json.member("note", figure.note);
    json.end_object();
  }
  json.end_array().end_object();
  return text;
}

std::string Report::table() const {
  std::string text =
      fmt::format("{}: {}; {} tags x {} s{}, seed {}\n", bench_, subject_, work_.tags,
                  work_.seconds, work_.jitter ? ", jitter" : "", work_.seed);
  for (const Figure& figure : figures_) {
    text += fmt::format("  {:<46}{:>14.6g} {:<10}", figure.name, figure.value, figure.unit);
    if (figure.goal)
      text += fmt::format(
          " goal {:g}: {}", *figure.goal,
          goal_share(figure) >= 1 ? "reached" : fmt::format("{:.0f} %", 100 * goal_share(figure)));
    if (!figure.note.empty()) text += " " + figure.note;
    text += '\n';
  }
  return text;
}

double goal_share(const Figure& figure) {
  if (!figure.goal || figure.value <= 0 || *figure.goal <= 0) return 0;
  return more_is_better(figure.unit) ? figure.value / *figure.goal : *figure.goal / figure.value;
}

void progress(std::string_view what) {
  fmt::print(stderr, "bench: {}\n", what);
  std::fflush(stderr);
}

}  // namespace tundish::bench
