import { request } from "./http";
import { array, nullable, number, object, text, withDefault, type Parsed } from "./parse";
import { wireValue } from "./query";

const checked = object({
  type: withDefault(text, ""),
  unit: withDefault(text, ""),
  formula: withDefault(text, ""),
  inputs: withDefault(array(text), []),
  windows: withDefault(array(text), []),
  /** Such as a window that the asset does not have yet. */
  warnings: withDefault(array(text), []),
});
export type CheckedFormula = Parsed<typeof checked>;

/** What a formula is made of. One with a mistake throws an ApiError whose `mistake` says where. */
export const checkFormula = (body: { asset: string; formula: string; unit?: string }, signal?: AbortSignal) =>
  request("POST", "/formulas/check", checked, { body, signal });

const row = object({
  time: text,
  value: wireValue,
  quality: withDefault(text, "Good"),
  percent_good: nullable(number),
  coverage: nullable(number),
});
export type FormulaRow = Parsed<typeof row>;

const run = object({
  unit: withDefault(text, ""),
  /** `number`, `condition` or `text`. */
  type: withDefault(text, "number"),
  results: array(row),
  live: nullable(array(row)),
  live_unit: nullable(text),
  steps: withDefault(number, 0),
  samples: withDefault(number, 0),
});
export type FormulaRun = Parsed<typeof run>;

/** Computes a formula over a stretch of history; nothing is written. `compare` names an attribute whose values come too. */
export const runFormula = (
  body: { asset: string; formula: string; from: string; to: string; every?: string; compare?: string },
  signal?: AbortSignal,
) => request("POST", "/formulas/run", run, { body, signal });
