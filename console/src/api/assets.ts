import { kAttributeFields, limits, openLimits, words } from "./definitions";
import { queryString, request } from "./http";
import { modelEdit } from "./model_edit";
import { array, flag, named, nullable, number, object, record, text, withDefault, type Parsed } from "./parse";
import { wireValue } from "./query";
import { tag } from "./tags";

const summary = object({
  id: number,
  words,
  template: withDefault(text, ""),
  version: withDefault(number, 0),
  attributes: withDefault(number, 0),
});
export type AssetSummary = Parsed<typeof summary>;

const child = object({
  name: text,
  path: text,
  tags: withDefault(number, 0),
  is_tag: flag,
  tag: nullable(tag),
  asset: nullable(summary),
});
export type AssetNode = Parsed<typeof child>;

const level = object({ under: text, children: array(child) });

/** One level of the asset tree; without `under` that of the enterprise. */
export const getAssets = (under?: string, signal?: AbortSignal) =>
  request("GET", `/assets${queryString({ under })}`, level, { signal });

const attribute = object({
  ...kAttributeFields,
  tag: nullable(tag),
  formula_version: withDefault(number, 0),
});
export type AssetAttribute = Parsed<typeof attribute> & { name: string };

/** What one asset has otherwise than its template; of an attribute it is written as a whole. */
const override = object({
  tag: nullable(text),
  unit: nullable(text),
  normal: nullable(limits),
  valid: nullable(openLimits),
  constant: wireValue,
  formula: nullable(text),
  every: nullable(text),
});
export type AttributeOverride = Parsed<typeof override>;

const asset = object({
  id: number,
  path: text,
  parent: withDefault(number, 0),
  words,
  template: withDefault(text, ""),
  version: withDefault(number, 0),
  pack: withDefault(text, ""),
  attributes: withDefault(named(attribute), []),
  kpis: withDefault(array(text), []),
  alarms: withDefault(array(text), []),
  intervals: withDefault(array(text), []),
  overrides: withDefault(record(override), {}),
});
export type Asset = Parsed<typeof asset>;

export const getAsset = (id: number, signal?: AbortSignal) => request("GET", `/assets/${id}`, asset, { signal });

/** The override of `attribute` with something new; all else that this asset has of its own stays. */
function withOwn(overrides: Asset["overrides"], attributeName: string, own: object): object {
  const kept = Object.entries(overrides[attributeName] ?? {}).filter(([, value]) => value !== null);
  return { attributes: { [attributeName]: { ...Object.fromEntries(kept), ...own } } };
}

export function withFormula(overrides: Asset["overrides"], attributeName: string, formula: string): object {
  return withOwn(overrides, attributeName, { formula });
}

/** Gives an asset its own constant: a price, a nominal rate. With `dryRun` only says what that would change. */
export const setConstant = (
  found: Asset,
  attributeName: string,
  constant: number | string | boolean,
  dryRun: boolean,
) =>
  request("PATCH", `/assets/${found.id}${queryString({ dry_run: dryRun })}`, modelEdit, {
    body: withOwn(found.overrides, attributeName, { constant }),
  });

/** Publishes a formula of one attribute of one asset; with `dryRun` only says what that would change. */
export const publishFormula = (found: Asset, attributeName: string, formula: string, dryRun: boolean) =>
  request("PATCH", `/assets/${found.id}${queryString({ dry_run: dryRun })}`, modelEdit, {
    body: withFormula(found.overrides, attributeName, formula),
  });
