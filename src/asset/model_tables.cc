#include "asset/model_tables.h"

#include <fmt/format.h>

#include <functional>
#include <utility>

#include "wire/definitions/definitions_json.h"

namespace tundish::asset {

using io::sqlite::Statement;
using io::sqlite::Transaction;

namespace {

constexpr std::size_t kDefinitionBytesMax = 16 << 20;

Result<wire::JsonValue> json_of(const std::string& text) {
  return wire::parse_json(text, {.bytes_max = kDefinitionBytesMax, .values_max = 1'000'000});
}
template <class T>
Result<T> read_with(Result<T> (*read)(const wire::JsonValue&), const std::string& text) {
  TUNDISH_TRY(const auto json, json_of(text));
  return read(json);
}
std::string text_of(const std::function<void(wire::JsonWriter&)>& write) {
  std::string text;
  wire::JsonWriter json(text);
  write(json);
  return text;
}
std::string text_of(const Words& words) {
  return text_of([&](wire::JsonWriter& json) { wire::write_words(json, words); });
}

std::unexpected<Error> damaged(std::string_view what, const Error& why) {
  return fail(ErrorCode::kCorruption,
              fmt::format("{} in the metadata cannot be read: {}", what, why.to_string()));
}

Status each_row(Statement& rows, const std::function<Status()>& take) {
  while (true) {
    TUNDISH_TRY(const bool more, rows.next());
    if (!more) return {};
    TUNDISH_RETURN_IF_ERROR(take());
  }
}

Status load_templates(Transaction& transaction, EnterpriseId enterprise, std::uint64_t version,
                      State& state) {
  TUNDISH_TRY(Statement rows,
              transaction.prepare("SELECT t.name, t.version, t.extends_version, t.definition, "
                                  "e.time FROM asset_template t JOIN asset_edit e ON e.id = t.edit "
                                  "WHERE t.enterprise = ?1 AND (?2 = 0 OR t.edit <= ?2) "
                                  "ORDER BY t.name, t.version"));
  TUNDISH_RETURN_IF_ERROR(rows.start(enterprise.value(), version));
  return each_row(rows, [&]() -> Status {
    const std::string name = rows.text(0);
    auto json = json_of(rows.text(3));
    if (!json) return damaged("template " + name, json.error());
    auto definition = wire::read_template(*json);
    if (!definition) return damaged("template " + name, definition.error());
    auto& versions = state.templates[name];
    if (rows.integer_as<std::size_t>(1) != versions.size() + 1)
      return fail(ErrorCode::kCorruption, fmt::format("a version of template {} is missing", name));
    versions.push_back(std::make_shared<const TemplateRow>(
        TemplateRow{*std::move(definition), rows.integer_as<std::uint32_t>(1),
                    rows.integer_as<std::uint32_t>(2), rows.integer(4)}));
    return {};
  });
}

/// `v` is the table: the row holds at the version asked for.
constexpr std::string_view kHolds =
    "((?2 = 0 AND v.until IS NULL) OR (?2 <> 0 AND v.since <= ?2 AND "
    "(v.until IS NULL OR v.until > ?2)))";

Status load_nodes(Transaction& transaction, EnterpriseId enterprise, std::uint64_t version,
                  State& state) {
  std::map<AssetId, std::shared_ptr<Node>> nodes;
  {
    TUNDISH_TRY(Statement rows,
                transaction.prepare(fmt::format(
                    "SELECT v.node, v.parent, v.name, v.words, v.template, v.template_version, "
                    "v.site FROM asset_node n JOIN asset_node_version v ON v.node = n.id "
                    "WHERE n.enterprise = ?1 AND {}",
                    kHolds)));
    TUNDISH_RETURN_IF_ERROR(rows.start(enterprise.value(), version));
    const auto taken = each_row(rows, [&]() -> Status {
      auto node = std::make_shared<Node>();
      node->id = AssetId(rows.integer_as<std::uint64_t>(0));
      node->parent = AssetId(rows.integer_as<std::uint64_t>(1));
      node->name = rows.text(2);
      auto words = read_with(wire::read_words, rows.text(3));
      if (!words) return damaged("asset " + node->name, words.error());
      node->words = *std::move(words);
      node->template_name = rows.text(4);
      node->template_version = rows.integer_as<std::uint32_t>(5);
      node->site = rows.integer_as<std::uint64_t>(6);
      const AssetId id = node->id;
      nodes.emplace(id, std::move(node));
      return {};
    });
    if (!taken) return fail(taken.error());
  }
  TUNDISH_TRY(Statement rows,
              transaction.prepare(fmt::format("SELECT v.node, v.attribute, v.tag, v.definition "
                                              "FROM asset_node n JOIN asset_override v "
                                              "ON v.node = n.id WHERE n.enterprise = ?1 AND {}",
                                              kHolds)));
  TUNDISH_RETURN_IF_ERROR(rows.start(enterprise.value(), version));
  const auto taken = each_row(rows, [&]() -> Status {
    const auto node = nodes.find(AssetId(rows.integer_as<std::uint64_t>(0)));
    if (node == nodes.end()) return {};
    auto what = read_with(wire::read_override, rows.text(3));
    if (!what) return damaged("an override of asset " + node->second->name, what.error());
    StoredOverride stored{*std::move(what), std::nullopt};
    if (!rows.is_null(2)) stored.tag = rows.integer_as<std::uint32_t>(2);
    node->second->overrides.emplace(rows.text(1), std::move(stored));
    return {};
  });
  if (!taken) return fail(taken.error());
  for (auto& [id, node] : nodes) state.nodes.emplace_hint(state.nodes.end(), id, std::move(node));
  return {};
}

Status load_formulas(Transaction& transaction, EnterpriseId enterprise, State& state) {
  TUNDISH_TRY(
      Statement rows,
      transaction.prepare("SELECT f.node, f.attribute, f.version, f.formula "
                          "FROM asset_node n JOIN asset_formula f ON f.node = n.id "
                          "WHERE n.enterprise = ?1 ORDER BY f.node, f.attribute, f.version"));
  TUNDISH_RETURN_IF_ERROR(rows.start(enterprise.value()));
  return each_row(rows, [&]() -> Status {
    state.formulas[AssetId(rows.integer_as<std::uint64_t>(0))].insert_or_assign(
        rows.text(1), FormulaRow{rows.integer_as<std::uint32_t>(2), rows.text(3)});
    return {};
  });
}

Status write_templates(Transaction& transaction, EnterpriseId enterprise, const State& before,
                       const State& after) {
  TUNDISH_TRY(Statement insert,
              transaction.prepare("INSERT INTO asset_template(enterprise, name, version, edit, "
                                  "extends_version, definition) VALUES(?, ?, ?, ?, ?, ?)"));
  for (const auto& [name, versions] : after.templates) {
    const auto old = before.templates.find(name);
    for (std::size_t i = old == before.templates.end() ? 0 : old->second.size();
         i < versions.size(); ++i) {
      const TemplateRow& row = *versions[i];
      TUNDISH_RETURN_IF_ERROR(insert.run(
          enterprise.value(), name, row.version, after.version, row.extends_version,
          text_of([&](wire::JsonWriter& json) { wire::write_template(json, row.own); })));
    }
  }
  return {};
}

/// The two tables of nodes, with the statements that all rows share.
class NodeWriter {
 public:
  static Result<NodeWriter> prepare(Transaction& transaction, std::uint64_t version) {
    TUNDISH_TRY(Statement close, transaction.prepare("UPDATE asset_node_version SET until = ? "
                                                     "WHERE node = ? AND until IS NULL"));
    TUNDISH_TRY(Statement insert,
                transaction.prepare("INSERT INTO asset_node_version(node, since, parent, name, "
                                    "words, template, template_version, site) "
                                    "VALUES(?, ?, ?, ?, ?, ?, ?, ?)"));
    TUNDISH_TRY(Statement close_override,
                transaction.prepare("UPDATE asset_override SET until = ? WHERE node = ? AND "
                                    "attribute = ? AND until IS NULL"));
    TUNDISH_TRY(Statement insert_override,
                transaction.prepare("INSERT INTO asset_override(node, attribute, since, tag, "
                                    "definition) VALUES(?, ?, ?, ?, ?)"));
    return NodeWriter(std::move(close), std::move(insert), std::move(close_override),
                      std::move(insert_override), version);
  }

  /// From `before` to `after`, of which one may be null.
  Status write(const Node* before, const Node* after) {
    static const Node kNothing;
    const Node& old = before == nullptr ? kNothing : *before;
    const Node& now = after == nullptr ? kNothing : *after;
    const auto id = (before == nullptr ? now : old).id.value();
    if (before == nullptr || after == nullptr || !same_row(old, now)) {
      if (before != nullptr) TUNDISH_RETURN_IF_ERROR(close_.run(version_, id));
      if (after != nullptr)
        TUNDISH_RETURN_IF_ERROR(insert_.run(id, version_, now.parent.value(), now.name,
                                            text_of(now.words), now.template_name,
                                            now.template_version, now.site));
    }
    for (const auto& [name, what] : old.overrides) {
      const auto there = now.overrides.find(name);
      if (there == now.overrides.end() || !(there->second == what))
        TUNDISH_RETURN_IF_ERROR(close_override_.run(version_, id, name));
    }
    for (const auto& [name, what] : now.overrides) {
      const auto there = old.overrides.find(name);
      if (there != old.overrides.end() && there->second == what) continue;
      TUNDISH_RETURN_IF_ERROR(insert_override_.run(
          id, name, version_, what.tag,
          text_of([&](wire::JsonWriter& json) { wire::write_override(json, what.what); })));
    }
    return {};
  }

 private:
  NodeWriter(Statement close, Statement insert, Statement close_override, Statement insert_override,
             std::uint64_t version)
      : close_(std::move(close)),
        insert_(std::move(insert)),
        close_override_(std::move(close_override)),
        insert_override_(std::move(insert_override)),
        version_(version) {}
  static bool same_row(const Node& a, const Node& b) {
    return a.parent == b.parent && a.name == b.name && a.words == b.words && a.site == b.site &&
           a.template_name == b.template_name && a.template_version == b.template_version;
  }

  Statement close_, insert_, close_override_, insert_override_;
  std::uint64_t version_;
};

Status write_nodes(Transaction& transaction, EnterpriseId enterprise, const State& before,
                   const State& after) {
  TUNDISH_TRY(Statement make,
              transaction.prepare("INSERT INTO asset_node(id, enterprise) VALUES(?, ?)"));
  TUNDISH_TRY(NodeWriter writer, NodeWriter::prepare(transaction, after.version));
  for (const auto& [id, node] : after.nodes) {
    const auto old = before.nodes.find(id);
    if (old == before.nodes.end()) {
      TUNDISH_RETURN_IF_ERROR(make.run(id.value(), enterprise.value()));
      TUNDISH_RETURN_IF_ERROR(writer.write(nullptr, node.get()));
    } else if (old->second != node) {
      TUNDISH_RETURN_IF_ERROR(writer.write(old->second.get(), node.get()));
    }
  }
  for (const auto& [id, node] : before.nodes)
    if (!after.nodes.contains(id)) TUNDISH_RETURN_IF_ERROR(writer.write(node.get(), nullptr));
  return {};
}

Status write_formulas(Transaction& transaction, const State& before, const State& after) {
  TUNDISH_TRY(Statement insert,
              transaction.prepare("INSERT INTO asset_formula(node, attribute, version, since, "
                                  "formula) VALUES(?, ?, ?, ?, ?)"));
  for (const auto& [id, formulas] : after.formulas) {
    const auto old = before.formulas.find(id);
    for (const auto& [name, row] : formulas) {
      if (old != before.formulas.end()) {
        const auto was = old->second.find(name);
        if (was != old->second.end() && was->second.version == row.version) continue;
      }
      TUNDISH_RETURN_IF_ERROR(insert.run(id.value(), name, row.version, after.version, row.text));
    }
  }
  return {};
}

}  // namespace

Result<Paths> paths_of(const State& state, const std::string& code) {
  Paths paths;
  paths.reserve(state.nodes.size());
  std::vector<const Node*> way;
  for (const auto& [id, start] : state.nodes) {
    way.clear();
    const Node* node = start.get();
    while (node != nullptr && !paths.contains(node->id)) {
      way.push_back(node);
      if (way.size() > state.nodes.size())
        return fail(ErrorCode::kConflict, fmt::format("'{}' would stand below itself", start->name),
                    start->name);
      node = state.find(node->parent);
    }
    for (auto one = way.rbegin(); one != way.rend(); ++one) {
      const auto above = paths.find((*one)->parent);
      paths.emplace((*one)->id, fmt::format("{}/{}", above == paths.end() ? code : above->second,
                                            (*one)->name));
    }
  }
  return paths;
}

Result<State> load_state(Transaction& transaction, EnterpriseId enterprise, std::uint64_t version) {
  State state;
  state.version = version;
  if (version == 0) {
    TUNDISH_TRY(Statement last,
                transaction.prepare("SELECT max(id) FROM asset_edit WHERE enterprise = ?"));
    TUNDISH_RETURN_IF_ERROR(last.start(enterprise.value()));
    TUNDISH_TRY(const bool found, last.next());
    if (found && !last.is_null(0)) state.version = last.integer_as<std::uint64_t>(0);
  }
  TUNDISH_RETURN_IF_ERROR(load_templates(transaction, enterprise, version, state));
  TUNDISH_RETURN_IF_ERROR(load_nodes(transaction, enterprise, version, state));
  if (version == 0) TUNDISH_RETURN_IF_ERROR(load_formulas(transaction, enterprise, state));
  return state;
}

Result<std::uint64_t> insert_edit(Transaction& transaction, const EditRow& edit) {
  TUNDISH_RETURN_IF_ERROR(
      transaction.run("INSERT INTO asset_edit(enterprise, time, actor, action, detail) "
                      "VALUES(?, ?, ?, ?, ?)",
                      edit.enterprise.value(), edit.time, edit.actor, edit.action, edit.detail));
  return static_cast<std::uint64_t>(transaction.last_insert_id());
}

Status write_difference(Transaction& transaction, EnterpriseId enterprise, const State& before,
                        const State& after) {
  TUNDISH_RETURN_IF_ERROR(write_templates(transaction, enterprise, before, after));
  TUNDISH_RETURN_IF_ERROR(write_nodes(transaction, enterprise, before, after));
  return write_formulas(transaction, before, after);
}

}  // namespace tundish::asset
