// Retention by the API: what rules take is refused, hidden and told before it happens.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/time.h"
#include "io/clock.h"
#include "system/installation.h"

namespace tundish::test {
namespace {

class RetentionApi : public InstallationTest {
 protected:
  void SetUp() override {
    administrator_ = here().token("works-01", Role::kAdministrator, true);
    now_ = io::real_clock().now();
  }
  Answer send(int days_ago, const std::string& tag) {
    return here().post(administrator_, "/api/v1/samples",
                       fmt::format(R"({{"samples":[{{"tag":"{}","time":"{}","value":{}}}]}})", tag,
                                   format_time(now_ - days_ago * kDay), days_ago));
  }
  std::size_t rows_of(const std::string& tag) {
    const auto answer =
        here().post(administrator_, "/api/v1/query",
                    fmt::format(R"({{"tags":["{}"],"from":"now-100d","to":"now+1d"}})", tag));
    EXPECT_EQ(answer.status, 200) << answer.body;
    return at(answer.json(), "series.0.values").array()->size();
  }
  Answer rules(const std::string& text) {
    return here().ask(administrator_,
                      {.method = "PUT", .target = "/api/v1/retention", .body = text});
  }

  Caller administrator_;
  TimeNs now_ = 0;
};

TEST_F(RetentionApi, RulesTakeWhatIsOlderAndSayItBefore) {
  for (const int days : {0, 5, 20, 60}) {
    ASSERT_EQ(send(days, "works-01/kept/short").status, 200);
    ASSERT_EQ(send(days, "works-01/kept/long").status, 200);
  }
  const std::string text = "works-01/kept/short: 10 d\nworks-01/kept/long: 30 d\n";
  const auto preview = here().post(administrator_, "/api/v1/retention/preview", text).json();
  EXPECT_EQ(number_at(preview, "rules.0.tags"), 1);
  EXPECT_EQ(number_at(preview, "classes.0.keep_days"), 10);
  EXPECT_EQ(number_at(preview, "classes.0.shortened"), 1);
  EXPECT_EQ(rows_of("works-01/kept/short"), 4u) << "a preview changes nothing";

  const auto saved = rules(text);
  ASSERT_EQ(saved.status, 200) << saved.body;
  EXPECT_EQ(rows_of("works-01/kept/short"), 2u);
  EXPECT_EQ(rows_of("works-01/kept/long"), 3u);
  const auto late = send(20, "works-01/kept/short");
  EXPECT_NE(late.body.find("BeyondRetention"), std::string::npos) << late.body;
  EXPECT_EQ(rows_of("works-01/kept/short"), 2u);
  EXPECT_EQ(send(20, "works-01/kept/long").status, 200);

  // A mistake changes nothing and says where it is.
  const auto wrong = rules("works-01/kept/short: 1 d\nmeasurd: 90 d\n");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(text_at(wrong.json(), "where"), "retention:2:1");
  EXPECT_EQ(text_at(here().get(administrator_, "/api/v1/retention").json(), "text"), text);
  ASSERT_EQ(rules("").status, 200);
  EXPECT_EQ(rows_of("works-01/kept/short"), 2u) << "what is gone does not come back";
  EXPECT_EQ(send(20, "works-01/kept/short").body.find("accepted\":1") == std::string::npos, true);
}

}  // namespace
}  // namespace tundish::test
