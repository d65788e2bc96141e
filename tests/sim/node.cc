#include "sim/node.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/crc32c.h"

namespace tundish::sim {
namespace {

constexpr TimeNs kStart = 1'700'000'000 * kSecond;
constexpr TimeRange kAllTimes{};
const std::vector<std::string> kConsumers = {"compute", "alarm"};

}  // namespace

Node::Node(std::uint64_t seed, io::SimulatedDiskOptions disk_options, Tolerance tolerance)
    : random_(seed),
      clock_(kStart),
      disk_(random_.next(), (disk_options.clock = &clock_, disk_options)),
      tolerance_(tolerance),
      workload_(random_, kStart) {}

Node::~Node() { kill(); }

historian::Options Node::random_options() {
  historian::Options options;
  options.segment_bytes = 4096u << random_.below(5);
  options.head_bytes_max = 4096u << random_.below(8);
  options.journal_bytes_max = 8192u << random_.below(6);
  options.flush_age = static_cast<DurationNs>(1 + random_.below(600)) * kSecond;
  options.shards = 1 + random_.below(4);
  options.blocks_before_compaction = 2 + random_.below(4);
  options.queue_capacity = 1 + random_.below(16);
  options.threads = false;
  options.on_fatal = [this](std::string_view) { fatal_ = true; };
  return options;
}

Status Node::boot() {
  fatal_ = false;
  auto opened = historian::Historian::open(disk_, clock_, random_options());
  if (!opened) return fail(opened.error());
  historian_ = std::move(*opened);
  return {};
}

void Node::kill() {
  held_.clear();
  historian_.reset();
}

void Node::stop() {
  held_.clear();
  if (historian_) historian_->stop();
  historian_.reset();
}

std::uint32_t Node::digest() const { return disk_.digest() ^ answers_; }

void Node::dump() const {
  const char* const folder = std::getenv("SIM_DUMP");
  if (folder == nullptr) return;
  for (const auto& path : disk_.files()) {
    const auto target = std::filesystem::path(folder) / path;
    std::filesystem::create_directories(target.parent_path());
    const Bytes content = disk_.content(path);
    std::ofstream(target, std::ios::binary) << as_text(content);
  }
}

void Node::note(std::uint64_t answer) {
  answers_ = crc32c(std::as_bytes(std::span(&answer, 1)), answers_);
}

std::string Node::step() {
  clock_.advance(static_cast<DurationNs>(random_.below(2 * kSecond)));
  const std::uint64_t dice = random_.below(100);
  if (dice < 72) return perform(next_operation());
  if (dice < 80) {
    const auto status = historian_->maintain();
    return status ? "" : tolerate("maintain", status.error());
  }
  if (dice < 84) {
    const auto status = historian_->flush();
    return status ? "" : tolerate("flush", status.error());
  }
  if (dice < 87) {
    const auto merged = historian_->compact();
    return merged ? "" : tolerate("compact", merged.error());
  }
  if (dice < 95) return check_query();
  if (dice < 97) return hold_snapshot();
  if (dice < 98) return check_files();
  if (dice < 99) return check_feed();
  // NTP or an operator sets the wall clock.
  clock_.set_wall(kStart + static_cast<TimeNs>(random_.below(kDay)));
  return {};
}

// --- operations -------------------------------------------------------------------------------------

std::string Node::perform(const Operation& operation) {
  return std::visit([this](const auto& one) { return call(one); }, operation);
}

std::string Node::call(const Append& operation) {
  // A repeat from before a retype is no longer of the tag's type.
  bool of_type = true;
  bool is_kept = true;
  for (std::size_t row = 0; row < operation.batch.size(); ++row) {
    const TagId tag{operation.batch.enterprise, operation.batch.tags[row]};
    of_type = of_type && oracle_.type_of(tag) == operation.batch.rows.types[row];
    is_kept = is_kept && operation.batch.rows.times[row] >= oracle_.kept_from(tag);
  }
  const auto answer = historian_->append(operation.batch, operation.commit);
  if (answer) {
    if (!of_type && !answer->repeated) return "samples of another type were accepted";
    if (!is_kept && !answer->repeated) return "samples beyond their retention were accepted";
    note(answer->position.value());
    ++acknowledged_;
    return oracle_.acknowledge(operation, *answer);
  }
  if (!of_type && answer.error().code == ErrorCode::kTypeMismatch) return {};
  if (!is_kept && answer.error().code == ErrorCode::kBeyondRetention) return {};
  return failed(operation, answer.error());
}

std::string Node::call(const MakeTags& operation) {
  const auto answer = historian_->make_tags(operation.enterprise, operation.tags);
  if (!answer) return failed(operation, answer.error());
  for (const TagId tag : *answer) note(tag.packed());
  return oracle_.acknowledge(operation, *answer);
}

std::string Node::call(const Retype& operation) {
  const auto answer = historian_->retype_tag(operation.tag, operation.type);
  if (!answer) return failed(operation, answer.error());
  return oracle_.acknowledge(operation);
}

std::string Node::call(const OpenStream& operation) {
  const auto answer =
      historian_->open_stream(operation.enterprise, operation.source, operation.stream);
  if (!answer) return failed(operation, answer.error());
  note(answer->epoch);
  return oracle_.acknowledge(operation, *answer);
}

std::string Node::call(const Erase& operation) {
  const auto answer = historian_->erase(operation.tombstones);
  if (!answer) return failed(operation, answer.error());
  note(answer->value());
  return oracle_.acknowledge(operation, *answer);
}

std::string Node::call(const KeepTags& operation) {
  const auto answer = historian_->keep_tags(operation.enterprise, operation.keep, operation.tags);
  if (!answer) return failed(operation, answer.error());
  return oracle_.acknowledge(operation);
}

std::string Node::call(const AdvanceHorizon& operation) {
  const auto answer =
      historian_->advance_horizon(operation.enterprise, operation.keep, operation.horizon);
  if (!answer) return failed(operation, answer.error());
  return oracle_.acknowledge(operation);
}

std::string Node::failed(const Operation& operation, const Error& error) {
  if (error.code == ErrorCode::kDiskFull && tolerance_.disk_full && alive()) {
    ++refused_disk_full_;  // nothing was appended
    return {};
  }
  const bool at_the_end = !alive();
  if (at_the_end || (tolerance_.io_errors && error.code == ErrorCode::kIo)) {
    oracle_.doubt(operation);
    return {};
  }
  return "a call failed without need: " + error.to_string();
}

std::string Node::tolerate(const char* what, const Error& error) const {
  if (!alive()) return {};
  if (tolerance_.disk_full && error.code == ErrorCode::kDiskFull) return {};
  if (tolerance_.io_errors && error.code == ErrorCode::kIo) return {};
  return fmt::format("{} failed without need: {}", what, error.to_string());
}

// --- checks -----------------------------------------------------------------------------------------

Result<Observed> Node::observe() {
  Observed observed;
  TUNDISH_TRY(const auto snapshot, historian_->snapshot());
  for (const TagId tag : oracle_.tags()) {
    auto& samples = observed.samples[tag];
    TUNDISH_RETURN_IF_ERROR(snapshot->scan(tag, kAllTimes, [&](const Columns& piece) {
      for (std::size_t i = 0; i < piece.size(); ++i) samples.push_back(piece.at(i));
      return true;
    }));
    if (const auto type = historian_->tag_type(tag)) observed.types[tag] = *type;
  }
  if (!snapshot->damage().empty()) return fail(ErrorCode::kCorruption, snapshot->damage().front());
  for (const auto& consumer : kConsumers) {
    if (const auto position = historian_->committed(consumer))
      observed.commits[consumer] = *position;
  }
  for (const auto& stream : oracle_.streams()) {
    const auto found = historian_->find_stream(stream.enterprise, stream.source, stream.stream,
                                               stream.state.epoch);
    if (found)
      observed
          .streams[{stream.enterprise.value(), stream.source, stream.stream, stream.state.epoch}] =
          *found;
  }
  return observed;
}

std::string Node::check(bool after_boot) {
  auto observed = observe();
  // One failed read must not have lasting effects.
  if (!observed && tolerance_.io_errors) observed = observe();
  if (!observed) return tolerate("reading everything", observed.error());
  if (historian_->head() < oracle_.last_position())
    return fmt::format("position {} was acknowledged, the head is at {}",
                       oracle_.last_position().value(), historian_->head().value());
  std::string wrong;
  if (after_boot) {
    const std::vector<Operation> doubts = oracle_.doubts();
    wrong = oracle_.settle(*observed);
    // An erasure that found nothing to erase may be there or not; asked for again, it is. A batch
    // is sent again by some senders and not by others.
    for (const Operation& operation : doubts) {
      const bool again = std::holds_alternative<Erase>(operation) ||
                         std::holds_alternative<KeepTags>(operation) ||
                         std::holds_alternative<AdvanceHorizon>(operation) ||
                         (std::holds_alternative<Append>(operation) && random_.one_in(2));
      if (wrong.empty() && again) wrong = perform(operation);
    }
  } else {
    wrong = oracle_.compare(*observed);
  }
  if (wrong.empty()) wrong = check_feed();
  return wrong;
}

std::string Node::check_files() {
  const auto report = historian_->verify();
  if (!report) return tolerate("verify", report.error());
  if (report->damage.empty() || tolerance_.io_errors) return {};
  const Damage& damage = report->damage.front();
  return fmt::format("verify finds damage in {} at {}: {}", damage.file, damage.offset,
                     damage.what);
}

/// From what a consumer committed, and from anywhere: the feed names every change since.
std::string Node::check_feed() {
  std::vector<Position> starts = {Position(0), oracle_.last_position()};
  for (const auto& [consumer, position] : oracle_.commits()) starts.push_back(position);
  starts.push_back(Position(random_.below(oracle_.last_position().value() + 1)));
  for (const Position start : starts) {
    std::vector<Change> changes;
    for (Position after = start; after < historian_->head();) {
      const auto page = historian_->changes_after(after);
      if (!page) return tolerate("changes_after", page.error());
      if (page->through <= after) return "the feed does not move on";
      changes.insert(changes.end(), page->changes.begin(), page->changes.end());
      after = page->through;
    }
    for (const Touched& touched : oracle_.touched()) {
      if (touched.position <= start) continue;
      if (touched.to < oracle_.kept_from(touched.tag)) continue;  // gone with its block
      const bool covered = std::any_of(changes.begin(), changes.end(), [&](const Change& change) {
        return change.tag == touched.tag && change.from <= touched.from && touched.to <= change.to;
      });
      if (!covered)
        return fmt::format("the feed after {} misses tag {}.{} at {} (position {})", start.value(),
                           touched.tag.enterprise.value(), touched.tag.number, touched.from,
                           touched.position.value());
    }
  }
  return {};
}

/// One tag in one range, and its neighbours.
std::string Node::check_query() {
  if (oracle_.tags().empty()) return {};
  const TagId tag = oracle_.tags()[random_.below(oracle_.tags().size())];
  const TimeRange range = workload_.range();
  const std::vector<Sample> all = oracle_.samples(tag);
  auto snapshot = historian_->snapshot();
  if (!snapshot) return tolerate("snapshot", snapshot.error());

  std::vector<Sample> seen;
  const auto scanned = (*snapshot)->scan(tag, range, [&](const Columns& piece) {
    for (std::size_t i = 0; i < piece.size(); ++i) seen.push_back(piece.at(i));
    return true;
  });
  if (!scanned) return tolerate("scan", scanned.error());
  std::vector<Sample> expected;
  std::optional<Sample> before, after, latest;
  for (const Sample& sample : all) {
    if (range.from <= sample.time && sample.time < range.to) expected.push_back(sample);
    if (sample.time <= range.from) before = sample;
    if (sample.time >= range.from && !after) after = sample;
    latest = sample;
  }
  const auto same = [](const auto& a, const auto& b) {
    return a.has_value() == b.has_value() && (!a || same_bits(*a, *b));
  };
  if (!std::equal(seen.begin(), seen.end(), expected.begin(), expected.end(),
                  [](const Sample& a, const Sample& b) { return same_bits(a, b); }))
    return fmt::format(
        "a scan of tag {}.{} from {} to {} gives {} samples instead of {}, or others",
        tag.enterprise.value(), tag.number, range.from, range.to, seen.size(), expected.size());
  const auto seen_before = (*snapshot)->at_or_before(tag, range.from);
  const auto seen_after = (*snapshot)->at_or_after(tag, range.from);
  const auto seen_latest = (*snapshot)->latest(tag);
  for (const auto* answer : {&seen_before, &seen_after, &seen_latest}) {
    if (!*answer) return tolerate("a lookup", answer->error());
  }
  if ((*snapshot)->damage().empty() &&
      !(same(*seen_before, before) && same(*seen_after, after) && same(*seen_latest, latest)))
    return fmt::format("the neighbours of {} in tag {}.{} are wrong", range.from,
                       tag.enterprise.value(), tag.number);
  return {};
}

/// Takes a snapshot to be looked at later, or looks at one that was taken.
std::string Node::hold_snapshot() {
  constexpr std::size_t kHeldMax = 3;
  if (held_.size() == kHeldMax) {
    Held held = std::move(held_.front());
    held_.erase(held_.begin());
    return check_held(held);
  }
  auto snapshot = historian_->snapshot();
  if (!snapshot) return tolerate("snapshot", snapshot.error());
  Held held{std::move(*snapshot), {}};
  for (const TagId tag : oracle_.tags()) held.expected[tag] = oracle_.samples(tag);
  held_.push_back(std::move(held));
  return {};
}

std::string Node::check_held(Held& held) {
  for (const auto& [tag, expected] : held.expected) {
    std::vector<Sample> seen;
    const auto scanned = held.snapshot->scan(tag, kAllTimes, [&](const Columns& piece) {
      for (std::size_t i = 0; i < piece.size(); ++i) seen.push_back(piece.at(i));
      return true;
    });
    if (!scanned) return tolerate("scan of an old snapshot", scanned.error());
    if (!std::equal(seen.begin(), seen.end(), expected.begin(), expected.end(),
                    [](const Sample& a, const Sample& b) { return same_bits(a, b); }) &&
        held.snapshot->damage().empty())
      return fmt::format("a snapshot shows another state of tag {}.{} than when it was taken",
                         tag.enterprise.value(), tag.number);
  }
  return {};
}

}  // namespace tundish::sim
