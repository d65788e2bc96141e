#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "model/ids.h"

namespace tundish {

/// Why a downtime was, as somebody told it.
struct IntervalReason {
  TimeNs time = 0;
  std::string who;
  std::string code;      ///< of the calendar's downtime reasons; empty: taken back
  bool planned = false;  ///< as the calendar had it then
  std::string remark;
};

/// One named stretch of time of an asset: a heat, a trip, a shift's downtime. It follows from samples and the
/// model; its id, its annotations and its reasons stay when it is computed again.
struct Interval {
  std::uint64_t id = 0;
  AssetId asset;
  std::string kind;
  TimeNs from = 0;
  std::optional<TimeNs> to;  ///< none: it lasts
  std::string label;         ///< what names it: `H004711`
  bool is_doubtful = false;  ///< Bad samples were passed over, or it was cut at its longest
  bool is_withdrawn =
      false;  ///< samples no longer tell of it; kept for its annotations and reasons
  /// Captured values as text, with their units where they have one: `steel`, `212.4 t`.
  std::vector<std::pair<std::string, std::string>> captured;
  std::optional<IntervalReason> reason = {};  ///< the one that holds
};

struct Annotation {
  TimeNs time = 0;
  std::string who;
  std::string text;
};

}  // namespace tundish
