#include "connect/opcua/own_identity.h"

#include <fmt/format.h>
#include <open62541/plugin/create_certificate.h>

#include <array>

#include "base/log.h"
#include "connect/opcua/certificate.h"
#include "connect/opcua/client.h"
#include "connect/opcua/status.h"

namespace tundish::connect::opcua {
namespace {

constexpr std::size_t kFileBytesMax = 64 * 1024;
// Long: nobody in a plant remembers to renew it, and servers trust exactly this certificate anyway.
constexpr UA_UInt16 kValidDays = 20 * 365;
constexpr UA_UInt16 kKeyBits = 2048;  // Basic256Sha256 allows 2048 to 4096

Bytes bytes_of(const UA_ByteString& bytes) {
  const auto* data = reinterpret_cast<const std::byte*>(bytes.data);
  return {data, data + bytes.length};
}

/// Letters, digits, dots and dashes of a host name; anything else would need escaping in a URI.
std::string plain_host(const std::string& host_name) {
  std::string plain;
  for (const char c : host_name)
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
        c == '-')
      plain += c;
  return plain.empty() ? "localhost" : plain.substr(0, 64);
}

Result<OwnIdentity> make_identity(const std::string& host_name) {
  const std::string host = plain_host(host_name);
  const std::string uri = fmt::format("urn:{}:tundish", host);
  const std::string common_name = fmt::format("CN=Tundish@{}", host);
  const std::string dns = "DNS:" + host;
  const std::string uri_name = "URI:" + uri;
  const std::array<UA_String, 2> subject{borrow("O=Tundish"), borrow(common_name)};
  const std::array<UA_String, 2> names{borrow(dns), borrow(uri_name)};

  UA_UInt16 days = kValidDays;
  UA_UInt16 bits = kKeyBits;
  UA_KeyValueMap* options = UA_KeyValueMap_new();
  UA_KeyValueMap_setScalar(options, UA_QUALIFIEDNAME(0, const_cast<char*>("expires-in-days")),
                           &days, &UA_TYPES[UA_TYPES_UINT16]);
  UA_KeyValueMap_setScalar(options, UA_QUALIFIEDNAME(0, const_cast<char*>("key-size-bits")), &bits,
                           &UA_TYPES[UA_TYPES_UINT16]);
  UA_ByteString key = UA_BYTESTRING_NULL;
  UA_ByteString certificate = UA_BYTESTRING_NULL;
  const UA_StatusCode code =
      UA_CreateCertificate(open62541_logger(), subject.data(), subject.size(), names.data(),
                           names.size(), UA_CERTIFICATEFORMAT_DER, options, &key, &certificate);
  UA_KeyValueMap_delete(options);
  OwnIdentity identity{bytes_of(certificate), bytes_of(key), uri};
  UA_ByteString_clear(&certificate);
  UA_ByteString_memZero(&key);
  UA_ByteString_clear(&key);
  if (code != UA_STATUSCODE_GOOD)
    return fail(ErrorCode::kInternal,
                fmt::format("no certificate could be made: {}", status_name(code)));
  return identity;
}

}  // namespace

Result<OwnIdentity> load_or_make_identity(io::Disk& disk, const std::string& folder,
                                          const std::string& host_name) {
  const std::string certificate_path = folder + "/cert.der";
  const std::string key_path = folder + "/key.der";
  TUNDISH_TRY(const bool has_certificate, disk.exists(certificate_path));
  TUNDISH_TRY(const bool has_key, disk.exists(key_path));

  if (has_certificate && has_key) {
    OwnIdentity identity;
    TUNDISH_TRY(identity.certificate, io::read_file(disk, certificate_path, kFileBytesMax));
    TUNDISH_TRY(identity.key, io::read_file(disk, key_path, kFileBytesMax));
    auto certificate = parse_certificate(identity.certificate);
    if (!certificate || certificate->application_uri.empty())
      return fail(ErrorCode::kCorruption,
                  "not a certificate with an application URI: restore it from a backup, or remove "
                  "cert.der and key.der to get new ones, which every server must then trust anew",
                  certificate_path);
    identity.application_uri = certificate->application_uri;
    return identity;
  }
  // A key is written before its certificate, so a key alone is a first start that was cut short.
  if (has_certificate)
    return fail(ErrorCode::kCorruption,
                fmt::format("{} is there without its key {}: restore the key from a backup, or "
                            "remove the certificate to get new ones",
                            certificate_path, key_path),
                key_path);

  TUNDISH_TRY(OwnIdentity identity, make_identity(host_name));
  for (std::size_t slash = folder.find('/'); slash != std::string::npos;
       slash = folder.find('/', slash + 1))
    TUNDISH_RETURN_IF_ERROR(disk.make_folder(folder.substr(0, slash)));
  TUNDISH_RETURN_IF_ERROR(disk.make_folder(folder));
  TUNDISH_RETURN_IF_ERROR(io::replace_file(disk, key_path, identity.key));
  TUNDISH_RETURN_IF_ERROR(io::replace_file(disk, certificate_path, identity.certificate));
  log_info("connect", "made the application certificate {} ({})", certificate_path,
           identity.application_uri);
  return identity;
}

}  // namespace tundish::connect::opcua
