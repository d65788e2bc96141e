#include <array>

#include "serve/accept.h"
#include "serve/api.h"
#include "serve/query.h"
#include "serve/sample_json.h"
#include "wire/json/json_writer.h"
#include "wire/result/result.h"

namespace tundish::serve {
namespace {

constexpr std::array<std::string_view, 2> kTypes{"application/json", wire::kResultMediaType};

Result<Response> latest_json(const std::vector<TagPtr>& tags, const TagMeanings& meanings,
                             Snapshot& snapshot, TimeNs now) {
  std::string text;
  text.reserve(64 + tags.size() * 200);
  wire::JsonWriter json(text);
  json.begin_object().member("position", std::to_string(snapshot.position().value()));
  json.key("samples").begin_array();
  for (const auto& tag : tags) {
    TUNDISH_TRY(const auto latest, snapshot.latest(tag->id));
    json.begin_object();
    write_tag_members(json, *meanings.with_unit(tag));
    if (latest) {
      write_sample_members(json, *latest, tag->type);
      json.member("age_ms", (now - latest->time) / kMillisecond);
    } else {
      json.key("time").null().key("value").null().key("age_ms").null();
    }
    json.end_object();
  }
  json.end_array();
  if (const auto damage = snapshot.damage(); !damage.empty()) {
    json.key("damage").begin_array();
    for (const auto& sentence : damage) json.value(sentence);
    json.end_array();
  }
  json.end_object();
  return json_response(std::move(text));
}

/// docs/formats/result.md: a series without rows has no sample.
Result<Response> latest_binary(const std::vector<TagPtr>& tags, const TagMeanings& meanings,
                               Snapshot& snapshot) {
  Bytes bytes;
  bytes.reserve(64 + tags.size() * 96);
  wire::ResultWriter writer(bytes, snapshot.position());
  Columns row;
  for (const auto& tag : tags) {
    TUNDISH_TRY(const auto latest, snapshot.latest(tag->id));
    writer.series(*meanings.with_unit(tag));
    if (!latest) continue;
    row.clear();
    row.type = type_of(latest->value);
    row.push_back(*latest);
    writer.rows(row);
  }
  writer.end(snapshot.damage());
  Response response;
  response.with("Content-Type", std::string(wire::kResultMediaType));
  response.body = std::string(as_text(bytes));
  return response;
}

}  // namespace

void Api::add_latest_routes() {
  router_.add({.method = "GET",
               .pattern = "/api/v1/latest",
               .operation = "samples.latest",
               .needs = Needs::at_least(Role::kViewer),
               .summary = "The newest sample of each tag; JSON or binary.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 const auto chosen = choose_type(call.request.header("accept"), kTypes);
                 if (!chosen) return not_acceptable(kTypes);
                 TUNDISH_TRY(const auto limit, tags_limit_of(call.request, kQueryTagsMax));
                 const auto patterns = call.request.parameters("tag");
                 if (patterns.empty())
                   return fail(ErrorCode::kInvalidArgument,
                               "name at least one tag: ?tag=PATH or a glob", "tag");
                 TUNDISH_TRY(const auto tags,
                             find_tags(patterns, limit, services_.tags, enterprise, "tag"));
                 const auto meanings = services_.view.meanings(enterprise);
                 const bool as_received = call.request.parameter("as_received") == "true";
                 TUNDISH_TRY(const auto snapshot, as_received ? services_.view.as_received()
                                                              : services_.view.snapshot(meanings));
                 std::vector<Snapshot::Wanted> wanted;
                 for (const auto& tag : tags) wanted.push_back({tag->id, kTimeMax});
                 if (wanted.size() > 1) snapshot->prefetch(wanted);
                 if (kTypes[*chosen] == wire::kResultMediaType)
                   return latest_binary(tags, *meanings, *snapshot);
                 return latest_json(tags, *meanings, *snapshot, services_.clock.now());
               },
               .response_schema = "Latest",
               .parameters = {{"tag", "query", "string", "A path or a glob; may be repeated."},
                              {"limit", "query", "integer", "At most 10000 tags."},
                              {"as_received", "query", "boolean",
                               "true: the source's own status, valid ranges not applied."}}});
}

}  // namespace tundish::serve
