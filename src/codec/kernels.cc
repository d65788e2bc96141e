#include "codec/kernels.h"

#include <vector>

// Compiled once for each instruction set: the first include below includes this file again and again.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "codec/kernels.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tundish::codec::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR
using scalar::decimals_to_doubles;
using scalar::scale;
using scalar::unpack;
#else

/// Eight numbers of w bits take w bytes, so every eight begin at a whole byte. Two numbers next to each other lie
/// within sixteen bytes: one load, one shuffle that brings each number's eight bytes into its lane, one shift.
void unpack(ByteSpan packed, unsigned width, std::uint64_t base, std::span<std::uint64_t> values) {
  const hn::FixedTag<std::uint64_t, 2> lanes;
  const hn::FixedTag<std::uint8_t, 16> bytes;
  constexpr std::size_t kGroup = 8, kPairs = 4, kLoad = 16;
  std::size_t done = 0;
  // Wider ones may touch nine bytes; eight whole bytes never do.
  if (width >= 1 && (width <= 57 || width == 64)) {
    alignas(16) std::uint8_t shuffles[kPairs][kLoad];
    alignas(16) std::uint64_t shifts[kPairs][2];
    std::size_t offsets[kPairs];
    for (std::size_t pair = 0; pair < kPairs; ++pair) {
      const std::size_t bit = 2 * pair * width;
      offsets[pair] = bit / 8;
      for (std::size_t lane = 0; lane < 2; ++lane) {
        const std::size_t own = bit + lane * width;
        shifts[pair][lane] = own % 8;
        for (std::size_t byte = 0; byte < 8; ++byte)
          shuffles[pair][8 * lane + byte] =
              static_cast<std::uint8_t>(own / 8 - offsets[pair] + byte);
      }
    }
    const auto mask = hn::Set(lanes, width == 64 ? ~0ull : (1ull << width) - 1);
    const auto bases = hn::Set(lanes, base);
    const std::size_t reach = offsets[kPairs - 1] + kLoad;  // bytes that a group loads
    const std::byte* from = packed.data();
    const std::byte* const end = from + packed.size();
    for (; done + kGroup <= values.size() && static_cast<std::size_t>(end - from) >= reach;
         done += kGroup, from += width) {
      for (std::size_t pair = 0; pair < kPairs; ++pair) {
        const auto loaded =
            hn::LoadU(bytes, reinterpret_cast<const std::uint8_t*>(from + offsets[pair]));
        const auto shuffled = hn::TableLookupBytes(loaded, hn::Load(bytes, shuffles[pair]));
        const auto shifted = hn::Shr(hn::BitCast(lanes, shuffled), hn::Load(lanes, shifts[pair]));
        hn::StoreU(hn::Add(hn::And(shifted, mask), bases), lanes, values.data() + done + 2 * pair);
      }
    }
  }
  scalar::unpack(packed.subspan(done / kGroup * width), width, base, values.subspan(done));
}

void decimals_to_doubles(std::span<std::uint64_t> values, double power) {
  const hn::ScalableTag<double> doubles;
  const hn::RebindToSigned<decltype(doubles)> integers;
  const std::size_t lanes = hn::Lanes(doubles);
  const auto powers = hn::Set(doubles, power);
  std::size_t done = 0;
  for (; done + lanes <= values.size(); done += lanes) {
    auto* const at = reinterpret_cast<std::int64_t*>(values.data() + done);
    const auto converted = hn::ConvertTo(doubles, hn::LoadU(integers, at));
    hn::StoreU(hn::BitCast(integers, hn::Div(converted, powers)), integers, at);
  }
  scalar::decimals_to_doubles(values.subspan(done), power);
}

void scale(std::span<std::uint64_t> values, std::uint64_t factor, std::uint64_t base) {
  const hn::ScalableTag<std::uint64_t> integers;
  const std::size_t lanes = hn::Lanes(integers);
  const auto factors = hn::Set(integers, factor), bases = hn::Set(integers, base);
  std::size_t done = 0;
  for (; done + lanes <= values.size(); done += lanes) {
    std::uint64_t* const at = values.data() + done;
    hn::StoreU(hn::Add(bases, hn::Mul(hn::LoadU(integers, at), factors)), integers, at);
  }
  scalar::scale(values.subspan(done), factor, base);
}

#endif
}  // namespace tundish::codec::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tundish::codec::kernels {
namespace {

HWY_EXPORT(unpack);
HWY_EXPORT(decimals_to_doubles);
HWY_EXPORT(scale);

}  // namespace

void unpack(ByteSpan packed, unsigned width, std::uint64_t base, std::span<std::uint64_t> values) {
  HWY_DYNAMIC_DISPATCH(unpack)(packed, width, base, values);
}

void decimals_to_doubles(std::span<std::uint64_t> values, double power) {
  HWY_DYNAMIC_DISPATCH(decimals_to_doubles)(values, power);
}

void scale(std::span<std::uint64_t> values, std::uint64_t factor, std::uint64_t base) {
  HWY_DYNAMIC_DISPATCH(scale)(values, factor, base);
}

std::span<const std::int64_t> targets() {
  static const std::vector<std::int64_t> all = hwy::SupportedAndGeneratedTargets();
  return all;
}

void use_target(std::int64_t target) {
  hwy::SetSupportedTargetsForTest(target);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

}  // namespace tundish::codec::kernels
#endif  // HWY_ONCE
