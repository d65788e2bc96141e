#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "model/ids.h"
#include "model/retention.h"

namespace tundish::historian {

/// How long each tag is kept, and what is gone. Copies share what is equal, so that a snapshot may hold one.
/// Not thread-safe to change; any thread reads.
class RetentionTable {
 public:
  /// The tags of these numbers, all of them known, are kept for `keep` from now on.
  void keep(EnterpriseId enterprise, KeepDays keep, std::span<const std::uint32_t> tags);
  /// An earlier horizon than the one in force changes nothing; neither does one of kKeptForEver.
  void advance(EnterpriseId enterprise, KeepDays keep, TimeNs horizon);

  KeepDays kept_for(TagId tag) const;
  /// The later of what its class has lost and what its classes before had; kTimeMin: nothing.
  TimeNs kept_from(TagId tag) const;
  /// Grows with each change.
  std::uint64_t revision() const { return revision_; }

  void encode(ByteWriter& out) const;
  /// From bytes that nobody vouches for: `in.ok()` tells.
  static RetentionTable decode(ByteReader& in);

 private:
  struct Kept {
    KeepDays keep = kKeptForEver;
    TimeNs gone_before = kTimeMin;  ///< what the classes that it was in before have lost
    bool operator==(const Kept&) const = default;
  };
  struct Enterprise {
    std::map<KeepDays, TimeNs> horizons;
    std::vector<Kept> tags;  ///< number 1 first; those beyond are as Kept{}

    TimeNs kept_from(const Kept& kept) const;
  };
  const Enterprise* find(EnterpriseId enterprise) const;
  /// A copy that nobody else sees.
  Enterprise& change(EnterpriseId enterprise);

  std::map<EnterpriseId, std::shared_ptr<Enterprise>> enterprises_;
  std::uint64_t revision_ = 0;
};

}  // namespace tundish::historian
