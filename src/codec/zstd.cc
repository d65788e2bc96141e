#include "codec/zstd.h"

#include <zstd.h>

#include <memory>

#include "base/check.h"

namespace tundish::codec {
namespace {

// A context costs more to make than a column to compress: one of each a thread, made on first use.
ZSTD_CCtx* compressor() {
  thread_local const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                                  &ZSTD_freeCCtx);
  TUNDISH_CHECK(context != nullptr);
  return context.get();
}

ZSTD_DCtx* decompressor() {
  thread_local const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                                  &ZSTD_freeDCtx);
  TUNDISH_CHECK(context != nullptr);
  return context.get();
}

}  // namespace

void zstd_compress(ByteSpan plain, int level, Bytes& out) {
  const std::size_t from = out.size();
  out.resize(from + ZSTD_compressBound(plain.size()));
  const std::size_t bytes = ZSTD_compressCCtx(compressor(), out.data() + from, out.size() - from,
                                              plain.data(), plain.size(), level);
  TUNDISH_CHECK(!ZSTD_isError(bytes));
  out.resize(from + bytes);
}

Result<Bytes> zstd_decompress(ByteSpan frame, std::size_t plain_bytes) {
  Bytes plain(plain_bytes);
  const std::size_t bytes =
      ZSTD_decompressDCtx(decompressor(), plain.data(), plain.size(), frame.data(), frame.size());
  if (ZSTD_isError(bytes) || bytes != plain_bytes)
    return fail(ErrorCode::kCorruption, "a zstd frame does not unfold to its stated size");
  return plain;
}

}  // namespace tundish::codec
