#pragma once

#include <string>

#include "base/time.h"

namespace tundish {

/// format_time() to the end of `out`, where an answer has one for every sample.
void append_time(std::string& out, TimeNs time);

}  // namespace tundish
