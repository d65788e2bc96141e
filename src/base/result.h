#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tundish {

/// What a caller can branch on. One list for the whole program: HTTP statuses, exit codes and
/// refusals of single samples are looked up from it, so a meaning never changes.
enum class ErrorCode : std::uint8_t {
  kInvalidArgument,   ///< malformed input; saying it again will not help
  kNotFound,          ///< does not exist, or belongs to another enterprise: the same answer
  kAlreadyExists,     ///< a name that is taken
  kConflict,          ///< not possible in the present state (edited meanwhile, in use)
  kUnauthenticated,   ///< no valid credential
  kPermissionDenied,  ///< valid credential, not enough role
  kTypeMismatch,      ///< a value that does not convert exactly to the tag's type
  kBeyondRetention,   ///< older than the tag's retention horizon
  kFutureTime,        ///< more than 24 h after receipt
  kTooLarge,          ///< over a stated limit of size, depth or count
  kQuotaExceeded,     ///< over an enterprise's quota
  kOverloaded,        ///< a bounded queue is full; try again later
  kDiskFull,          ///< no space to make it durable; reads go on
  kIo,                ///< the disk or the network failed
  kCorruption,        ///< bytes that fail their checksum or contradict themselves
  kUnavailable,       ///< not ready, stopping, or the peer is not reachable
  kTimeout,           ///< out of its time budget
  kCancelled,         ///< the caller went away
  kInUse,             ///< taken: by another process (data folder, port) or connection (tag)
  kUnsupported,       ///< a version or feature this build does not have
  kRemote,            ///< the peer answered with an error of its own
  kInternal,          ///< a third-party library threw where it should not
};

/// The stable name of a code, as it appears in JSON (`"TypeMismatch"`).
std::string_view error_code_name(ErrorCode code);

/// An expected failure: a code for the program, a sentence for a person, and where it arose.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;     ///< one sentence that says what to do, if anything can be done
  std::string where = {};  ///< file, field, line or peer; empty when obvious
  std::optional<std::uint64_t> offset = {};  ///< byte offset in `where`, for storage errors

  /// `message (where at byte offset)`.
  std::string to_string() const;
};

template <class T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

inline std::unexpected<Error> fail(ErrorCode code, std::string message, std::string where = {}) {
  return std::unexpected(Error{code, std::move(message), std::move(where), std::nullopt});
}
inline std::unexpected<Error> fail(Error error) { return std::unexpected(std::move(error)); }

}  // namespace tundish

#define TUNDISH_CONCAT_INNER(a, b) a##b
#define TUNDISH_CONCAT(a, b) TUNDISH_CONCAT_INNER(a, b)

/// `TUNDISH_TRY(auto x, f());` binds the value or returns the error from the enclosing function.
#define TUNDISH_TRY(declaration, ...)                                                 \
  auto TUNDISH_CONCAT(try_result_, __LINE__) = (__VA_ARGS__);                         \
  if (!TUNDISH_CONCAT(try_result_, __LINE__))                                         \
    return std::unexpected(std::move(TUNDISH_CONCAT(try_result_, __LINE__)).error()); \
  declaration = std::move(*TUNDISH_CONCAT(try_result_, __LINE__))

/// `TUNDISH_RETURN_IF_ERROR(f());` for a Status, or a Result whose value is not wanted.
#define TUNDISH_RETURN_IF_ERROR(...)                                        \
  do {                                                                      \
    auto try_status = (__VA_ARGS__);                                        \
    if (!try_status) return std::unexpected(std::move(try_status).error()); \
  } while (false)
