#include <cstddef>
#include <cstdint>
#include <string_view>

#include "asset/model_text.h"
#include "base/check.h"

// Input: a model as YAML, or after a first byte 'c' as CSV. What is read is written in a way that reads as the
// same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tundish::asset;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const bool is_csv = text.starts_with('c');
  const auto model =
      is_csv ? read_model_csv(text.substr(1), "works-01") : read_model_yaml(text, "works-01");
  if (!model) {
    TUNDISH_CHECK(!model.error().message.empty());
    return 0;
  }
  const auto written =
      is_csv ? write_model_csv(*model, "works-01") : write_model_yaml(*model, "works-01");
  const auto again =
      is_csv ? read_model_csv(written, "works-01") : read_model_yaml(written, "works-01");
  TUNDISH_CHECK(again.has_value());
  TUNDISH_CHECK(again->assets.size() == model->assets.size());
  for (std::size_t i = 0; i < model->assets.size(); ++i)
    TUNDISH_CHECK(again->assets[i].path == model->assets[i].path);
  if (!is_csv) TUNDISH_CHECK(again->templates == model->templates);
  return 0;
}
