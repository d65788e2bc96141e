#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace tundish::app {

/// How somebody switches the faults of a plant that runs in another process, whatever protocol the plant speaks:
///
/// 1. `FILE` has the names of the faults that are wanted, separated by commas.
/// 2. The plant's process looks at it four times a second (FaultsFollower) and switches.
/// 3. It answers in `FILE.on` with what is on now, or `! ` and why not.
///
/// Both files are replaced whole. Whoever may write in the folder may switch; nothing listens on a network.
inline constexpr std::size_t kFaultsBytesMax = 64 << 10;

/// `a, b` as names; `a,b` from names. No name is empty.
std::vector<std::string> split_faults(std::string_view text);
std::string join_faults(const std::vector<std::string>& names);

/// The plant's side. One thread.
class FaultsFollower {
 public:
  using Switch = std::function<Status(const std::vector<std::string>&)>;
  /// @param file empty: nothing is followed. Begins with `on`, whatever an earlier run left.
  FaultsFollower(std::string file, const std::vector<std::string>& on, Switch set);
  /// Nobody answers any more.
  ~FaultsFollower();
  FaultsFollower(const FaultsFollower&) = delete;
  FaultsFollower& operator=(const FaultsFollower&) = delete;

  /// Looks at the file; errors of reading and of names are answered and logged.
  void look();

 private:
  const std::string file_;
  const Switch set_;
  std::string seen_;
};

/// What a running plant says is on. Errors: kUnavailable when no plant follows `file`.
Result<std::vector<std::string>> faults_on(const std::string& file);
/// Asks for exactly `names` and waits until the plant says so. Errors: kUnavailable without an answer in time; what the
/// plant answered.
Status ask_faults(const std::string& file, const std::vector<std::string>& names,
                  DurationNs wait_max = 5 * kSecond);

}  // namespace tundish::app
