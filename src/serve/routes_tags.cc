#include <fmt/format.h>

#include <algorithm>

#include "serve/api.h"
#include "serve/model_json.h"
#include "serve/query.h"
#include "serve/sample_json.h"
#include "wire/json/json_value.h"
#include "wire/json/json_writer.h"

namespace tundish::serve {
namespace {

Response tag_response(const TagInfo& tag) {
  std::string text;
  wire::JsonWriter json(text);
  write_tag(json, tag);
  return json_response(std::move(text));
}

Result<ValueType> type_of_text(const std::string& text) {
  if (const auto type = parse_value_type(text)) return *type;
  return fail(ErrorCode::kInvalidArgument, "a type is double, int64, bool or string", "type");
}

Result<NewTag> new_tag_of(const wire::JsonValue& body) {
  TUNDISH_RETURN_IF_ERROR(
      wire::check_members(body, {"path", "type", "step", "unit", "description"}));
  NewTag tag;
  TUNDISH_TRY(tag.path, wire::required_member<std::string>(body, "path"));
  TUNDISH_TRY(const auto type, wire::required_member<std::string>(body, "type"));
  TUNDISH_TRY(tag.type, type_of_text(type));
  TUNDISH_TRY(const auto step, wire::optional_member<bool>(body, "step"));
  TUNDISH_TRY(const auto unit, wire::optional_member<std::string>(body, "unit"));
  TUNDISH_TRY(const auto description, wire::optional_member<std::string>(body, "description"));
  tag.step = step.value_or(tag.type == ValueType::kBool || tag.type == ValueType::kString);
  tag.unit = unit.value_or("");
  tag.description = description.value_or("");
  return tag;
}

/// Errors: kInUse while a connection feeds the tag: it would bring the path back at its next value.
Status check_not_fed(const Connections& connections, const TagInfo& tag, std::string_view doing) {
  const auto feeder = connections.feeder(tag.id.enterprise, tag.path);
  if (!feeder) return {};
  return fail(ErrorCode::kInUse,
              fmt::format("the connection '{}' feeds the tag '{}': remove the item from it, or "
                          "disable it, before the tag is {}",
                          feeder->name, tag.path, doing),
              fmt::format("connection:{}", feeder->id));
}

}  // namespace

void Api::add_tag_routes() {
  const auto own_tag = [this](const Call& call) -> Result<TagPtr> {
    TUNDISH_TRY(const auto enterprise, call.enterprise());
    TUNDISH_TRY(const auto id, call.path_id());
    const TagPtr tag = id <= 0xFFFFFFFFu
                           ? services_.tags.get({enterprise, static_cast<std::uint32_t>(id)})
                           : nullptr;
    if (tag == nullptr) return fail(ErrorCode::kNotFound, "there is no tag with that id", "id");
    return tag;
  };

  router_.add({.method = "GET",
               .pattern = "/api/v1/tags",
               .operation = "tags.list",
               .needs = Needs::at_least(Role::kViewer),
               .summary = "Tags by pattern, sorted by path, in pages.",
               .handler = [this](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto enterprise, call.enterprise());
                 TUNDISH_TRY(const auto limit, tags_limit_of(call.request, 1000));
                 const std::string pattern(call.request.parameter("pattern").value_or(
                     call.credential.enterprise_code + "/**"));
                 const std::string_view after = call.request.parameter("after").value_or("");
                 TUNDISH_TRY(auto page, services_.tags.match(enterprise, {.pattern = pattern,
                                                                          .limit = limit + 1,
                                                                          .after = after,
                                                                          .go_on = patience()}));
                 const bool more = page.size() > limit;
                 if (more) page.pop_back();
                 std::string text;
                 wire::JsonWriter json(text);
                 json.begin_object().key("tags").begin_array();
                 for (const auto& tag : page) write_tag(json, *tag);
                 json.end_array().key("next");
                 if (more)
                   json.value(page.back()->path);
                 else
                   json.null();
                 json.end_object();
                 return json_response(std::move(text));
               },
               .response_schema = "Tags",
               .parameters = {{"pattern", "query", "string", "A path or a glob; default all."},
                              {"limit", "query", "integer", "At most 10000; default 1000."},
                              {"after", "query", "string", "The `next` of the page before."}}});
  router_.add(
      {.method = "POST",
       .pattern = "/api/v1/tags",
       .operation = "tags.create",
       .needs = Needs::at_least(Role::kEngineer),
       .summary = "Makes the tags that do not exist; returns all that were named.",
       .handler = [this](Call& call) -> Result<Response> {
         TUNDISH_TRY(const auto enterprise, call.enterprise());
         TUNDISH_TRY(const auto body, wire::parse_json(call.request.body, {.bytes_max = 8 << 20}));
         TUNDISH_RETURN_IF_ERROR(wire::check_members(body, {"tags"}));
         TUNDISH_TRY(const auto list, wire::required_member<wire::JsonValue::Array>(body, "tags"));
         if (list.size() > kQueryTagsMax)
           return fail(ErrorCode::kTooLarge, "at most 10000 tags a request", "tags");
         std::vector<NewTag> tags;
         for (const auto& one : list) {
           TUNDISH_TRY(auto tag, new_tag_of(one));
           tags.push_back(std::move(tag));
         }
         TUNDISH_TRY(const auto made, services_.tags.ensure(enterprise, tags));
         call.audit_detail = fmt::format("{} tags", made.size());
         std::string text;
         wire::JsonWriter json(text);
         json.begin_object().key("tags").begin_array();
         for (const auto& tag : made) write_tag(json, *tag);
         json.end_array().key("next").null().end_object();
         return json_response(std::move(text), 201);
       },
       .body_bytes_max = 8 << 20,
       .request_schema = "NewTags",
       .response_schema = "Tags",
       .audited = true,
       .success = 201});
  router_.add({.method = "GET",
               .pattern = "/api/v1/tags/{id}",
               .operation = "tags.get",
               .needs = Needs::at_least(Role::kViewer),
               .summary = "One tag.",
               .handler = [own_tag](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto tag, own_tag(call));
                 return tag_response(*tag);
               },
               .response_schema = "Tag"});
  router_.add(
      {.method = "PATCH",
       .pattern = "/api/v1/tags/{id}",
       .operation = "tags.update",
       .needs = Needs::at_least(Role::kEngineer),
       .summary = "Renames or moves a tag (its history stays), or changes its properties.",
       .handler = [this, own_tag](Call& call) -> Result<Response> {
         TUNDISH_TRY(const auto tag, own_tag(call));
         TUNDISH_TRY(const auto body, wire::parse_json(call.request.body));
         TUNDISH_RETURN_IF_ERROR(
             wire::check_members(body, {"path", "step", "unit", "description", "type"}));
         TagPatch patch;
         TUNDISH_TRY(patch.path, wire::optional_member<std::string>(body, "path"));
         TUNDISH_TRY(patch.step, wire::optional_member<bool>(body, "step"));
         TUNDISH_TRY(patch.unit, wire::optional_member<std::string>(body, "unit"));
         TUNDISH_TRY(patch.description, wire::optional_member<std::string>(body, "description"));
         TUNDISH_TRY(const auto type, wire::optional_member<std::string>(body, "type"));
         if (type) {
           TUNDISH_TRY(patch.type, type_of_text(*type));
         }
         if (patch.path && *patch.path != tag->path)
           TUNDISH_RETURN_IF_ERROR(check_not_fed(services_.connections, *tag, "renamed or moved"));
         TUNDISH_TRY(const auto updated, services_.tags.update(tag->id, patch));
         if (updated->path != tag->path) call.audit_detail = tag->path + " -> " + updated->path;
         return tag_response(*updated);
       },
       .body_bytes_max = 64 * 1024,
       .request_schema = "TagPatch",
       .response_schema = "Tag",
       .audited = true});
  router_.add({.method = "DELETE",
               .pattern = "/api/v1/tags/{id}",
               .operation = "tags.remove",
               .needs = Needs::at_least(Role::kEngineer),
               .summary = "Removes a tag's name; its id is never used again.",
               .handler = [this, own_tag](Call& call) -> Result<Response> {
                 TUNDISH_TRY(const auto tag, own_tag(call));
                 TUNDISH_RETURN_IF_ERROR(check_not_fed(services_.connections, *tag, "removed"));
                 TUNDISH_RETURN_IF_ERROR(services_.tags.remove(tag->id));
                 call.audit_detail = tag->path;
                 Response response;
                 response.status = 204;
                 return response;
               },
               .audited = true,
               .success = 204});
}

}  // namespace tundish::serve
