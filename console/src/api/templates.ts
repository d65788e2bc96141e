import { kDefinitionFields, words } from "./definitions";
import { queryString, request } from "./http";
import { modelEdit } from "./model_edit";
import { object, text, withDefault, number, type Parsed } from "./parse";

const resolved = object({ ...kDefinitionFields, words, extends: withDefault(text, "") });
const version = object({ version: withDefault(number, 0), resolved });
export type TemplateVersion = Parsed<typeof version>;

/** A template with all that it inherits; version 0 is the newest. */
export const getTemplate = (name: string, versionNumber: number, signal?: AbortSignal) =>
  request(
    "GET",
    `/templates/${encodeURIComponent(name)}${queryString({ version: versionNumber || undefined })}`,
    version,
    { signal },
  );

/** Takes the last upgrade back; with `dryRun` only says what that would change. */
export const undoUpgrade = (dryRun: boolean) =>
  request("POST", `/templates/undo${queryString({ dry_run: dryRun })}`, modelEdit);
