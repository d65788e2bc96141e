#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <set>

#include "base/nearest_word.h"
#include "model/unit.h"
#include "pack/readers.h"

namespace tundish::pack {
namespace {

using Members = std::map<std::string, YAML::Node, std::less<>>;

/// Words that stand for something else in a formula.
constexpr std::array kTaken{"and", "children", "day",   "false",  "hour", "in",   "month",
                            "not", "or",       "shift", "window", "true", "week", "year"};

ValueType type_of_word(const YAML::Node& node) {
  const std::string word = text(node);
  if (const auto type = parse_value_type(word)) return *type;
  unknown(node, "what is measured is double, int64, bool or string, and not", word,
          {"double", "int64", "bool", "string"});
}

/// A number, true, false or a text.
Value constant_of(const YAML::Node& node) {
  const std::string scalar = text(node);
  if (node.Tag() == "!") return Value(scalar);  // in quotes
  if (scalar == "true" || scalar == "false") return Value(scalar == "true");
  if (!scalar.empty() && scalar.find_first_not_of("0123456789+-.eE") == std::string::npos)
    return Value(number(node));
  return Value(clean_text(node, 200));
}

bool is_number(const AttributeDefinition& attribute) {
  return attribute.type == ValueType::kDouble || attribute.type == ValueType::kInt64;
}

class AttributeReader {
 public:
  AttributeReader(Source& source, std::string key) : source_(source), key_(std::move(key)) {}

  AttributeDefinition read(std::string name, const YAML::Node& node) {
    attribute_.name = std::move(name);
    if (std::ranges::find(kTaken, attribute_.name) != kTaken.end())
      source_.add(node,
                  fmt::format("'{}' means something else in a formula; another name is needed",
                              attribute_.name));
    members_ = source_.members(node, "an attribute",
                               {"measured", "constant", "formula", "unit", "normal", "valid",
                                "every", "step", "words", "aliases", "values"});
    const auto kinds = members_.contains("measured") + members_.contains("constant") +
                       members_.contains("formula");
    if (node.IsMap() && kinds != 1)
      source_.add(node, "an attribute has one of 'measured', 'constant' and 'formula'");
    if (node.IsMap() && !members_.contains("words")) source_.add(node, "'words' is missing here");
    with("measured", [&](const YAML::Node& value) { attribute_.type = type_of_word(value); });
    with("constant", [&](const YAML::Node& value) {
      attribute_.kind = AttributeKind::kConstant;
      attribute_.constant = constant_of(value);
      attribute_.type = type_of(attribute_.constant);
    });
    with("formula", [&](const YAML::Node& value) {
      attribute_.kind = AttributeKind::kFormula;
      attribute_.formula = text(value);
      source_.note(key_ + "/formula", value);
    });
    attribute_.step =
        attribute_.kind == AttributeKind::kConstant || attribute_.type != ValueType::kDouble;
    read_rest();
    return std::move(attribute_);
  }

 private:
  template <class Read>
  void with(const char* name, Read read) {
    if (const auto found = members_.find(name); found != members_.end())
      source_.attempt([&] { read(found->second); });
  }

  void read_rest() {
    with("words", [&](const YAML::Node& value) { attribute_.words = source_.words(value); });
    with("unit", [&](const YAML::Node& value) {
      attribute_.unit = text(value);  // also one that is wrong, so that nobody takes it for none
      source_.note(key_ + "/unit", value);
      (void)unit_code(value);
      if (attribute_.kind != AttributeKind::kFormula && !is_number(attribute_))
        mistake(value, "only a number has a unit");
    });
    with("step", [&](const YAML::Node& value) { attribute_.step = flag(value); });
    with("every", [&](const YAML::Node& value) { attribute_.every = duration(value); });
    with("valid", [&](const YAML::Node& value) { attribute_.valid = open_limits(value); });
    with("normal", [&](const YAML::Node& value) {
      attribute_.normal = limits(value);
      const auto& valid = attribute_.valid;
      if (valid && (attribute_.normal->low < valid->low || attribute_.normal->high > valid->high))
        mistake(value, fmt::format("what is normal lies within what is valid, {} to {}", valid->low,
                                   valid->high));
    });
    with("values", [&](const YAML::Node& value) { read_values(value); });
    with("aliases", [&](const YAML::Node& value) {
      for (const auto& alias : items(value, 20))
        attribute_.aliases.push_back(clean_text(alias, 100));
    });
  }

  /// `values: {blow: {en: Blowing, zh: 吹炼}, ...}`
  void read_values(const YAML::Node& node) {
    if (attribute_.kind == AttributeKind::kMeasured && attribute_.type != ValueType::kString)
      mistake(node, "only values that are texts have words");
    const auto all = entries(node, "values");
    if (all.empty() || all.size() > kValuesMax)
      mistake(node, fmt::format("words are of 1 to {} values", kValuesMax));
    for (const auto& [key, value] : all) {
      source_.note(key_ + "/values/" + text(key), key);
      attribute_.values.emplace(clean_text(key, 60), source_.words(value));
    }
  }

  void check_has_limits(const YAML::Node& value) const {
    if (attribute_.kind == AttributeKind::kConstant) mistake(value, "a constant has no limits");
    if (!is_number(attribute_)) mistake(value, "only a number has limits");
  }
  Limits limits(const YAML::Node& value) const {
    check_has_limits(value);
    return limits_of(value);
  }
  /// As limits, but one side may be null, for none on it: `[0, null]`.
  Limits open_limits(const YAML::Node& value) const {
    check_has_limits(value);
    const bool is_open =
        value.IsSequence() && value.size() == 2 && value[0].IsNull() != value[1].IsNull();
    if (!is_open) return limits_of(value);
    constexpr double kNone = std::numeric_limits<double>::infinity();
    return value[0].IsNull() ? Limits{-kNone, number(value[1])} : Limits{number(value[0]), kNone};
  }

  Source& source_;
  std::string key_;
  Members members_;
  AttributeDefinition attribute_;
};

/// Two attributes that equipment calls the same cannot be told apart when it is connected.
void check_aliases(Source& source, const Template& one, const YAML::Node& node) {
  std::map<std::string, std::string> owner;
  std::set<std::pair<std::string_view, std::string_view>> said;
  for (const auto& attribute : one.attributes) owner.emplace(attribute.name, attribute.name);
  for (const auto& attribute : one.attributes)
    for (const auto& alias : attribute.aliases) {
      if (!said.emplace(attribute.name, alias).second)
        source.add(node[attribute.name], fmt::format("'{}' is here twice", alias));
      const auto [found, is_new] = owner.emplace(alias, attribute.name);
      if (!is_new && found->second != attribute.name)
        source.add(node[attribute.name],
                   fmt::format("'{}' is another name of '{}' too", alias, found->second));
    }
}

void read_template(Source& source, const std::string& name, const YAML::Node& node, Pack& pack) {
  Template one;
  one.name = name;
  const std::string key = "template/" + name;
  auto members = source.members(node, "a template", {"words", "extends", "attributes"});
  if (members.contains("words"))
    one.words = source.words(members["words"]);
  else if (node.IsMap())
    source.add(node, "'words' is missing here");
  if (members.contains("extends"))
    source.attempt([&] {
      one.extends = name_of(members["extends"]);
      source.note(key + "/extends", members["extends"]);
    });
  if (members.contains("attributes")) {
    for (const auto& [attribute, body] :
         source.named(members["attributes"], "attributes", kAttributesMax, key + "/attribute/"))
      one.attributes.push_back(
          AttributeReader(source, key + "/attribute/" + attribute).read(attribute, body));
    check_aliases(source, one, members["attributes"]);
  }
  pack.templates.push_back(std::move(one));
}

}  // namespace

void read_assets(Source& source, Pack& pack) {
  const auto root = source.load();
  if (!root) return;
  auto members = source.members(*root, "assets.yaml", {"templates"});
  if (!members.contains("templates")) return source.add(*root, "'templates' is missing here");
  for (const auto& [name, body] :
       source.named(members["templates"], "templates", kTemplatesMax, "template/"))
    read_template(source, name, body, pack);
}

}  // namespace tundish::pack
