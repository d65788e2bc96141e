#include "serve/live_changes.h"

#include <algorithm>
#include <deque>

#include "base/log.h"
#include "serve/sample_json.h"
#include "wire/json/json_writer.h"

namespace tundish::serve {
namespace {

constexpr std::size_t kMessageBytes = 1 << 20;

void append(std::string& list, std::string_view element) {
  if (!list.empty()) list += ',';
  list += element;
}

}  // namespace

Result<std::unique_ptr<LiveChanges>> LiveChanges::read(ChangeFeed& feed, SampleReader& reader,
                                                       const TagCatalogue& tags, Position after) {
  std::unique_ptr<LiveChanges> changes(new LiveChanges);
  TUNDISH_TRY(changes->page_, feed.changes_after(after));
  // After the page, so that what the page names is in it.
  TUNDISH_TRY(changes->snapshot_, reader.snapshot());
  const auto& all = changes->page_.changes;
  for (std::size_t first = 0, last = 0; first < all.size(); first = last) {
    while (last < all.size() && all[last].tag == all[first].tag) ++last;
    if (TagPtr tag = tags.get(all[first].tag))
      changes->entries_.push_back(
          {.tag = std::move(tag), .ranges = std::span(all).subspan(first, last - first)});
  }
  return changes;
}

std::span<LiveChanges::Entry> LiveChanges::of(EnterpriseId enterprise) {
  const auto its = std::ranges::equal_range(
      entries_, enterprise, {}, [](const Entry& entry) { return entry.tag->id.enterprise; });
  return {its.begin(), its.end()};
}

void LiveChanges::read_range(const Change& range, std::chrono::steady_clock::time_point until,
                             std::vector<Sample>& newest_first, Entry& entry) {
  const std::size_t room = kSamplesMax - newest_first.size();
  std::deque<Sample> newest;
  std::size_t rows = 0;
  bool whole = std::chrono::steady_clock::now() < until && room > 0;
  if (whole) {
    const TimeNs end = range.to == kTimeMax ? kTimeMax : range.to + 1;
    const auto scanned =
        snapshot_->scan(entry.tag->id, {range.from, end}, [&](const Columns& piece) {
          rows += piece.size();
          whole = rows <= kRowsMax && std::chrono::steady_clock::now() < until;
          if (!whole) return false;
          for (std::size_t i = 0; i < piece.size(); ++i) {
            newest.push_back(piece.at(i));
            if (newest.size() > room) newest.pop_front();
          }
          return true;
        });
    if (!scanned) {
      log_warning("serve", "live: {}", scanned.error().to_string());
      whole = false;
    }
  }
  if (!whole) {
    // Too much to read for everybody: the newest tells where things stand, the rest is a query.
    newest.clear();
    if (room > 0)
      if (const auto last = snapshot_->at_or_before(entry.tag->id, range.to);
          last && *last && (*last)->time >= range.from)
        newest.push_back(**last);
  }
  entry.skipped = entry.skipped || !whole || rows > newest.size();
  newest_first.insert(newest_first.end(), std::make_move_iterator(newest.rbegin()),
                      std::make_move_iterator(newest.rend()));
}

void LiveChanges::read_samples(Entry& entry, std::chrono::steady_clock::time_point until) {
  if (entry.is_read) return;
  entry.is_read = true;
  std::vector<Sample> newest_first;
  for (auto range = entry.ranges.rbegin(); range != entry.ranges.rend(); ++range)
    read_range(*range, until, newest_first, entry);
  for (auto sample = newest_first.rbegin(); sample != newest_first.rend(); ++sample) {
    if (!entry.samples.empty()) entry.samples += ',';
    entry.newest_at = entry.samples.size();
    append_live_sample(entry.samples, *entry.tag, *sample);
  }
}

void append_live_sample(std::string& out, const TagInfo& tag, const Sample& sample) {
  wire::JsonWriter json(out);
  json.begin_object().member("id", tag.id.number);
  write_sample_members(json, sample, tag.type);
  json.end_object();
}

void LiveMessages::add(const TagInfo* tag, TagId id, std::string_view samples, bool skipped) {
  if (tag != nullptr) {
    std::string members;
    wire::JsonWriter json(members);
    json.begin_object();
    write_tag_members(json, *tag);
    json.end_object();
    append(tags_, members);
  }
  if (!samples.empty()) append(samples_, samples);
  if (skipped) append(skipped_, std::to_string(id.number));
  if (tags_.size() + samples_.size() + skipped_.size() >= kMessageBytes) flush();
}

void LiveMessages::flush() {
  if (tags_.empty() && samples_.empty() && skipped_.empty()) return;
  std::string text;
  text.reserve(tags_.size() + samples_.size() + skipped_.size() + 128);
  wire::JsonWriter json(text);
  json.begin_object().member("id", id_).key("changes").begin_object();
  json.member("position", std::to_string(through_.value()));
  const auto list = [&](std::string_view name, std::string& elements) {
    json.key(name).begin_array();
    if (!elements.empty()) json.raw(elements);
    json.end_array();
    elements.clear();
  };
  if (!tags_.empty()) list("tags", tags_);
  list("samples", samples_);
  if (!skipped_.empty()) list("skipped", skipped_);
  json.end_object().end_object();
  bytes_ += text.size();
  socket_.send(std::move(text));
}

}  // namespace tundish::serve
