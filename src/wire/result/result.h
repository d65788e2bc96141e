#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "model/columns.h"
#include "model/ids.h"
#include "model/ports/tag_catalogue.h"

namespace tundish::wire {

/// Media type of a binary answer.
inline constexpr std::string_view kResultMediaType = "application/vnd.tundish.result";

/// Adjoining intervals of one aggregate, all columns of the same length.
struct ResultIntervals {
  std::string aggregate;  ///< `TimeAverage`
  /// The results: their own times, statuses and values; what has none has bits 0 or an empty text.
  Columns values;
  std::vector<TimeNs> from, to;
  std::vector<std::uint8_t> has_value;  ///< 0 or 1
  std::vector<double> percent_good;
};

/// Writes the answer to a query in binary, piece by piece as the scan yields them: bytes in
/// docs/formats/result.md. After each call `out` may be sent and cleared; nothing is kept here.
/// Order: the constructor, then for each tag series() and any number of rows(), at last end().
class ResultWriter {
 public:
  /// `position`: of the snapshot that the answer is read from. `version`: 2 for an answer with aggregates, which
  /// readers of version 1 do not know.
  ResultWriter(Bytes& out, Position position, std::uint8_t version = 1);

  void series(const TagInfo& tag);
  /// Samples of the series begun last, ascending in time and later than those before.
  void rows(const Columns& columns);
  /// Intervals of one aggregate of the series begun last.
  void intervals(const ResultIntervals& intervals);
  /// `damage`: what could not be read, as sentences; empty means that the answer is complete.
  void end(std::span<const std::string> damage);

 private:
  void frame(ByteSpan payload);

  Bytes& out_;
  Bytes payload_;
};

struct ResultSeries {
  std::string path;
  std::uint32_t number = 0;  ///< TagId::number
  ValueType type =
      ValueType::kDouble;  ///< the tag's now; a piece has its own, from before a retype
  bool step = false;
  bool simulated = false;
  std::string unit;
  std::vector<Columns> pieces;
  std::vector<ResultIntervals> intervals;
};

struct DecodedResult {
  Position position;
  std::vector<ResultSeries> series;
  std::vector<std::string> damage;
};

struct ResultLimits {
  std::size_t bytes_max = 1u << 30;
  std::size_t rows_max = 100'000'000;
};

/// The whole of an answer, from bytes that nobody vouches for. Linear.
/// Errors: kInvalidArgument for anything malformed or cut short; kCorruption when a checksum does not
/// match; kUnsupported for a later version; kTooLarge.
Result<DecodedResult> decode_result(ByteSpan bytes, const ResultLimits& limits = {});

}  // namespace tundish::wire
