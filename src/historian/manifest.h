#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "historian/block_format.h"
#include "historian/registry.h"
#include "io/disk.h"
#include "model/data_files.h"
#include "model/ids.h"

namespace tundish::historian {

/// What the data folder consists of, as of one position. Bytes: docs/formats/manifest.md.
struct Manifest {
  Position flushed;  ///< blocks hold everything through here; the journal is replayed after it
  std::uint64_t next_file_id = 1;  ///< files of this id and later came after this manifest
  std::vector<BlockInfo> blocks;   ///< ascending by position
  Registry registry;
};

inline constexpr std::uint32_t kManifestVersion = 3;
inline constexpr const char* kManifestPath = files::kManifest;
inline constexpr const char* kPreviousManifestPath = files::kPreviousManifest;
inline constexpr std::uint64_t kManifestBytesMax = std::uint64_t{1} << 32;

Bytes encode_manifest(const Manifest& manifest);
/// Errors: kCorruption, kUnsupported for a later version.
Result<Manifest> decode_manifest(ByteSpan bytes);

/// One manifest file as found.
struct ManifestFile {
  std::string path;
  bool exists = false;
  std::optional<Manifest> manifest;  ///< nothing when missing or damaged
  Bytes bytes;
  std::string damage;  ///< why it is not to be used, when it exists
};

/// Errors: kIo, kUnsupported. Damage is in the result.
Result<ManifestFile> load_manifest(io::Disk& disk, const char* path);

/// `previous` (the bytes of the manifest now in force, empty for the first) becomes manifest.prev,
/// then `bytes` becomes manifest. At every moment a whole manifest is in place, and durable on
/// return. After an error it is unknown which of the two is in force.
Status store_manifest(io::Disk& disk, ByteSpan bytes, ByteSpan previous);

}  // namespace tundish::historian
