#include "app/data_folder.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "model/data_files.h"

namespace tundish::app {

Status check_data_folder(const std::string& folder) {
  namespace fs = std::filesystem;
  const fs::path path(folder);
  std::error_code error;
  if (!fs::is_directory(path, error))
    return fail(ErrorCode::kNotFound, "there is no data folder " + folder, "--data");
  const auto has_file = [&](const char* name) { return fs::is_regular_file(path / name, error); };
  const auto has_folder = [&](const char* name) { return fs::is_directory(path / name, error); };
  constexpr std::array kFiles = {files::kManifest, files::kPreviousManifest, files::kMetadata};
  if (std::ranges::any_of(kFiles, has_file) || (has_folder("journal") && has_folder("blocks")))
    return {};
  if (error == std::errc::permission_denied)
    return fail(ErrorCode::kPermissionDenied, "the folder " + folder + " belongs to somebody else",
                "--data");
  return fail(ErrorCode::kNotFound,
              "no data folder of Tundish here: " + folder +
                  " has neither manifest nor meta.db; is the path right?",
              "--data");
}

}  // namespace tundish::app
