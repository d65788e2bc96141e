#pragma once

#include <string_view>

#include "base/result.h"
#include "model/ports/connections.h"

namespace tundish::connect {

/// Whether a connection of the enterprise with this code can be kept and run: name, endpoint,
/// security, items with valid identifiers and distinct paths below the enterprise.
/// Errors: kInvalidArgument, kTooLarge, kUnsupported, with the field in `where` (`items[3].path`).
Status check_config(const ConnectionConfig& config, std::string_view enterprise_code);

/// That the settings differ in the name alone, which no session has to be started anew for.
bool is_renamed_only(const ConnectionConfig& before, const ConnectionConfig& after);

/// `opc.tcp://host:port/path`, a port optional. Errors: kInvalidArgument.
Status check_endpoint(const std::string& url);

}  // namespace tundish::connect
