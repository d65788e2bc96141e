#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "model/ports/connections.h"

namespace tundish::connect {

/// One connection at work, of whatever protocol. Made stopped; `start` runs it on a thread of its
/// own until `stop`, once: a start that follows, or a second one, does nothing. Every function may be
/// called from any thread, before, between and after.
class Session {
 public:
  virtual ~Session() = default;

  /// Errors: kOverloaded when the system has no thread left; it may be tried again.
  virtual Status start() = 0;
  /// Asks the threads to end and returns at once, so that many can be asked before any is awaited.
  virtual void request_stop() = 0;
  /// Waits until everything received is delivered (or Options::stop_within is over) and the threads
  /// have ended.
  virtual void stop() = 0;

  virtual ConnectionStatus status() const = 0;
  virtual std::vector<ItemStatus> items() const = 0;
  /// As Connections::browse.
  virtual Result<std::vector<BrowseNode>> browse(const std::string& namespace_uri,
                                                 const std::string& identifier) = 0;
};

}  // namespace tundish::connect
