#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>

#include "pack/csv_lines.h"
#include "pack/readers.h"

namespace tundish::pack {
namespace {

constexpr std::size_t kPartsMax = 500;  ///< of a side

std::optional<double> number_in(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

/// `0.02` is 0.98..1.02; `0.8..0.93` is as it says.
std::optional<Limits> ends_in(std::string_view text) {
  const auto dots = text.find("..");
  if (dots == std::string_view::npos) {
    const auto share = number_in(text);
    if (!share || *share < 0 || *share > 1) return std::nullopt;
    return Limits{1 - *share, 1 + *share};
  }
  const auto low = number_in(text.substr(0, dots)), high = number_in(text.substr(dots + 2));
  if (!low || !high || *low > *high) return std::nullopt;
  return Limits{*low, *high};
}

/// The signals of `0.97 * works/a/total - works/b/total`, words with blanks between them.
class Side {
 public:
  Side(Source& source, std::uint32_t line, const CsvCell& cell, std::string key)
      : source_(source), line_(line), cell_(cell), key_(std::move(key)) {}

  std::vector<std::string> signals() {
    for (std::size_t at = 0; at < cell_.text.size();) {
      const std::size_t end = std::min(cell_.text.find(' ', at), cell_.text.size());
      if (end > at && !take(cell_.text.substr(at, end - at), at)) return {};
      at = end + 1;
    }
    if (wants_ != Wants::kSign || signals_.empty())
      tell(cell_.text.size(), "a signal is expected here");
    return std::move(signals_);
  }

 private:
  enum class Wants { kTerm, kTimes, kSignal, kSign };

  formula::Place place(std::size_t at) const {
    return {line_, cell_.column + static_cast<std::uint32_t>(at)};
  }
  bool tell(std::size_t at, std::string message) {
    source_.add(place(at), std::move(message));
    return false;
  }

  bool take(std::string_view word, std::size_t at) {
    const bool is_sign = word == "+" || word == "-";
    const bool is_signal = word.find('/') != std::string_view::npos;
    if (wants_ == Wants::kTimes) {
      wants_ = Wants::kSignal;
      return word == "*" || tell(at, "a * stands between a number and a signal");
    }
    if (wants_ == Wants::kSign) {
      wants_ = Wants::kTerm;
      return is_sign || tell(at, "a + or a - stands between two signals");
    }
    if (wants_ == Wants::kTerm && number_in(word)) {
      wants_ = Wants::kTimes;
      return true;
    }
    if (!is_signal) return tell(at, "a signal is expected here, such as works/a/total");
    if (signals_.size() >= kPartsMax) return tell(at, "more than 500 signals");
    source_.places().note(fmt::format("{}/{}", key_, signals_.size()), source_.file(), place(at));
    signals_.emplace_back(word);
    wants_ = Wants::kSign;
    return true;
  }

  Source& source_;
  std::uint32_t line_;
  const CsvCell& cell_;
  std::string key_;
  Wants wants_ = Wants::kTerm;
  std::vector<std::string> signals_;
};

}  // namespace

void read_balances(Source& source, Pack& pack) {
  read_csv(source, "name,left,right,tolerance",
           [&](std::uint32_t number, const std::vector<CsvCell>& cells) {
             const std::string key = fmt::format("balance/{}", pack.balances.size());
             PackBalance balance;
             balance.name = std::string(cells[0].text);
             if (balance.name.empty())
               source.add(formula::Place{number, 1}, "a balance has a name");
             balance.left = Side(source, number, cells[1], key + "/left").signals();
             balance.right = Side(source, number, cells[2], key + "/right").signals();
             if (const auto ends = ends_in(cells[3].text))
               balance.ends = *ends;
             else
               source.add(formula::Place{number, cells[3].column},
                          "a tolerance is a share, 0.02, or a band, 0.8..0.93");
             pack.balances.push_back(std::move(balance));
           });
}

}  // namespace tundish::pack
