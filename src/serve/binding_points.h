#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "binding/binding.h"
#include "serve/http.h"
#include "serve/services.h"
#include "wire/json/json_value.h"

namespace tundish::serve {

inline constexpr std::size_t kBindingPointsMax = 20'000;  ///< of one request
inline constexpr std::uint64_t kBindingBody = 16 << 20;

/// A point, and where its samples are or come from.
struct BindingPoint {
  binding::FoundPoint found;
  std::string name;                       ///< as the list, the server or the tag calls it
  std::string address;                    ///< as the list writes it
  std::string tag;                        ///< path of a tag that exists; empty: none that is known
  std::string namespace_uri, identifier;  ///< of a node at a connection; empty: none
};

/// What a request asks proposals for: points that it brings, or where to find them.
struct BindingRequest {
  std::string pack;   ///< empty: what the enterprise has and the pack of its industry
  std::string under;  ///< path below which assets are proposed
  std::vector<BindingPoint> points;
  std::string tags;              ///< a glob; empty: not asked
  std::uint64_t connection = 0;  ///< 0: none
  std::string namespace_uri, identifier;
};

/// Reads the body by its content type: text/csv a register list, else JSON with one of `points`, `birth` (a decoded
/// Sparkplug birth), `tags` and `connection`. Errors: kInvalidArgument with the place, kTooLarge.
Result<BindingRequest> read_binding_request(const Request& request);

/// Points from tags that match the glob and that no attribute is bound to. `left_off`: how many more there are.
/// Errors: as TagCatalogue::match.
Result<std::vector<BindingPoint>> unbound_tags(const Services& services, EnterpriseId enterprise,
                                               const std::string& pattern, std::size_t& left_off);
/// Points from the variables at and below a node of a connection's server, at most kBindingPointsMax; `whole` is false
/// when there are more. Errors: as Connections::browse; kTimeout after a minute.
Result<std::vector<BindingPoint>> browsed_points(const Services& services, EnterpriseId enterprise,
                                                 const BindingRequest& asked, bool& whole);
/// Finds for points of a list the tag that is called as they are: by its whole path, below the enterprise, or when it
/// is the only one, by the end of its path.
Status find_tags_of(const Services& services, EnterpriseId enterprise, const std::string& code,
                    std::vector<BindingPoint>& points);

/// A template whose attributes are on offer.
struct OfferedTemplate {
  std::string pack;  ///< it came from; empty: made here
  bool installed = false;
  TemplateDefinition resolved;  ///< with what it inherits
};
struct Offer {
  std::vector<OfferedTemplate> templates;
  std::vector<binding::Candidate> candidates;
  std::vector<std::size_t> template_of;  ///< by candidate
};

/// The measured attributes that points may be: of the pack that is named; else of all templates that the enterprise
/// has and of the pack of its industry; else of every pack. Errors: kNotFound with the nearest name.
Result<Offer> offer_of(const Services& services, EnterpriseId enterprise, std::string_view pack);

/// Paths of the assets that points form. Points of one group and template are one asset; where a group has several
/// templates, that of most points has the group's path and the others a level below it.
class AssetPaths {
 public:
  /// `keep_folders`: groups are folders below the enterprise already (tags).
  AssetPaths(std::string under, bool keep_folders);
  void count(const std::string& group, const std::string& template_name);
  /// After all were counted: what all groups have above them in common is left out.
  void settle();
  std::string path(const std::string& group, const std::string& template_name) const;

 private:
  std::string under_;
  bool keep_folders_;
  std::map<std::string, std::map<std::string, std::size_t>> counts_;
  std::size_t common_ = 0;  ///< levels that all groups begin with
};

}  // namespace tundish::serve
