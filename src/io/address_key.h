#pragma once

#include <string>
#include <string_view>

namespace tundish::io {

/// A peer's address as it is counted by: IPv4 whole, IPv6 by its /64 (one subscriber holds that many
/// addresses), IPv4 inside IPv6 as IPv4, anything else as it is, at most 128 bytes.
std::string address_key(std::string_view address);

}  // namespace tundish::io
