#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/ports/asset_store.h"

namespace tundish::asset {

// The model as text that people edit: docs/formats/model.md. Pure. Paths in it are below the enterprise,
// sites are codes, and an id is written with its enterprise (`steel-01:17`), so that one from elsewhere
// is not taken for one of ours.

/// One asset of a text.
struct TextAsset {
  std::uint64_t id = 0;  ///< 0: none was given, or it is another enterprise's
  std::string path;      ///< below the enterprise
  Words words;
  std::string template_name;
  std::uint32_t template_version = 0;
  std::string site;  ///< code; empty: none of its own
  Overrides overrides;
  std::size_t line = 0, column = 1;  ///< where it stands, from 1; 0: nowhere
};

/// Where a template or something of it stands: `template tank`, `template tank attribute volume`.
struct TextPlace {
  std::string what;
  std::size_t line = 0, column = 1;  ///< from 1
};

struct ModelText {
  std::vector<TemplateDefinition> templates;  ///< of YAML only
  std::vector<TextAsset> assets;
  std::vector<TextPlace> template_places;
};

inline constexpr std::size_t kModelTextBytesMax = 32 << 20;

/// Errors of both readers: kInvalidArgument, kTooLarge; the message begins with line and column.
Result<ModelText> read_model_yaml(std::string_view text, std::string_view enterprise);
Result<ModelText> read_model_csv(std::string_view text, std::string_view enterprise);

std::string write_model_yaml(const ModelText& model, std::string_view enterprise);
/// Assets only.
std::string write_model_csv(const ModelText& model, std::string_view enterprise);

/// `steel-01:17`. `is_ours` says whether it is of `enterprise`; the id of another is 0.
Result<std::uint64_t> read_asset_id(std::string_view text, std::string_view enterprise,
                                    bool& is_ours);
Result<std::uint32_t> read_template_version(std::string_view text);

}  // namespace tundish::asset
