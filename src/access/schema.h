#pragma once

#include <array>
#include <string_view>

namespace tundish::access {

/// Steps of the tables access_*, each run once and never edited after a release
/// (docs/formats/metadata.md). Times are ns since 1970, ids are never used again, an enterprise is
/// NULL for the installation as a whole, roles are numbered as in model/ports/credential.h.
inline constexpr std::array<std::string_view, 1> kSchema = {R"sql(
CREATE TABLE access_user(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  display_name TEXT NOT NULL,
  role INTEGER NOT NULL CHECK(role BETWEEN 0 AND 4),
  enterprise INTEGER,
  disabled INTEGER NOT NULL DEFAULT 0,
  password_hash TEXT,
  created INTEGER NOT NULL,
  last_login INTEGER NOT NULL DEFAULT 0,
  CHECK((role = 4) = (enterprise IS NULL))
) STRICT;

CREATE TABLE access_session(
  hash BLOB PRIMARY KEY CHECK(length(hash) = 32),
  id INTEGER NOT NULL,
  user INTEGER NOT NULL REFERENCES access_user(id) ON DELETE CASCADE,
  created INTEGER NOT NULL,
  last_seen INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX access_session_user ON access_session(user);

CREATE TABLE access_token(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  hash BLOB NOT NULL UNIQUE CHECK(length(hash) = 32),
  name TEXT NOT NULL,
  role INTEGER NOT NULL CHECK(role BETWEEN 0 AND 4),
  enterprise INTEGER,
  may_create_tags INTEGER NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  last_used INTEGER NOT NULL DEFAULT 0,
  CHECK((role = 4) = (enterprise IS NULL))
) STRICT;
CREATE UNIQUE INDEX access_token_name ON access_token(ifnull(enterprise, 0), name);

CREATE TABLE access_link(
  hash BLOB PRIMARY KEY CHECK(length(hash) = 32),
  user_name TEXT NOT NULL UNIQUE,
  role INTEGER NOT NULL CHECK(role BETWEEN 0 AND 4),
  enterprise INTEGER,
  expires INTEGER NOT NULL,
  CHECK((role = 4) = (enterprise IS NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE access_audit(
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  time INTEGER NOT NULL,
  actor TEXT NOT NULL,
  enterprise INTEGER,
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  outcome TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;
CREATE INDEX access_audit_enterprise ON access_audit(enterprise, number);
CREATE TRIGGER access_audit_no_update BEFORE UPDATE ON access_audit
  BEGIN SELECT RAISE(ABORT, 'the audit log is append only'); END;
CREATE TRIGGER access_audit_no_delete BEFORE DELETE ON access_audit
  BEGIN SELECT RAISE(ABORT, 'the audit log is append only'); END;

-- One row once some platform operator has signed in.
CREATE TABLE access_first_operator(time INTEGER NOT NULL) STRICT;
)sql"};

}  // namespace tundish::access
