#pragma once

#include <string>
#include <string_view>

#include "serve/router.h"

namespace tundish::serve {

/// The OpenAPI 3.1 document of a router's routes: made from the same table that dispatches, so the
/// two cannot differ.
std::string openapi_document(const Router& router, std::string_view version);

/// The JSON Schemas that routes name, as one JSON object's members (openapi_schemas.cc).
std::string_view openapi_schemas();

}  // namespace tundish::serve
