#pragma once

#include <array>
#include <string_view>

namespace tundish::asset {

/// Steps of the tables asset_*, each run once and never edited after a release
/// (docs/formats/metadata.md). Times are ns since 1970; AUTOINCREMENT ids are never used again; tag
/// numbers come from the historian; value types are numbered as in model/value.h.
inline constexpr std::array<std::string_view, 4> kSchema = {R"sql(
CREATE TABLE asset_enterprise(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  code TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  industry TEXT NOT NULL,
  region TEXT NOT NULL,
  simulated INTEGER NOT NULL,
  created INTEGER NOT NULL
) STRICT;

CREATE TABLE asset_site(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  enterprise INTEGER NOT NULL REFERENCES asset_enterprise(id),
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  region TEXT NOT NULL,
  latitude REAL,
  longitude REAL,
  UNIQUE(enterprise, code)
) STRICT;

-- In path order, which is the order of loading.
CREATE TABLE asset_tag(
  enterprise INTEGER NOT NULL REFERENCES asset_enterprise(id),
  path TEXT NOT NULL,
  number INTEGER NOT NULL,
  type INTEGER NOT NULL CHECK(type BETWEEN 0 AND 3),
  step INTEGER NOT NULL,
  unit TEXT NOT NULL,
  description TEXT NOT NULL,
  simulated INTEGER NOT NULL,
  PRIMARY KEY(enterprise, path),
  UNIQUE(enterprise, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE asset_connection(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  enterprise INTEGER NOT NULL REFERENCES asset_enterprise(id),
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  security_policy TEXT NOT NULL,
  security_mode TEXT NOT NULL,
  user TEXT NOT NULL,
  password TEXT NOT NULL,
  trusted_fingerprint TEXT NOT NULL,
  publishing_ms INTEGER NOT NULL,
  enabled INTEGER NOT NULL,
  simulated INTEGER NOT NULL,
  UNIQUE(enterprise, name)
) STRICT;

CREATE TABLE asset_connection_item(
  connection INTEGER NOT NULL REFERENCES asset_connection(id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  namespace_uri TEXT NOT NULL,
  identifier TEXT NOT NULL,
  path TEXT NOT NULL,
  sampling_ms INTEGER NOT NULL,
  type INTEGER CHECK(type BETWEEN 0 AND 3),
  step INTEGER NOT NULL,
  unit TEXT NOT NULL,
  description TEXT NOT NULL,
  PRIMARY KEY(connection, position)
) STRICT, WITHOUT ROWID;
)sql",
                                                            R"sql(
-- valid_from: 2026-06-01, or empty for what held first.
CREATE TABLE asset_calendar(
  enterprise INTEGER NOT NULL REFERENCES asset_enterprise(id),
  name TEXT NOT NULL,
  valid_from TEXT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY(enterprise, name, valid_from)
) STRICT;

CREATE TABLE asset_site_calendar(
  site INTEGER PRIMARY KEY REFERENCES asset_site(id) ON DELETE CASCADE,
  calendar TEXT NOT NULL
) STRICT;
ALTER TABLE asset_site ADD COLUMN language TEXT NOT NULL DEFAULT '';
ALTER TABLE asset_site ADD COLUMN currency TEXT NOT NULL DEFAULT '';
ALTER TABLE asset_site ADD COLUMN unit_system INTEGER NOT NULL DEFAULT 0;

-- One edit of an enterprise's model; its id is the model's version.
CREATE TABLE asset_edit(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  enterprise INTEGER NOT NULL REFERENCES asset_enterprise(id),
  time INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  detail TEXT NOT NULL,
  undone_by INTEGER REFERENCES asset_edit(id)
) STRICT;
CREATE INDEX asset_edit_of ON asset_edit(enterprise, id);

-- Never changed: every version is kept.
CREATE TABLE asset_template(
  enterprise INTEGER NOT NULL REFERENCES asset_enterprise(id),
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  edit INTEGER NOT NULL REFERENCES asset_edit(id),
  extends_version INTEGER NOT NULL,
  definition TEXT NOT NULL,
  PRIMARY KEY(enterprise, name, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE asset_node(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  enterprise INTEGER NOT NULL REFERENCES asset_enterprise(id)
) STRICT;
CREATE INDEX asset_node_of ON asset_node(enterprise, id);

-- What a node was from edit `since` until before edit `until`; NULL: it is so now.
CREATE TABLE asset_node_version(
  node INTEGER NOT NULL REFERENCES asset_node(id),
  since INTEGER NOT NULL REFERENCES asset_edit(id),
  until INTEGER REFERENCES asset_edit(id),
  parent INTEGER NOT NULL,
  name TEXT NOT NULL,
  words TEXT NOT NULL,
  template TEXT NOT NULL,
  template_version INTEGER NOT NULL,
  site INTEGER NOT NULL,
  PRIMARY KEY(node, since)
) STRICT, WITHOUT ROWID;

CREATE TABLE asset_override(
  node INTEGER NOT NULL REFERENCES asset_node(id),
  attribute TEXT NOT NULL,
  since INTEGER NOT NULL REFERENCES asset_edit(id),
  until INTEGER REFERENCES asset_edit(id),
  tag INTEGER,
  definition TEXT NOT NULL,
  PRIMARY KEY(node, attribute, since)
) STRICT, WITHOUT ROWID;

-- What was computed for an attribute from edit `since` on.
CREATE TABLE asset_formula(
  node INTEGER NOT NULL REFERENCES asset_node(id),
  attribute TEXT NOT NULL,
  version INTEGER NOT NULL,
  since INTEGER NOT NULL REFERENCES asset_edit(id),
  formula TEXT NOT NULL,
  PRIMARY KEY(node, attribute, version)
) STRICT, WITHOUT ROWID;
)sql",
                                                            R"sql(
-- What a change of a calendar replaced, newest last. text: NULL where there was no such version.
CREATE TABLE asset_calendar_undo(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  enterprise INTEGER NOT NULL REFERENCES asset_enterprise(id),
  name TEXT NOT NULL,
  valid_from TEXT NOT NULL,
  text TEXT
) STRICT;
CREATE INDEX asset_calendar_undo_of ON asset_calendar_undo(enterprise, name);
)sql",
                                                            R"sql(
-- How long samples are kept, as it was written.
CREATE TABLE asset_retention(
  enterprise INTEGER PRIMARY KEY REFERENCES asset_enterprise(id),
  text TEXT NOT NULL,
  time INTEGER NOT NULL,
  actor TEXT NOT NULL
) STRICT;
)sql"};

}  // namespace tundish::asset
