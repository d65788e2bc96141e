#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace tundish::simulate {

/// Certificate and key of a simulated server, DER.
struct ServerIdentity {
  Bytes certificate;
  Bytes key;
  std::string application_uri;
};

/// Reads them from `folder`, or makes and keeps them there; an empty folder keeps nothing.
/// Errors: kIo, kInternal.
Result<ServerIdentity> load_or_make_server_identity(const std::string& folder,
                                                    const std::string& name);

/// SHA-256, lower-case hexadecimal.
std::string fingerprint_of(ByteSpan certificate);

}  // namespace tundish::simulate
