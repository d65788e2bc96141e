import { kDefinitionFields, words } from "./definitions";
import { request } from "./http";
import { modelEdit } from "./model_edit";
import {
  array,
  named,
  nullable,
  object,
  ParseError,
  record,
  text,
  withDefault,
  type Parsed,
  type Parser,
} from "./parse";

const page = object({ name: withDefault(text, ""), description: withDefault(text, "") });
/** Name and description by language. A plain text is the name. */
const packWords: Parser<Record<string, { name: string; description: string }>> = withDefault(
  record((value, path = "") => (typeof value === "string" ? { name: value, description: "" } : page(value, path))),
  {},
);

/** A count, or the things themselves. */
const count: Parser<number> = (value, path = "") => {
  if (Array.isArray(value)) return value.length;
  if (typeof value === "object" && value !== null) return Object.keys(value).length;
  if (typeof value === "number") return value;
  throw new ParseError(path, "a number", value);
};

const applied = object({ version: text, time: withDefault(text, "") });

const kSummary = { name: text, version: text, words: packWords, applied: nullable(applied) } as const;

const summary = object({
  ...kSummary,
  templates: nullable(count),
  assets: withDefault(count, 0),
  kpis: withDefault(count, 0),
  alarms: withDefault(count, 0),
});
export type PackSummary = Parsed<typeof summary>;

export const getPacks = async (signal?: AbortSignal): Promise<PackSummary[]> =>
  (await request("GET", "/packs", object({ packs: array(summary) }), { signal })).packs;

const template = object({ ...kDefinitionFields, words, extends: withDefault(text, "") });
export type PackTemplate = Parsed<typeof template> & { name: string };

const pack = object({
  ...kSummary,
  templates: withDefault(named(template), []),
  kpis: kDefinitionFields.kpis,
  alarms: kDefinitionFields.alarms,
  intervals: kDefinitionFields.intervals,
});
export type Pack = Parsed<typeof pack>;

export const getPack = (name: string, signal?: AbortSignal) =>
  request("GET", `/packs/${encodeURIComponent(name)}`, pack, { signal });

/** Installs a pack, or brings an installed one to the version here; with `dryRun` only says what that would change. */
export const applyPack = (name: string, dryRun: boolean) =>
  request("POST", `/packs/${encodeURIComponent(name)}/apply`, modelEdit, { body: { dry_run: dryRun } });

/** The picture of a pack. Shown as an image only: what is inside of it never becomes part of the page. */
export const mimicAddress = (name: string): string => `/api/v1/packs/${encodeURIComponent(name)}/mimic.svg`;
