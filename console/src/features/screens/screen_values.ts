/** The values behind a screen: live samples of attributes, figures of KPIs, and the alarms that hold. */
import { useMemo, useSyncExternalStore } from "react";
import { getKpis, type KpiSeries } from "../../api/kpis";
import { live } from "../../api/live";
import { getScreenAlarms, type ActiveAlarm, type Screen, type Shown } from "../../api/screens";
import { serverNow } from "../../lib/server_clock";
import { isoUtc } from "../../lib/time_text";
import { useLiveValues, type LiveValue } from "../../lib/use_live_values";
import { useResource } from "../../lib/use_resource";

const kAlarmsMs = 5_000;
const kKpisMs = 60_000;
/** Shifts before this one, by time: a small history. */
const kHistoryMs = 3 * 86_400_000;
/** Requests for figures that are under way at once. */
const kAtOnce = 2;

export const kpiKey = (asset: string, kpi: string, together: boolean) => `${asset} ${kpi} ${together}`;

export interface ScreenValues {
  values: ReadonlyMap<string, LiveValue>;
  /** Whether the live feed is there. */
  live: boolean;
  alarmsOf: (shown: Shown) => readonly ActiveAlarm[];
  alarms: readonly ActiveAlarm[];
  /** When anything that the screen shows of the same asset came last. */
  newsOf: (shown: Shown) => number | null;
  kpis: ReadonlyMap<string, KpiSeries>;
  /** Whether the figures were asked for. */
  kpisKnown: boolean;
}

const kNone: readonly ActiveAlarm[] = [];

export function useScreenValues(screen: Screen): ScreenValues {
  const paths = useMemo(() => [...new Set(screen.shown.flatMap(({ tag }) => (tag === null ? [] : [tag])))], [screen]);
  const values = useLiveValues(paths);
  const state = useSyncExternalStore(
    (watcher) => live.watch(watcher),
    () => live.state,
  );
  const alarms = useResource(`alarms/${screen.pack}`, (signal) => getScreenAlarms(screen.pack, signal), kAlarmsMs);
  const byInput = useMemo(() => {
    const found = new Map<string, ActiveAlarm[]>();
    for (const one of alarms.data ?? []) {
      for (const input of one.inputs) found.set(input, [...(found.get(input) ?? []), one]);
    }
    return found;
  }, [alarms.data]);
  const news = useMemo(() => {
    const found = new Map<number, number>();
    for (const { asset, tag } of screen.shown) {
      const timeMs = tag === null ? null : (values.get(tag)?.timeMs ?? null);
      if (asset !== null && timeMs !== null) found.set(asset.id, Math.max(timeMs, found.get(asset.id) ?? timeMs));
    }
    return found;
  }, [screen, values]);
  const questions = useMemo(() => kpiQuestions(screen), [screen]);
  const kpis = useResource(
    questions.length === 0 ? null : `screen-kpis/${JSON.stringify(questions)}`,
    (signal) => askKpis(questions, signal),
    kKpisMs,
  );
  return {
    values,
    live: state !== "waiting",
    alarms: alarms.data ?? kNone,
    newsOf: (shown) => (shown.asset === null ? null : (news.get(shown.asset.id) ?? null)),
    alarmsOf: (shown) =>
      (shown.asset && shown.attribute ? byInput.get(`${shown.asset.path}/${shown.attribute}`) : undefined) ?? kNone,
    kpis: kpis.data ?? new Map<string, KpiSeries>(),
    kpisKnown: kpis.data !== null,
  };
}

interface KpiOf {
  asset: string;
  kpi: string;
  together: boolean;
}

function kpiQuestions(screen: Screen): KpiOf[] {
  const found = new Map<string, KpiOf>();
  for (const { asset, kpi, together, problem } of screen.shown) {
    if (asset !== null && kpi !== null && problem === "") {
      found.set(kpiKey(asset.path, kpi, together), { asset: asset.path, kpi, together });
    }
  }
  return [...found.values()];
}

/** Figure after figure, a few at once: a wall is in no hurry, and others ask too. One that fails leaves the others. */
async function askKpis(questions: readonly KpiOf[], signal: AbortSignal): Promise<Map<string, KpiSeries>> {
  const found = new Map<string, KpiSeries>();
  const waiting = [...questions];
  const to = isoUtc(serverNow());
  const from = isoUtc(serverNow() - kHistoryMs);
  const ask = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && !signal.aborted; next = waiting.shift()) {
      const { asset, kpi, together } = next;
      try {
        const [series] = await getKpis(
          { asset, kpi, window: "shift", from, to, ...(together ? { rollup: true } : {}) },
          signal,
        );
        if (series) found.set(kpiKey(asset, kpi, together), series);
      } catch (cause) {
        if (signal.aborted) throw cause;
      }
    }
  };
  await Promise.all(Array.from({ length: kAtOnce }, ask));
  return found;
}
