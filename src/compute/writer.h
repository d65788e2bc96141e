#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "model/ids.h"
#include "model/ports/sample_sink.h"
#include "model/sample.h"
#include "model/sample_batch.h"

namespace tundish::compute {

/// Results of one enterprise on their way to the historian, numbered as one stream. What is written again
/// wins over what was written before. One thread.
class Writer {
 public:
  Writer(SampleSink& sink, EnterpriseId enterprise) : sink_(sink), enterprise_(enterprise) {}

  void put(TagId tag, const Sample& sample);
  /// Takes back what was written at a time at which there is no result any more.
  void remove(TagId tag, TimeNs time);
  bool empty() const { return batch_.size() == 0 && removed_.empty(); }

  /// Writes all that was put; with `commit` in the last batch, which is left out when there is nothing.
  /// Errors: those of SampleSink; then some may have been written, and all has to be put again.
  Status flush(const std::optional<FeedCommit>& commit = {});

  /// Where the last flush was written.
  Position position() const { return position_; }
  std::uint64_t rows_written() const { return rows_written_; }

 private:
  Status open();

  SampleSink& sink_;
  const EnterpriseId enterprise_;
  std::optional<StreamState> stream_;
  SampleBatch batch_;
  std::vector<SampleBatch> full_;
  std::vector<std::pair<TagId, TimeNs>> removed_;
  Position position_;
  std::uint64_t rows_written_ = 0;
};

}  // namespace tundish::compute
