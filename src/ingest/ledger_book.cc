// The ledger in memory and its file form: docs/formats/ledger.md.

#include "ingest/ledger_book.h"

#include "base/crc32c.h"

namespace tundish::ingest {
namespace {

constexpr std::string_view kMagic = "TDLEDGER";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kSourceBytesMax = 1024;

TimeNs hour_of(TimeNs time) {
  const TimeNs into = ((time % kHour) + kHour) % kHour;
  return time < kTimeMin + kHour ? kTimeMin + kHour : time - into;
}

void add_to(LedgerEntry& sum, const LedgerEntry& more) {
  sum.batches += more.batches;
  sum.sent += more.sent;
  sum.accepted += more.accepted;
  sum.refused += more.refused;
  sum.repeated += more.repeated;
}

LedgerRow row_of(EnterpriseId enterprise, const std::string& source, TimeNs hour,
                 const LedgerEntry& entry) {
  return {enterprise, source,         hour,          entry.batches,
          entry.sent, entry.accepted, entry.refused, entry.repeated};
}

}  // namespace

void LedgerBook::add(EnterpriseId enterprise, const std::string& source, TimeNs now,
                     const LedgerEntry& entry) {
  const MutexLock lock(mutex_);
  add_locked(hour_of(now), enterprise, source.substr(0, kSourceBytesMax), entry);
}

void LedgerBook::add_locked(TimeNs hour, EnterpriseId enterprise, const std::string& source,
                            const LedgerEntry& entry) {
  const auto [at, is_new] = hours_[hour].try_emplace({enterprise, source});
  add_to(at->second, entry);
  if (!is_new) return;
  ++rows_;
  while (hours_.size() > 1 && (hours_.size() > hours_max_ || rows_ > rows_max_)) {
    rows_ -= hours_.begin()->second.size();
    hours_.erase(hours_.begin());
  }
}

std::vector<LedgerRow> LedgerBook::rows(EnterpriseId enterprise, TimeRange hours) const {
  std::vector<LedgerRow> found;
  const MutexLock lock(mutex_);
  for (auto hour = hours_.lower_bound(hours.from); hour != hours_.end() && hour->first < hours.to;
       ++hour) {
    for (auto at = hour->second.lower_bound({enterprise, std::string()});
         at != hour->second.end() && at->first.first == enterprise; ++at)
      found.push_back(row_of(enterprise, at->first.second, hour->first, at->second));
  }
  return found;
}

Bytes LedgerBook::encode() const {
  const MutexLock lock(mutex_);
  Bytes bytes;
  ByteWriter out(bytes);
  out.raw(as_byte_span(kMagic));
  out.fixed(kVersion);
  out.varint(rows_);
  for (const auto& [hour, sources] : hours_) {
    for (const auto& [key, entry] : sources) {
      out.svarint(hour);
      out.varint(key.first.value());
      out.text(key.second);
      for (const std::uint64_t count :
           {entry.batches, entry.sent, entry.accepted, entry.refused, entry.repeated})
        out.varint(count);
    }
  }
  out.fixed(crc32c(bytes));
  return bytes;
}

Status LedgerBook::decode(ByteSpan bytes) {
  const auto corrupt = [](const char* why) {
    return fail(ErrorCode::kCorruption, std::string("The ledger file is damaged: ") + why,
                "ledger");
  };
  constexpr std::size_t kCrcBytes = 4;
  if (bytes.size() < kMagic.size() + 4 + kCrcBytes) return corrupt("it is too short");
  ByteReader tail(bytes.last(kCrcBytes));
  const ByteSpan body = bytes.first(bytes.size() - kCrcBytes);
  if (tail.fixed<std::uint32_t>() != crc32c(body)) return corrupt("its checksum does not match");
  ByteReader in(body);
  if (as_text(in.raw(kMagic.size())) != kMagic) return corrupt("it does not start with TDLEDGER");
  if (const auto version = in.fixed<std::uint32_t>(); version != kVersion)
    return fail(ErrorCode::kUnsupported,
                "The ledger file was written by a later version of this program.", "ledger");
  std::vector<LedgerRow> read;
  const std::uint64_t count = in.varint_max(in.remaining());
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    const TimeNs hour = in.svarint();
    const EnterpriseId enterprise(static_cast<std::uint32_t>(in.varint_max(UINT32_MAX)));
    const std::string source(in.text(kSourceBytesMax));
    LedgerEntry entry;
    for (std::uint64_t* field :
         {&entry.batches, &entry.sent, &entry.accepted, &entry.refused, &entry.repeated})
      *field = in.varint();
    read.push_back(row_of(enterprise, source, hour, entry));
  }
  if (!in.at_end()) return corrupt("its rows do not fill it");
  const MutexLock lock(mutex_);
  for (const LedgerRow& row : read)
    add_locked(row.hour, row.enterprise, row.source,
               {row.batches, row.sent, row.accepted, row.refused, row.repeated});
  return {};
}

}  // namespace tundish::ingest
