#include "app/pack_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <tuple>

#include "app/server.h"
#include "base/nearest_word.h"
#include "simulate/plant_spec.h"

namespace tundish::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFilesMax = 100;
constexpr std::size_t kPacksMax = 100;

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

/// `simulation.yaml:4:9` of an error, as a mistake there.
pack::PackMistake mistake_of(const Error& error) {
  pack::PackMistake mistake{"simulation.yaml", 1, 1, error.message};
  const auto column = error.where.rfind(':');
  const auto line = column == std::string::npos || column == 0 ? std::string::npos
                                                               : error.where.rfind(':', column - 1);
  if (line == std::string::npos) return mistake;
  const auto number = [&](std::size_t from, std::size_t to, std::uint32_t& into) {
    std::from_chars(error.where.data() + from, error.where.data() + to, into);
  };
  mistake.file = error.where.substr(0, line);
  number(line + 1, column, mistake.line);
  number(column + 1, error.where.size(), mistake.column);
  return mistake;
}

struct PlacedName {
  std::string text;
  std::uint32_t line = 1, column = 1;
};

/// What pack.yaml says after `name:` at the start of a line; empty where it says nothing readable.
PlacedName pack_name_of(const pack::Files& files) {
  const auto file = files.find("pack.yaml");
  if (file == files.end()) return {};
  std::istringstream lines(file->second);
  std::uint32_t number = 1;
  for (std::string line; std::getline(lines, line); ++number) {
    if (!line.starts_with("name:")) continue;
    const auto begin = line.find_first_not_of(" \t", 5);
    if (begin == std::string::npos) return {};
    const auto end = line.find_first_of(" \t\r#", begin);
    return {line.substr(begin, end == std::string::npos ? end : end - begin), number,
            static_cast<std::uint32_t>(begin + 1)};
  }
  return {};
}

}  // namespace

std::vector<std::string> packs_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (auto entry = fs::directory_iterator(folder, error);
       !error && entry != fs::directory_iterator() && names.size() < kPacksMax;
       entry.increment(error)) {
    std::error_code ignored;
    if (fs::is_regular_file(entry->path() / "pack.yaml", ignored))
      names.push_back(entry->path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> shipped_packs() { return packs_in(find_beside_program("packs")); }

std::string stamp_of_packs(const std::string& folder) {
  std::string stamp;
  for (const std::string& name : packs_in(folder)) {
    std::error_code error;
    std::vector<std::string> files;
    for (auto entry = fs::directory_iterator(fs::path(folder) / name, error);
         !error && entry != fs::directory_iterator() && files.size() < kFilesMax;
         entry.increment(error)) {
      std::error_code ignored;
      files.push_back(fmt::format("{} {} {}", entry->path().filename().string(),
                                  entry->file_size(ignored),
                                  entry->last_write_time(ignored).time_since_epoch().count()));
    }
    std::ranges::sort(files);
    stamp += fmt::format("{}: {}\n", name, fmt::join(files, ", "));
  }
  return stamp;
}

Result<std::string> find_pack_folder(const std::string& name) {
  std::error_code error;
  const auto shipped = shipped_packs();
  if (std::ranges::find(shipped, name) != shipped.end())
    return find_beside_program("packs") + "/" + name;
  if (fs::is_directory(name, error)) return fs::weakly_canonical(name, error).string();
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

Result<std::vector<pack::PackMistake>> check_pack_folder(const std::string& folder) {
  TUNDISH_TRY(const auto files, read_pack_folder(folder));
  auto mistakes = pack::check_pack(files);
  if (const auto name = pack_name_of(files);
      !name.text.empty() && name.text != fs::path(folder).filename().string())
    mistakes.push_back(
        {"pack.yaml", name.line, name.column,
         fmt::format("the folder is called '{}' and the pack '{}': they have one name",
                     fs::path(folder).filename().string(), name.text)});
  if (const auto file = files.find("simulation.yaml"); file != files.end())
    if (const auto plant = simulate::parse_plant(file->second, "simulation.yaml", folder); !plant)
      if (auto mistake = mistake_of(plant.error());
          std::ranges::none_of(mistakes, [&](const auto& one) {
            return one.file == mistake.file && one.line == mistake.line && !one.is_warning;
          }))
        mistakes.push_back(std::move(mistake));
  std::ranges::stable_sort(mistakes, {}, [](const pack::PackMistake& one) {
    return std::tuple(one.file, one.line, one.column);
  });
  return mistakes;
}

Status install_pack(const pack::Files& files, const std::string& packs_folder,
                    const std::string& name) {
  const fs::path place = fs::path(packs_folder) / name;
  // Not seen as a pack while it is written: such a folder has no pack.yaml directly in it.
  const fs::path made = fs::path(packs_folder) / ".new" / name;
  std::error_code error;
  fs::remove_all(made, error);
  fs::create_directories(made, error);
  for (const auto& [file, text] : files) {
    std::ofstream out(made / file, std::ios::binary);
    out << text;
    if (!out.flush()) return fail(ErrorCode::kIo, "this file cannot be written", made / file);
  }
  fs::remove_all(place, error);
  if (!error) fs::rename(made, place, error);
  if (error) return fail(ErrorCode::kIo, error.message(), place.string());
  return {};
}

}  // namespace tundish::app
