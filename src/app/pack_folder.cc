#include "app/pack_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "app/server.h"
#include "base/nearest_word.h"

namespace tundish::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFilesMax = 100;

bool may_belong(const fs::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".yaml" || extension == ".yml" || extension == ".csv" || extension == ".svg";
}

Result<std::string> read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text(pack::kFileBytesMax + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in.eof() && in.fail())
    return fail(ErrorCode::kIo, "this file cannot be read", path.string());
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

}  // namespace

std::vector<std::string> shipped_packs() {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(find_beside_program("packs"), error))
    if (fs::is_regular_file(entry.path() / "pack.yaml", error))
      names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

Result<std::string> find_pack_folder(const std::string& name) {
  std::error_code error;
  const auto shipped = shipped_packs();
  if (std::ranges::find(shipped, name) != shipped.end())
    return find_beside_program("packs") + "/" + name;
  if (fs::is_directory(name, error)) return name;
  const std::string nearest = nearest_word(name, shipped);
  return fail(ErrorCode::kNotFound,
              fmt::format("there is no pack and no folder '{}'; there are {}{}", name,
                          fmt::join(shipped, ", "),
                          nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest)));
}

Result<pack::Files> read_pack_folder(const std::string& folder) {
  pack::Files files;
  std::error_code error;
  if (!fs::is_directory(folder, error))
    return fail(ErrorCode::kNotFound, "there is no such folder", folder);
  for (auto entry = fs::directory_iterator(folder, error);
       !error && entry != fs::directory_iterator(); entry.increment(error)) {
    std::error_code ignored;
    if (!entry->is_regular_file(ignored) || !may_belong(entry->path())) continue;
    if (files.size() >= kFilesMax)
      return fail(ErrorCode::kTooLarge, fmt::format("more than {} files", kFilesMax), folder);
    TUNDISH_TRY(auto text, read_file(entry->path()));
    files.emplace(entry->path().filename().string(), std::move(text));
  }
  if (error) return fail(ErrorCode::kIo, error.message(), folder);
  return files;
}

}  // namespace tundish::app
