#include "serve/http.h"

#include <gtest/gtest.h>

namespace tundish::serve {
namespace {

TEST(Http, Targets) {
  Request request;
  ASSERT_TRUE(parse_target("/api/v1/latest?tag=steel-01%2F**&tag=a+b&limit=5&flag", request));
  EXPECT_EQ(request.path, "/api/v1/latest");
  EXPECT_EQ(request.parameters("tag"), (std::vector<std::string_view>{"steel-01/**", "a b"}));
  EXPECT_EQ(request.parameter("limit"), "5");
  EXPECT_EQ(request.parameter("flag"), "");
  EXPECT_EQ(request.parameter("none"), std::nullopt);
  for (const char* bad : {"", "api", "/a%2", "/a%zz", "/a%00b", "/a?b=%0"}) {
    Request other;
    EXPECT_FALSE(parse_target(bad, other)) << bad;
  }
}

TEST(Http, Cookies) {
  Request request;
  request.headers["cookie"] = "a=1; tundish_session=secret; xtundish_session=no";
  EXPECT_EQ(request.cookie("tundish_session"), "secret");
  EXPECT_EQ(request.cookie("session"), std::nullopt);
}

TEST(Http, EveryErrorHasAStatusAndAProblem) {
  for (int code = 0; code <= static_cast<int>(ErrorCode::kInternal); ++code) {
    const auto response =
        problem_response({static_cast<ErrorCode>(code), "what <happened> \"here\"", "a.b"});
    EXPECT_GE(response.status, 400);
    EXPECT_NE(response.body.find("\\\"here\\\""), std::string::npos);
    EXPECT_NE(response.body.find("\"where\":\"a.b\""), std::string::npos);
  }
  EXPECT_EQ(http_status(ErrorCode::kDiskFull), 507);
}

}  // namespace
}  // namespace tundish::serve
