#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace tundish {

void check_failed(std::string_view expression, std::string_view file, int line) {
  std::fprintf(stderr, "tundish: internal check failed: %.*s (%.*s:%d)\n",
               static_cast<int>(expression.size()), expression.data(),
               static_cast<int>(file.size()), file.data(), line);
  std::fflush(stderr);
  std::abort();
}

void end_process(std::string_view reason) {
  std::fprintf(stderr, "tundish: stopping at once: %.*s\n", static_cast<int>(reason.size()),
               reason.data());
  std::fflush(stderr);
  std::_Exit(70);
}

}  // namespace tundish
