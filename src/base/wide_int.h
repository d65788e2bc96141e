#pragma once

namespace tundish {

/// 128-bit integers, for exact products of times and scaled values.
__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 UInt128;

}  // namespace tundish
