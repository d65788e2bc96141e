#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/json/json_writer.h"

namespace tundish::serve {

/// Runs of equal qualities or types as [[first index, name], ...].
template <class T>
class Runs {
 public:
  void add(T what) {
    if (runs_.empty() || !(runs_.back().second == what)) runs_.emplace_back(count_, what);
    ++count_;
  }
  bool holds_only(T what) const {
    return std::all_of(runs_.begin(), runs_.end(),
                       [what](const auto& run) { return run.second == what; });
  }
  template <class Name>
  void write(wire::JsonWriter& json, std::string_view key, const Name& name_of) const {
    json.key(key).begin_array();
    for (const auto& [index, what] : runs_)
      json.begin_array().value(index).value(name_of(what)).end_array();
    json.end_array();
  }

 private:
  std::vector<std::pair<std::size_t, T>> runs_;
  std::size_t count_ = 0;
};

}  // namespace tundish::serve
