#pragma once

#include <string>

#include "base/result.h"
#include "connect/opcua/ua.h"
#include "model/quality.h"

namespace tundish::connect::opcua {

inline Quality quality_of(UA_StatusCode code) { return Quality{code}; }

/// `BadUserAccessDenied`: the name that the standard gives the code, with its number when it has none.
std::string status_name(UA_StatusCode code);

/// True when a reading with this status says nothing about the equipment, because the server could
/// not or would not look at the node. Such an item has not resumed.
bool says_nothing(UA_StatusCode code);

/// What a failed service call is to the rest of the program: kTimeout, kUnavailable (not connected),
/// kPermissionDenied for rejected users, else kRemote; `doing` is the sentence's beginning.
std::unexpected<Error> fail_status(UA_StatusCode code, std::string doing, std::string where = {});

}  // namespace tundish::connect::opcua
