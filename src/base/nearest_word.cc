#include "base/nearest_word.h"

#include <algorithm>
#include <utility>

namespace tundish {

namespace {
/// A word that somebody mistyped is short; what is longer comes from a machine and would cost its
/// length times that of every known word.
constexpr std::size_t kBytesCompared = 32;

std::string small_letters(std::string_view text) {
  std::string small(text);
  for (char& c : small)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return small;
}
}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t above = row[j + 1];
      row[j + 1] = std::min({above + 1, row[j] + 1, diagonal + (a[i] == b[j] ? 0u : 1u)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::string nearest_word(std::string_view word, const std::vector<std::string>& known) {
  const std::string mistyped = small_letters(word.substr(0, kBytesCompared));
  std::string best;
  std::size_t best_distance = 0, best_shared = 0;
  for (const auto& candidate : known) {
    const std::string other = small_letters(std::string_view(candidate).substr(0, kBytesCompared));
    const std::size_t distance = edit_distance(mistyped, other);
    const auto ends = std::ranges::mismatch(mistyped, other);
    const auto shared = static_cast<std::size_t>(ends.in1 - mistyped.begin());
    if (!best.empty() && std::pair(distance, best_shared) >= std::pair(best_distance, shared))
      continue;
    best = candidate;
    best_distance = distance;
    best_shared = shared;
  }
  return best;
}

}  // namespace tundish
