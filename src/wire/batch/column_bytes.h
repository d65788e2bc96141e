#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"

// Columns as bytes, shared by the binary batch and the binary result: docs/formats/batch.md.

namespace tundish::wire {

/// Each value as the zigzag varint of its difference from the one before (the first from zero),
/// modulo 2^64.
template <class T>
void write_differences(ByteWriter& out, const std::vector<T>& values) {
  std::uint64_t before = 0;
  for (const T value : values) {
    const auto now = static_cast<std::uint64_t>(value);
    out.svarint(static_cast<std::int64_t>(now - before));
    before = now;
  }
}

/// `count` of them; `in.ok()` is false when one does not fit into T.
template <class T>
void read_differences(ByteReader& in, std::size_t count, std::vector<T>& values) {
  values.resize(count);
  std::uint64_t now = 0;
  for (T& value : values) {
    now += static_cast<std::uint64_t>(in.svarint());
    value = static_cast<T>(now);
    if (static_cast<std::uint64_t>(value) != now) in.set_failed();
    if (!in.ok()) return;
  }
}

/// Runs of equal values: value and length as varints, until all are there.
template <class T>
void write_runs(ByteWriter& out, const std::vector<T>& values) {
  for (std::size_t from = 0; from < values.size();) {
    std::size_t to = from + 1;
    while (to < values.size() && values[to] == values[from]) ++to;
    out.varint(static_cast<std::uint64_t>(values[from]));
    out.varint(to - from);
    from = to;
  }
}

template <class T>
void read_runs(ByteReader& in, std::size_t count, std::uint64_t value_max, std::vector<T>& values) {
  values.reserve(count);
  while (values.size() < count) {
    const auto value = static_cast<T>(in.varint_max(value_max));
    const auto run = static_cast<std::size_t>(in.varint_max(count - values.size()));
    if (run == 0) in.set_failed();
    if (!in.ok()) return;
    values.insert(values.end(), run, value);
  }
}

}  // namespace tundish::wire
