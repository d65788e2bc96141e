#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "wire/samples/samples.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto body = tundish::wire::decode_samples_csv({reinterpret_cast<const char*>(data), size});
  if (!body) return 0;
  const auto& batch = body->batch;
  if (body->places.size() != batch.rows.size() || batch.path_index.size() != batch.rows.size())
    std::abort();
  for (std::size_t row = 0; row < batch.rows.size(); ++row)
    if (batch.path_index[row] >= batch.paths.size() ||
        batch.rows.at(row).time != batch.rows.times[row])
      std::abort();
  return 0;
}
