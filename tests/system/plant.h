#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "system/installation.h"

namespace tundish::test {

/// A plant by the API: samples first, so that attributes find their tags.
class PlantTest : public InstallationTest {
 protected:
  void SetUp() override {
    engineer_ = here().token("works-01", Role::kEngineer, true);
    viewer_ = here().token("works-01", Role::kViewer);
  }

  struct Reading {
    const char* time;   ///< of 2024-03-10, or the whole time
    std::string value;  ///< JSON
    const char* quality = "Good";
  };
  void post(const std::string& tag, const std::vector<Reading>& readings) {
    std::string body;
    for (const auto& [time, value, quality] : readings) {
      const std::string_view text = time;
      const std::string whole =
          text.size() > 10 ? std::string(text) : fmt::format("2024-03-10T{}Z", text);
      body += fmt::format(R"({}{{"tag":"{}","time":"{}","value":{},"quality":"{}"}})",
                          body.empty() ? "" : ",", tag, whole, value, quality);
    }
    const auto answer =
        here().post(engineer_, "/api/v1/samples", fmt::format(R"({{"samples":[{}]}})", body));
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(number_at(answer.json(), "refused"), 0) << answer.body;
  }
  void make_template(const std::string& name, const std::string& json) {
    const auto answer = here().ask(
        engineer_, {.method = "PUT", .target = "/api/v1/templates/" + name, .body = json});
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  void make_assets(const std::string& json) {
    const auto answer = here().post(engineer_, "/api/v1/assets", json);
    ASSERT_EQ(answer.status, 201) << answer.body;
  }
  wire::JsonValue get(const std::string& target, int status = 200) {
    const auto answer = here().get(viewer_, target);
    EXPECT_EQ(answer.status, status) << target << ": " << answer.body;
    return answer.json();
  }
  wire::JsonValue ask(const std::string& target, const std::string& body, int status = 200) {
    const auto answer = here().post(viewer_, target, body);
    EXPECT_EQ(answer.status, status) << body << ": " << answer.body;
    return answer.json();
  }
  /// NaN for what is null or not there.
  static double real_at(const wire::JsonValue& value, std::string_view path) {
    return at(value, path).number().value_or(std::numeric_limits<double>::quiet_NaN());
  }

  Caller engineer_, viewer_;
};

}  // namespace tundish::test
