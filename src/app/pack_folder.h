#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "pack/pack.h"

namespace tundish::app {

/// The folder of a pack: a folder by path, or the name of one of those that came with the program.
/// Errors: kNotFound, with the names there are.
Result<std::string> find_pack_folder(const std::string& name);

/// Names of the packs that came with the program, sorted; one is a folder with a `pack.yaml`.
std::vector<std::string> shipped_packs();

/// Names of the folders in `folder` that have a `pack.yaml`, sorted, at most 100. None when it is not there.
std::vector<std::string> packs_in(const std::string& folder);

/// Another text whenever a file of a pack in `folder` is put there, taken away or written to.
std::string stamp_of_packs(const std::string& folder);

/// Every mistake of the pack in `folder`: those of pack::check_pack, those of its simulation, and a folder
/// that is not called as the pack is. Errors: as read_pack_folder.
Result<std::vector<pack::PackMistake>> check_pack_folder(const std::string& folder);

/// Puts the files of a pack into `packs_folder`/`name`, whole or not at all; what was there goes.
/// Errors: kIo.
Status install_pack(const pack::Files& files, const std::string& packs_folder,
                    const std::string& name);

/// The files directly in `folder` that can belong to a pack (`.yaml`, `.yml`, `.csv`, `.svg`). Bounded: 100
/// files of at most kFileBytesMax + 1 bytes each, so that the reader can say that one is too large.
/// Errors: kNotFound, kIo, kTooLarge.
Result<pack::Files> read_pack_folder(const std::string& folder);

}  // namespace tundish::app
