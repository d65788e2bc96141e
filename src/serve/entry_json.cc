#include "serve/entry_json.h"

namespace tundish::serve {

std::string_view entry_kind_name(EntryKind kind) {
  switch (kind) {
    case EntryKind::kEntry: return "entry";
    case EntryKind::kCorrection: return "correction";
    case EntryKind::kWithdrawal: return "removal";
    case EntryKind::kRestoration: return "restoration";
  }
  return "entry";
}

void write_entry_words(wire::JsonWriter& json, const Entry& entry) {
  json.member("kind", entry_kind_name(entry.kind)).member("who", entry.who);
  json.key("received").time(entry.received).member("why", entry.why);
  if (entry.is_pending) json.member("pending", true);
}

void write_superseded(wire::JsonWriter& json, const Sample& sample) {
  json.begin_object().member("value", sample.value);
  json.member("quality", quality_name(sample.quality)).end_object();
}

void write_entry(wire::JsonWriter& json, const Entry& entry) {
  json.member("id", entry.id);
  write_entry_words(json, entry);
  if (entry.after) {
    json.key("time").time(entry.range.from).member("value", entry.after->value);
    json.member("quality", quality_name(entry.after->quality));
  } else {
    json.key("from").time(entry.range.from).key("to").time(entry.range.to);
    if (entry.kind == EntryKind::kWithdrawal)
      json.member("quality", quality_name(entry.stretch_quality));
  }
  json.key("before");
  if (entry.before)
    write_superseded(json, *entry.before);
  else
    json.null();
  json.member("samples", entry.samples);
}

}  // namespace tundish::serve
