#include "backup/backup_manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "io/disk.h"

namespace tundish::backup {
namespace {

constexpr std::string_view kTitle = "tundish backup ";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kProgramBytesMax = 100;
constexpr std::size_t kPathBytesMax = 4096;

bool is_plain(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return false;
  return !text.empty();
}

template <class T>
std::optional<T> number(std::string_view text, int base = 10) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Takes words and lines off the front of a text.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}
  std::optional<std::string_view> until(char end) {
    const auto at = rest_.find(end);
    if (at == std::string_view::npos) return std::nullopt;
    const auto part = rest_.substr(0, at);
    rest_.remove_prefix(at + 1);
    return part;
  }
  bool skip(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

 private:
  std::string_view rest_;
};

std::optional<BackupFile> read_file_line(std::string_view line) {
  Reader in(line);
  BackupFile file;
  const auto crc = in.until(' ');
  const auto bytes = in.until(' ');
  const auto changed = in.until(' ');
  const auto stored = in.until(' ');
  if (!crc || crc->size() != 8 || !bytes || !changed || !stored) return std::nullopt;
  const auto crc_value = number<std::uint32_t>(*crc, 16);
  const auto bytes_value = number<std::uint64_t>(*bytes);
  const auto changed_value = number<std::int64_t>(*changed);
  if (!crc_value || !bytes_value || !changed_value) return std::nullopt;
  file.crc = *crc_value;
  file.bytes = *bytes_value;
  file.changed = *changed_value;
  file.stored = *stored;
  file.path =
      line.substr(static_cast<std::size_t>(stored->data() + stored->size() + 1 - line.data()));
  // Both are used as paths: neither may lead out of its folder.
  if (file.path.size() > kPathBytesMax || !is_plain(file.path) || !io::check_disk_path(file.path) ||
      !is_plain(file.stored) || file.stored.find('/') != std::string::npos ||
      !io::check_disk_path(file.stored))
    return std::nullopt;
  return file;
}

std::unexpected<Error> damaged(const char* what) {
  return fail(ErrorCode::kCorruption, std::string("the backup's manifest ") + what);
}

}  // namespace

std::string encode_backup_manifest(const BackupManifest& manifest) {
  std::string text = fmt::format("{}{}\ntaken {}\nposition {}\nprogram {}\n", kTitle, kVersion,
                                 manifest.taken, manifest.position.value(), manifest.program);
  for (const BackupFile& file : manifest.files)
    text += fmt::format("file {:08x} {} {} {} {}\n", file.crc, file.bytes, file.changed,
                        file.stored, file.path);
  text += fmt::format("end {} ", manifest.files.size());
  return text + fmt::format("{:08x}\n", crc32c(as_byte_span(text)));
}

Result<BackupManifest> parse_backup_manifest(std::string_view text) {
  if (text.size() > kBackupManifestBytesMax) return damaged("is larger than any that is written");
  Reader in(text);
  if (!in.skip(kTitle)) return damaged("does not begin as one");
  const auto version_text = in.until('\n');
  const auto version = version_text ? number<std::uint32_t>(*version_text) : std::nullopt;
  // The checksum is the last word of every version, so damage is not taken for a later one.
  constexpr std::size_t kEndBytes = 9;
  if (text.size() < kEndBytes || text.back() != '\n') return damaged("is cut off");
  const auto crc = number<std::uint32_t>(text.substr(text.size() - kEndBytes, 8), 16);
  if (!crc || *crc != crc32c(as_byte_span(text.substr(0, text.size() - kEndBytes))))
    return damaged("fails its checksum");
  if (!version || *version == 0) return damaged("has no version");
  if (*version > kVersion)
    return fail(ErrorCode::kUnsupported,
                fmt::format("this backup has format version {}, this program reads up to {}; use "
                            "the newer program that made it",
                            *version, kVersion));

  const auto field = [&](std::string_view name) -> std::optional<std::string_view> {
    return in.skip(name) ? in.until('\n') : std::nullopt;
  };
  BackupManifest manifest;
  const auto taken = field("taken ");
  const auto position = field("position ");
  const auto program = field("program ");
  const auto taken_value = taken ? number<TimeNs>(*taken) : std::nullopt;
  const auto position_value = position ? number<std::uint64_t>(*position) : std::nullopt;
  if (!taken_value || !position_value || !program || program->size() > kProgramBytesMax)
    return damaged("contradicts itself");
  manifest.taken = *taken_value;
  manifest.position = Position(*position_value);
  manifest.program = *program;
  while (in.skip("file ")) {
    const auto line = in.until('\n');
    auto file = line ? read_file_line(*line) : std::nullopt;
    if (!file || manifest.files.size() == kBackupFilesMax) return damaged("contradicts itself");
    manifest.files.push_back(std::move(*file));
  }
  if (encode_backup_manifest(manifest) != text) return damaged("contradicts itself");
  return manifest;
}

Status sum_up(io::File& file, BackupFile& entry) {
  constexpr std::uint64_t kPieceBytes = 1 << 20;
  TUNDISH_TRY(entry.bytes, file.size());
  entry.crc = 0;
  Bytes piece;
  for (std::uint64_t at = 0; at < entry.bytes; at += piece.size()) {
    piece.resize(std::min(kPieceBytes, entry.bytes - at));
    TUNDISH_RETURN_IF_ERROR(file.read_at(at, piece));
    entry.crc = crc32c(piece, entry.crc);
  }
  return {};
}

}  // namespace tundish::backup
