// A backup's manifest from anywhere, with the checksum put right so that the content is reached. What is read
// writes itself back letter by letter.

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "backup/backup_manifest.h"
#include "base/bytes.h"
#include "base/crc32c.h"

using namespace tundish;
using namespace tundish::backup;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  (void)parse_backup_manifest(text);
  if (size < 9) return 0;
  text.resize(size - 9);
  text += fmt::format("{:08x}\n", crc32c(as_byte_span(text)));
  const auto manifest = parse_backup_manifest(text);
  if (manifest && encode_backup_manifest(*manifest) != text) std::abort();
  return 0;
}
