#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace tundish::connect::opcua {

/// What a person and the trust check need of an X.509 certificate in DER.
struct Certificate {
  Bytes der;                    ///< the leaf alone: servers may send their chain behind it
  std::string fingerprint;      ///< SHA-256 of `der`, 64 lower-case hex digits
  std::string subject;          ///< `CN=PLC 7,O=Works`, RFC 2253, UTF-8
  std::string application_uri;  ///< first URI of the subject alternative names, may be empty
  TimeNs not_before = 0;
  TimeNs not_after = 0;
};

/// Reads the first certificate in `der`. Errors: kInvalidArgument for anything that is not one.
Result<Certificate> parse_certificate(ByteSpan der);

/// kPermissionDenied with dates and what to do when `now` is outside the validity.
Status check_validity(const Certificate& certificate, TimeNs now);

/// `ab:CD 12` -> `abcd12`: people paste fingerprints in many forms.
std::string normal_fingerprint(const std::string& text);

}  // namespace tundish::connect::opcua
