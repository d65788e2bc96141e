import { limits, words } from "./definitions";
import { queryString, request } from "./http";
import { array, nullable, number, object, text, withDefault, word, type Parsed } from "./parse";

const result = object({
  from: text,
  to: text,
  label: withDefault(text, ""),
  /** Up to when a window counts that has not ended yet. */
  so_far: nullable(text),
  /** Null where nothing could be computed; `quality` says why. */
  value: nullable(number),
  quality: withDefault(text, "Good"),
  /** Percent of the window with good samples, and with samples at all. */
  percent_good: nullable(number),
  coverage: nullable(number),
  /** Of several sites together: the window at each, by the site's own calendar. */
  sites: withDefault(array(object({ site: text, from: text, to: text })), []),
});
export type KpiResult = Parsed<typeof result>;

const kpi = object({
  asset: text,
  kpi: text,
  words,
  unit: withDefault(text, ""),
  band: nullable(limits),
  better: withDefault(word(["less", "more"], "less"), "less"),
  results: array(result),
  /** Paths of the assets that were added up; null: the figure is of the asset itself. */
  together: nullable(array(text)),
  /** Sites without the window that was asked for. */
  left_out: withDefault(array(text), []),
  /** Why this one could not be computed. */
  problem: withDefault(text, ""),
});
export type KpiSeries = Parsed<typeof kpi>;

export interface KpiQuestion {
  asset: string;
  window: string;
  from: string;
  to: string;
  kpi?: string;
  rollup?: boolean;
}

export const getKpis = async (question: KpiQuestion, signal?: AbortSignal): Promise<KpiSeries[]> =>
  (await request("GET", `/kpis${queryString({ ...question })}`, object({ kpis: array(kpi) }), { signal })).kpis;
