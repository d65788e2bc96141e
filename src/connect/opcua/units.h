#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tundish::connect::opcua {

/// The UCUM code of an engineering unit as a server gives it (OPC 10000-8, 5.6.4.3): `unit_id` is a
/// UNECE Recommendation 20 common code packed into an integer (`CEL` = 0x43454C) when
/// `namespace_uri` says so. Codes and names that are not in our table give the display name.
std::string ucum_of(std::string_view namespace_uri, std::int32_t unit_id,
                    std::string_view display_name);

}  // namespace tundish::connect::opcua
