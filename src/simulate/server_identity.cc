#include "simulate/server_identity.h"

#include <fmt/format.h>
#include <open62541/plugin/create_certificate.h>
#include <open62541/plugin/log_stdout.h>
#include <openssl/sha.h>

#include <array>

#include "io/disk.h"

namespace tundish::simulate {
namespace {

constexpr std::uint64_t kFileBytesMax = 64 * 1024;

Result<ServerIdentity> make_identity(const std::string& uri) {
  const auto borrow = [](const std::string& text) {
    return UA_String{text.size(), reinterpret_cast<UA_Byte*>(const_cast<char*>(text.data()))};
  };
  const std::string organisation = "O=Tundish simulation", common = "CN=Simulated plant";
  const std::string dns = "DNS:localhost", address = "IP:127.0.0.1", uri_name = "URI:" + uri;
  const std::array<UA_String, 2> subject{borrow(organisation), borrow(common)};
  const std::array<UA_String, 3> names{borrow(dns), borrow(address), borrow(uri_name)};
  UA_UInt16 days = 3650;
  UA_UInt16 key_bits = 2048;  // what every policy takes; the default of 4096 takes seconds to find
  UA_KeyValueMap* options = UA_KeyValueMap_new();
  UA_KeyValueMap_setScalar(options, UA_QUALIFIEDNAME(0, const_cast<char*>("expires-in-days")),
                           &days, &UA_TYPES[UA_TYPES_UINT16]);
  UA_KeyValueMap_setScalar(options, UA_QUALIFIEDNAME(0, const_cast<char*>("key-size-bits")),
                           &key_bits, &UA_TYPES[UA_TYPES_UINT16]);
  UA_ByteString key = UA_BYTESTRING_NULL, certificate = UA_BYTESTRING_NULL;
  const UA_StatusCode code =
      UA_CreateCertificate(UA_Log_Stdout, const_cast<UA_String*>(subject.data()), subject.size(),
                           const_cast<UA_String*>(names.data()), names.size(),
                           UA_CERTIFICATEFORMAT_DER, options, &key, &certificate);
  UA_KeyValueMap_delete(options);
  const auto bytes_of = [](const UA_ByteString& bytes) {
    const auto* data = reinterpret_cast<const std::byte*>(bytes.data);
    return Bytes(data, data + bytes.length);
  };
  ServerIdentity identity{bytes_of(certificate), bytes_of(key), uri};
  UA_ByteString_clear(&certificate);
  UA_ByteString_clear(&key);
  if (code != UA_STATUSCODE_GOOD)
    return fail(ErrorCode::kInternal,
                fmt::format("no certificate could be made: {}", UA_StatusCode_name(code)));
  return identity;
}

}  // namespace

Result<ServerIdentity> load_or_make_server_identity(const std::string& folder,
                                                    const std::string& name) {
  const std::string uri = "urn:localhost:tundish:simulated:" + name;
  if (folder.empty()) return make_identity(uri);
  TUNDISH_TRY(const auto disk, io::open_real_disk(folder));
  TUNDISH_TRY(const bool made, disk->exists("cert.der"));
  if (!made) {
    TUNDISH_TRY(const auto identity, make_identity(uri));
    // The key first: a certificate alone would be of no use after a start that was cut short.
    TUNDISH_RETURN_IF_ERROR(io::replace_file(*disk, "key.der", identity.key));
    TUNDISH_RETURN_IF_ERROR(io::replace_file(*disk, "cert.der", identity.certificate));
    return identity;
  }
  ServerIdentity identity;
  identity.application_uri = uri;
  TUNDISH_TRY(identity.certificate, io::read_file(*disk, "cert.der", kFileBytesMax));
  TUNDISH_TRY(identity.key, io::read_file(*disk, "key.der", kFileBytesMax));
  return identity;
}

std::string fingerprint_of(ByteSpan certificate) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(certificate.data()), certificate.size(),
         digest.data());
  std::string text;
  for (const unsigned char byte : digest) text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace tundish::simulate
