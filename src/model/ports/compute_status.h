#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "model/ids.h"

namespace tundish {

/// How far what is derived follows what was measured.
struct ComputeState {
  std::size_t formulas = 0;
  std::size_t backlog = 0;         ///< formulas that are being computed over all of history
  Position position;               ///< of the change feed; everything before it is computed
  std::uint64_t rows_written = 0;  ///< since the start
  std::map<std::string, std::string> faults;  ///< path of an attribute, what is wrong with it
};

class ComputeStatus {
 public:
  virtual ~ComputeStatus() = default;
  /// Any thread.
  virtual ComputeState state(EnterpriseId enterprise) const = 0;
};

}  // namespace tundish
