#include "connect/item_table.h"

#include <algorithm>

namespace tundish::connect {
namespace {

Value empty_value(ValueType type) {
  switch (type) {
    case ValueType::kDouble: return 0.0;
    case ValueType::kInt64: return std::int64_t{0};
    case ValueType::kBool: return false;
    case ValueType::kString: return std::string();
  }
  return 0.0;
}

TimeNs after(TimeNs time) { return time == kTimeMax ? time : time + 1; }

}  // namespace

Value ItemTable::last_value(const State& state) {
  return state.value && type_of(*state.value) == *state.type ? *state.value
                                                             : empty_value(*state.type);
}

void ItemTable::connected(DurationNs now, TimeNs server_now) {
  connected_at_ = server_now;
  for (State& state : states_) {
    set_resumed(state, false);
    state.status = kBadWaitingForInitialData;
    state.heard = now;
  }
}

void ItemTable::set_resumed(State& state, bool resumed) {
  if (state.resumed == resumed) return;
  state.resumed = resumed;
  resumed ? ++resumed_ : --resumed_;
}

void ItemTable::note_time(State& state, TimeNs time, TimeNs server_now) {
  if (server_now > kTimeMax - kDay || time <= server_now + kDay)
    state.newest = std::max(state.newest, time);
}

void ItemTable::arrived(std::size_t item, const ItemReading& reading, DurationNs now,
                        TimeNs receipt, TimeNs server_now, Rows& rows) {
  State& state = states_[item];
  state.heard = now;
  state.status = reading.quality;
  if (reading.value && !state.type) state.type = type_of(*reading.value);
  const bool resumes = reading.proves && !state.resumed;
  set_resumed(state, reading.proves);
  if (!state.type) return;  // nothing is known that a sample could carry
  if (!reading.proves && (state.marked || !state.fed)) return;
  state.fed = true;

  // A reading without a value still changes the quality; the value is then the last one known.
  Sample sample;
  sample.value = reading.value ? *reading.value : last_value(state);
  sample.quality = reading.value || reading.quality.is_bad() ? reading.quality : kBadNoData;
  sample.time = reading.source_time.value_or(reading.server_time.value_or(receipt));
  if (!reading.proves) sample.time = std::max(sample.time, after(state.newest));
  rows.push_back(static_cast<std::uint32_t>(item), sample);
  if (reading.value) state.value = reading.value;
  state.quality = sample.quality;
  state.last_value = sample.time;

  const TimeNs mark_at_latest =
      state.marked ? std::max(connected_at_, state.newest) : connected_at_;
  note_time(state, sample.time, server_now);
  if (resumes && sample.time <= mark_at_latest) {
    sample.time = std::max(reading.server_time.value_or(server_now), after(mark_at_latest));
    rows.push_back(static_cast<std::uint32_t>(item), sample);
    note_time(state, sample.time, server_now);
  }
  state.marked = !reading.proves;
}

void ItemTable::failed(std::size_t item, Quality status, DurationNs now, TimeNs server_now,
                       Rows& marks) {
  State& state = states_[item];
  state.heard = now;
  state.status = status;
  set_resumed(state, false);
  mark(item, server_now, marks);
}

void ItemTable::lost(TimeNs server_now, Rows& marks) {
  for (std::size_t item = 0; item < states_.size(); ++item) {
    set_resumed(states_[item], false);
    states_[item].status = kBadNoCommunication;
    mark(item, server_now, marks);
  }
}

void ItemTable::mark(std::size_t item, TimeNs server_now, Rows& marks) {
  State& state = states_[item];
  if (state.marked || !state.fed || !state.type) return;
  Sample sample;
  sample.time = std::max(server_now, after(state.newest));
  sample.value = last_value(state);
  sample.quality = kBadNoCommunication;
  marks.push_back(static_cast<std::uint32_t>(item), sample);
  state.newest = sample.time;
  state.marked = true;
}

std::vector<std::uint32_t> ItemTable::silent(DurationNs now, DurationNs silence) {
  std::vector<std::uint32_t> items;
  for (std::size_t item = 0; item < states_.size(); ++item) {
    State& state = states_[item];
    if (now - state.heard < silence) continue;
    state.heard = now;
    items.push_back(static_cast<std::uint32_t>(item));
  }
  return items;
}

std::vector<std::uint32_t> ItemTable::unproven(DurationNs now) {
  std::vector<std::uint32_t> items;
  for (std::size_t item = 0; item < states_.size(); ++item) {
    if (states_[item].resumed) continue;
    states_[item].heard = now;
    items.push_back(static_cast<std::uint32_t>(item));
  }
  return items;
}

bool ItemTable::is_known(std::size_t item, const ItemReading& reading) const {
  const State& state = states_[item];
  if (reading.quality != state.quality) return false;
  if (!reading.value) return true;
  return state.value && same_bits(*state.value, *reading.value);
}

ItemStatus ItemTable::status(std::size_t item, const std::string& path) const {
  const State& state = states_[item];
  return {path, state.resumed, state.status, state.last_value};
}

}  // namespace tundish::connect
