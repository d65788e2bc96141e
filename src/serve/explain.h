#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formula/evaluate.h"
#include "formula/plant_names.h"
#include "formula/program.h"
#include "model/plant_model.h"
#include "model/ports/entry_book.h"
#include "model/ports/model_reader.h"
#include "model/ports/sample_reader.h"
#include "model/ports/tag_catalogue.h"
#include "wire/json/json_writer.h"

namespace tundish::serve {

/// Inputs that one explanation lists; further ones are counted.
inline constexpr std::size_t kExplainedInputsMax = 200;
/// Entries by hand of an input that are listed.
inline constexpr std::size_t kExplainedEntries = 50;
/// Raw samples of an input that are listed: so many from its start and from its end.
inline constexpr std::size_t kExplainedSamples = 50;

/// Shows how one result of a formula came about: every part of the formula with what it was worth, and behind each
/// part the raw samples that it was made from. Over one snapshot; one thread.
class Explainer {
 public:
  /// All must outlive it.
  struct Ports {
    Snapshot& snapshot;
    const PlantModel& model;
    const WindowSource& windows;
    const TagCatalogue& tags;
    const EntryBook& entries;
    const formula::Budget& budget;
  };
  Explainer(const Ports& ports, wire::JsonWriter& json) : ports_(ports), json_(json) {}

  /// What a formula of `asset` was worth at the only moment, or over the only window, of `grid`.
  struct Explained {
    formula::Program program;
    formula::Trace trace;
    std::vector<std::string> texts;
    Sample result;
    double percent_good = 0, coverage = 0;
    bool is_known = false;  ///< else nothing had been measured by then
  };
  /// Errors: those of formulas, with the place; those of the sources; kTooLarge, kCancelled.
  Result<Explained> explain(const std::string& formula, const Asset& asset, formula::Use use,
                            const formula::Grid& grid);

  /// An array's elements, one a part; numbers that stand in the formula are left out.
  /// @param side `of`, `by` or `value` of a figure; empty for an attribute
  Status write_parts(const std::string& formula, const Asset& asset, const Explained& explained,
                     std::string_view side);

  /// One input: what it is, and its samples in `range`. A range of a nanosecond is a moment: what held then.
  Status write_input(const std::string& path, const Attribute& attribute, TimeRange range);

 private:
  struct Reading {
    std::uint32_t input = 0;  ///< of Program::inputs
    TimeRange range;
  };
  Result<std::vector<Reading>> readings(const Explained& explained, const Asset& asset,
                                        std::uint32_t part);
  Status write_part(const std::string& formula, const Asset& asset, const Explained& explained,
                    std::uint32_t part, std::string_view side);
  Status write_samples(TagId tag, TimeRange range, const std::optional<Limits>& valid);
  Status write_sample(const Sample& sample, const std::optional<Limits>& valid,
                      const std::vector<Entry>& entries);
  /// The member `corrected`, if a person wrote what is to be seen at that time.
  Status write_correction(const Sample& sample, const std::vector<Entry>& entries);
  void write_entries(const std::vector<Entry>& entries);

  const Ports ports_;
  wire::JsonWriter& json_;
  std::size_t inputs_ = 0;
};

/// The address of the explanation of an attribute at a time.
std::string explanation_url(std::string_view path, TimeNs time);

}  // namespace tundish::serve
