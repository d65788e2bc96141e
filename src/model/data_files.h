#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

// Every kind of file that this program writes into a data folder or a folder of backups. Writers take their names from
// here. tests/sim/damage.cc has a specimen of each kind and does not compile while one is missing; it also walks a
// folder in use and knows every file in it.

namespace tundish {

enum class FileKind : std::uint8_t {
  kManifest,        ///< docs/formats/manifest.md
  kJournalSegment,  ///< docs/formats/journal.md
  kBlock,           ///< docs/formats/block.md
  kQuarantined,     ///< copies of damaged bytes, for people
  kMetadata,        ///< docs/formats/metadata.md
  kMetadataLog,     ///< SQLite's, while meta.db is open or after a kill
  kSums,            ///< checksums of what has none of its own, while nobody has the folder open
  kLedger,          ///< docs/formats/ledger.md
  kIdentity,        ///< certificate and key of OPC UA
  kPack,            ///< texts of people: docs/formats/pack.md
  kDemo,            ///< what the demo remembers of its plants
  kLock,
  kControlSocket,
  kBackupMarker,  ///< from here on in a folder of backups: docs/formats/backup.md
  kBackupManifest,
  kBackupCopy,
};

namespace files {
inline constexpr char kManifest[] = "manifest";
inline constexpr char kPreviousManifest[] = "manifest.prev";
inline constexpr char kJournalFolder[] = "journal";
inline constexpr char kSegmentSuffix[] = ".jnl";
inline constexpr char kBlockFolder[] = "blocks";
inline constexpr char kBlockSuffix[] = ".blk";
inline constexpr char kQuarantineFolder[] = "quarantine";
inline constexpr char kMetadata[] = "meta.db";
inline constexpr char kSums[] = "sums";
inline constexpr char kLedger[] = "ledger";
inline constexpr char kIdentityFolder[] = "pki/own";
inline constexpr char kPackFolder[] = "packs";
inline constexpr char kDemoFolder[] = "demo";
inline constexpr char kLock[] = "lock";
inline constexpr char kControlSocket[] = "control.sock";
inline constexpr char kBackupMarker[] = "tundish-backup";
inline constexpr char kBackupManifestFolder[] = "backups";
inline constexpr char kBackupCopyFolder[] = "files";
/// What is being written gets its name when it is whole; what still has this one is removed.
inline constexpr char kUnfinishedSuffix[] = ".new";
}  // namespace files

/// Names of one kind: `name` and what begins with it, or below `folder` what ends with `suffix`.
struct FileKindNames {
  FileKind kind;
  std::string_view name;
  std::string_view folder = {};
  std::string_view suffix = {};
};

inline constexpr std::array kFileKindNames = {
    FileKindNames{FileKind::kManifest, files::kManifest},
    FileKindNames{FileKind::kJournalSegment, {}, files::kJournalFolder, files::kSegmentSuffix},
    FileKindNames{FileKind::kBlock, {}, files::kBlockFolder, files::kBlockSuffix},
    FileKindNames{FileKind::kQuarantined, {}, files::kQuarantineFolder},
    FileKindNames{FileKind::kMetadata, files::kMetadata},
    FileKindNames{FileKind::kMetadataLog, "meta.db-"},
    FileKindNames{FileKind::kSums, files::kSums},
    FileKindNames{FileKind::kLedger, files::kLedger},
    FileKindNames{FileKind::kIdentity, {}, files::kIdentityFolder, ".der"},
    FileKindNames{FileKind::kPack, {}, files::kPackFolder},
    FileKindNames{FileKind::kDemo, {}, files::kDemoFolder},
    FileKindNames{FileKind::kLock, files::kLock},
    FileKindNames{FileKind::kControlSocket, files::kControlSocket},
    FileKindNames{FileKind::kBackupMarker, files::kBackupMarker},
    FileKindNames{FileKind::kBackupManifest, {}, files::kBackupManifestFolder},
    FileKindNames{FileKind::kBackupCopy, {}, files::kBackupCopyFolder},
};

constexpr bool file_kinds_are_in_order() {
  for (std::size_t i = 0; i < kFileKindNames.size(); ++i)
    if (kFileKindNames[i].kind != static_cast<FileKind>(i)) return false;
  return true;
}
static_assert(file_kinds_are_in_order(), "one line a kind, in the order of the enumeration");

/// The kind of a file at `path` below the folder; nothing for what is none of ours. `manifest.prev`, `ledger.damaged-...`
/// and unfinished files count as what they are named after.
constexpr std::optional<FileKind> kind_of_file(std::string_view path) {
  if (path.ends_with(files::kUnfinishedSuffix))
    path.remove_suffix(sizeof files::kUnfinishedSuffix - 1);
  for (const FileKindNames& one : kFileKindNames) {
    const bool is_named =
        !one.name.empty() && path.starts_with(one.name) &&
        (path.size() == one.name.size() || path[one.name.size()] == '.' || one.name.back() == '-');
    const bool is_below = !one.folder.empty() && path.size() > one.folder.size() &&
                          path.starts_with(one.folder) && path[one.folder.size()] == '/' &&
                          path.ends_with(one.suffix);
    if (is_named || is_below) return one.kind;
  }
  return std::nullopt;
}

static_assert(kind_of_file("manifest.prev") == FileKind::kManifest);
static_assert(kind_of_file("journal/00000000000000a7.jnl.new") == FileKind::kJournalSegment);
static_assert(kind_of_file("ledger.damaged-17") == FileKind::kLedger);
static_assert(kind_of_file("meta.db-wal") == FileKind::kMetadataLog);
static_assert(!kind_of_file("manifesto") && !kind_of_file("blocks/notes.txt"));

}  // namespace tundish
