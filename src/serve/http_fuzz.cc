// What comes with a request before any decoder of a body: the target with its query, and a compressed body.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "serve/gzip.h"
#include "serve/http.h"

using namespace tundish;
using namespace tundish::serve;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Request request;
  if (parse_target(text, request)) {
    if (request.path.find('\0') != std::string::npos) std::abort();
    for (const auto& [name, value] : request.query)
      if (name.find('\0') != std::string::npos || value.find('\0') != std::string::npos)
        std::abort();
    (void)request.parameter("tag");
    (void)request.parameters("tag");
  }
  request.headers["cookie"] = std::string(text);
  (void)request.cookie("tundish_session");

  constexpr std::uint64_t kBytesMax = 1 << 20;
  const auto unpacked = gunzip(text, kBytesMax);
  if (unpacked && unpacked->size() > kBytesMax) std::abort();
  const auto back = gunzip(gzip(text), size);
  if (!back || *back != text) std::abort();
  return 0;
}
