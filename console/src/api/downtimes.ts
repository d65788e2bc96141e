import { words } from "./definitions";
import { queryString, request } from "./http";
import { category } from "./intervals";
import { array, flag, nullable, number, object, text, withDefault, type Parsed } from "./parse";

const amount = object({ amount: number, unit: text });
const money = object({ amount: number, currency: text });

const kSumFields = {
  /** Of those that began in the range. */
  count: number,
  duration_s: number,
  planned_time_s: number,
  output: withDefault(array(amount), []),
  energy: withDefault(array(amount), []),
  money: withDefault(array(money), []),
  quality: withDefault(text, "Good"),
} as const;
const sum = object(kSumFields);
export type DowntimeSum = Parsed<typeof sum>;

const group = object({
  ...kSumFields,
  /** A reason, a path, a shift or a crew; null: none. */
  key: nullable(text),
  words,
  within: withDefault(text, ""),
  unplanned: sum,
  planned: sum,
});
export type DowntimeGroup = Parsed<typeof group>;

const answer = object({
  from: text,
  to: text,
  groups: array(group),
  total: object({
    ...kSumFields,
    unplanned: sum,
    planned: sum,
    mttr_s: nullable(number),
    mtbf_s: nullable(number),
    planned_time_all_s: withDefault(number, 0),
  }),
  problems: withDefault(array(text), []),
  complete: withDefault(flag, true),
});
export type Downtimes = Parsed<typeof answer>;

export const kDowntimeWays = ["reason", "asset", "shift", "crew"] as const;
export type DowntimeWay = (typeof kDowntimeWays)[number];

export const getDowntimes = (
  question: { asset?: string; by: DowntimeWay; from: string; to: string },
  signal?: AbortSignal,
) => request("GET", `/downtimes${queryString(question)}`, answer, { signal });

const cause = object({ reason: text, category, within: withDefault(text, ""), words });
export type DowntimeCause = Parsed<typeof cause>;

/** The reasons that a downtime of an asset can have, by the calendar that held at `time`. */
export const getCauses = async (asset: string, time: string, signal?: AbortSignal): Promise<DowntimeCause[]> =>
  (
    await request("GET", `/downtimes/reasons${queryString({ asset, time })}`, object({ reasons: array(cause) }), {
      signal,
    })
  ).reasons;
