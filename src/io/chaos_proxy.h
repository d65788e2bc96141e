#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "base/result.h"
#include "io/net.h"

namespace tundish::io {

/// Stands between a client and a TCP server in tests and breaks their connection on request.
/// Works on a thread of its own; calls from any thread, each done when it returns.
class ChaosProxy {
 public:
  /// Listens on a free port of 127.0.0.1.
  static Result<std::unique_ptr<ChaosProxy>> start(const Address& target);
  ~ChaosProxy();

  std::uint16_t port() const { return port_; }

  void cut();     ///< resets every connection; new ones are served
  void stall();   ///< connections stay open and nothing moves, as when a cable is pulled
  void resume();  ///< ends stall: what waits moves on
  void refuse();  ///< resets new connections at once; those that are open stay
  void accept();  ///< ends refuse
  std::size_t connections() const;  ///< open now, counted in pairs

  ChaosProxy(const ChaosProxy&) = delete;
  ChaosProxy& operator=(const ChaosProxy&) = delete;

 private:
  class Loop;
  ChaosProxy(std::unique_ptr<Loop> loop, std::uint16_t port);

  std::unique_ptr<Loop> loop_;
  std::uint16_t port_;
  std::thread thread_;
};

}  // namespace tundish::io
