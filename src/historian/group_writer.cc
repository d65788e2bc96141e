#include "historian/group_writer.h"

#include <algorithm>
#include <utility>

#include "historian/journal_format.h"
#include "historian/resolve.h"

namespace tundish::historian {
namespace {

StoredColumns slice_of(const StoredColumns& rows, std::size_t from, std::size_t to) {
  StoredColumns slice;
  slice.columns.type = rows.columns.type;
  append_rows(rows, from, to, slice);
  return slice;
}

}  // namespace

GroupWriter::GroupWriter(io::Disk& disk, std::function<std::uint64_t()> next_file_id, Position from,
                         Position through)
    : disk_(disk), next_file_id_(std::move(next_file_id)), from_(from), through_(through) {}

GroupWriter::~GroupWriter() = default;

Result<BlockWriter> GroupWriter::open() {
  const std::uint64_t file_id = next_file_id_();
  TUNDISH_TRY(BlockWriter writer, BlockWriter::create(disk_, block_path(file_id), file_id, from_,
                                                      through_, codec::Tier::kDense));
  made_.push_back(file_id);
  return writer;
}

Result<BlockWriter*> GroupWriter::writer_of(const BlockGroup& group) {
  if (const auto found = open_.find(group); found != open_.end()) return &found->second;
  if (open_.size() >= kOpenMax) {
    if (!rest_) {
      TUNDISH_TRY(rest_, open());
    }
    return &*rest_;
  }
  TUNDISH_TRY(BlockWriter writer, open());
  return &open_.emplace(group, std::move(writer)).first->second;
}

Status GroupWriter::enter(EnterpriseId enterprise) {
  if (enterprise == enterprise_) return {};
  enterprise_ = enterprise;
  return finish_open();
}

Status GroupWriter::add(TagId tag, KeepDays keep, const StoredColumns& rows) {
  TUNDISH_RETURN_IF_ERROR(enter(tag.enterprise));
  const auto& times = rows.columns.times;
  for (std::size_t from = 0; from < rows.size();) {
    const std::int64_t window = window_at(keep, times[from]);
    const auto end = std::upper_bound(times.begin() + static_cast<std::ptrdiff_t>(from),
                                      times.end(), window_end(keep, window));
    const auto to = static_cast<std::size_t>(end - times.begin());
    TUNDISH_TRY(BlockWriter* const writer, writer_of({tag.enterprise, keep, window}));
    if (from == 0 && to == rows.size()) return writer->add(tag, rows);
    TUNDISH_RETURN_IF_ERROR(writer->add(tag, slice_of(rows, from, to)));
    from = to;
  }
  return {};
}

Status GroupWriter::add_tombstones(TagId tag, std::span<const Tombstone> tombstones) {
  if (tombstones.empty()) return {};
  TUNDISH_RETURN_IF_ERROR(enter(tag.enterprise));
  TUNDISH_TRY(BlockWriter* const writer,
              writer_of({tag.enterprise, kKeptForEver, kTombstoneWindow}));
  return writer->add_tombstones(tombstones);
}

Status GroupWriter::finish_open() {
  const auto finish = [&](BlockWriter& writer) -> Status {
    TUNDISH_TRY(const BlockInfo info, writer.finish());
    finished_.push_back(info);
    return {};
  };
  for (auto& [group, writer] : open_) TUNDISH_RETURN_IF_ERROR(finish(writer));
  if (rest_) TUNDISH_RETURN_IF_ERROR(finish(*rest_));
  open_.clear();
  rest_.reset();
  return {};
}

Result<std::vector<BlockInfo>> GroupWriter::finish() {
  TUNDISH_RETURN_IF_ERROR(finish_open());
  TUNDISH_RETURN_IF_ERROR(disk_.sync_folder(std::string(kBlockFolder)));
  return finished_;
}

std::vector<std::uint64_t> GroupWriter::abandon() {
  open_.clear();
  rest_.reset();
  std::erase_if(
      made_, [&](std::uint64_t file_id) { return disk_.remove(block_path(file_id)).has_value(); });
  return std::exchange(made_, {});
}

}  // namespace tundish::historian
