#include "base/result.h"

namespace tundish {

std::string_view error_code_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument: return "InvalidArgument";
    case ErrorCode::kNotFound: return "NotFound";
    case ErrorCode::kAlreadyExists: return "AlreadyExists";
    case ErrorCode::kConflict: return "Conflict";
    case ErrorCode::kUnauthenticated: return "Unauthenticated";
    case ErrorCode::kPermissionDenied: return "PermissionDenied";
    case ErrorCode::kTypeMismatch: return "TypeMismatch";
    case ErrorCode::kBeyondRetention: return "BeyondRetention";
    case ErrorCode::kFutureTime: return "FutureTime";
    case ErrorCode::kTooLarge: return "TooLarge";
    case ErrorCode::kQuotaExceeded: return "QuotaExceeded";
    case ErrorCode::kOverloaded: return "Overloaded";
    case ErrorCode::kDiskFull: return "DiskFull";
    case ErrorCode::kIo: return "Io";
    case ErrorCode::kCorruption: return "Corruption";
    case ErrorCode::kUnavailable: return "Unavailable";
    case ErrorCode::kTimeout: return "Timeout";
    case ErrorCode::kCancelled: return "Cancelled";
    case ErrorCode::kInUse: return "InUse";
    case ErrorCode::kUnsupported: return "Unsupported";
    case ErrorCode::kRemote: return "Remote";
    case ErrorCode::kInternal: return "Internal";
  }
  return "Internal";
}

std::string Error::to_string() const {
  std::string text = message;
  if (!where.empty() || offset) {
    text += " (";
    text += where;
    if (offset) text += (where.empty() ? "byte " : " at byte ") + std::to_string(*offset);
    text += ")";
  }
  return text;
}

}  // namespace tundish
