#include "simulate/recording.h"

#include <fmt/format.h>
#include <zlib.h>

#include <charconv>
#include <filesystem>
#include <limits>
#include <string_view>

namespace tundish::simulate {
namespace {

constexpr std::size_t kBytesMax = 64u << 20;
constexpr std::size_t kCellsMax = 8'000'000;

Result<std::string> read_all(const std::string& path) {
  std::error_code error;  // opening a pipe would wait for its writer
  if (!std::filesystem::is_regular_file(path, error))
    return fail(ErrorCode::kNotFound, "there is no such recording", path);
  // zlib reads files that are not gzipped as they are.
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) return fail(ErrorCode::kNotFound, "the recording cannot be opened", path);
  std::string text;
  std::vector<char> piece(1 << 18);
  int got = 0;
  while ((got = gzread(file, piece.data(), static_cast<unsigned>(piece.size()))) > 0) {
    text.append(piece.data(), static_cast<std::size_t>(got));
    if (text.size() > kBytesMax) break;
  }
  // A file that ends in the middle of its stream is told by the close only.
  if (const int closed = gzclose_r(file); got < 0 || (got == 0 && closed != Z_OK))
    return fail(ErrorCode::kCorruption, "the recording is damaged", path);
  if (text.size() > kBytesMax)
    return fail(ErrorCode::kTooLarge, "the recording is larger than 64 MiB", path);
  return text;
}

std::vector<std::string_view> split(std::string_view line, bool by_comma) {
  std::vector<std::string_view> cells;
  if (by_comma) {
    while (true) {
      const auto comma = line.find(',');
      cells.push_back(line.substr(0, comma));
      if (comma == std::string_view::npos) return cells;
      line.remove_prefix(comma + 1);
    }
  }
  while (true) {
    const auto start = line.find_first_not_of(" \t");
    if (start == std::string_view::npos) return cells;
    line.remove_prefix(start);
    const auto end = line.find_first_of(" \t");
    cells.push_back(line.substr(0, end));
    if (end == std::string_view::npos) return cells;
    line.remove_prefix(end);
  }
}

double number_of(std::string_view cell) {
  while (!cell.empty() && cell.front() == ' ') cell.remove_prefix(1);
  while (!cell.empty() && cell.back() == ' ') cell.remove_suffix(1);
  if (!cell.empty() && cell.front() == '+') cell.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc() || end != cell.data() + cell.size())
    return std::numeric_limits<double>::quiet_NaN();
  return value;
}

bool has_letter(std::string_view line) {
  for (const char c : line)
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
      if (c != 'e' && c != 'E') return true;
  return false;
}

Recording transpose(const Recording& from) {
  Recording to;
  to.file = from.file;
  const std::size_t rows = from.rows();
  for (std::size_t row = 0; row < rows; ++row) to.columns.push_back(std::to_string(row + 1));
  to.cells.reserve(from.cells.size());
  for (std::size_t column = 0; column < from.columns.size(); ++column)
    for (std::size_t row = 0; row < rows; ++row) to.cells.push_back(from.at(row, column));
  return to;
}

}  // namespace

Result<Recording> read_recording(const std::string& path, bool transposed) {
  TUNDISH_TRY(const auto text, read_all(path));
  Recording recording;
  recording.file = path;
  std::string_view rest = text;
  bool by_comma = false;
  for (std::size_t line_number = 1; !rest.empty(); ++line_number) {
    const auto end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    if (recording.columns.empty()) {
      by_comma = line.find(',') != std::string_view::npos;
      const auto names = split(line, by_comma);
      const bool header = by_comma && has_letter(line);
      for (std::size_t i = 0; i < names.size(); ++i)
        recording.columns.push_back(header ? std::string(names[i]) : std::to_string(i + 1));
      if (header) continue;
    }
    const auto cells = split(line, by_comma);
    if (cells.size() != recording.columns.size())
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("line {} has {} cells, the first has {}", line_number, cells.size(),
                              recording.columns.size()),
                  path);
    if (recording.cells.size() + cells.size() > kCellsMax)
      return fail(ErrorCode::kTooLarge, "the recording has more than 8,000,000 numbers", path);
    for (const auto cell : cells) recording.cells.push_back(number_of(cell));
  }
  if (recording.rows() == 0)
    return fail(ErrorCode::kInvalidArgument, "the recording has no rows", path);
  return transposed ? transpose(recording) : recording;
}

}  // namespace tundish::simulate
