// chaos_proxy HOST:PORT: forwards a free port of 127.0.0.1 to HOST:PORT. Prints the port, then takes
// one command a line on stdin (cut, stall, resume, refuse, accept) and answers `ok` when it is done.
// Ends with stdin.

#include <charconv>
#include <iostream>
#include <map>
#include <string>

#include "io/chaos_proxy.h"

int main(int argc, char** argv) {
  using tundish::io::Address;
  using tundish::io::ChaosProxy;
  const std::string target = argc == 2 ? argv[1] : "";
  const auto colon = target.rfind(':');
  std::uint16_t port = 0;
  if (colon == std::string::npos ||
      std::from_chars(target.data() + colon + 1, target.data() + target.size(), port).ec !=
          std::errc()) {
    std::cerr << "usage: chaos_proxy HOST:PORT\n";
    return 2;
  }
  const auto proxy = ChaosProxy::start(Address::tcp(target.substr(0, colon), port));
  if (!proxy) {
    std::cerr << proxy.error().to_string() << '\n';
    return 1;
  }
  std::cout << (*proxy)->port() << std::endl;
  const std::map<std::string, void (ChaosProxy::*)()> commands = {{"cut", &ChaosProxy::cut},
                                                                  {"stall", &ChaosProxy::stall},
                                                                  {"resume", &ChaosProxy::resume},
                                                                  {"refuse", &ChaosProxy::refuse},
                                                                  {"accept", &ChaosProxy::accept}};
  for (std::string line; std::getline(std::cin, line);) {
    const auto command = commands.find(line);
    if (command == commands.end()) {
      std::cout << "unknown command " << line << std::endl;
      continue;
    }
    ((**proxy).*command->second)();
    std::cout << "ok" << std::endl;
  }
  return 0;
}
