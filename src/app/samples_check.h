#pragma once

#include <string>

#include "base/result.h"
#include "model/ports/historian_admin.h"

namespace tundish::app {

/// Every checksum of a folder that nobody serves, read as it lies on the disk and without recovering
/// it first: what is damaged stays for whoever looks at it. Takes the folder's lock meanwhile.
/// Errors: kInUse when it is served, kNotFound, kIo.
Result<VerifyReport> verify_unserved(const std::string& folder);

/// The same by the process that serves the folder, asked through its control socket.
/// Errors: kUnavailable when it does not answer, kRemote when the answer is no report.
Result<VerifyReport> verify_served(const std::string& folder);

}  // namespace tundish::app
