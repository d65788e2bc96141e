#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "base/nearest_word.h"
#include "pack/checks.h"
#include "pack/pack.h"
#include "pack/readers.h"

namespace tundish::pack {
namespace {

struct Reader {
  const char* file;
  void (*read)(Source&, Pack&);
};

constexpr std::array kReaders{
    Reader{"pack.yaml", read_pack_file},
    Reader{"assets.yaml", read_assets},
    Reader{"kpis.yaml", read_kpis},
    Reader{"alarms.yaml", read_alarms},
    Reader{"intervals.yaml", read_intervals},
    Reader{"screens.yaml", read_screens},
    Reader{"plant.yaml", read_plant},
    Reader{"simulation.yaml", read_signals},
    Reader{"faults.csv", read_expected_faults},
    Reader{"balances.csv", read_balances},
};

void check_file_names(const Files& files, std::vector<PackMistake>& mistakes) {
  std::vector<std::string> known;
  for (const auto& reader : kReaders) known.emplace_back(reader.file);
  if (!files.contains("pack.yaml"))
    mistakes.push_back({"pack.yaml", 1, 1, "this file is missing: it says the pack's name"});
  if (!files.contains("assets.yaml"))
    mistakes.push_back(
        {"assets.yaml", 1, 1, "this file is missing, so no asset can be made", true});
  for (const auto& [name, _] : files)
    if ((name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".csv")) &&
        std::ranges::find(known, name) == known.end()) {
      const std::string nearest = nearest_word(name, known);
      // Another list of the author's may lie here; one called nearly like a file of packs was meant to be read.
      const bool is_other = edit_distance(name, nearest) > kMisspelt;
      mistakes.push_back(
          {name, 1, 1, fmt::format("no file of a pack is called so; did you mean '{}'?", nearest),
           is_other});
    }
}

/// Formulas that say no unit have the type of what they give.
void fill_in_types(Pack& pack, const PackIndex& index, AttributeTypes& types) {
  for (auto& one : pack.templates)
    for (auto& attribute : one.attributes) {
      if (attribute.kind != AttributeKind::kFormula || !attribute.unit.empty()) continue;
      const auto* facts = index.find_template(one.name);
      if (facts == nullptr) continue;
      auto type = types.type_of({facts, ""}, attribute);
      for (const auto& asset : pack.plant) {
        if (type) break;
        const auto* other = index.template_of(asset);
        if (other != nullptr && std::ranges::find(other->lineage, one.name) != other->lineage.end())
          type = types.type_of({other, asset.path}, attribute);
      }
      if (!type || type->kind == formula::Kind::kNumber) continue;
      attribute.type = type->kind == formula::Kind::kBool ? ValueType::kBool : ValueType::kString;
      attribute.step = true;
    }
}

struct Reading {
  Pack pack;
  std::vector<PackMistake> mistakes;
};

Reading read_all(const Files& files) {
  Reading reading;
  Places places;
  check_file_names(files, reading.mistakes);
  bool all_readable = true;
  for (const auto& reader : kReaders)
    if (const auto file = files.find(reader.file); file != files.end()) {
      Source source(file->first, file->second, places, reading.mistakes);
      reader.read(source, reading.pack);
      all_readable = all_readable && !source.is_unreadable();
    }
  const PackIndex index(reading.pack);
  const Checking checking{reading.pack, index, places, reading.mistakes};
  AttributeTypes types(index);
  // Beside a file that nobody can read every name in the others would be unknown.
  if (all_readable) {
    check_references(checking);
    check_formulas(checking, types);
    check_screens(checking, files, reading.pack);
    check_simulation(checking, files.contains("simulation.yaml"));
  }
  fill_in_types(reading.pack, index, types);
  std::ranges::stable_sort(reading.mistakes, {}, [](const PackMistake& mistake) {
    return std::tie(mistake.file, mistake.line, mistake.column);
  });
  const auto repeated = std::ranges::unique(reading.mistakes);
  reading.mistakes.erase(repeated.begin(), repeated.end());
  return reading;
}

}  // namespace

std::string PackMistake::text() const {
  return fmt::format("{}:{}:{}: {}{}", file, line, column, is_warning ? "warning: " : "", message);
}

std::vector<PackMistake> check_pack(const Files& files) { return read_all(files).mistakes; }

Result<Pack> read_pack(const Files& files) {
  Reading reading = read_all(files);
  const auto first = std::ranges::find(reading.mistakes, false, &PackMistake::is_warning);
  if (first != reading.mistakes.end())
    return fail(ErrorCode::kInvalidArgument, first->message,
                fmt::format("{}:{}:{}", first->file, first->line, first->column));
  return std::move(reading.pack);
}

}  // namespace tundish::pack
