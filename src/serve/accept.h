#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "serve/http.h"

namespace tundish::serve {

/// Which of the media types in `offered` an Accept header asks for (RFC 9110, 12.5.1): the greatest
/// weight, then the more exact name, then the one named first. Without a header the first one.
/// Nothing when none is acceptable. Parameters other than `q` are not compared.
std::optional<std::size_t> choose_type(std::string_view accept,
                                       std::span<const std::string_view> offered);

/// 406: none of `offered` is acceptable.
Response not_acceptable(std::span<const std::string_view> offered);

}  // namespace tundish::serve
