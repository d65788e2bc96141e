#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "wire/decoded/decoded_body.h"

namespace tundish::wire {

/// Length of one unit of the timestamps: `ns` (or `n`), `us` (or `u`, `µ`, `µs`), `ms`, `s`, `m`, `h`;
/// empty is ns. Errors: kInvalidArgument that lists them.
Result<DurationNs> parse_precision(std::string_view name);

struct LineProtocolOptions {
  std::string enterprise_code;  ///< first level of every path, from the credential
  DurationNs precision = 1;     ///< ns in one unit of the timestamps
  TimeNs received = 0;          ///< for lines without one; cut to the precision
  BodyLimits limits = {};
};

/// InfluxDB line protocol: `measurement,tag=value,... field=value,... timestamp`, one point a line.
///
/// Every field is one sample of the tag `enterprise/measurement/VALUES/field`, where VALUES are those
/// of the point's tags in the order of their sorted keys, and each name is percent-encoded by
/// encode_name: `cpu,site=x,host=a usage=1` of steel-01 is `steel-01/cpu/a/x/usage`.
///
/// Floats are doubles, `i` and `u` int64 (a `u` beyond that is a double where exact, else that field
/// is refused), then bools and strings. A point that is not well-formed is refused whole, with line
/// and column; the other lines are kept. Places are line numbers from 1.
/// Bounds: a point 64 KiB, 64 tags, 1,024 fields. Errors (nothing is kept): kTooLarge.
/// Source: the line protocol reference of InfluxDB 2 and its grammar; conformance in
/// line_corpus_test.cc.
Result<DecodedBody> decode_line_protocol(std::string_view body, const LineProtocolOptions& options);

}  // namespace tundish::wire
