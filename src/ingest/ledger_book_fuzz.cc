#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "base/crc32c.h"
#include "ingest/ledger_book.h"

/// The checksum is put right first, so that what is behind it is reached.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tundish;
  Bytes bytes(size);
  if (size != 0) std::memcpy(bytes.data(), data, size);
  ByteWriter(bytes).fixed(crc32c(bytes));
  ingest::LedgerBook book(168, 10'000);
  if (!book.decode(bytes)) return 0;
  ingest::LedgerBook again(168, 10'000);
  if (!again.decode(book.encode()) || again.encode() != book.encode()) std::abort();
  return 0;
}
