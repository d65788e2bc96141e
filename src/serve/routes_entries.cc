// What people write and correct: values of a laboratory, corrections, what is withdrawn and put back; who did it and
// what was there before.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "serve/api.h"
#include "serve/entry_json.h"
#include "serve/formula_json.h"
#include "wire/entries/entries.h"
#include "wire/json/json_writer.h"

namespace tundish::serve {
namespace {

constexpr std::uint64_t kBodyBytesMax = 4 << 20;
constexpr std::size_t kListMax = 1'000;
constexpr std::size_t kVersionsMax = 10'000;

Result<std::size_t> limit_of(const Request& request, std::size_t otherwise, std::size_t most) {
  const auto text = request.parameter("limit");
  if (!text) return otherwise;
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (error != std::errc() || end != text->data() + text->size() || limit == 0 || limit > most)
    return fail(ErrorCode::kInvalidArgument, fmt::format("limit is a number from 1 to {}", most),
                "limit");
  return limit;
}

Result<wire::EntriesBody> read_body(const Request& request, TimeNs now) {
  const bool is_override = request.parameter("override") == "true";
  const std::string tag(request.parameter("tag").value_or(""));
  const std::string why(request.parameter("why").value_or(""));
  if (request.header("content-type").starts_with("text/csv")) {
    TUNDISH_TRY(auto body, wire::decode_entries_csv(request.body, {tag, why}, now));
    body.is_override = is_override;
    return body;
  }
  if (!tag.empty() || !why.empty() || is_override)
    return fail(
        ErrorCode::kInvalidArgument,
        "tag, why and override stand in the address for CSV only; JSON has them in its body",
        "tag");
  return wire::decode_entries_json(request.body, now);
}

/// Every row that is not right, each with its line or its number; the whole answer is about the first of them.
Response refused(const wire::EntriesBody& body, const std::vector<EntryRefusal>& refusals) {
  const bool has_lines = !body.lines.empty();
  const auto place = [&](const EntryRefusal& refusal) {
    if (has_lines) return fmt::format("line {}: ", body.lines[refusal.row]);
    return body.wanted.size() > 1 ? fmt::format("sample {}: ", refusal.row + 1) : std::string();
  };
  const EntryRefusal& first = refusals.front();
  const int status = http_status(first.error.code);
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object().member("type", "about:blank");
  json.member("title", error_code_name(first.error.code)).member("status", status);
  json.member("detail",
              fmt::format("{}{}; nothing was entered", place(first), first.error.message));
  json.member("code", error_code_name(first.error.code)).member("where", first.error.where);
  if (const auto nearest = nearest_of(first.error.message); !nearest.empty())
    json.member("nearest", nearest);
  json.key("errors").begin_array();
  for (const EntryRefusal& refusal : refusals) {
    json.begin_object().member("index", refusal.row);
    if (has_lines) json.member("line", body.lines[refusal.row]);
    json.member("code", error_code_name(refusal.error.code));
    json.member("where", refusal.error.where).member("message", refusal.error.message);
    json.end_object();
  }
  json.end_array().end_object();
  return text_response(std::move(text), "application/problem+json", status);
}

/// `3 entries, 1 correction of works-01/lab/carbon`, for the audit.
std::string audit_text(const EntryReceipt& receipt, const TagCatalogue& tags) {
  std::map<EntryKind, std::uint64_t> counts;
  for (const Entry& entry : receipt.entries) counts[entry.kind] += entry.samples;
  std::string text;
  for (const auto& [kind, count] : counts)
    text +=
        fmt::format("{}{} samples by {}", text.empty() ? "" : ", ", count, entry_kind_name(kind));
  if (receipt.entries.empty()) return "nothing that was not there";
  const TagPtr tag = tags.get(receipt.entries.front().tag);
  const bool is_one = std::ranges::all_of(receipt.entries, [&](const Entry& entry) {
    return entry.tag == receipt.entries.front().tag;
  });
  const Entry& first = receipt.entries.front();
  return fmt::format("{} of {}{} from {}: {}", text, tag != nullptr ? tag->path : "",
                     is_one ? "" : " and others", format_time(first.range.from), first.why);
}

void write_listed(wire::JsonWriter& json, const Entry& entry, const TagCatalogue& tags) {
  const TagPtr tag = tags.get(entry.tag);
  json.begin_object().key("tag");
  if (tag != nullptr)
    json.value(tag->path);
  else
    json.null();  // removed since; what was done is still told
  json.member("unit", tag != nullptr ? tag->unit : "");
  write_entry(json, entry);
  json.end_object();
}

/// Tags of an asset and of all below it.
std::vector<TagId> tags_below(const PlantModel& model, const Asset& asset) {
  std::vector<TagId> found;
  for (const Asset& one : model.assets())
    if (one.path == asset.path || one.path.starts_with(asset.path + "/"))
      for (const Attribute& attribute : one.attributes)
        if (attribute.tag.number != 0) found.push_back(attribute.tag);
  return found;
}

/// The tag that `?tag=` names, by its own path or as an attribute's; of an attribute that has none yet, one of number 0.
Result<TagPtr> tag_of(const Request& request, const Services& services, EnterpriseId enterprise) {
  const auto path = request.parameter("tag");
  if (!path) return fail(ErrorCode::kInvalidArgument, "name the tag", "tag");
  if (TagPtr tag = services.tags.find(enterprise, *path)) return tag;
  const auto model = services.models.model(enterprise);
  const auto slash = path->rfind('/');
  const Asset* asset =
      slash == std::string_view::npos ? nullptr : model->find(path->substr(0, slash));
  const Attribute* attribute = asset == nullptr ? nullptr : asset->find(path->substr(slash + 1));
  if (attribute != nullptr && attribute->tag.number != 0)
    if (TagPtr tag = services.tags.get(attribute->tag)) return tag;
  if (attribute != nullptr && attribute->definition.kind == AttributeKind::kMeasured)
    return std::make_shared<const TagInfo>(TagInfo{.id = {enterprise, 0},
                                                   .path = std::string(*path),
                                                   .type = attribute->definition.type,
                                                   .unit = attribute->definition.unit,
                                                   .description = {}});
  return fail(ErrorCode::kNotFound, fmt::format("there is no tag '{}'", path->substr(0, 200)),
              "tag");
}

std::string_view class_name(SampleClass sample_class) {
  switch (sample_class) {
    case SampleClass::kSynthetic: return "synthetic";
    case SampleClass::kMeasured: return "measured";
    case SampleClass::kCorrected: return "corrected";
  }
  return "measured";
}

/// Versions with who made them, where it was a person.
class VersionWriter {
 public:
  VersionWriter(wire::JsonWriter& json, const SampleReader& reader, EnterpriseId enterprise,
                std::vector<Entry> entries)
      : json_(json), reader_(reader), enterprise_(enterprise) {
    for (Entry& entry : entries)
      by_batch_[{entry.number.epoch, entry.number.sequence}].push_back(std::move(entry));
  }

  void write(const SampleVersion& one) {
    const Version& version = one.version;
    json_.begin_object().key("time").time(one.sample.time);
    json_.member("value", one.sample.value);
    json_.member("quality", quality_name(one.sample.quality));
    json_.member("class", class_name(version.sample_class));
    json_.member("current", one.is_current).member("deleted", one.is_erased);
    json_.member("source", source_name(version.source)).key("entry");
    const auto batch = by_batch_.find({version.epoch, version.sequence});
    const Entry* made = nullptr;
    if (batch != by_batch_.end())
      for (const Entry& entry : batch->second)
        if (entry.made(version) && entry.range.from <= one.sample.time &&
            one.sample.time < entry.range.to)
          made = &entry;
    if (made != nullptr) {
      json_.begin_object().member("id", made->id);
      write_entry_words(json_, *made);
      json_.end_object();
    } else {
      json_.null();
    }
    json_.end_object();
  }

 private:
  const std::string& source_name(std::uint32_t source) {
    const auto known = names_.find(source);
    if (known != names_.end()) return known->second;
    return names_[source] = reader_.source_name(enterprise_, source);
  }

  wire::JsonWriter& json_;
  const SampleReader& reader_;
  const EnterpriseId enterprise_;
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::vector<Entry>> by_batch_;
  std::map<std::uint32_t, std::string> names_;
};

Result<Response> post_entries(Call& call, const Services& services) {
  TUNDISH_TRY(const auto enterprise, call.enterprise());
  TUNDISH_TRY(auto body, read_body(call.request, services.clock.now()));
  if (!body.refusals.empty()) return refused(body, body.refusals);
  const EntryBy by{.enterprise = enterprise,
                   .actor = call.credential.actor,
                   .may_correct = call.credential.role >= Role::kEngineer,
                   .is_override = body.is_override,
                   .is_dry_run = call.request.parameter("dry_run") == "true"};
  TUNDISH_TRY(const auto receipt, services.entries.enter(by, body.wanted));
  if (!receipt.refusals.empty()) {
    // A single one is an error as others are, and leaves the record of a refused call.
    if (body.wanted.size() == 1 && body.lines.empty()) return fail(receipt.refusals.front().error);
    call.audit_detail = "refused: " + receipt.refusals.front().error.message;
    return refused(body, receipt.refusals);
  }
  call.audit_detail = (by.is_dry_run ? "only asked: " : "") + audit_text(receipt, services.tags);
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object().member("dry_run", by.is_dry_run).member("unchanged", receipt.unchanged);
  json.key("entries").begin_array();
  for (const Entry& entry : receipt.entries) write_listed(json, entry, services.tags);
  json.end_array().end_object();
  return json_response(std::move(text));
}

Result<Response> list_entries(Call& call, const Services& services) {
  TUNDISH_TRY(const auto enterprise, call.enterprise());
  const Request& request = call.request;
  const TimeNs now = services.clock.now();
  EntrySearch search;
  if (const auto text = request.parameter("from")) {
    TUNDISH_TRY(search.range.from, read_time(*text, "from", now));
  }
  if (const auto text = request.parameter("to")) {
    TUNDISH_TRY(search.range.to, read_time(*text, "to", now));
  }
  TUNDISH_TRY(const std::size_t limit, limit_of(request, 100, kListMax));
  search.limit = limit + 1;
  if (const auto text = request.parameter("before")) {
    const auto [end, error] =
        std::from_chars(text->data(), text->data() + text->size(), search.before);
    if (error != std::errc() || end != text->data() + text->size() ||
        search.before > static_cast<std::uint64_t>(INT64_MAX))
      return fail(ErrorCode::kInvalidArgument, "before is the `next` of the page before", "before");
  }
  bool is_nothing = false;
  if (const auto path = request.parameter("asset")) {
    const auto model = services.models.model(enterprise);
    TUNDISH_TRY(const Asset* const asset, find_asset(*model, *path, "asset"));
    search.tags = tags_below(*model, *asset);
    is_nothing = search.tags.empty();
  }
  if (request.parameter("tag")) {
    TUNDISH_TRY(const TagPtr tag, tag_of(request, services, enterprise));
    is_nothing = request.parameter("asset") && std::ranges::count(search.tags, tag->id) == 0;
    search.tags = {tag->id};
  }
  std::vector<Entry> found;
  if (!is_nothing) {
    TUNDISH_TRY(found, services.entries.entries(enterprise, search));
  }
  const bool is_more = found.size() > limit;
  if (is_more) found.pop_back();
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object().key("entries").begin_array();
  for (const Entry& entry : found) write_listed(json, entry, services.tags);
  json.end_array().key("next");
  if (is_more)
    json.value(std::to_string(found.back().id));
  else
    json.null();
  json.end_object();
  return json_response(std::move(text));
}

Result<Response> list_versions(Call& call, const Services& services) {
  TUNDISH_TRY(const auto enterprise, call.enterprise());
  TUNDISH_TRY(const TagPtr tag, tag_of(call.request, services, enterprise));
  TUNDISH_TRY(const TimeRange range, range_of(call.request, services.clock.now(), "now-1d"));
  TUNDISH_TRY(const std::size_t limit, limit_of(call.request, 1'000, kVersionsMax));
  TUNDISH_TRY(const auto snapshot, services.reader.snapshot());
  std::vector<SampleVersion> versions;
  TUNDISH_TRY(const bool all, snapshot->history(tag->id, range, limit, versions));
  // Those that touch what was found; more than there are versions cannot have made them.
  std::vector<Entry> entries;
  if (!versions.empty()) {
    TUNDISH_TRY(entries, services.entries.entries(enterprise,
                                                  {.tags = {tag->id},
                                                   .range = {versions.back().sample.time, range.to},
                                                   .limit = kVersionsMax}));
  }
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object().member("tag", tag->path).member("unit", tag->unit);
  json.member("type", value_type_name(tag->type)).key("versions").begin_array();
  VersionWriter writer(json, services.reader, enterprise, std::move(entries));
  for (const SampleVersion& version : versions) writer.write(version);
  json.end_array().member("cut", !all).member("complete", snapshot->damage().empty());
  json.end_object();
  return json_response(std::move(text));
}

}  // namespace

void Api::add_entry_routes() {
  router_.add(
      {.method = "POST",
       .pattern = "/api/v1/entries",
       .operation = "entries.create",
       .needs = Needs::at_least(Role::kOperator),
       .summary = "Values by hand: enter, correct (engineers), remove and restore with a reason.",
       .handler = [this](Call& call) { return post_entries(call, services_); },
       .body_bytes_max = kBodyBytesMax,
       .request_schema = "NewEntries",
       .response_schema = "EntryReceipt",
       .parameters = {{"dry_run", "query", "boolean",
                       "true: says what would be replaced, and enters nothing."},
                      {"tag", "query", "string", "Of CSV without that column."},
                      {"why", "query", "string", "Of CSV without that column."},
                      {"override", "query", "boolean",
                       "Of CSV: true enters values outside the valid range."}},
       .audited = true});
  router_.add(
      {.method = "GET",
       .pattern = "/api/v1/entries",
       .operation = "entries.list",
       .needs = Needs::at_least(Role::kViewer),
       .summary = "What was entered and corrected by hand: who, when, why, before and after.",
       .handler = [this](Call& call) { return list_entries(call, services_); },
       .response_schema = "Entries",
       .parameters = {{"tag", "query", "string", "Path of one tag."},
                      {"asset", "query", "string", "Path of an asset: all below it."},
                      {"from", "query", "string", "By the times of the samples; default all."},
                      {"to", "query", "string", "Excluded."},
                      {"before", "query", "string", "The `next` of the page before."},
                      {"limit", "query", "integer", "At most 1,000; default 100."}}});
  router_.add({.method = "GET",
               .pattern = "/api/v1/versions",
               .operation = "samples.versions",
               .needs = Needs::at_least(Role::kViewer),
               .summary = "Every version of a tag's samples that is kept, superseded ones too.",
               .handler = [this](Call& call) { return list_versions(call, services_); },
               .response_schema = "Versions",
               .parameters = {{"tag", "query", "string", "Path of the tag."},
                              {"from", "query", "string", "Default now-1d."},
                              {"to", "query", "string", "Default now; excluded."},
                              {"limit", "query", "integer", "At most 10,000; default 1,000."}}});
}

}  // namespace tundish::serve
