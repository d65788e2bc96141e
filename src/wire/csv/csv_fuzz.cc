#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "wire/csv/csv.h"

// Input: CSV. What is read is written in a way that reads as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto records =
      tundish::wire::read_csv(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!records) return 0;
  std::string text;
  for (const auto& record : *records) {
    std::vector<std::string> fields;
    for (const auto& field : record) fields.push_back(field.text);
    tundish::wire::append_csv_record(text, fields);
  }
  const auto again = tundish::wire::read_csv(text);
  TUNDISH_CHECK(again.has_value() && again->size() == records->size());
  for (std::size_t i = 0; i < records->size(); ++i) {
    TUNDISH_CHECK((*again)[i].size() == (*records)[i].size());
    for (std::size_t k = 0; k < (*records)[i].size(); ++k)
      TUNDISH_CHECK((*again)[i][k].text == (*records)[i][k].text);
  }
  return 0;
}
