#pragma once

#include <compare>
#include <cstddef>
#include <functional>

namespace tundish {

/// An integer that cannot be mixed up with another kind of integer. `Tag` is an incomplete type
/// that only names the kind.
template <class Tag, class Rep>
class StrongId {
 public:
  using rep = Rep;
  constexpr StrongId() = default;
  constexpr explicit StrongId(Rep value) : value_(value) {}
  constexpr Rep value() const { return value_; }
  constexpr auto operator<=>(const StrongId&) const = default;

 private:
  Rep value_ = 0;
};

}  // namespace tundish

template <class Tag, class Rep>
struct std::hash<tundish::StrongId<Tag, Rep>> {
  std::size_t operator()(tundish::StrongId<Tag, Rep> id) const noexcept {
    return std::hash<Rep>()(id.value());
  }
};
