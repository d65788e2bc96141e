import { kDefinitionFields, words } from "./definitions";
import { queryString, request } from "./http";
import { modelEdit } from "./model_edit";
import { array, flag, named, nullable, number, object, text, withDefault, type Parsed } from "./parse";

const applied = object({ version: text, time: withDefault(text, "") });

/** An enterprise that has a pack; only the platform operator is told. */
const use = object({
  code: text,
  name: text,
  region: withDefault(text, ""),
  simulated: withDefault(flag, false),
  version: text,
});
export type PackUse = Parsed<typeof use>;

const kSummary = {
  name: text,
  version: text,
  words,
  description: words,
  applied: nullable(applied),
  used_by: nullable(array(use)),
  templates: withDefault(number, 0),
  attributes: withDefault(number, 0),
  kpis: withDefault(number, 0),
  alarms: withDefault(number, 0),
  intervals: withDefault(number, 0),
  /** Of its simulated plant. */
  assets: withDefault(number, 0),
  /** The address of its picture. */
  drawing: nullable(text),
} as const;

const summary = object(kSummary);
export type PackSummary = Parsed<typeof summary>;

export const getPacks = async (signal?: AbortSignal): Promise<PackSummary[]> =>
  (await request("GET", "/packs", object({ packs: array(summary) }), { signal })).packs;

const template = object({ ...kDefinitionFields, words, extends: withDefault(text, "") });
export type PackTemplate = Parsed<typeof template> & { name: string };

const pack = object({ ...kSummary, definitions: withDefault(named(template), []) });
export type Pack = Parsed<typeof pack>;

export const getPack = (name: string, signal?: AbortSignal) =>
  request("GET", `/packs/${encodeURIComponent(name)}`, pack, { signal });

/**
 * Installs a pack, or brings an installed one to the version here; with `dryRun` only says what that would change. With `plant`
 * the assets of its simulated plant come too.
 */
export const applyPack = (name: string, dryRun: boolean, plant: boolean) =>
  request("POST", `/packs/${encodeURIComponent(name)}/apply${queryString({ dry_run: dryRun, plant })}`, modelEdit);

/** The picture of a pack, to be shown as an image only: what is inside of it never becomes part of the page. */
export function pictureAddress(found: Pick<PackSummary, "drawing">): string | null {
  return found.drawing?.startsWith("/api/v1/packs/") ? found.drawing : null;
}
