#include "formula/dependencies.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <queue>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace tundish::formula {
namespace {

/// Of a circle that is longer, the rest is told as a number.
constexpr std::size_t kNamesInCircleMax = 20;

void add_name(const PlantModel& model, const Asset& asset, const std::string& name,
              std::uint32_t node, std::vector<Input>& inputs) {
  if (name == kChildren || name == kOwnWindow ||
      std::ranges::find(kCalendarWindows, name) != kCalendarWindows.end())
    return;
  const Asset* owner = nullptr;
  if (const Attribute* attribute = model.resolve(asset, name, &owner)) {
    inputs.push_back({node, owner, attribute, nullptr});
  } else if (const IntervalKind kind = find_interval(model, asset, name)) {
    inputs.push_back({node, kind.owner, nullptr, kind.definition});
  }
}

/// Which step reads which, with each formula's text read once for all assets that have it.
class Graph {
 public:
  explicit Graph(const PlantModel& model) : model_(model) {
    const auto& assets = model.assets();
    for (std::size_t i = 0; i < assets.size(); ++i) {
      const auto at = static_cast<std::uint32_t>(i);
      for (std::size_t k = 0; k < assets[i].attributes.size(); ++k)
        if (assets[i].attributes[k].definition.kind == AttributeKind::kFormula)
          add({at, Derived::Kind::kAttribute, static_cast<std::uint32_t>(k)});
      for (std::size_t k = 0; k < assets[i].facts->intervals.size(); ++k)
        add({at, Derived::Kind::kInterval, static_cast<std::uint32_t>(k)});
    }
    reads_.resize(steps_.size());
    for (std::uint32_t step = 0; step < steps_.size(); ++step) connect(step);
  }

  const std::vector<Derived>& steps() const { return steps_; }
  const std::vector<std::uint32_t>& reads(std::uint32_t step) const { return reads_[step]; }

 private:
  void add(const Derived& derived) { steps_.push_back(derived); }

  /// The steps are ascending, so a step is found by search.
  void connect_to(std::uint32_t step, const Derived& read) {
    const auto at = std::ranges::lower_bound(steps_, read);
    if (at != steps_.end() && *at == read)
      reads_[step].push_back(static_cast<std::uint32_t>(at - steps_.begin()));
  }

  std::uint32_t number_of(const Asset& asset) const {
    return static_cast<std::uint32_t>(&asset - model_.assets().data());
  }

  void read_formula(std::uint32_t step, const Asset& asset, const std::string& text) {
    const Syntax* const syntax = parsed(text);
    if (syntax == nullptr) return;
    for (const Input& input : inputs_of(*syntax, model_, asset)) {
      const Asset& owner = *input.asset;
      if (input.attribute != nullptr)
        connect_to(step, {number_of(owner), Derived::Kind::kAttribute,
                          static_cast<std::uint32_t>(input.attribute - owner.attributes.data())});
      else
        connect_to(step,
                   {number_of(owner), Derived::Kind::kInterval,
                    static_cast<std::uint32_t>(input.interval - owner.facts->intervals.data())});
    }
  }

  void connect(std::uint32_t step) {
    const Derived derived = steps_[step];
    const Asset& asset = model_.assets()[derived.asset];
    if (derived.kind == Derived::Kind::kAttribute) {
      read_formula(step, asset, asset.attributes[derived.index].definition.formula);
    } else {
      const IntervalDefinition& interval = asset.facts->intervals[derived.index];
      for (const std::string* text :
           {&interval.during, &interval.by, &interval.start, &interval.end})
        if (!text->empty()) read_formula(step, asset, *text);
      if (const IntervalKind outer = find_interval(model_, asset, interval.within))
        connect_to(step, {number_of(*outer.owner), Derived::Kind::kInterval,
                          static_cast<std::uint32_t>(outer.definition -
                                                     outer.owner->facts->intervals.data())});
    }
    auto& reads = reads_[step];
    std::ranges::sort(reads);
    const auto repeats = std::ranges::unique(reads);
    reads.erase(repeats.begin(), repeats.end());
  }

  const Syntax* parsed(const std::string& text) {
    auto [at, is_new] = syntaxes_.try_emplace(text);
    if (is_new)
      if (auto syntax = parse_formula(text)) at->second = *std::move(syntax);
    return at->second.nodes.empty() ? nullptr : &at->second;
  }

  const PlantModel& model_;
  std::vector<Derived> steps_;
  std::vector<std::vector<std::uint32_t>> reads_;
  std::unordered_map<std::string, Syntax> syntaxes_;
};

/// A circle among the steps that never came out: from the first of them follow what is read until a step
/// comes again.
std::string name_circle(const PlantModel& model, const Graph& graph,
                        const std::vector<std::uint32_t>& waiting) {
  std::vector<std::uint32_t> way;
  std::vector<bool> seen(graph.steps().size(), false);
  auto at = static_cast<std::uint32_t>(
      std::ranges::find_if(waiting, [](std::uint32_t count) { return count > 0; }) -
      waiting.begin());
  while (!seen[at]) {
    seen[at] = true;
    way.push_back(at);
    at = *std::ranges::find_if(graph.reads(at),
                               [&](std::uint32_t read) { return waiting[read] > 0; });
  }
  way.erase(way.begin(), std::ranges::find(way, at));
  std::ranges::rotate(way, std::ranges::min_element(way));
  std::string text;
  for (std::size_t i = 0; i < std::min(way.size(), kNamesInCircleMax); ++i)
    text += name_of(model, graph.steps()[way[i]]) + " -> ";
  if (way.size() > kNamesInCircleMax)
    text += fmt::format("({} more) -> ", way.size() - kNamesInCircleMax);
  return text + name_of(model, graph.steps()[way.front()]);
}

}  // namespace

std::vector<Input> inputs_of(const Syntax& syntax, const PlantModel& model, const Asset& asset) {
  std::vector<Input> inputs;
  for (std::size_t i = 0; i < syntax.nodes.size(); ++i) {
    const Node& node = syntax.nodes[i];
    const auto number = static_cast<std::uint32_t>(i);
    if (node.kind == NodeKind::kName || node.kind == NodeKind::kReference)
      add_name(model, asset, node.text, number, inputs);
    if (node.kind == NodeKind::kMember)
      for (const Member& member : members(model, asset, node.text))
        inputs.push_back({number, member.asset, member.attribute, nullptr});
  }
  return inputs;
}

std::string name_of(const PlantModel& model, const Derived& derived) {
  const Asset& asset = model.assets()[derived.asset];
  if (derived.kind == Derived::Kind::kAttribute)
    return fmt::format("{}/{}", asset.path, asset.attributes[derived.index].definition.name);
  return fmt::format("{} interval {}", asset.path, asset.facts->intervals[derived.index].name);
}

Result<std::vector<Step>> order_of(const PlantModel& model) {
  const Graph graph(model);
  const std::size_t count = graph.steps().size();
  std::vector<std::uint32_t> waiting(count, 0);
  std::vector<std::vector<std::uint32_t>> readers(count);
  for (std::uint32_t step = 0; step < count; ++step) {
    waiting[step] = static_cast<std::uint32_t>(graph.reads(step).size());
    for (const std::uint32_t read : graph.reads(step)) readers[read].push_back(step);
  }
  std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>> ready;
  for (std::uint32_t step = 0; step < count; ++step)
    if (waiting[step] == 0) ready.push(step);
  std::vector<Step> order;
  order.reserve(count);
  std::vector<std::uint32_t> place(count, 0);
  while (!ready.empty()) {
    const std::uint32_t step = ready.top();
    ready.pop();
    place[step] = static_cast<std::uint32_t>(order.size());
    Step next{graph.steps()[step], {}};
    for (const std::uint32_t read : graph.reads(step)) next.after.push_back(place[read]);
    std::ranges::sort(next.after);
    order.push_back(std::move(next));
    for (const std::uint32_t reader : readers[step])
      if (--waiting[reader] == 0) ready.push(reader);
  }
  if (order.size() == count) return order;
  return fail(ErrorCode::kInvalidArgument,
              "the formulas go in a circle: " + name_circle(model, graph, waiting));
}

}  // namespace tundish::formula
