#include "app/samples_check.h"

#include "app/client.h"
#include "historian/historian.h"
#include "io/disk.h"
#include "wire/json/json_value.h"

namespace tundish::app {
namespace {

/// What a running process answered. Errors: kRemote when it is no report.
Result<VerifyReport> parse_report(std::string_view text) {
  const auto json = wire::parse_json(text);
  const auto* damage = json ? json->find("damage") : nullptr;
  if (damage == nullptr || damage->array() == nullptr)
    return fail(ErrorCode::kRemote, "the report cannot be read");
  const auto number = [](const wire::JsonValue& object, std::string_view name) {
    const auto* value = object.find(name);
    return value != nullptr && value->integer() != nullptr
               ? static_cast<std::uint64_t>(*value->integer())
               : 0;
  };
  const auto text_of = [](const wire::JsonValue& object, std::string_view name) {
    const auto* value = object.find(name);
    return value != nullptr && value->string() != nullptr ? *value->string() : std::string();
  };
  VerifyReport report{number(*json, "files"),
                      number(*json, "bytes"),
                      number(*json, "records"),
                      number(*json, "chunks"),
                      {}};
  for (const auto& one : *damage->array())
    report.damage.push_back({text_of(one, "file"), number(one, "offset"), text_of(one, "what"),
                             text_of(one, "quarantined")});
  return report;
}

}  // namespace

Result<VerifyReport> verify_unserved(const std::string& folder) {
  TUNDISH_TRY(const auto disk, io::open_real_disk(folder));
  return historian::verify_folder(*disk);
}

Result<VerifyReport> verify_served(const std::string& folder) {
  TUNDISH_TRY(const auto client, connect_to_folder(folder));
  TUNDISH_TRY(const auto answer, client->ask({.target = "/api/v1/verify"}));
  return parse_report(answer);
}

}  // namespace tundish::app
