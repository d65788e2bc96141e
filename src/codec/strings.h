#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace tundish::codec {

/// Appends n strings given as in Columns: bits[i] = offset << 32 | length into `text`. Written as
/// a dictionary of the distinct strings and a packed number a row. Offsets do not return (the
/// strings do): equal strings share their text after decoding.
void encode_strings(std::span<const std::uint64_t> bits, std::string_view text, Bytes& out);

/// Fills `bits`, whose size was encoded, and sets `text`. Errors: kCorruption.
Status decode_strings(ByteSpan bytes, std::span<std::uint64_t> bits, std::string& text);

}  // namespace tundish::codec
