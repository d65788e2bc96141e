#pragma once

#include <yaml-cpp/yaml.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"

namespace tundish::pack {

/// What is wrong with a YAML file, and where. Thrown between this file and the loader that uses it
/// only: a YAML tree is read by deep recursion, where an exception is the shorter way out.
struct Mistake {
  YAML::Mark mark;
  std::string message;
};

/// The tree of `text`. Throws Mistake or YAML::Exception.
/// Bounded: no aliases (they make trees that are exponentially large or endless), 16 levels,
/// 200,000 values of at most 1,000 bytes, one document.
YAML::Node load_yaml(const std::string& text);

[[noreturn]] void mistake(const YAML::Node& node, std::string message);

/// Says that `name` is not there, and the nearest of `known`.
/// `what` is the sentence up to the name: `there is no signal`.
[[noreturn]] void unknown(const YAML::Node& node, std::string_view what, const std::string& name,
                          const std::vector<std::string>& known);

/// Throws unless `node` is a map whose names are all of `known` and there once.
void check_members(const YAML::Node& node, std::string_view what,
                   const std::vector<std::string>& known);

/// A map of `name: value`, in the order of the file; each name is a text and there once.
std::vector<std::pair<YAML::Node, YAML::Node>> entries(const YAML::Node& node,
                                                       std::string_view what);

/// A list of 1..`most` values.
std::vector<YAML::Node> items(const YAML::Node& node, std::size_t most);

YAML::Node member(const YAML::Node& node, const char* name);
/// Nothing when `node` has no such member.
std::optional<YAML::Node> optional_member(const YAML::Node& node, const char* name);

std::string text(const YAML::Node& node);
std::string text_or(const YAML::Node& node, const char* name, std::string otherwise);
bool flag(const YAML::Node& node);  ///< `true` or `false`, nothing else
bool flag_or(const YAML::Node& node, const char* name, bool otherwise);
double number(const YAML::Node& node);  ///< finite
double number_or(const YAML::Node& node, const char* name, double otherwise);
/// `[low, high]`.
std::pair<double, double> pair_of_numbers(const YAML::Node& node);
/// `10s`, `15min`; one second to 400 days.
DurationNs duration(const YAML::Node& node);
DurationNs duration_or(const YAML::Node& node, const char* name, DurationNs otherwise);

}  // namespace tundish::pack
