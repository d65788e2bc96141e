#pragma once

#include <string>

#include "serve/rates.h"
#include "serve/services.h"

namespace tundish::serve {

/// The process in the OpenMetrics text format (prometheus.io, OpenMetrics 1.0): the historian, and
/// per enterprise what came in.
std::string metrics_text(const Services& services, const Rates& rates, std::size_t live_clients);

}  // namespace tundish::serve
