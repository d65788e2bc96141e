#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "model/ports/door.h"
#include "model/sample_batch.h"

namespace tundish::wire {

/// Bounds of one body of samples, whatever its form. A body over them is refused whole.
struct BodyLimits {
  std::size_t bytes_max = 64u << 20;  ///< text and binary forms, after decompression
  std::size_t json_bytes_max = 16u
                               << 20;  ///< JSON needs about seven times its size while it is read
  std::size_t rows_max = 2'000'000;
  std::size_t paths_max = 200'000;  ///< distinct tags
};

/// One sample or line that was not kept; the others were.
struct RowError {
  /// Where it stood in the body: the sample's number from 0 (JSON, CSV, binary), or the line's
  /// number from 1 (line protocol).
  std::uint32_t place = 0;
  std::uint32_t column = 0;  ///< byte in the line from 1, where the form has lines; else 0
  ErrorCode code = ErrorCode::kInvalidArgument;
  std::string message;
};

/// What a body of samples says: the rows that could be read, and why the others could not.
struct DecodedBody {
  ReceivedBatch batch;
  std::vector<std::uint32_t> places;  ///< per row of `batch`: as RowError::place
  std::uint64_t refused = 0;          ///< samples or lines that could not be read
  std::vector<RowError> errors;       ///< the first kErrorsMax of them, ascending by place

  static constexpr std::size_t kErrorsMax = Receipt::kRefusalsMax;

  void push_back(std::uint32_t place, std::uint32_t path, TimeNs time, const Value& value,
                 Quality quality) {
    places.push_back(place);
    batch.push_back(path, time, value, quality);
  }
  /// Counts the row as refused and keeps the reason while there is room.
  void refuse(std::uint32_t place, ErrorCode code, std::string message, std::uint32_t column = 0);
  /// Adds what the door refused of this batch, so that `refused` and `errors` speak of the body.
  void add_refusals(const Receipt& receipt);
};

/// Gives each distinct path of a batch its index, in the order of first use. Bodies tend to name the
/// same tags in the same order again and again, so the path after the last one is tried first.
class PathTable {
 public:
  PathTable(std::vector<std::string>& paths, std::size_t paths_max)
      : paths_(paths), paths_max_(paths_max) {}

  /// Errors: kTooLarge when there are more than `paths_max` distinct ones.
  Result<std::uint32_t> index_of(std::string_view path);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };

  std::vector<std::string>& paths_;
  const std::size_t paths_max_;
  std::size_t next_ = 0;
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> index_;
};

}  // namespace tundish::wire
