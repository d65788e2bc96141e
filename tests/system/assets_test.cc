// The asset model by HTTP: templates, assets, an upgrade and its undo, the tree, moves, and the model as text.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "system/installation.h"

namespace tundish::test {
namespace {

class AssetModel : public InstallationTest {
 protected:
  Caller engineer() { return here().token("works-01", Role::kEngineer, true); }
  Answer put(const Caller& caller, std::string target, std::string body) {
    return here().ask(caller,
                      {.method = "PUT", .target = std::move(target), .body = std::move(body)});
  }
  Answer patch(const Caller& caller, std::string target, std::string body) {
    return here().ask(caller,
                      {.method = "PATCH", .target = std::move(target), .body = std::move(body)});
  }
  /// A template and an asset of it; the asset's id.
  std::int64_t make(const Caller& caller, const std::string& name, const std::string& path) {
    const auto saved = put(caller, "/api/v1/templates/" + name,
                           R"json({"attributes":{"power":{"measured":"double","unit":"kW"},
"twice":{"formula":"power * 2","unit":"kW"}}})json");
    EXPECT_EQ(saved.status, 200) << saved.body;
    const auto made =
        here().post(caller, "/api/v1/assets",
                    fmt::format(R"({{"assets":[{{"path":"{}","template":"{}"}}]}})", path, name));
    EXPECT_EQ(made.status, 201) << made.body;
    return number_at(made.json(), "assets.0");
  }
};

TEST_F(AssetModel, AnAssetIsMovedAndKeepsItsTags) {
  const auto caller = engineer();
  const auto id = make(caller, "pump", "works-01/hall/p1");
  EXPECT_EQ(
      here()
          .post(
              caller, "/api/v1/samples",
              R"({"samples":[{"tag":"works-01/hall/p1/power","time":1700000000000000000,"value":5}]})")
          .status,
      200);
  const std::string at_id = fmt::format("/api/v1/assets/{}", id);
  const auto asset = here().get(caller, at_id).json();
  EXPECT_EQ(text_at(asset, "path"), "works-01/hall/p1");
  EXPECT_EQ(text_at(asset, "attributes.power.tag.path"), "works-01/hall/p1/power");
  EXPECT_EQ(number_at(asset, "attributes.twice.formula_version"), 1);
  const auto level = here().get(caller, "/api/v1/assets?under=works-01/hall").json();
  EXPECT_EQ(text_at(level, "children.0.asset.template"), "pump");
  EXPECT_EQ(number_at(level, "children.0.tags"), 2);

  const auto asked = patch(caller, at_id + "?dry_run=true", R"({"path":"works-01/yard/p9"})");
  EXPECT_EQ(text_at(asked.json(), "changes.1.to"), "works-01/yard/p9") << asked.body;
  EXPECT_EQ(text_at(here().get(caller, at_id).json(), "path"), "works-01/hall/p1");
  EXPECT_EQ(patch(caller, at_id, R"({"path":"works-01/yard/p9"})").status, 200);
  const auto latest = here().get(caller, "/api/v1/latest?tag=works-01/yard/p9/power").json();
  EXPECT_EQ(number_at(latest, "samples.0.value"), 5);
}

TEST_F(AssetModel, AnUpgradeIsShownDoneAndUndone) {
  const auto caller = engineer();
  const auto id = make(caller, "fan", "works-01/hall/f1");
  EXPECT_EQ(
      put(caller, "/api/v1/templates/fan",
          R"json({"attributes":{"power":{"measured":"double","unit":"kW","valid":[0,9]}}})json")
          .status,
      200);
  const auto asked = here().post(caller, "/api/v1/templates/fan/upgrade", "").json();
  EXPECT_EQ(number_at(asked, "changes_total"), 3);
  EXPECT_EQ(text_at(asked, "changes.1.to"), "0 to 9");
  EXPECT_EQ(text_at(asked, "changes.2.kind"), "removed");
  const std::string at_id = fmt::format("/api/v1/assets/{}", id);
  EXPECT_EQ(number_at(here().get(caller, at_id).json(), "version"), 1);
  EXPECT_EQ(here().post(caller, "/api/v1/templates/fan/upgrade?dry_run=false", "").status, 200);
  EXPECT_EQ(number_at(here().get(caller, at_id).json(), "version"), 2);
  EXPECT_EQ(here().post(caller, "/api/v1/templates/undo?dry_run=false", "").status, 200);
  EXPECT_EQ(number_at(here().get(caller, at_id).json(), "version"), 1);
  const auto history = here().get(caller, "/api/v1/model/history?limit=1").json();
  EXPECT_EQ(text_at(history, "edits.0.action"), "templates.undo");
}

TEST_F(AssetModel, TheModelGoesOutAndInAsText) {
  const auto caller = engineer();
  make(caller, "valve", "works-01/hall/v1");
  for (const std::string format : {"yaml", "csv"}) {
    const auto text = here().get(caller, "/api/v1/model?format=" + format);
    ASSERT_EQ(text.status, 200) << text.body;
    const auto asked = here().post(caller, "/api/v1/model?format=" + format, text.body);
    EXPECT_EQ(asked.status, 200) << asked.body;
    EXPECT_EQ(number_at(asked.json(), "changes_total"), 0) << asked.body;
  }
  const auto wrong = here().post(caller, "/api/v1/model", "assets:\n  a: {templte: valve}\n");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(text_at(wrong.json(), "detail"),
            "line 2, column 7: an asset has no 'templte'; did you mean 'template'?");
  const auto refused = put(caller, "/api/v1/templates/valve",
                           R"json({"attributes":{"a":{"formula":"b"},"b":{"formula":"a"}}})json");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(
      text_at(refused.json(), "detail"),
      "the formulas go in a circle: template valve/a -> template valve/b -> template valve/a");
}

TEST_F(AssetModel, ASiteKeepsWhatAnOlderProgramDoesNotSay) {
  const auto caller = engineer();
  const auto made = here().post(
      caller, "/api/v1/sites",
      R"({"code":"hall","name":"Hall","time_zone":"UTC","language":"zh","currency":"CNY","unit_system":"us"})");
  ASSERT_EQ(made.status, 201) << made.body;
  const auto put_back = put(caller, fmt::format("/api/v1/sites/{}", number_at(made.json(), "id")),
                            R"({"code":"hall","name":"Hall 1","time_zone":"UTC"})");
  EXPECT_EQ(text_at(put_back.json(), "currency"), "CNY");
  EXPECT_EQ(text_at(put_back.json(), "unit_system"), "us");
}

}  // namespace
}  // namespace tundish::test
