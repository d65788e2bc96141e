#include "serve/gzip.h"

#include <zlib.h>

#include <array>

#include "base/check.h"

namespace tundish::serve {
namespace {
constexpr int kGzipWindow = 15 + 16;       // deflate with a gzip header
constexpr int kAnyHeaderWindow = 15 + 32;  // inflate: gzip or zlib, told apart by the header

Bytef* input_of(std::string_view bytes) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
}
}  // namespace

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  TUNDISH_CHECK(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzipWindow, 8,
                             Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = input_of(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  TUNDISH_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

Result<std::string> gunzip(std::string_view bytes, std::uint64_t bytes_max) {
  z_stream stream{};
  if (inflateInit2(&stream, kAnyHeaderWindow) != Z_OK)
    return fail(ErrorCode::kInternal, "zlib could not be started");
  stream.next_in = input_of(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  std::array<char, 64 * 1024> piece;
  int state = Z_OK;
  while (true) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = piece.size();
    state = inflate(&stream, Z_NO_FLUSH);
    const std::size_t got = piece.size() - stream.avail_out;
    if (out.size() + got > bytes_max) {
      inflateEnd(&stream);
      return fail(ErrorCode::kTooLarge, "the body unpacks to more than " +
                                            std::to_string(bytes_max) +
                                            " bytes; send it in several requests");
    }
    out.append(piece.data(), got);
    if (state == Z_STREAM_END) {
      if (stream.avail_in == 0) break;
      inflateReset(&stream);  // a further member
      continue;
    }
    if (state != Z_OK) break;
  }
  inflateEnd(&stream);
  if (state != Z_STREAM_END)
    return fail(ErrorCode::kInvalidArgument, "the gzip body is damaged or cut short");
  return out;
}

}  // namespace tundish::serve
