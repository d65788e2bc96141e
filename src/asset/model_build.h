#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "asset/model_state.h"
#include "asset/tags.h"
#include "model/plant_model.h"
#include "model/ports/enterprise_store.h"

namespace tundish::asset {

/// A template with all that it inherits; of the same name the nearer one counts.
struct ResolvedTemplate {
  std::shared_ptr<const TemplateFacts> facts;
  std::vector<AttributeDefinition> attributes;  ///< ascending by name
};

/// Resolved versions, which never change, kept from one model to the next. Not for several threads.
class ResolvedTemplates {
 public:
  /// Errors: kNotFound, kTooLarge (more than 16 templates one above the other).
  Result<std::shared_ptr<const ResolvedTemplate>> get(const State& state, const std::string& name,
                                                      std::uint32_t version);

 private:
  std::map<std::pair<std::string, std::uint32_t>, std::shared_ptr<const ResolvedTemplate>> all_;
};

/// What a model is built from.
struct BuildFrom {
  EnterpriseId enterprise;
  const State& state;
  const Paths& paths;      ///< of the assets
  const Paths& tag_paths;  ///< where their tags are named now: the paths before an edit moves them
  const Tags& tags;
  std::span<const Site> sites;
};

/// Where an attribute's samples are, and whose calendar holds: what may change without an edit.
class Binder {
 public:
  Binder(EnterpriseId enterprise, const State& state, const Tags& tags, std::span<const Site> sites)
      : enterprise_(enterprise), state_(state), tags_(tags), sites_(sites) {}

  /// The tag that is bound by hand, else the one at `path`/attribute; number 0: none, or a constant.
  TagId tag(const Node& node, const std::string& path, const AttributeDefinition& attribute) const;
  /// Its own, else that of the nearest node above that has one, else by code at the top.
  std::uint64_t site(const Node& node) const;

 private:
  EnterpriseId enterprise_;
  const State& state_;
  const Tags& tags_;
  std::span<const Site> sites_;
};

/// The same model with its tags and sites looked up anew; null when nothing is different.
std::shared_ptr<const PlantModel> rebind(const PlantModel& model, const State& state,
                                         const Binder& binder);

/// The model of a state. Errors: kNotFound (a template is missing).
Result<std::shared_ptr<const PlantModel>> build_model(const BuildFrom& from,
                                                      ResolvedTemplates& templates);

/// Gives each formula of `model`, which is of `state`, that is new or not what it was the next number;
/// whatever was computed for an attribute before keeps its own. Whether there was any.
bool number_formulas(const PlantModel& model, State& state);

}  // namespace tundish::asset
