#include "connect/opcua/certificate.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <ctime>
#include <memory>

namespace tundish::connect::opcua {
namespace {

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using X509Ptr = std::unique_ptr<X509, Freer<X509_free>>;
using BioPtr = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, Freer<GENERAL_NAMES_free>>;

std::string subject_of(const X509& certificate) {
  BioPtr memory(BIO_new(BIO_s_mem()));
  if (!memory) return {};
  // UTF-8 stays readable; control characters stay escaped.
  constexpr unsigned long kFlags = XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB;
  X509_NAME_print_ex(memory.get(), X509_get_subject_name(&certificate), 0, kFlags);
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
}

std::string uri_of(const X509& certificate) {
  NamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  if (!names) return {};
  for (int index = 0; index < sk_GENERAL_NAME_num(names.get()); ++index) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), index);
    if (name->type != GEN_URI) continue;
    const ASN1_IA5STRING* uri = name->d.uniformResourceIdentifier;
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
            static_cast<std::size_t>(ASN1_STRING_length(uri))};
  }
  return {};
}

/// A date that TimeNs cannot hold (a certificate without end says 9999) saturates.
TimeNs time_from(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return kTimeMin;
  const std::time_t seconds = timegm(&parts);
  if (seconds > kTimeMax / kSecond) return kTimeMax;
  if (seconds < kTimeMin / kSecond) return kTimeMin;
  return static_cast<TimeNs>(seconds) * kSecond;
}

}  // namespace

Result<Certificate> parse_certificate(ByteSpan der) {
  constexpr std::size_t kBytesMax = 64 * 1024;
  if (der.empty()) return fail(ErrorCode::kInvalidArgument, "the server shows no certificate");
  if (der.size() > kBytesMax)
    return fail(ErrorCode::kInvalidArgument, "the server's certificate is larger than 64 KiB");
  const auto* begin = reinterpret_cast<const unsigned char*>(der.data());
  const unsigned char* end = begin;
  const X509Ptr parsed(d2i_X509(nullptr, &end, static_cast<long>(der.size())));
  if (!parsed)
    return fail(ErrorCode::kInvalidArgument, "what the server shows is not an X.509 certificate");

  Certificate certificate;
  const auto leaf = der.first(static_cast<std::size_t>(end - begin));
  certificate.der.assign(leaf.begin(), leaf.end());
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(begin, leaf.size(), digest.data());
  for (const unsigned char byte : digest) certificate.fingerprint += fmt::format("{:02x}", byte);
  certificate.subject = subject_of(*parsed);
  certificate.application_uri = uri_of(*parsed);
  certificate.not_before = time_from(X509_get0_notBefore(parsed.get()));
  certificate.not_after = time_from(X509_get0_notAfter(parsed.get()));
  return certificate;
}

Status check_validity(const Certificate& certificate, TimeNs now) {
  if (now > certificate.not_after)
    return fail(ErrorCode::kPermissionDenied,
                fmt::format("the server's certificate expired on {}: renew it at the server, then "
                            "confirm the new fingerprint here",
                            format_time(certificate.not_after)));
  if (now < certificate.not_before)
    return fail(ErrorCode::kPermissionDenied,
                fmt::format("the server's certificate is not valid before {}, and it is {} here: "
                            "compare the clocks of both machines",
                            format_time(certificate.not_before), format_time(now)));
  return {};
}

std::string normal_fingerprint(const std::string& text) {
  std::string normal;
  for (const char c : text) {
    if (c == ':' || c == ' ' || c == '-') continue;
    normal += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return normal;
}

}  // namespace tundish::connect::opcua
