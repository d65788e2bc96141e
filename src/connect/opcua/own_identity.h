#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "io/disk.h"

namespace tundish::connect::opcua {

/// Who this program is to OPC UA servers. One per data folder, made once: servers trust it by its
/// certificate, so it is never replaced silently.
struct OwnIdentity {
  Bytes certificate;            ///< DER, self-signed, RSA 2048, SHA-256
  Bytes key;                    ///< DER
  std::string application_uri;  ///< as in the certificate
};

/// Reads `folder`/cert.der and key.der, or makes both when neither is there (`host_name` goes into
/// the subject and the application URI). Files on the real disk are for the owner only.
/// Errors: kIo, kDiskFull, kCorruption when only one is there or a file is not what it should be.
Result<OwnIdentity> load_or_make_identity(io::Disk& disk, const std::string& folder,
                                          const std::string& host_name);

}  // namespace tundish::connect::opcua
