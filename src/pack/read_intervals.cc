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
                                          "shortest", "longest", "capture", "downtime", "cost"});
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
    if (members.contains("cost") && !members.contains("downtime"))
      source_.add(members.find("cost")->second,
                  "only a downtime costs: say 'downtime: unplanned' or 'downtime: planned' too");
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
    } else if (member == "downtime") {
      if (text(value) != "unplanned" && text(value) != "planned")
        unknown(value, "a downtime is unplanned or planned, and not", text(value),
                {"unplanned", "planned"});
      interval.downtime = text(value) == "planned" ? Downtime::kPlanned : Downtime::kUnplanned;
    } else if (member == "cost") {
      read_cost(value);
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

  void read_cost(const YAML::Node& node) {
    const auto parts = source_.members(node, "a cost", {"output", "energy"});
    for (const auto& [name, body] : parts)
      source_.attempt([&, &part_name = name, &part = body] {
        const bool is_output = part_name == "output";
        read_part(part, part_name,
                  is_output ? one_.definition.cost.output : one_.definition.cost.energy,
                  is_output ? "lost" : "used");
      });
  }

  /// @param amount what the formula of the amount is called: `lost` or `used`
  void read_part(const YAML::Node& node, const std::string& name, CostPart& part,
                 const char* amount) {
    const bool is_output = name == "output";
    const auto members = source_.members(
        node, fmt::format("the {} of a cost", name),
        is_output ? std::vector<std::string>{"lost", "rate", "made", "target", "unit", "price"}
                  : std::vector<std::string>{"used", "unit", "price"});
    if (!node.IsMap()) return;
    if (!members.contains("unit")) source_.add(node, "'unit' is missing here");
    if (is_output && members.contains("lost") == members.contains("rate"))
      source_.add(node, "lost output has one of 'lost' and 'rate'");
    if (!is_output && !members.contains("used")) source_.add(node, "'used' is missing here");
    for (const char* other : {"made", "target"})
      if (members.contains(other) && !members.contains("rate"))
        source_.add(members.find(other)->second, fmt::format("'{}' goes with 'rate'", other));
    for (const auto& [member, value] : members)
      source_.attempt([&, &member_name = member, &body = value] {
        const std::string key = fmt::format("{}/cost/{}/{}", key_, name, member_name);
        source_.note(key, body);
        if (member_name == "unit") {
          part.unit = text(body);
          (void)unit_code(body);
        } else if (member_name == "target") {
          part.target = name_of(body);
        } else {
          (member_name == amount   ? part.amount
           : member_name == "rate" ? part.rate
           : member_name == "made" ? part.made
                                   : part.price) = clean_text(body, 1000);
        }
      });
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
