#include "asset/enterprises.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "asset/time_zone.h"
#include "model/name.h"
#include "model/tag_path.h"
#include "model/text.h"

namespace tundish::asset {

using io::sqlite::Statement;
using io::sqlite::Transaction;

namespace {

constexpr std::size_t kNameBytesMax = 200;
constexpr std::size_t kWordBytesMax = 100;  // industry, region, code of a site

std::unexpected<Error> no_enterprise() {
  return fail(ErrorCode::kNotFound, "there is no such enterprise");
}
std::unexpected<Error> no_site() { return fail(ErrorCode::kNotFound, "there is no such site"); }

Status check_code(std::string_view code) {
  const bool allowed = std::ranges::all_of(
      code, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
  if (code.empty() || code.size() > 40 || !allowed)
    return fail(ErrorCode::kInvalidArgument,
                "the code of an enterprise is 1 to 40 lower-case letters, digits and -", "code");
  return {};
}

Status check_texts(const Enterprise& enterprise) {
  TUNDISH_RETURN_IF_ERROR(check_text(enterprise.name, 1, kNameBytesMax, "name"));
  TUNDISH_RETURN_IF_ERROR(check_text(enterprise.industry, 0, kWordBytesMax, "industry"));
  return check_text(enterprise.region, 0, kWordBytesMax, "region");
}

Status check_site(const Site& site) {
  TUNDISH_RETURN_IF_ERROR(check_text(site.code, 1, kWordBytesMax, "code"));
  if (site.code != encode_name(decode_name(site.code)))
    return fail(ErrorCode::kInvalidArgument,
                "the code of a site is one name of a path: / * % are written %2F %2A %25", "code");
  TUNDISH_RETURN_IF_ERROR(check_text(site.name, 1, kNameBytesMax, "name"));
  TUNDISH_RETURN_IF_ERROR(check_text(site.region, 0, kWordBytesMax, "region"));
  TUNDISH_RETURN_IF_ERROR(check_time_zone(site.time_zone));
  if (site.latitude.has_value() != site.longitude.has_value())
    return fail(ErrorCode::kInvalidArgument, "latitude and longitude come together", "latitude");
  // Written so that NaN is outside.
  if (site.latitude && !(*site.latitude >= -90 && *site.latitude <= 90))
    return fail(ErrorCode::kInvalidArgument, "latitude is -90 to 90 degrees", "latitude");
  if (site.longitude && !(*site.longitude >= -180 && *site.longitude <= 180))
    return fail(ErrorCode::kInvalidArgument, "longitude is -180 to 180 degrees", "longitude");
  static constexpr std::array<std::string_view, 6> kLanguages{"", "en", "es", "pt", "ru", "zh"};
  if (std::ranges::find(kLanguages, site.language) == kLanguages.end())
    return fail(ErrorCode::kInvalidArgument, "a language is en, es, pt, ru or zh", "language");
  const bool is_code = site.currency.size() == 3 && std::ranges::all_of(site.currency, [](char c) {
                         return c >= 'A' && c <= 'Z';
                       });
  if (!site.currency.empty() && !is_code)
    return fail(ErrorCode::kInvalidArgument,
                "a currency is its three letters by ISO 4217, such as CNY", "currency");
  return {};
}

}  // namespace

Enterprises::Enterprises(io::sqlite::Database& database, io::Clock& clock)
    : database_(database), clock_(clock) {}

Status Enterprises::load() {
  const TurnLock turn(writing_, state_);
  TUNDISH_TRY(Transaction transaction, database_.begin_read());
  const PublishLock state(state_);  // nobody waits for it yet
  TUNDISH_TRY(Statement rows, transaction.prepare("SELECT id, code, name, industry, region, "
                                                  "simulated, created FROM asset_enterprise"));
  while (true) {
    TUNDISH_TRY(const bool more, rows.next());
    if (!more) break;
    Enterprise enterprise{.id = EnterpriseId(rows.integer_as<std::uint32_t>(0)),
                          .code = rows.text(1),
                          .name = rows.text(2),
                          .industry = rows.text(3),
                          .region = rows.text(4),
                          .simulated = rows.boolean(5),
                          .created = rows.integer(6)};
    by_code_[enterprise.code] = enterprise.id;
    by_id_.emplace(enterprise.id, std::move(enterprise));
  }
  TUNDISH_TRY(Statement sites, transaction.prepare("SELECT id, enterprise, code, name, time_zone, "
                                                   "region, latitude, longitude, language, "
                                                   "currency, unit_system FROM asset_site"));
  while (true) {
    TUNDISH_TRY(const bool more, sites.next());
    if (!more) return {};
    Site site{.id = sites.integer_as<std::uint64_t>(0),
              .enterprise = EnterpriseId(sites.integer_as<std::uint32_t>(1)),
              .code = sites.text(2),
              .name = sites.text(3),
              .time_zone = sites.text(4),
              .region = sites.text(5),
              .latitude = sites.optional_real(6),
              .longitude = sites.optional_real(7),
              .language = sites.text(8),
              .currency = sites.text(9),
              .unit_system = sites.integer_as<UnitSystem>(10)};
    sites_.emplace(site.id, std::move(site));
  }
}

// --- enterprises -------------------------------------------------------------------------------

std::vector<Enterprise> Enterprises::enterprises() const {
  const ReadLock state(state_);
  std::vector<Enterprise> all;
  all.reserve(by_id_.size());
  for (const auto& [id, enterprise] : by_id_) all.push_back(enterprise);
  return all;
}

std::optional<Enterprise> Enterprises::find(EnterpriseId id) const {
  const ReadLock state(state_);
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return std::nullopt;
  return found->second;
}

std::optional<Enterprise> Enterprises::find(std::string_view code) const {
  const ReadLock state(state_);
  const auto found = by_code_.find(std::string(code));
  if (found == by_code_.end()) return std::nullopt;
  return by_id_.at(found->second);
}

std::string Enterprises::code_of(EnterpriseId id) const {
  const ReadLock state(state_);
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? std::string() : found->second.code;
}

Result<Enterprise> Enterprises::create(Enterprise enterprise) {
  TUNDISH_RETURN_IF_ERROR(check_code(enterprise.code));
  if (enterprise.name.empty()) enterprise.name = enterprise.code;
  TUNDISH_RETURN_IF_ERROR(check_texts(enterprise));
  TUNDISH_RETURN_IF_ERROR(check_new_name(enterprise.name, 1, kNameBytesMax, "name"));
  enterprise.created = clock_.now();

  const TurnLock turn(writing_, state_);
  TUNDISH_TRY(Transaction transaction, database_.begin());
  const auto inserted = transaction.run(
      "INSERT INTO asset_enterprise(code, name, industry, region, simulated, created) "
      "VALUES(?, ?, ?, ?, ?, ?)",
      enterprise.code, enterprise.name, enterprise.industry, enterprise.region,
      enterprise.simulated, enterprise.created);
  if (!inserted) {
    if (inserted.error().code == ErrorCode::kAlreadyExists)
      return fail(ErrorCode::kAlreadyExists,
                  fmt::format("there is an enterprise '{}' already", enterprise.code), "code");
    return fail(inserted.error());
  }
  const std::int64_t id = transaction.last_insert_id();
  if (id > std::numeric_limits<std::uint32_t>::max())
    return fail(ErrorCode::kTooLarge, "there are no more ids for enterprises");
  enterprise.id = EnterpriseId(static_cast<std::uint32_t>(id));
  TUNDISH_RETURN_IF_ERROR(transaction.commit());
  const PublishLock state(state_);
  by_code_[enterprise.code] = enterprise.id;
  by_id_.emplace(enterprise.id, enterprise);
  return enterprise;
}

Result<Enterprise> Enterprises::update(EnterpriseId id, const EnterprisePatch& patch) {
  const TurnLock turn(writing_, state_);
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return no_enterprise();
  Enterprise changed = found->second;
  if (patch.name) changed.name = *patch.name;
  if (patch.industry) changed.industry = *patch.industry;
  if (patch.region) changed.region = *patch.region;
  TUNDISH_RETURN_IF_ERROR(check_texts(changed));
  if (patch.name && *patch.name != found->second.name)
    TUNDISH_RETURN_IF_ERROR(check_new_name(*patch.name, 1, kNameBytesMax, "name"));
  TUNDISH_TRY(Transaction transaction, database_.begin());
  TUNDISH_RETURN_IF_ERROR(
      transaction.run("UPDATE asset_enterprise SET name = ?, industry = ?, region = ? WHERE id = ?",
                      changed.name, changed.industry, changed.region, id.value()));
  TUNDISH_RETURN_IF_ERROR(transaction.commit());
  const PublishLock state(state_);
  return found->second = std::move(changed);
}

// --- sites -------------------------------------------------------------------------------------

std::vector<Site> Enterprises::sites(EnterpriseId enterprise) const {
  std::vector<Site> found;
  {
    const ReadLock state(state_);
    for (const auto& [id, site] : sites_)
      if (site.enterprise == enterprise) found.push_back(site);
  }
  std::ranges::sort(found, {}, &Site::code);
  return found;
}

Result<Site> Enterprises::save_site(Site site) {
  TUNDISH_RETURN_IF_ERROR(check_site(site));
  if (site.id == 0) {
    TUNDISH_RETURN_IF_ERROR(check_new_path("-/" + site.code));
    TUNDISH_RETURN_IF_ERROR(check_new_name(site.name, 1, kNameBytesMax, "name"));
  }
  const TurnLock turn(writing_, state_);
  if (!by_id_.contains(site.enterprise)) return no_enterprise();
  if (site.id != 0) {
    const auto found = sites_.find(site.id);
    if (found == sites_.end() || found->second.enterprise != site.enterprise) return no_site();
    if (found->second.code != site.code)
      return fail(ErrorCode::kConflict, "a site's code is part of its tags' paths and stays",
                  "code");
  }
  TUNDISH_TRY(Transaction transaction, database_.begin());
  // A new row gets a new id, an old one keeps what it has.
  const auto saved = transaction.run(
      "INSERT INTO asset_site(id, enterprise, code, name, time_zone, region, latitude, longitude, "
      "language, currency, unit_system) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT(id) DO UPDATE SET name = excluded.name, time_zone = excluded.time_zone, "
      "region = excluded.region, latitude = excluded.latitude, longitude = excluded.longitude, "
      "language = excluded.language, currency = excluded.currency, "
      "unit_system = excluded.unit_system",
      site.id == 0 ? std::nullopt : std::optional(site.id), site.enterprise.value(), site.code,
      site.name, site.time_zone, site.region, site.latitude, site.longitude, site.language,
      site.currency, static_cast<int>(site.unit_system));
  if (!saved) {
    if (saved.error().code == ErrorCode::kAlreadyExists)
      return fail(ErrorCode::kAlreadyExists, fmt::format("there is a site '{}' already", site.code),
                  "code");
    return fail(saved.error());
  }
  if (site.id == 0) site.id = static_cast<std::uint64_t>(transaction.last_insert_id());
  TUNDISH_RETURN_IF_ERROR(transaction.commit());
  const PublishLock state(state_);
  sites_.insert_or_assign(site.id, site);
  ++site_changes_;
  return site;
}

Status Enterprises::remove_site(EnterpriseId enterprise, std::uint64_t id) {
  const TurnLock turn(writing_, state_);
  const auto found = sites_.find(id);
  if (found == sites_.end() || found->second.enterprise != enterprise) return no_site();
  TUNDISH_TRY(Transaction transaction, database_.begin());
  TUNDISH_RETURN_IF_ERROR(transaction.run("DELETE FROM asset_site WHERE id = ?", id));
  TUNDISH_RETURN_IF_ERROR(transaction.commit());
  const PublishLock state(state_);
  sites_.erase(found);
  ++site_changes_;
  return {};
}

}  // namespace tundish::asset
