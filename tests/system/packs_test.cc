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

/// The element of the first drawing; null when there is none.
const wire::JsonValue* element_of(const wire::JsonValue& screens, std::string_view name) {
  for (const auto& screen : *at(screens, "screens").array())
    for (const auto& shown : *at(screen, "shown").array())
      if (shown.find("element") != nullptr && text_at(shown, "element") == name) return &shown;
  return nullptr;
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
TEST_F(Packs, ScreensFindTheirAssetsByNameFormerNameAndTemplate) {
  EXPECT_EQ(element_of(get("/api/v1/screens"), "reformer"), nullptr) << "no pack, no screens";
  ASSERT_EQ(here().post(engineer_, "/api/v1/packs/chemicals/apply?dry_run=false", "").status, 200);
  const auto bare = get("/api/v1/screens");
  ASSERT_NE(element_of(bare, "reformer"), nullptr);
  EXPECT_NE(text_at(*element_of(bare, "reformer"), "problem").find("ammonia1/front/reformer"),
            std::string::npos);
  // A plant of one's own: there is one reformer in it, and one in the drawing.
  const auto own =
      here().post(engineer_, "/api/v1/assets",
                  R"({"assets":[{"path":"works-01/north/h101","template":"reformer"}]})");
  ASSERT_EQ(own.status, 201) << own.body;
  const auto by_template = get("/api/v1/screens");
  EXPECT_EQ(text_at(*element_of(by_template, "reformer"), "found_by"), "template");
  EXPECT_EQ(text_at(*element_of(by_template, "reformer"), "asset.path"), "works-01/north/h101");

  ASSERT_EQ(
      here().post(engineer_, "/api/v1/packs/chemicals/apply?dry_run=false&plant=true", "").status,
      200);
  const std::string reformer = "works-01/ammonia1/front/reformer";
  post(reformer + "/reformer_outlet_temp", {{"08:00:00", "815"}});
  const auto named = get("/api/v1/screens");
  const auto& before = *element_of(named, "reformer_outlet");
  EXPECT_EQ(text_at(before, "found_by"), "name");
  EXPECT_EQ(text_at(before, "tag"), reformer + "/reformer_outlet_temp");
  EXPECT_EQ(text_at(before, "unit"), "Cel");
  EXPECT_FALSE(*at(before, "simulated").boolean());
  EXPECT_GT(number_at(before, "valid.1"), number_at(before, "normal.1"));
  EXPECT_FALSE(*at(*element_of(named, "energy"), "together").boolean());

  const auto id = number_at(before, "asset.id");
  const auto renamed =
      here().ask(engineer_, {.method = "PATCH",
                             .target = fmt::format("/api/v1/assets/{}", id),
                             .body = R"({"path":"works-01/ammonia1/gas/primary"})"});
  ASSERT_EQ(renamed.status, 200) << renamed.body;
  const auto later = get("/api/v1/screens");
  const auto& after = *element_of(later, "reformer_outlet");
  EXPECT_EQ(text_at(after, "found_by"), "former_name");
  EXPECT_EQ(number_at(after, "asset.id"), id);
  EXPECT_EQ(text_at(after, "tag"), "works-01/ammonia1/gas/primary/reformer_outlet_temp");
  EXPECT_EQ(text_at(after, "place"), "ammonia1/front/reformer");
  // Installing the plant again does not make a second one of what was renamed.
  const auto again =
      here().post(engineer_, "/api/v1/packs/chemicals/apply?dry_run=false&plant=true", "");
  EXPECT_EQ(number_at(again.json(), "changes_total"), 0) << again.body.substr(0, 500);
}

TEST_F(Packs, AlarmsOfAScreenAreThoseWhoseConditionHolds) {
  ASSERT_EQ(
      here().post(engineer_, "/api/v1/packs/mining/apply?dry_run=false&plant=true", "").status,
      200);
  EXPECT_TRUE(at(get("/api/v1/screens/alarms?pack=mining"), "alarms").array()->empty())
      << "nothing is known";
  const std::string bearing = "works-01/mine/concentrator/sag1/mill_bearing_temp";
  const auto now = std::chrono::system_clock::now();
  const auto at_second = [&](int ago) {
    return std::to_string(std::chrono::duration_cast<std::chrono::nanoseconds>(
                              (now - std::chrono::seconds(ago)).time_since_epoch())
                              .count());
  };
  const auto send = [&](int ago, double value) {
    const auto body = fmt::format(R"({{"samples":[{{"tag":"{}","time":{},"value":{}}}]}})", bearing,
                                  at_second(ago), value);
    ASSERT_EQ(here().post(engineer_, "/api/v1/samples", body).status, 200);
  };
  send(90, 45);
  EXPECT_TRUE(at(get("/api/v1/screens/alarms?pack=mining"), "alarms").array()->empty());
  send(20, 80);
  const auto alarms = get("/api/v1/screens/alarms?pack=mining");
  ASSERT_EQ(at(alarms, "alarms").array()->size(), 1u);
  EXPECT_EQ(text_at(alarms, "alarms.0.alarm"), "mill_bearing_hot");
  EXPECT_EQ(text_at(alarms, "alarms.0.priority"), "critical");
  EXPECT_EQ(text_at(alarms, "alarms.0.inputs.0"), bearing);
  EXPECT_TRUE(at(get("/api/v1/screens/alarms?pack=vehicles"), "alarms").array()->empty());
}

}  // namespace tundish::test
