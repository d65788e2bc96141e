import { queryString, request } from "./http";
import {
  array,
  flag,
  nothing,
  nullable,
  number,
  object,
  record,
  text,
  withDefault,
  word,
  type Parsed,
  type Parser,
} from "./parse";

const annotation = object({ time: text, who: withDefault(text, ""), text });

/** A captured value as text, with its unit where it has one: `212.4 t`. */
const captured: Parser<string> = (value, path = "") => {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value === "object") {
    const { value: inner, unit } = object({ value: captured, unit: withDefault(text, "") })(value, path);
    return `${inner} ${unit}`.trim();
  }
  return text(value, path);
};

/** Whether people knew of a downtime beforehand. */
export const category = word(["planned", "unplanned"], "unplanned");

const reason = object({
  time: text,
  who: withDefault(text, ""),
  /** Null where somebody took the reason back. */
  reason: nullable(text),
  category,
  remark: withDefault(text, ""),
});
export type IntervalReason = Parsed<typeof reason>;

const costAmount = object({
  amount: nullable(number),
  unit: text,
  quality: withDefault(text, "Good"),
  percent_good: nullable(number),
  coverage: nullable(number),
  price: nullable(number),
  money: nullable(number),
});
export type CostAmount = Parsed<typeof costAmount>;

const cost = object({
  duration_s: number,
  planned_time_s: number,
  output: nullable(costAmount),
  energy: nullable(costAmount),
  money: nullable(number),
  currency: withDefault(text, ""),
  quality: withDefault(text, "Good"),
});
export type DowntimeCost = Parsed<typeof cost>;

const interval = object({
  /** Digits: ids are 64 bits wide. */
  id: (value, path = "") => (typeof value === "number" ? String(value) : text(value, path)),
  asset: withDefault(text, ""),
  kind: text,
  from: text,
  to: nullable(text),
  label: withDefault(text, ""),
  captured: withDefault(record(captured), {}),
  /** What it lies in: `campaign 12`. */
  within: withDefault(text, ""),
  doubtful: withDefault(flag, false),
  /** Samples no longer tell of it; kept for its notes. */
  withdrawn: withDefault(flag, false),
  annotations: withDefault(array(annotation), []),
  /** Null for what is no downtime. */
  downtime: nullable(category),
  reason: nullable(reason),
  cost: nullable(cost),
  /** Why the cost could not be computed. */
  problem: withDefault(text, ""),
});
export type Interval = Parsed<typeof interval>;

const answer = object({ intervals: array(interval), cut: withDefault(flag, false) });
export type Intervals = Parsed<typeof answer>;

export const getIntervals = (
  question: { asset: string; kind: string; from: string; to: string; limit?: number; cost?: boolean },
  signal?: AbortSignal,
) => request("GET", `/intervals${queryString(question)}`, answer, { signal });

/** A note to an interval; it stays when the interval is computed anew. */
export const annotate = (id: string, note: string) =>
  request("POST", `/intervals/${encodeURIComponent(id)}/annotations`, nothing, { body: { text: note } });

const reasons = object({ reasons: array(reason) });

/** Every reason that was told of a downtime, oldest first. */
export const getReasons = async (id: string, signal?: AbortSignal): Promise<IntervalReason[]> =>
  (await request("GET", `/intervals/${encodeURIComponent(id)}/reasons`, reasons, { signal })).reasons;

/** Tells the reason of a downtime; null takes it back. Earlier ones stay readable. */
export const setReason = (id: string, code: string | null, remark: string) =>
  request("POST", `/intervals/${encodeURIComponent(id)}/reason`, nothing, { body: { reason: code, remark } });
