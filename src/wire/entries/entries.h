#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/ports/entry_book.h"

namespace tundish::wire {

/// What somebody asks to be entered.
struct EntriesBody {
  std::vector<NewEntry> wanted;
  std::vector<std::size_t> lines;  ///< of CSV: where each stands, from 1; of JSON: none
  bool is_override = false;
  std::vector<EntryRefusal>
      refusals;  ///< rows that could not be read; the first EntryReceipt::kRefusalsMax
};

/// The JSON body: one tag, or a tag a sample, and one of `samples`, `remove`, `restore`:
///
///     {"tag":"works-01/lab/carbon","why":"sample 4711","override":false,
///      "samples":[{"time":"2026-11-23T08:15:00Z","value":0.042,"quality":"Good","tag":"...","why":"..."}]}
///     {"tag":"...","why":"...","remove":{"from":"...","to":"...","quality":"BadSensorFailure"}}
///     {"tag":"...","why":"...","restore":{"time":"..."}}
///
/// A string as a value is read as the tag's type says. Without `to` a stretch is a moment, `time`.
/// @param now what `now-1h` is relative to
/// Errors: kInvalidArgument with the member, kTooLarge; a sample that cannot be read is in `refusals`.
Result<EntriesBody> decode_entries_json(std::string_view body, TimeNs now);

/// What a CSV body says by its address.
struct EntriesDefaults {
  std::string tag;
  std::string why;
};
/// Values as CSV: a header that names the columns `time,value` and, as wanted, `tag`, `quality` and `why`, in any order; then
/// one value a line. A field that is empty or not there is that of `defaults`.
/// Errors: kInvalidArgument with the line for what is no CSV, and for the header; kTooLarge.
Result<EntriesBody> decode_entries_csv(std::string_view body, const EntriesDefaults& defaults,
                                       TimeNs now);

}  // namespace tundish::wire
