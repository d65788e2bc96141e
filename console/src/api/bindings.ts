import { words } from "./definitions";
import { queryString, request } from "./http";
import { modelEdit } from "./model_edit";
import { array, flag, nullable, number, object, text, tuple, withDefault, type Parsed } from "./parse";

const node = object({ namespace_uri: text, identifier: text });

const proposal = object({
  template: text,
  attribute: text,
  /** Path. */
  asset: text,
  /** UCUM, of the point's values as they come. */
  unit: text,
  range: nullable(tuple(number, number)),
  confidence: number,
  reasons: withDefault(array(text), []),
});
export type Proposal = Parsed<typeof proposal>;

const point = object({
  name: text,
  path: withDefault(array(text), []),
  address: withDefault(text, ""),
  description: withDefault(text, ""),
  unit: withDefault(text, ""),
  /** Path of the tag that has its samples; empty: none is known. */
  tag: withDefault(text, ""),
  node: nullable(node),
  proposals: withDefault(array(proposal), []),
});
export type BindingPoint = Parsed<typeof point>;

const template = object({
  name: text,
  pack: withDefault(text, ""),
  installed: withDefault(flag, true),
  words,
  attributes: withDefault(array(object({ name: text, words, unit: withDefault(text, "") })), []),
});
export type OfferedTemplate = Parsed<typeof template>;

const proposals = object({
  points: array(point),
  templates: array(template),
  /** False: there are more points than were looked at. */
  whole: withDefault(flag, true),
});
export type Proposals = Parsed<typeof proposals>;

/** Where points come from. */
export type BindingSource =
  { kind: "list"; csv: string } | { kind: "connection"; connection: number } | { kind: "tags"; tags: string };

export function proposeBindings(
  source: BindingSource,
  options: { pack: string; under: string; language: string },
  signal?: AbortSignal,
): Promise<Proposals> {
  const search = queryString({
    pack: options.pack || undefined,
    under: options.under || undefined,
    language: options.language.startsWith("zh") ? "zh" : "en",
  });
  const path = `/bindings/propose${search}`;
  if (source.kind === "list") {
    return request("POST", path, proposals, { body: source.csv, contentType: "text/csv", signal });
  }
  const body = source.kind === "tags" ? { tags: source.tags } : { connection: source.connection };
  return request("POST", path, proposals, { body, signal });
}

/** One point as a person confirmed it. */
export interface ConfirmedBinding {
  asset: string;
  template: string;
  attribute: string;
  unit?: string;
  range?: readonly [number, number];
  tag?: string;
  node?: { namespace_uri: string; identifier: string };
  description?: string;
}

/** What takes a confirmation back; the server reads what it wrote. */
export type BindingUndo = Record<string, unknown>;

const edit = (value: unknown) => {
  const undo = (value as { undo?: BindingUndo | null } | null)?.undo ?? null;
  return { ...modelEdit(value), ...waiting(value), undo };
};
const waiting = object({ waiting: withDefault(number, 0) });
export type BindingEdit = ReturnType<typeof edit>;

export const applyBindings = (
  bindings: readonly ConfirmedBinding[],
  connection: number | null,
  dryRun: boolean,
): Promise<BindingEdit> =>
  request("POST", `/bindings/apply${queryString({ dry_run: dryRun })}`, edit, {
    body: { bindings, ...(connection === null ? {} : { connection }) },
  });

export const undoBindings = (undo: BindingUndo, dryRun: boolean): Promise<BindingEdit> =>
  request("POST", `/bindings/undo${queryString({ dry_run: dryRun })}`, edit, { body: undo });
