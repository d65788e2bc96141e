#include "historian/manifest.h"

#include <fmt/format.h>

#include <limits>

#include "base/crc32c.h"

namespace tundish::historian {
namespace {

constexpr std::string_view kMagic = "TNDMAN\r\n";
constexpr std::size_t kHeaderBytes = 24;  // magic, version, zero, bytes of the body
constexpr std::size_t kCrcBytes = 4;

void write_block(ByteWriter& out, const BlockInfo& block) {
  out.varint(block.file_id);
  out.varint(block.from.value());
  out.varint(block.through.value());
  out.varint(block.bytes);
  out.varint(block.samples);
  out.varint(block.chunks);
  out.svarint(block.times.from);
  out.svarint(block.times.to);
}

BlockInfo read_block(ByteReader& in) {
  BlockInfo block;
  block.file_id = in.varint();
  block.from = Position(in.varint());
  block.through = Position(in.varint());
  block.bytes = in.varint();
  block.samples = in.varint();
  block.chunks = in.varint();
  block.times.from = in.svarint();
  block.times.to = in.svarint();
  if (block.from > block.through) in.set_failed();
  return block;
}

}  // namespace

Bytes encode_manifest(const Manifest& manifest) {
  Bytes bytes;
  ByteWriter out(bytes);
  for (const char letter : kMagic) out.fixed(letter);
  out.fixed(kManifestVersion);
  out.fixed<std::uint32_t>(0);
  out.fixed<std::uint64_t>(0);  // bytes of the body, below
  out.varint(manifest.flushed.value());
  out.varint(manifest.next_file_id);
  out.varint(manifest.blocks.size());
  for (const BlockInfo& block : manifest.blocks) write_block(out, block);
  manifest.registry.encode(out);
  const std::uint64_t body_bytes = bytes.size() - kHeaderBytes;
  std::memcpy(bytes.data() + kHeaderBytes - sizeof body_bytes, &body_bytes, sizeof body_bytes);
  out.fixed(crc32c(bytes));
  return bytes;
}

Result<Manifest> decode_manifest(ByteSpan bytes) {
  if (bytes.size() < kHeaderBytes + kCrcBytes)
    return fail(ErrorCode::kCorruption, "the manifest is shorter than its header");
  ByteReader checksum(bytes.last(kCrcBytes));
  if (checksum.fixed<std::uint32_t>() != crc32c(bytes.first(bytes.size() - kCrcBytes)))
    return fail(ErrorCode::kCorruption, "the manifest fails its checksum");
  ByteReader header(bytes.first(kHeaderBytes));
  if (as_text(header.raw(kMagic.size())) != kMagic)
    return fail(ErrorCode::kCorruption, "this is no manifest");
  const auto version = header.fixed<std::uint32_t>();
  if (version > kManifestVersion)
    return fail(ErrorCode::kUnsupported,
                fmt::format("the data folder has format version {}, this program reads up to {}; "
                            "use the newer program that wrote it",
                            version, kManifestVersion));
  header.fixed<std::uint32_t>();
  const ByteSpan body = bytes.subspan(kHeaderBytes, bytes.size() - kHeaderBytes - kCrcBytes);
  if (header.fixed<std::uint64_t>() != body.size())
    return fail(ErrorCode::kCorruption, "the manifest is not as long as it says");

  ByteReader in(body);
  Manifest manifest;
  manifest.flushed = Position(in.varint());
  manifest.next_file_id = in.varint();
  const std::uint64_t blocks = in.varint_max(in.remaining());
  for (std::uint64_t i = 0; i < blocks && in.ok(); ++i) manifest.blocks.push_back(read_block(in));
  if (in.ok()) manifest.registry = Registry::decode(in, version);
  if (!in.at_end()) return fail(ErrorCode::kCorruption, "the manifest contradicts itself");
  return manifest;
}

Result<ManifestFile> load_manifest(io::Disk& disk, const char* path) {
  ManifestFile file;
  file.path = path;
  TUNDISH_TRY(file.exists, disk.exists(path));
  if (!file.exists) return file;
  TUNDISH_TRY(file.bytes, io::read_file(disk, path, kManifestBytesMax));
  auto manifest = decode_manifest(file.bytes);
  if (manifest) {
    file.manifest = std::move(*manifest);
  } else if (manifest.error().code == ErrorCode::kUnsupported) {
    manifest.error().where = path;
    return std::unexpected(std::move(manifest).error());
  } else {
    file.damage = manifest.error().message;
  }
  return file;
}

Status store_manifest(io::Disk& disk, ByteSpan bytes, ByteSpan previous) {
  if (!previous.empty())
    TUNDISH_RETURN_IF_ERROR(io::replace_file(disk, kPreviousManifestPath, previous));
  return io::replace_file(disk, kManifestPath, bytes);
}

}  // namespace tundish::historian
