#include <memory>
#include <string>

#include "serve/api.h"
#include "wire/json/json_value.h"
#include "wire/json/json_writer.h"

namespace tundish::serve {
namespace {

std::string backup_line(const BackupProgress& progress) {
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object().member("done", progress.done).member("name", progress.name);
  json.member("position", progress.position.value());
  json.member("files", progress.files).member("files_total", progress.files_total);
  json.member("files_reused", progress.files_reused);
  json.member("bytes", progress.bytes).member("bytes_total", progress.bytes_total);
  json.member("bytes_reused", progress.bytes_reused).key("unreadable").begin_array();
  for (const std::string& file : progress.unreadable) json.value(file);
  json.end_array().end_object();
  return text + "\n";
}

/// The answer has begun with 200 by now, so the failure is its last line.
std::string error_line(const Error& error) {
  std::string text;
  wire::JsonWriter json(text);
  json.begin_object().key("error").begin_object().member("code", error_code_name(error.code));
  json.member("detail", error.to_string()).end_object().end_object();
  return text + "\n";
}

}  // namespace

void Api::add_backup_routes() {
  router_.add(
      {.method = "POST",
       .pattern = "/api/v1/backup",
       .operation = "backup.create",
       .needs = Needs::owner_only(),
       .summary = "Copies the whole data folder, as of now, into a folder of backups on this "
                  "machine. A line of JSON for each piece; the last one says done or error.",
       .handler = [this](Call& call) -> Result<Response> {
         TUNDISH_TRY(const auto body, wire::parse_json(call.request.body));
         TUNDISH_RETURN_IF_ERROR(wire::check_members(body, {"to", "keep"}));
         TUNDISH_TRY(const auto to, wire::required_member<std::string>(body, "to"));
         TUNDISH_TRY(const auto keep, wire::optional_member<std::int64_t>(body, "keep"));
         if (keep && *keep < 0)
           return fail(ErrorCode::kInvalidArgument, "keep is a number from 0", "keep");
         TUNDISH_TRY(auto begun,
                     services_.backups.begin(to, static_cast<std::size_t>(keep.value_or(0))));
         Response response;
         response.with("Content-Type", "application/x-ndjson");
         response.stream = [run = std::shared_ptr<BackupRun>(std::move(begun))](
                               std::string& out) -> Result<bool> {
           const auto progress = run->next();
           out = progress ? backup_line(*progress) : error_line(progress.error());
           return progress && !progress->done;
         };
         call.audit_detail = to;
         return response;
       },
       .body_bytes_max = 64 << 10,
       .request_schema = "NewBackup",
       .response_schema = "BackupLine",
       .audited = true});
}

}  // namespace tundish::serve
