// What a server shows as its certificate: any bytes.

#include <cstdint>

#include "base/check.h"
#include "connect/opcua/certificate.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto certificate =
      tundish::connect::opcua::parse_certificate({reinterpret_cast<const std::byte*>(data), size});
  if (certificate) {
    TUNDISH_CHECK(certificate->der.size() <= size);
    TUNDISH_CHECK(certificate->fingerprint.size() == 64);
  }
  return 0;
}
