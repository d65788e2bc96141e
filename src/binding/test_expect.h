#pragma once

#include <string_view>
#include <vector>

#include "binding/test_corruption.h"
#include "binding/test_lists.h"

namespace tundish::binding {

/// At least `share` right, nothing wrong above 0.9; prints a line, and with BINDING_SHOW=<name> what went wrong.
void expect_good(const TestList& list, const std::vector<Candidate>& candidates,
                 std::string_view what, bool print = true, double share = 0.8);

/// Two assets of each template of an industry, every attribute of each, in one style.
TestList made_up(const std::string& pack, const std::vector<Candidate>& candidates, Style style,
                 std::uint64_t seed);

}  // namespace tundish::binding
