// A pack by the API: what it brings, and what its intervals say of posted samples.
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <thread>

#include "system/plant.h"

namespace tundish::test {
namespace {

class Packs : public PlantTest {
 protected:
  /// What is derived follows by itself, in a moment.
  wire::JsonValue intervals_when(const std::string& target,
                                 const std::function<bool(const wire::JsonValue&)>& holds) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (true) {
      auto answer = get(target);
      if (holds(answer)) return answer;
      if (std::chrono::steady_clock::now() > until) {
        ADD_FAILURE() << "not within half a minute";
        return answer;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
};

TEST_F(Packs, TheCatalogueHasEightWithTheirDrawings) {
  const auto list = get("/api/v1/packs");
  const auto* packs = at(list, "packs").array();
  ASSERT_NE(packs, nullptr);
  EXPECT_GE(packs->size(), 8u);
  for (const auto& pack : *packs) {
    EXPECT_GE(number_at(pack, "kpis"), 3) << text_at(pack, "name");
    EXPECT_FALSE(text_at(pack, "words.zh").empty()) << text_at(pack, "name");
    const auto drawing = here().get(viewer_, text_at(pack, "drawing"));
    EXPECT_EQ(drawing.status, 200) << text_at(pack, "name");
    EXPECT_EQ(drawing.header("Content-Type"), "image/svg+xml");
    EXPECT_NE(drawing.header("Content-Security-Policy").find("sandbox"), std::string::npos);
  }
  EXPECT_EQ(here().get(viewer_, "/api/v1/packs/stele").status, 404);
  EXPECT_EQ(here().get(viewer_, "/api/v1/packs/steel/..%2fpack.yaml").status, 404);
}

TEST_F(Packs, AnInstalledPackFindsHeatsInSamples) {
  const auto preview =
      here().post(engineer_, "/api/v1/packs/steel/apply?dry_run=true&plant=true", "");
  EXPECT_GT(number_at(preview.json(), "changes_total"), 20);
  EXPECT_EQ(get("/api/v1/packs/steel").find("applied"), nullptr) << "a preview changes nothing";
  const auto applied =
      here().post(engineer_, "/api/v1/packs/steel/apply?dry_run=false&plant=true", "");
  ASSERT_EQ(applied.status, 200) << applied.body.substr(0, 500);
  const auto again = get("/api/v1/packs/steel");
  // Nothing is left to change.
  const std::string apply = "/api/v1/packs/steel/apply?dry_run=true&plant=true";
  EXPECT_EQ(number_at(here().post(engineer_, apply, "").json(), "changes_total"), 0);
  EXPECT_EQ(text_at(again, "applied.version"), text_at(again, "version"));

  const std::string bof = "works-01/works/steelmaking/bof1";
  post(bof + "/heat_number", {{"08:00:00", "\"H000001\""}, {"08:40:00", "\"H000002\""}});
  const std::string day = "&from=2024-03-10T00:00:00Z&to=2024-03-11T00:00:00Z";
  const std::string target = "/api/v1/intervals?kind=heat&asset=" + bof + day;
  auto heats = intervals_when(target, [](const wire::JsonValue& answer) {
    return at(answer, "intervals").array()->size() == 2;
  });
  ASSERT_EQ(at(heats, "intervals").array()->size(), 2u);
  EXPECT_EQ(text_at(heats, "intervals.0.label"), "H000001");
  EXPECT_EQ(text_at(heats, "intervals.0.to"), "2024-03-10T08:40:00Z");
  EXPECT_TRUE(at(heats, "intervals.1.to").is_null());

  const auto id = number_at(heats, "intervals.0.id");
  const std::string remarks = fmt::format("/api/v1/intervals/{}/annotations", id);
  const std::string body = R"({"text":"slopped twice"})";
  EXPECT_EQ(here().post(viewer_, remarks, body).status, 403);
  EXPECT_EQ(here().post(here().token("other-01", Role::kAdministrator), remarks, body).status, 404);
  EXPECT_EQ(here().post(engineer_, remarks, R"({"text":""})").status, 400);
  EXPECT_EQ(here().post(engineer_, remarks, body).status, 204);
  heats = get(target);
  EXPECT_EQ(text_at(heats, "intervals.0.annotations.0.text"), "slopped twice");

  // Assets of another version of a template, as an upgrade finds them.
  make_template("energy_meter",
                R"json({"attributes":{"odd":{"measured":"double","unit":"kW"}}})json");
  const auto upgrade =
      here().post(engineer_, "/api/v1/templates/energy_meter/upgrade?dry_run=false", "");
  EXPECT_EQ(upgrade.status, 200) << upgrade.body.substr(0, 300);
  const auto changes = here().post(engineer_, apply, "").json();
  bool tells_odd = false;
  for (const auto& change : *at(changes, "changes").array())
    tells_odd |= text_at(change, "item") == "attribute odd" && text_at(change, "kind") == "removed";
  EXPECT_TRUE(tells_odd);

  // A late number ends the first heat earlier; it stays the same heat.
  post(bof + "/heat_number", {{"08:30:00", "\"H000002\""}});
  heats = intervals_when(target, [](const wire::JsonValue& answer) {
    return text_at(answer, "intervals.0.to") == "2024-03-10T08:30:00Z";
  });
  EXPECT_EQ(number_at(heats, "intervals.0.id"), id);
  EXPECT_EQ(text_at(heats, "intervals.0.to"), "2024-03-10T08:30:00Z");
}

}  // namespace
}  // namespace tundish::test
