#include <fmt/format.h>

#include "pack/readers.h"

namespace tundish::pack {
namespace {

AlarmPriority priority_of(const YAML::Node& node) {
  const std::string word = text(node);
  if (word == "critical") return AlarmPriority::kCritical;
  if (word == "high") return AlarmPriority::kHigh;
  if (word == "medium") return AlarmPriority::kMedium;
  unknown(node, "a priority is critical, high or medium, and not", word,
          {"critical", "high", "medium"});
}

void read_alarm(Source& source, const std::string& name, const YAML::Node& node, Pack& pack) {
  PackAlarm one;
  AlarmDefinition& alarm = one.definition;
  alarm.name = name;
  const std::string key = "alarm/" + name;
  auto members = source.members(
      node, "an alarm", {"of", "when", "on_delay", "off_delay", "priority", "words", "advice"});
  for (const char* needed : {"of", "when", "priority", "words", "advice"})
    if (node.IsMap() && !members.contains(needed))
      source.add(node, fmt::format("'{}' is missing here", needed));
  for (const auto& [member, value] : members)
    source.attempt([&] {
      if (member == "of") {
        one.of = name_of(value);
        source.note(key + "/template", value);
      } else if (member == "when") {
        source.note(key + "/when", value);
        alarm.when = clean_text(value, 1000);
      } else if (member == "on_delay") {
        alarm.on_delay = delay_of(value);
      } else if (member == "off_delay") {
        alarm.off_delay = delay_of(value);
      } else if (member == "priority") {
        alarm.priority = priority_of(value);
      } else if (member == "words") {
        alarm.words = source.words(value);
      } else {
        alarm.advice = source.words(value, 900);
      }
    });
  pack.alarms.push_back(std::move(one));
}

}  // namespace

void read_alarms(Source& source, Pack& pack) {
  const auto root = source.load();
  if (!root) return;
  auto members = source.members(*root, "alarms.yaml", {"alarms"});
  if (!members.contains("alarms")) return source.add(*root, "'alarms' is missing here");
  for (const auto& [name, body] :
       source.named(members["alarms"], "alarms", kDefinitionsMax, "alarm/"))
    read_alarm(source, name, body, pack);
}

}  // namespace tundish::pack
