#pragma once

#include <string_view>

#include "base/result.h"
#include "wire/decoded/decoded_body.h"

namespace tundish::wire {

/// The JSON body of `POST /api/v1/samples`:
///
///     {"samples":[{"tag":"steel-01/bf1/temp","time":"2026-11-23T08:15:00Z","value":1187.2,
///                  "quality":"Good","type":"double"}, ...],
///      "source":"line-3","stream":"a","epoch":1,"sequence":42,"class":"measured"}
///
/// - `time`: ISO 8601 with a zone, integer nanoseconds, or a string of integer nanoseconds.
/// - `value`: a number, true or false, or a string. Without `type` a number is a double where that
///   is exact, else an int64; a string is a string, but `"NaN"`, `"Infinity"`, `"-Infinity"` and
///   strings of digits are marked for the door to read as the tag's type says.
/// - `type` (`double`, `int64`, `bool`, `string`): how the value is to be read, in a string too.
/// - `quality`: the name of an OPC UA status code or its number; Good when absent or null.
/// - `source`, `stream`, `epoch`, `sequence`: all four, of a sender that numbers its batches, or none.
///
/// A name that is not known is refused rather than ignored, and so is one that is there twice: in
/// a sample this refuses the sample, at the top the body. What breaks the JSON's structure refuses the
/// body; a number that is none refuses its sample.
/// Errors (nothing is kept): kInvalidArgument with the byte where it went wrong, kTooLarge.
Result<DecodedBody> decode_samples_json(std::string_view body, const BodyLimits& limits = {});

/// The `text/csv` body of the same: a header that names the columns `tag,time,value` and, as wanted,
/// `quality` and `type`, in any order; then one sample a line. Quoting by RFC 4180; lines end in LF
/// or CRLF; empty lines and a byte order mark are skipped. Without a type an unquoted value is a
/// number, true or false where it is spelt like one, else a string; a quoted one is a string that
/// the door reads as the tag's type says when it is spelt like a number.
/// Errors (nothing is kept): kInvalidArgument for the header or for a quote that is never closed,
/// kTooLarge. A line that cannot be read is one RowError, its line number in the message.
Result<DecodedBody> decode_samples_csv(std::string_view body, const BodyLimits& limits = {});

}  // namespace tundish::wire
