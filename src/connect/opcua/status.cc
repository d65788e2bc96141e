#include "connect/opcua/status.h"

#include <fmt/format.h>

namespace tundish::connect::opcua {

std::string status_name(UA_StatusCode code) {
  const std::string name = UA_StatusCode_name(code);
  if (name.empty() || name.starts_with("Unknown")) return fmt::format("0x{:08X}", code);
  return name;
}

bool says_nothing(UA_StatusCode code) {
  switch (code & 0xFFFF0000u) {
    case UA_STATUSCODE_BADNODEIDUNKNOWN:
    case UA_STATUSCODE_BADNODEIDINVALID:
    case UA_STATUSCODE_BADATTRIBUTEIDINVALID:
    case UA_STATUSCODE_BADNOTREADABLE:
    case UA_STATUSCODE_BADUSERACCESSDENIED:
    case UA_STATUSCODE_BADNOTSUPPORTED:
    case UA_STATUSCODE_BADWAITINGFORINITIALDATA:
    case UA_STATUSCODE_BADNOCOMMUNICATION:
    case UA_STATUSCODE_BADMONITOREDITEMIDINVALID:
    case UA_STATUSCODE_BADTOOMANYMONITOREDITEMS:
    case UA_STATUSCODE_BADINTERNALERROR:
    case UA_STATUSCODE_BADTIMEOUT: return true;
    default: return false;
  }
}

std::unexpected<Error> fail_status(UA_StatusCode code, std::string doing, std::string where) {
  ErrorCode error = ErrorCode::kRemote;
  std::string_view hint;
  switch (code & 0xFFFF0000u) {
    case UA_STATUSCODE_BADTIMEOUT:
      error = ErrorCode::kTimeout;
      hint = "the server did not answer in time";
      break;
    case UA_STATUSCODE_BADNOTCONNECTED:
    case UA_STATUSCODE_BADCONNECTIONCLOSED:
    case UA_STATUSCODE_BADCONNECTIONREJECTED:
    case UA_STATUSCODE_BADDISCONNECT:
    case UA_STATUSCODE_BADSECURECHANNELCLOSED:
    case UA_STATUSCODE_BADSESSIONCLOSED:
    case UA_STATUSCODE_BADSESSIONIDINVALID:
    case UA_STATUSCODE_BADSHUTDOWN:
    case UA_STATUSCODE_BADSERVERHALTED:
    case UA_STATUSCODE_BADCOMMUNICATIONERROR:
      error = ErrorCode::kUnavailable;
      hint = "the server cannot be reached, or closed the connection";
      break;
    case UA_STATUSCODE_BADUSERACCESSDENIED:
    case UA_STATUSCODE_BADIDENTITYTOKENREJECTED:
    case UA_STATUSCODE_BADIDENTITYTOKENINVALID:
      error = ErrorCode::kPermissionDenied;
      hint = "the server refuses this user name and password";
      break;
    case UA_STATUSCODE_BADSECURITYCHECKSFAILED:
    case UA_STATUSCODE_BADCERTIFICATEUNTRUSTED:
    case UA_STATUSCODE_BADCERTIFICATEINVALID:
      error = ErrorCode::kPermissionDenied;
      hint =
          "the server does not trust this program's certificate (pki/own/cert.der in the data "
          "folder): trust it there";
      break;
    case UA_STATUSCODE_BADTOOMANYSESSIONS: hint = "the server has no free session"; break;
    default: break;
  }
  std::string message = fmt::format("{}: {}", doing, status_name(code));
  if (!hint.empty()) message += fmt::format(" ({})", hint);
  return fail(error, std::move(message), std::move(where));
}

}  // namespace tundish::connect::opcua
