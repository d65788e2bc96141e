import { array, number, object, text, withDefault, type Parsed } from "./parse";

const change = object({
  kind: withDefault(text, "changed"),
  path: withDefault(text, ""),
  item: withDefault(text, ""),
  field: withDefault(text, ""),
  from: withDefault(text, ""),
  to: withDefault(text, ""),
});
export type ModelChange = Parsed<typeof change>;

/** What an edit of the model did, or with `dry_run` would do. `changes` may be cut; `changes_total` is not. */
export const modelEdit = object({
  version: withDefault(number, 0),
  changes_total: withDefault(number, 0),
  changes: withDefault(array(change), []),
  warnings: withDefault(array(text), []),
});
export type ModelEdit = Parsed<typeof modelEdit>;
