#include "pack/yaml_reader.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <sstream>

#include "base/nearest_word.h"

namespace tundish::pack {
namespace {

constexpr int kDepthMax = 16;
constexpr std::size_t kValuesMax = 200'000;
constexpr std::size_t kScalarBytesMax = 1000;

/// Reads the events of a document without building anything, and stops at what is not bounded.
class Bounds : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { value(mark, anchor, 0); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Mistake{mark, "aliases (*name) are not read here"};
  }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                const std::string& scalar) override {
    value(mark, anchor, scalar.size());
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, anchor);
  }
  void OnSequenceEnd() override { --depth_; }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, anchor);
  }
  void OnMapEnd() override { --depth_; }

 private:
  void open(const YAML::Mark& mark, YAML::anchor_t anchor) {
    value(mark, anchor, 0);
    if (++depth_ > kDepthMax) throw Mistake{mark, fmt::format("more than {} levels", kDepthMax)};
  }
  void value(const YAML::Mark& mark, YAML::anchor_t anchor, std::size_t bytes) {
    if (anchor != YAML::NullAnchor) throw Mistake{mark, "anchors (&name) are not read here"};
    if (bytes > kScalarBytesMax)
      throw Mistake{mark, fmt::format("a text here has at most {} bytes", kScalarBytesMax)};
    if (++values_ > kValuesMax) throw Mistake{mark, fmt::format("more than {} values", kValuesMax)};
  }

  int depth_ = 0;
  std::size_t values_ = 0;
};

}  // namespace

YAML::Node load_yaml(const std::string& text) {
  // yaml-cpp ends a file at a control character without a word.
  for (std::size_t at = 0, line = 0, start = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte == '\n') ++line, start = at + 1;
    if (byte >= 0x20 || byte == '\t' || byte == '\n' || byte == '\r') continue;
    YAML::Mark mark;
    mark.line = static_cast<int>(line);
    mark.column = static_cast<int>(at - start);
    throw Mistake{mark, "a control character stands here"};
  }
  {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    Bounds bounds;
    if (parser && parser.HandleNextDocument(bounds)) {
      Bounds more;
      if (parser.HandleNextDocument(more)) throw Mistake{YAML::Mark(), "one document is expected"};
    }
  }
  return YAML::Load(text);
}

void mistake(const YAML::Node& node, std::string message) {
  throw Mistake{node.Mark(), std::move(message)};
}

void unknown(const YAML::Node& node, std::string_view what, const std::string& name,
             const std::vector<std::string>& known) {
  const std::string nearest = nearest_word(name, known);
  mistake(node, fmt::format("{} '{}'{}", what, name,
                            nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest)));
}

void check_members(const YAML::Node& node, std::string_view what,
                   const std::vector<std::string>& known) {
  for (const auto& [name, value] : entries(node, what))
    if (std::ranges::find(known, text(name)) == known.end())
      unknown(name, fmt::format("{} has no", what), text(name), known);
}

std::vector<std::pair<YAML::Node, YAML::Node>> entries(const YAML::Node& node,
                                                       std::string_view what) {
  if (!node.IsMap()) mistake(node, fmt::format("{} is written as `name: value`", what));
  std::vector<std::pair<YAML::Node, YAML::Node>> all;
  std::set<std::string> seen;
  for (const auto& entry : node) {
    if (!seen.insert(text(entry.first)).second)
      mistake(entry.first, fmt::format("'{}' is here twice", text(entry.first)));
    all.emplace_back(entry.first, entry.second);
  }
  return all;
}

std::vector<YAML::Node> items(const YAML::Node& node, std::size_t most) {
  if (!node.IsSequence() || node.size() == 0 || node.size() > most)
    mistake(node, fmt::format("a list [..] of 1 to {} values is expected", most));
  return {node.begin(), node.end()};
}

YAML::Node member(const YAML::Node& node, const char* name) {
  if (!node.IsMap() || !node[name]) mistake(node, fmt::format("'{}' is missing here", name));
  return node[name];
}

std::optional<YAML::Node> optional_member(const YAML::Node& node, const char* name) {
  if (!node[name]) return std::nullopt;
  return node[name];
}

std::string text(const YAML::Node& node) {
  if (!node.IsScalar()) mistake(node, "a text is expected here");
  return node.Scalar();
}

std::string text_or(const YAML::Node& node, const char* name, std::string otherwise) {
  const auto value = optional_member(node, name);
  return value ? text(*value) : std::move(otherwise);
}

bool flag(const YAML::Node& node) {
  if (text(node) != "true" && text(node) != "false")
    mistake(node, "true or false is expected here");
  return text(node) == "true";
}

bool flag_or(const YAML::Node& node, const char* name, bool otherwise) {
  const auto value = optional_member(node, name);
  return value ? flag(*value) : otherwise;
}

double number(const YAML::Node& node) {
  const std::string scalar = text(node);
  double value = 0;
  const auto [end, error] = std::from_chars(scalar.data(), scalar.data() + scalar.size(), value);
  if (error != std::errc() || end != scalar.data() + scalar.size() || !std::isfinite(value))
    mistake(node, fmt::format("'{}' is not a number", scalar.substr(0, 40)));
  return value;
}

double number_or(const YAML::Node& node, const char* name, double otherwise) {
  const auto value = optional_member(node, name);
  return value ? number(*value) : otherwise;
}

std::pair<double, double> pair_of_numbers(const YAML::Node& node) {
  if (!node.IsSequence() || node.size() != 2)
    mistake(node, "two numbers are expected: [low, high]");
  const std::pair<double, double> values{number(node[0]), number(node[1])};
  if (values.first > values.second) mistake(node, "the lower number comes first");
  return values;
}

DurationNs duration(const YAML::Node& node) {
  const auto value = parse_duration(text(node));
  if (!value) mistake(node, value.error().message);
  if (*value < kSecond || *value > 400 * kDay) mistake(node, "a time here is 1 s to 400 d");
  return *value;
}

DurationNs duration_or(const YAML::Node& node, const char* name, DurationNs otherwise) {
  const auto value = optional_member(node, name);
  return value ? duration(*value) : otherwise;
}

}  // namespace tundish::pack
