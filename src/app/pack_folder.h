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

/// The files directly in `folder` that can belong to a pack (`.yaml`, `.yml`, `.csv`, `.svg`). Bounded: 100
/// files of at most kFileBytesMax + 1 bytes each, so that the reader can say that one is too large.
/// Errors: kNotFound, kIo, kTooLarge.
Result<pack::Files> read_pack_folder(const std::string& folder);

}  // namespace tundish::app
