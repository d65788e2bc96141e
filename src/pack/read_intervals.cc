#include <fmt/format.h>

#include "pack/readers.h"

namespace tundish::pack {
namespace {

constexpr std::size_t kCapturesMax = 50;

class IntervalReader {
 public:
  IntervalReader(Source& source, const std::string& name)
      : source_(source), key_("interval/" + name) {
    one_.definition.name = name;
  }

  PackInterval read(const YAML::Node& node) {
    const auto members = source_.members(node, "a kind of interval",
                                         {"of", "words", "during", "by", "start", "end", "within",
                                          "shortest", "longest", "capture"});
    for (const char* needed : {"of", "words"})
      if (node.IsMap() && !members.contains(needed))
        source_.add(node, fmt::format("'{}' is missing here", needed));
    const int ways = members.contains("during") + members.contains("by") +
                     (members.contains("start") || members.contains("end"));
    if (node.IsMap() && ways != 1)
      source_.add(node, "an interval has one of 'during', 'by', and 'start' with 'end'");
    if (members.contains("start") != members.contains("end"))
      source_.add(node,
                  fmt::format("'{}' is missing here", members.contains("start") ? "end" : "start"));
    for (const auto& [member, value] : members)
      source_.attempt([&, &name = member, &body = value] { read_member(name, body); });
    const auto& interval = one_.definition;
    if (interval.longest != 0 && interval.longest < interval.shortest)
      source_.add(members.find("longest")->second, "the longest one is longer than the shortest");
    return std::move(one_);
  }

 private:
  void read_member(const std::string& member, const YAML::Node& value) {
    IntervalDefinition& interval = one_.definition;
    if (member == "of") {
      one_.of = name_of(value);
      source_.note(key_ + "/template", value);
    } else if (member == "words") {
      interval.words = source_.words(value);
    } else if (member == "within") {
      interval.within = name_of(value);
      source_.note(key_ + "/within", value);
    } else if (member == "shortest") {
      interval.shortest = duration(value);
    } else if (member == "longest") {
      interval.longest = duration(value);
    } else if (member == "capture") {
      for (const auto& [name, body] :
           source_.named(value, "captures", kCapturesMax, key_ + "/capture/")) {
        source_.note(key_ + "/capture/" + name, body);
        interval.capture.emplace_back(name, clean_text(body, 1000));
      }
    } else {
      source_.note(key_ + "/" + member, value);
      (member == "during" ? interval.during
       : member == "by"   ? interval.by
       : member == "end"  ? interval.end
                          : interval.start) = clean_text(value, 1000);
    }
  }

  Source& source_;
  std::string key_;
  PackInterval one_;
};

}  // namespace

void read_intervals(Source& source, Pack& pack) {
  const auto root = source.load();
  if (!root) return;
  auto members = source.members(*root, "intervals.yaml", {"intervals"});
  if (!members.contains("intervals")) return source.add(*root, "'intervals' is missing here");
  for (const auto& [name, body] :
       source.named(members["intervals"], "kinds of intervals", kDefinitionsMax, "interval/"))
    pack.intervals.push_back(IntervalReader(source, name).read(body));
}

}  // namespace tundish::pack
