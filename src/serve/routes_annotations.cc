// Notes of people at a tag and a time.
#include <fmt/format.h>

#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "serve/api.h"
#include "serve/formula_json.h"
#include "serve/query.h"
#include "wire/json/json_value.h"
#include "wire/json/json_writer.h"

namespace tundish::serve {
namespace {

constexpr std::uint64_t kBodyBytesMax = 16 << 10;
constexpr std::size_t kListMax = 10'000;
constexpr std::size_t kListDefault = 1'000;
constexpr std::size_t kTagsMax = 1'000;

AnnotationBy by(const Call& call, EnterpriseId enterprise) {
  return {.enterprise = enterprise,
          .actor = call.credential.actor,
          .may_change_others = call.credential.role >= Role::kEngineer};
}

void write_note(wire::JsonWriter& json, const Note& note, const TagCatalogue& tags) {
  const TagPtr tag = tags.get(note.tag);
  json.begin_object().member("id", note.id).member("version", note.version).key("tag");
  if (tag != nullptr)
    json.value(tag->path);
  else
    json.null();  // removed since; what was written is still told
  json.key("time").time(note.time).member("text", note.text);
  json.key("written").time(note.written).member("who", note.who);
  if (note.is_removed) json.member("removed", true);
  json.end_object();
}

Response note_response(const Note& note, const TagCatalogue& tags, int status = 200) {
  std::string text;
  wire::JsonWriter json(text);
  write_note(json, note, tags);
  return json_response(std::move(text), status);
}

Result<std::uint64_t> number_of(std::string_view text, std::string_view name, std::uint64_t most) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number == 0 || number > most)
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} is a number from 1 to {}", name, most),
                std::string(name));
  return number;
}

/// `TIME.ID` of the last note of a page, in nanoseconds.
Status read_place(std::string_view text, AnnotationSearch& search) {
  TimeNs time = 0;
  const auto first = std::from_chars(text.data(), text.data() + text.size(), time);
  const char* const end = text.data() + text.size();
  if (first.ec == std::errc() && first.ptr != end && *first.ptr == '.') {
    const auto second = std::from_chars(first.ptr + 1, end, search.after_id);
    search.after_time = time;
    if (second.ec == std::errc() && second.ptr == end &&
        search.after_id <= static_cast<std::uint64_t>(INT64_MAX))
      return {};
  }
  return fail(ErrorCode::kInvalidArgument, "after is the `next` of the page before", "after");
}

Result<Response> list_notes(Call& call, const Services& services) {
  TUNDISH_TRY(const auto enterprise, call.enterprise());
  const Request& request = call.request;
  const TimeNs now = services.clock.now();
  AnnotationSearch search;
  if (const auto text = request.parameter("from")) {
    TUNDISH_TRY(search.range.from, read_time(*text, "from", now));
  }
  if (const auto text = request.parameter("to")) {
    TUNDISH_TRY(search.range.to, read_time(*text, "to", now));
  }
  std::size_t limit = kListDefault;
  if (const auto text = request.parameter("limit")) {
    TUNDISH_TRY(limit, number_of(*text, "limit", kListMax));
  }
  search.limit = limit + 1;
  if (const auto text = request.parameter("after"))
    TUNDISH_RETURN_IF_ERROR(read_place(*text, search));
  bool is_nothing = false;
  if (const auto path = request.parameter("tag")) {
    TUNDISH_TRY(const auto tags,
                find_tags({*path}, kTagsMax + 1, services.tags, enterprise, "tag"));
    if (tags.size() > kTagsMax)
      return fail(ErrorCode::kTooLarge, "notes are listed of at most 1000 tags at once", "tag");
    for (const TagPtr& tag : tags) search.tags.push_back(tag->id);
    is_nothing = tags.empty();
  }
  std::vector<Note> found;
  if (!is_nothing) {
    TUNDISH_TRY(found, services.annotations.annotations(enterprise, search));
  }
  const bool is_more = found.size() > limit;
  if (is_more) found.pop_back();
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object().key("annotations").begin_array();
  for (const Note& note : found) write_note(json, note, services.tags);
  json.end_array().key("next");
  if (is_more)
    json.value(fmt::format("{}.{}", found.back().time, found.back().id));
  else
    json.null();
  json.end_object();
  return json_response(std::move(text));
}

Result<Response> add_note(Call& call, const Services& services) {
  TUNDISH_TRY(const auto enterprise, call.enterprise());
  TUNDISH_TRY(const auto body, wire::parse_json(call.request.body, {.bytes_max = kBodyBytesMax}));
  TUNDISH_RETURN_IF_ERROR(wire::check_members(body, {"tag", "time", "text"}));
  TUNDISH_TRY(const auto path, wire::required_member<std::string>(body, "tag"));
  TUNDISH_TRY(auto text, wire::required_member<std::string>(body, "text"));
  const auto* when = body.find("time");
  TimeNs time = 0;
  if (when != nullptr && when->integer() != nullptr) {
    time = *when->integer();
  } else {
    TUNDISH_TRY(const auto words, wire::required_member<std::string>(body, "time"));
    TUNDISH_TRY(time, read_time(words, "time", services.clock.now()));
  }
  const TagPtr tag = services.tags.find(enterprise, path);
  if (tag == nullptr)
    return fail(ErrorCode::kNotFound, fmt::format("there is no tag '{}'", path.substr(0, 200)),
                "tag");
  TUNDISH_TRY(const auto note,
              services.annotations.add(by(call, enterprise), tag->id, time, std::move(text)));
  call.audit_object = std::to_string(note.id);
  call.audit_detail = fmt::format("at {} {}: {}", tag->path, format_time(note.time), note.text);
  return note_response(note, services.tags, 201);
}

Result<Response> change_note(Call& call, const Services& services) {
  TUNDISH_TRY(const auto enterprise, call.enterprise());
  TUNDISH_TRY(const auto id, call.path_id());
  TUNDISH_TRY(const auto body, wire::parse_json(call.request.body, {.bytes_max = kBodyBytesMax}));
  TUNDISH_RETURN_IF_ERROR(wire::check_members(body, {"text", "version"}));
  TUNDISH_TRY(auto text, wire::required_member<std::string>(body, "text"));
  TUNDISH_TRY(const auto version, wire::optional_member<std::int64_t>(body, "version"));
  if (version && (*version < 1 || *version > AnnotationBook::kVersionsMax))
    return fail(ErrorCode::kInvalidArgument, "version is that of the note as it was read",
                "version");
  TUNDISH_TRY(const auto note,
              services.annotations.change(by(call, enterprise), id,
                                          static_cast<std::uint32_t>(version.value_or(0)),
                                          std::move(text)));
  call.audit_detail = fmt::format("version {}: {}", note.version, note.text);
  return note_response(note, services.tags);
}

Result<Response> remove_note(Call& call, const Services& services) {
  TUNDISH_TRY(const auto enterprise, call.enterprise());
  TUNDISH_TRY(const auto id, call.path_id());
  std::uint64_t version = 0;
  if (const auto text = call.request.parameter("version")) {
    TUNDISH_TRY(version, number_of(*text, "version", AnnotationBook::kVersionsMax));
  }
  TUNDISH_TRY(const auto note, services.annotations.remove(by(call, enterprise), id,
                                                           static_cast<std::uint32_t>(version)));
  call.audit_detail = fmt::format("version {}", note.version);
  return note_response(note, services.tags);
}

Result<Response> list_note_versions(Call& call, const Services& services) {
  TUNDISH_TRY(const auto enterprise, call.enterprise());
  TUNDISH_TRY(const auto id, call.path_id());
  TUNDISH_TRY(const auto found, services.annotations.versions(enterprise, id));
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object().key("versions").begin_array();
  for (const Note& note : found) write_note(json, note, services.tags);
  json.end_array().end_object();
  return json_response(std::move(text));
}

}  // namespace

void Api::add_annotation_routes() {
  router_.add({.method = "GET",
               .pattern = "/api/v1/annotations",
               .operation = "annotations.list",
               .needs = Needs::at_least(Role::kViewer),
               .summary = "Notes at samples, by their time.",
               .handler = [this](Call& call) { return list_notes(call, services_); },
               .response_schema = "Annotations",
               .parameters = {{"tag", "query", "string", "Path or glob; default all."},
                              {"from", "query", "string", "Default all."},
                              {"to", "query", "string", "Excluded."},
                              {"after", "query", "string", "The `next` of the page before."},
                              {"limit", "query", "integer", "At most 10,000; default 1,000."}}});
  router_.add({.method = "POST",
               .pattern = "/api/v1/annotations",
               .operation = "annotations.create",
               .needs = Needs::at_least(Role::kOperator),
               .summary = "Writes a note at a tag and a time.",
               .handler = [this](Call& call) { return add_note(call, services_); },
               .body_bytes_max = kBodyBytesMax,
               .request_schema = "NewAnnotation",
               .response_schema = "Annotation",
               .audited = true,
               .success = 201});
  router_.add({.method = "GET",
               .pattern = "/api/v1/annotations/{id}",
               .operation = "annotations.versions",
               .needs = Needs::at_least(Role::kViewer),
               .summary = "All versions of a note, oldest first, after its removal too.",
               .handler = [this](Call& call) { return list_note_versions(call, services_); },
               .response_schema = "AnnotationVersions"});
  router_.add({.method = "PUT",
               .pattern = "/api/v1/annotations/{id}",
               .operation = "annotations.update",
               .needs = Needs::at_least(Role::kOperator),
               .summary = "Another text: one's own note, or anybody's for engineers.",
               .handler = [this](Call& call) { return change_note(call, services_); },
               .body_bytes_max = kBodyBytesMax,
               .request_schema = "AnnotationText",
               .response_schema = "Annotation",
               .audited = true});
  router_.add({.method = "DELETE",
               .pattern = "/api/v1/annotations/{id}",
               .operation = "annotations.remove",
               .needs = Needs::at_least(Role::kOperator),
               .summary = "Takes a note away; its versions stay readable.",
               .handler = [this](Call& call) { return remove_note(call, services_); },
               .response_schema = "Annotation",
               .parameters = {{"version", "query", "integer",
                               "As it was read; a later one is a conflict."}},
               .audited = true});
}

}  // namespace tundish::serve
