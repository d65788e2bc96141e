#include "historian/chunk_sums.h"

#include "aggregate/good_rows.h"
#include "base/check.h"

namespace tundish::historian {

ChunkSums chunk_sums(const Columns& columns, std::size_t from, std::size_t count) {
  const std::size_t to = from + count;
  const aggregate::GoodRows rows(columns, from, to);
  TUNDISH_CHECK(rows.to() == to);
  ChunkSums sums;
  rows.add_values(from, to, sums.sum);
  rows.add_steps(from, to, 1, sums.step_integral);
  rows.add_lines_twice(from, to, sums.slope_integral_twice);
  return sums;
}

}  // namespace tundish::historian
