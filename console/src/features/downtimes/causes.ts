/** Reasons of downtimes as a tree, and sums of downtimes as the bars of a Pareto chart: pure. */
import type { DowntimeCause, DowntimeGroup } from "../../api/downtimes";

export interface CauseRow {
  cause: DowntimeCause;
  level: number;
}

/** Each group followed by what belongs to it, in the order of the calendar. What names a group that is not there stands at the top. */
export function causeRows(causes: readonly DowntimeCause[]): CauseRow[] {
  const codes = new Set(causes.map(({ reason }) => reason));
  const rows: CauseRow[] = [];
  const seen = new Set<string>();
  const put = (within: string, level: number) => {
    for (const cause of causes) {
      const group = codes.has(cause.within) ? cause.within : "";
      if (group !== within || seen.has(cause.reason)) continue;
      seen.add(cause.reason);
      rows.push({ cause, level });
      put(cause.reason, level + 1);
    }
  };
  put("", 0);
  return rows;
}

export const kMeasures = ["duration", "money", "output", "energy", "count"] as const;
export type Measure = (typeof kMeasures)[number];

export interface ParetoBar {
  group: DowntimeGroup;
  value: number;
  /** Of the longest bar, 0 to 1: the whole, and the unplanned part of it. */
  width: number;
  unplannedWidth: number;
  /** Of the total of all bars, and with those before it. Percent. */
  share: number;
  cumulative: number;
}

/** What a group measures in one unit or currency; 0 where it has none of that. */
export function measureOf(
  sum: Omit<DowntimeGroup, "key" | "words" | "within" | "unplanned" | "planned">,
  measure: Measure,
  unit: string,
): number {
  switch (measure) {
    case "duration":
      return sum.duration_s;
    case "count":
      return sum.count;
    case "money":
      return sum.money.find(({ currency }) => currency === unit)?.amount ?? 0;
    case "output":
    case "energy":
      return sum[measure].find((one) => one.unit === unit)?.amount ?? 0;
  }
}

/** Units or currencies that groups have of a measure; amounts of different ones are never added up. */
export function unitsOf(groups: readonly DowntimeGroup[], measure: Measure): string[] {
  if (measure === "duration" || measure === "count") return [""];
  const units = groups.flatMap((one) =>
    measure === "money" ? one.money.map(({ currency }) => currency) : one[measure].map(({ unit }) => unit),
  );
  return [...new Set(units)].sort();
}

/** Greatest first. Groups without anything of the measure are left out. */
export function paretoBars(groups: readonly DowntimeGroup[], measure: Measure, unit: string): ParetoBar[] {
  const measured = groups
    .map((group) => ({ group, value: measureOf(group, measure, unit) }))
    .filter(({ value }) => value > 0)
    .sort((a, b) => b.value - a.value);
  const total = measured.reduce((sum, { value }) => sum + value, 0);
  const greatest = measured[0]?.value ?? 1;
  let before = 0;
  return measured.map(({ group, value }) => {
    before += value;
    return {
      group,
      value,
      width: value / greatest,
      unplannedWidth: Math.min(value, measureOf(group.unplanned, measure, unit)) / greatest,
      share: (100 * value) / total,
      cumulative: (100 * before) / total,
    };
  });
}
