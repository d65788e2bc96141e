#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/definitions.h"
#include "model/words.h"

namespace tundish::pack {

// An industry pack: docs/formats/pack.md. Pure: the caller reads the folder.

/// The files of one pack, name -> text: `pack.yaml`, `assets.yaml`, ..., `mimic.svg`.
using Files = std::map<std::string, std::string, std::less<>>;

inline constexpr std::size_t kFileBytesMax = 1 << 20;
inline constexpr std::size_t kAssetsMax = 5000;       ///< of plant.yaml
inline constexpr std::size_t kTemplatesMax = 500;     ///< of a pack
inline constexpr std::size_t kAttributesMax = 500;    ///< of a template
inline constexpr std::size_t kDefinitionsMax = 1000;  ///< KPIs, alarms, kinds of intervals: each
inline constexpr std::size_t kValuesMax = 200;        ///< of an attribute, that have words
inline constexpr int kLineageMax = 16;                ///< templates one above the other

/// Something that is wrong in a file, or looks wrong.
struct PackMistake {
  std::string file;
  std::uint32_t line = 1, column = 1;  ///< from 1; columns count characters
  std::string message;
  bool is_warning = false;  ///< the pack can be used as it is
  /// `kpis.yaml:4:9: there is no template 'blast_furnce'; did you mean 'blast_furnace'?`
  std::string text() const;
  bool operator==(const PackMistake&) const = default;
};

/// What one template says itself; what it inherits is found by resolve_template.
struct Template {
  std::string name;
  Words words;
  std::string extends;  ///< empty: nothing above it
  std::vector<AttributeDefinition> attributes;
};

struct PackKpi {
  std::string of;  ///< template
  KpiDefinition definition;
};
struct PackAlarm {
  std::string of;
  AlarmDefinition definition;
};
struct PackInterval {
  std::string of;
  IntervalDefinition definition;
};

/// An attribute or a KPI of an asset of the plant: exactly one of the two is not empty.
struct Shown {
  std::string asset;  ///< path below the enterprise
  std::string attribute, kpi;
};
enum class Show : std::uint8_t {
  kText,   ///< the value and its unit
  kFill,   ///< the element takes the colour of its state
  kLevel,  ///< the element is filled from below, by the normal or the valid range
};
struct Binding {
  std::string element;  ///< id in the drawing
  Shown what;
  Show show = Show::kText;
  bool true_is_abnormal =
      false;  ///< of a condition that is filled: it holds when something is wrong
};
struct Screen {
  std::string name;
  Words words;
  std::vector<Shown> tiles;
  std::string drawing;  ///< file of the pack; empty: tiles only
  std::vector<Binding> bindings;
};

/// An asset of the simulated plant, or a site, area or line (no template).
struct PlantAsset {
  std::string path;  ///< below the enterprise
  Words words;
  std::string template_name;
};

/// A signal of simulation.yaml, as far as a pack asks.
struct PackSignal {
  std::string path;
  std::string unit;
  std::optional<ValueType> type;    ///< nothing where its kind is not known here
  std::vector<std::string> phases;  ///< of a kind `phase`: what it can say
};

/// A line of faults.csv: with `fault` on `alarm` comes at `asset` within `delay`, `kpi` moves, or both.
struct PackFault {
  std::string fault, alarm, asset, kpi;
  DurationNs delay = 0;
};

/// A line of balances.csv: over a normal day `left` by `right` lies in `ends`.
struct PackBalance {
  std::string name;
  std::vector<std::string> left, right;  ///< signals of each side
  Limits ends;
};

struct Pack {
  std::string name, version;
  Words words, description;
  std::vector<Template> templates;
  std::vector<PackKpi> kpis;
  std::vector<PackAlarm> alarms;
  std::vector<PackInterval> intervals;
  std::vector<Screen> screens;
  std::map<std::string, std::string, std::less<>> drawings;  ///< SVG by file name, found harmless
  std::vector<PlantAsset> plant;
  std::vector<PackSignal> signals;
  std::vector<std::string> simulated_faults;
  std::vector<PackFault> faults;
  std::vector<PackBalance> balances;
};

/// A template with all that it inherits. Of two with the same name the nearer one counts.
struct ResolvedTemplate {
  std::string name;
  Words words;
  std::vector<std::string> lineage;             ///< itself, then what it extends, upwards
  std::vector<AttributeDefinition> attributes;  ///< ascending by name
  std::vector<KpiDefinition> kpis;              ///< each ascending by name
  std::vector<AlarmDefinition> alarms;
  std::vector<IntervalDefinition> intervals;

  const AttributeDefinition* find(std::string_view attribute) const;
};

/// Errors: kNotFound (no such template, or it extends one that is not there), kInvalidArgument (goes
/// round in a circle, which is named, or is too deep).
Result<ResolvedTemplate> resolve_template(const Pack& pack, std::string_view name);

/// Every mistake of every file, warnings included, ascending by place. Bounded by the limits above;
/// files that are no part of a pack are not read. Any thread.
std::vector<PackMistake> check_pack(const Files& files);

/// The pack, when check_pack finds nothing but warnings. Types of formulas without a unit are filled in.
/// Errors: kInvalidArgument: the first mistake, `where` is its `file:line:column`.
Result<Pack> read_pack(const Files& files);

}  // namespace tundish::pack
