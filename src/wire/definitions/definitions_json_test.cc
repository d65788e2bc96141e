#include "wire/definitions/definitions_json.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <limits>

namespace tundish::wire {
namespace {

Result<TemplateDefinition> read(std::string_view text) {
  TUNDISH_TRY(const auto json, parse_json(text));
  return read_template(json);
}
std::string written(const TemplateDefinition& definition) {
  std::string text;
  JsonWriter json(text);
  write_template(json, definition);
  return text;
}
/// `where: message` of the mistake.
std::string mistake(std::string_view text) {
  const auto definition = read(text);
  if (definition) return "none";
  return definition.error().where + ": " + definition.error().message;
}

constexpr std::string_view kFurnace =
    R"json({"name":"blast_furnace","pack":"steel 1.0.0","extends":"equipment",
"words":{"en":"Blast furnace","zh":"高炉"},
"attributes":{
 "top_temp":{"measured":"double","unit":"Cel","normal":[100,250],"valid":[0,500.5],"aliases":["TT"]},
 "volume":{"constant":2500,"unit":"m3"}, "stages":{"constant":3,"type":"int64"},
 "hot":{"formula":"top_temp > 250 'Cel'","type":"bool","every":"10s"},
 "state":{"measured":"string"}},
"kpis":{"rate":{"ratio":{"of":"delta(coke, window)","by":"delta(iron, window)"},"unit":"kg/t","per":["shift"],"band":[490,540]},
 "temp":{"value":"avg(top_temp, window)","unit":"Cel","better":"more"}},
"alarms":{"hot":{"when":"hot","on_delay":"5s","priority":"critical","advice":{"en":"Look"}}},
"intervals":{"heat":{"by":"state","shortest":"1min","longest":"2h","within":"campaign","capture":{"temp":"max(top_temp, window)"}},
 "stop":{"during":"state = \"off\"","downtime":"planned",
  "cost":{"output":{"rate":"speed","made":"delta(iron, window)","target":"iron_rate","unit":"t","price":"margin"},
          "energy":{"used":"delta(energy, window)","unit":"kW.h"}}}}})json";

TEST(DefinitionsJson, ATemplateReadsBackAsItWasWritten) {
  const auto furnace = read(kFurnace);
  ASSERT_TRUE(furnace) << furnace.error().to_string();
  EXPECT_EQ(furnace->attributes.size(), 5u);
  EXPECT_EQ(furnace->attributes[0].valid, (Limits{0, 500.5}));
  EXPECT_FALSE(furnace->attributes[0].step);
  EXPECT_EQ(furnace->attributes[1].constant, Value(2500.0));
  EXPECT_EQ(furnace->attributes[2].constant, Value(std::int64_t{3}));
  EXPECT_EQ(furnace->attributes[3].every, 10 * kSecond);
  EXPECT_TRUE(furnace->attributes[4].step);
  EXPECT_EQ(furnace->kpis[0].by, "delta(iron, window)");
  EXPECT_TRUE(furnace->kpis[1].more_is_better);
  EXPECT_EQ(furnace->alarms[0].priority, AlarmPriority::kCritical);
  EXPECT_EQ(furnace->intervals[0].capture[0].second, "max(top_temp, window)");
  EXPECT_EQ(furnace->intervals[1].downtime, Downtime::kPlanned);
  EXPECT_EQ(furnace->intervals[1].cost.output.target, "iron_rate");
  EXPECT_EQ(furnace->intervals[1].cost.energy.amount, "delta(energy, window)");
  const auto again = read(written(*furnace));
  ASSERT_TRUE(again) << again.error().to_string();
  EXPECT_EQ(*again, *furnace);
}

TEST(DefinitionsJson, AValidRangeMayHaveOneSide) {
  constexpr double kNone = std::numeric_limits<double>::infinity();
  const auto both = read(R"({"name":"a","attributes":{"high":{"measured":"double","valid":[null,9]},
"low":{"measured":"int64","valid":[0,null]}}})");
  ASSERT_TRUE(both) << both.error().to_string();
  EXPECT_EQ(both->attributes[0].valid, (Limits{-kNone, 9}));
  EXPECT_EQ(both->attributes[1].valid, (Limits{0, kNone}));
  const auto again = read(written(*both));
  ASSERT_TRUE(again) << again.error().to_string();
  EXPECT_EQ(*again, *both);
  for (const char* wrong : {"[null,null]", "[0]", R"(["a",null])", "[null]", "[0,null,1]"})
    EXPECT_FALSE(read(fmt::format(
        R"({{"name":"a","attributes":{{"x":{{"measured":"double","valid":{}}}}}}})", wrong)))
        << wrong;
  EXPECT_FALSE(read(R"({"name":"a","attributes":{"x":{"measured":"double","normal":[0,null]}}})"));
  const auto phase = read(
      R"({"name":"a","attributes":{"x":{"measured":"string","values":{"blow":{"en":"Blowing","zh":"吹炼"}}}}})");
  ASSERT_TRUE(phase);
  EXPECT_EQ(phase->attributes[0].values.at("blow").at("zh"), "吹炼");
  EXPECT_FALSE(read(
      R"({"name":"a","attributes":{"x":{"measured":"double","values":{"blow":{"en":"B"}}}}})"));
  EXPECT_FALSE(read(R"({"name":"a","attributes":{"x":{"measured":"string","values":["blow"]}}})"));
}

TEST(DefinitionsJson, MistakesNameTheMember) {
  EXPECT_EQ(mistake(R"({"name":"a","atributes":{}})"),
            "atributes: 'atributes' is not known here; did you mean 'attributes'?");
  EXPECT_EQ(mistake(R"({"name":"A"})").substr(0, 6), "name: ");
  EXPECT_EQ(mistake(R"({"name":"a","attributes":{"b":{"measured":"double","unit":"kWx"}}})")
                .substr(0, 19),
            "attributes.b.unit: ");
  EXPECT_EQ(mistake(R"({"name":"a","attributes":{"b":{"measured":"double","valid":[2,1]}}})"),
            "attributes.b.valid: two numbers are expected, the lower one first: [low, high]");
  EXPECT_EQ(mistake(R"({"name":"a","attributes":{"b":{"measured":"double","constant":1}}})")
                .substr(0, 14),
            "attributes.b: ");
  EXPECT_EQ(mistake(R"({"name":"a","attributes":{"B":{}}})").substr(0, 14), "attributes.B: ");
  EXPECT_EQ(mistake(R"({"name":"a","kpis":{"k":{"value":"1","ratio":{"of":"1","by":"2"}}}})")
                .substr(0, 8),
            "kpis.k: ");
  EXPECT_EQ(mistake(R"({"name":"a","words":{"de":"x"}})").substr(0, 10), "words.de: ");
  EXPECT_EQ(mistake(R"({"name":"a","intervals":{"i":{"start":"x"}}})").substr(0, 13),
            "intervals.i: ");
  const auto cost = [](const std::string& members) {
    return mistake(R"({"name":"a","intervals":{"i":{"during":"x",)" + members + "}}}");
  };
  EXPECT_EQ(cost(R"("downtime":"sudden")"),
            "intervals.i.downtime: a downtime is unplanned or planned");
  EXPECT_EQ(cost(R"("cost":{})").substr(0, 18), "intervals.i.cost: ");
  EXPECT_EQ(cost(R"("downtime":"planned","cost":{"output":{"lost":"1"}})").substr(0, 30),
            "intervals.i.cost.output.unit: ");
  EXPECT_EQ(cost(R"("downtime":"planned","cost":{"output":{"lost":"1","rate":"2","unit":"t"}})"),
            "intervals.i.cost.output: lost output has one of `lost` and `rate`");
  EXPECT_EQ(cost(R"("downtime":"planned","cost":{"output":{"lost":"1","made":"2","unit":"t"}})"),
            "intervals.i.cost.output.made: this goes with `rate`");
  EXPECT_EQ(cost(R"("downtime":"planned","cost":{"energy":{"lost":"1","unit":"t"}})").substr(0, 30),
            "intervals.i.cost.energy.lost: ");
  EXPECT_EQ(mistake(R"({"name":"a","alarms":{"i":{"when":"x","on_delay":"5x"}}})").substr(0, 19),
            "alarms.i.on_delay: ");
}

TEST(DefinitionsJson, OverridesReadBack) {
  const auto json = parse_json(
      R"({"power":{"tag":"e/a/b","unit":"MW","valid":[0,1],"every":"5s"},"volume":{"constant":2}})");
  const auto overrides = read_overrides(*json);
  ASSERT_TRUE(overrides) << overrides.error().to_string();
  EXPECT_EQ(overrides->at("power").tag, "e/a/b");
  EXPECT_EQ(overrides->at("power").every, 5 * kSecond);
  std::string text;
  JsonWriter writer(text);
  write_overrides(writer, *overrides);
  EXPECT_EQ(*read_overrides(*parse_json(text)), *overrides);
  EXPECT_EQ(read_overrides(*parse_json(R"({"a":{"vlaid":[0,1]}})")).error().where, "a.vlaid");
}

}  // namespace
}  // namespace tundish::wire
