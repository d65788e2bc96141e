/** The results of a trial as lines, and how they differ from the live ones: pure. */
import type { FormulaRow } from "../../api/formulas";
import { pointOf, type PenSeries } from "../../lib/series";
import { parseTime } from "../../lib/time_text";
import { parseSpan } from "../../lib/trend_url";
import { kValueTypes, toNumber, type ValueType } from "../../lib/value";

export function valueTypeOf(name: string): ValueType {
  return (
    kValueTypes.find((known) => known === name) ??
    (name === "condition" ? "bool" : name === "text" ? "string" : "double")
  );
}

export function seriesOfRows(rows: readonly FormulaRow[], name: string, unit: string, type: ValueType): PenSeries {
  return {
    tag: name,
    id: 0,
    type,
    unit,
    step: type === "bool" || type === "string",
    simulated: false,
    points: rows.map((row) =>
      pointOf(parseTime(row.time), row.value, row.value === null ? "BadNoData" : row.quality, type),
    ),
    before: null,
    after: null,
  };
}

export interface Difference {
  /** Times that both have a value at, and at how many of them the values differ. */
  compared: number;
  differing: number;
  /** The greatest difference of two numbers, new minus live; null where none was compared. */
  greatest: number | null;
  atMs: number | null;
}

/** Compares row by row where the times are the same; rows ascend in time. */
export function differenceOf(fresh: readonly FormulaRow[], live: readonly FormulaRow[], type: ValueType): Difference {
  const result: Difference = { compared: 0, differing: 0, greatest: null, atMs: null };
  const byTime = new Map(live.map((row) => [parseTime(row.time), row]));
  for (const row of fresh) {
    const atMs = parseTime(row.time);
    const other = byTime.get(atMs);
    if (!other || row.value === null || other.value === null) continue;
    result.compared += 1;
    if (row.value !== other.value) result.differing += 1;
    const by = toNumber(row.value, type) - toNumber(other.value, type);
    if (Number.isFinite(by) && (result.greatest === null || Math.abs(by) > Math.abs(result.greatest))) {
      result.greatest = by;
      result.atMs = atMs;
    }
  }
  return result;
}

const kResultsMax = 20_000;
const kSteps = ["1s", "10s", "1min", "10min", "1h", "1d"] as const;

/** How often a trial computes: as often as the attribute does where a chart can hold that, else at the next round step. */
export function everyFor(spanMs: number, own: string): string {
  const ownMs = parseSpan(own);
  if (ownMs !== null && spanMs / ownMs <= kResultsMax) return own;
  const fits = kSteps.find((step) => spanMs / (parseSpan(step) ?? 1) <= kResultsMax);
  return fits ?? "1d";
}
