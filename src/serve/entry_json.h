#pragma once

#include <string_view>

#include "model/ports/entry_book.h"
#include "wire/json/json_writer.h"

namespace tundish::serve {

/// `entry`, `correction`, `removal`, `restoration`.
std::string_view entry_kind_name(EntryKind kind);

/// The members `kind`, `who`, `received`, `why` and, before it is stored, `pending`.
void write_entry_words(wire::JsonWriter& json, const Entry& entry);
/// The members `id`, those above, `time` or `from` and `to`, `value`, `quality`, `before`, `samples`.
void write_entry(wire::JsonWriter& json, const Entry& entry);
/// An object with `value` and `quality`.
void write_superseded(wire::JsonWriter& json, const Sample& sample);

}  // namespace tundish::serve
