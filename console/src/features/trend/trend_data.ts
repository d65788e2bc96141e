/**
 * What the trend page knows of its pens: history from a plot query, the live tail from the feed, statistics of the view.
 *
 * 1. A view that changes asks for its history once it rests; an answer of an older view is dropped.
 * 2. The query covers a margin on both sides of the view, so that a drag has something to show at once.
 * 3. Live samples go into a tail a pen. Each new history answer drops the part of the tail that it contains.
 * 4. After the feed was lost, or said that it skipped samples, history is asked for again. Until it has come a hole says
 *    where samples are missing, so that no line is drawn over them.
 */
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { ApiError } from "../../api/http";
import { live } from "../../api/live";
import { queryPlot, queryStatistics, type QueryAnswer } from "../../api/query";
import {
  boundedPoints,
  holeBefore,
  insertPoint,
  pointOf,
  seriesOf,
  withTail,
  type Hole,
  type PenSeries,
  type Point,
} from "../../lib/series";
import { statisticOf, type Statistic } from "../../lib/statistic";
import { serverNow } from "../../lib/server_clock";
import { isoUtc, parseTime } from "../../lib/time_text";
import type { ValueType, WireValue } from "../../lib/value";
import type { View } from "../../lib/segments";

export interface PenStatistics {
  minimum: Statistic | null;
  average: Statistic | null;
  maximum: Statistic | null;
}

export interface TrendData {
  /** In the order of the pens; null until it has come. */
  series: (PenSeries | null)[];
  /** Why a pen has nothing: its tag does not exist, for example. */
  errors: (string | null)[];
  statistics: (PenStatistics | null)[];
  /** Samples of each pen that the feed left out and that are being fetched. */
  skipped: boolean[];
  loading: boolean;
  error: string | null;
  /** The last attempt failed, what shows is older. */
  stale: boolean;
  incomplete: boolean;
  /** Changes with every sample that came. */
  version: number;
}

const kTailPointsMax = 20_000;
const kRestMs = 120;
const kStatisticsRestMs = 400;
const kSkippedRestMs = 500;
const kMargin = 0.5;

interface TailPoint extends Point {
  arrivedMs: number;
}

interface Skip extends Hole {
  arrivedMs: number;
}

interface History {
  key: string;
  series: (PenSeries | null)[];
  errors: (string | null)[];
  incomplete: boolean;
}

/** One query for all pens; if one of them does not exist, one each, so that the others still show. */
async function loadPens(
  pens: readonly string[],
  missing: Map<string, string>,
  view: View,
  columns: number,
  signal: AbortSignal,
): Promise<Omit<History, "key">> {
  const range = { from: isoUtc(Math.floor(view.from)), to: isoUtc(Math.ceil(view.to)) };
  const known = pens.filter((pen) => !missing.has(pen));
  let answers: QueryAnswer[] = [];
  try {
    if (known.length > 0) answers = [await queryPlot(known, range, columns, signal)];
  } catch (cause) {
    if (!(cause instanceof ApiError) || cause.status !== 404) throw cause;
    const one = async (pen: string): Promise<QueryAnswer[]> => {
      try {
        return [await queryPlot([pen], range, columns, signal)];
      } catch (inner) {
        if (!(inner instanceof ApiError) || inner.status !== 404) throw inner;
        missing.set(pen, inner.message);
        return [];
      }
    };
    answers = known.length === 1 ? [] : (await Promise.all(known.map(one))).flat();
    if (known.length === 1 && known[0] !== undefined) missing.set(known[0], cause.message);
  }
  const found = new Map(answers.flatMap((answer) => answer.series).map((wire) => [wire.tag, seriesOf(wire)]));
  return {
    series: pens.map((pen) => found.get(pen) ?? null),
    errors: pens.map((pen) => missing.get(pen) ?? (found.has(pen) ? null : "")),
    incomplete: answers.some((answer) => !answer.complete),
  };
}

export function useTrendData(pens: readonly string[], view: View, isLive: boolean, columns: number): TrendData {
  const penKey = pens.join("\n");
  const [history, setHistory] = useState<History | null>(null);
  const historyRef = useRef(history);
  historyRef.current = history;
  const [error, setError] = useState<string | null>(null);
  const [loading, setLoading] = useState(false);
  const [statistics, setStatistics] = useState<{ key: string; rows: (PenStatistics | null)[] } | null>(null);
  const [version, setVersion] = useState(0);
  const [round, setRound] = useState(0);
  const tails = useRef(new Map<string, TailPoint[]>());
  const skips = useRef(new Map<string, Skip[]>());
  /** Pens that the server does not know, with its sentence; not asked for again while these pens show. */
  const missing = useRef(new Map<string, string>());
  const viewRef = useRef(view);
  viewRef.current = view;
  const asking = useRef(false);
  const span = view.to - view.from;
  // A live view moves all the time: only its length asks for a new history, a timer renews it.
  const rangeKey = isLive ? `live ${span}` : `${view.from} ${view.to}`;

  useEffect(() => {
    if (penKey === "" || columns < 10) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      setLoading(true);
      asking.current = true;
      const { from, to } = viewRef.current;
      const asked = Date.now();
      const margin = (to - from) * kMargin;
      const wide = { from: from - margin, to: to + (isLive ? 0 : margin) };
      const wideColumns = Math.min(8_000, Math.round(columns * (isLive ? 1 + kMargin : 1 + 2 * kMargin)));
      loadPens(penKey.split("\n"), missing.current, wide, wideColumns, abort.signal)
        .then((found) => {
          for (const tail of tails.current.values()) {
            const fresh = tail.filter((point) => point.arrivedMs >= asked || point.t > wide.to);
            tail.splice(0, tail.length, ...fresh);
          }
          for (const list of skips.current.values()) {
            // What is left of the view is not asked for, and not shown either.
            const left = list.filter((skip) => skip.arrivedMs >= asked && skip.to > wide.from);
            list.splice(0, list.length, ...left);
          }
          setHistory({ key: penKey, ...found });
          setError(null);
        })
        .catch((cause: unknown) => {
          if (!abort.signal.aborted) setError(cause instanceof Error ? cause.message : String(cause));
        })
        .finally(() => {
          if (abort.signal.aborted) return;
          asking.current = false;
          setLoading(false);
        });
    }, kRestMs);
    return () => {
      abort.abort();
      asking.current = false;
      clearTimeout(timer);
    };
  }, [penKey, rangeKey, columns, isLive, round]);

  useEffect(() => {
    if (!isLive) return;
    const period = Math.max(15_000, Math.min(120_000, span / 20));
    const timer = setInterval(() => setRound((old) => old + 1), period);
    return () => clearInterval(timer);
  }, [isLive, span]);

  useEffect(() => {
    tails.current = new Map();
    skips.current = new Map();
    missing.current = new Map();
    if (penKey === "") return;
    // A feed that skips all the time must not keep the answer from ever coming: one question at a time.
    let fetching: ReturnType<typeof setTimeout> | undefined;
    const fetchSkipped = () => {
      if (fetching !== undefined) return;
      fetching = setTimeout(() => {
        fetching = undefined;
        if (asking.current) fetchSkipped();
        else setRound((old) => old + 1);
      }, kSkippedRestMs);
    };
    // One subscription a pen: a tag that does not exist must not take the others with it.
    const ends = penKey.split("\n").map((pen) => {
      const tail: TailPoint[] = [];
      const skipped: Skip[] = [];
      tails.current.set(pen, tail);
      skips.current.set(pen, skipped);
      let type: ValueType = "double";
      let snapshots = 0;
      const add = (time: string, value: WireValue, quality: string) =>
        insertPoint(tail, { ...pointOf(parseTime(time), value, quality, type), arrivedMs: Date.now() } as TailPoint);
      return live.subscribe([pen], {
        onSnapshot: ([sample]) => {
          if (sample) type = sample.type;
          if (sample && sample.time !== null) add(sample.time, sample.value, sample.quality);
          snapshots += 1;
          if (snapshots > 1) setRound((old) => old + 1);
          setVersion((old) => old + 1);
        },
        onChanges: (changes) => {
          for (const change of changes) {
            type = change.type;
            const [first] = change.samples;
            if (change.skipped && first) {
              const known = historyRef.current?.series.find((found) => found?.tag === pen);
              const lists = known ? [tail, boundedPoints(known)] : [tail];
              const hole = holeBefore(lists, parseTime(first.time), viewRef.current.from);
              skipped.push({ ...hole, arrivedMs: Date.now() });
            }
            for (const sample of change.samples) add(sample.time, sample.value, sample.quality);
          }
          const full = tail.length > kTailPointsMax;
          if (full) tail.splice(0, tail.length - kTailPointsMax / 2);
          if (changes.some((change) => change.skipped)) fetchSkipped();
          // A tag that did not exist when its history was asked for.
          const made = changes.length > 0 && missing.current.delete(pen);
          if (full || made) setRound((old) => old + 1);
          setVersion((old) => old + 1);
        },
      });
    });
    return () => {
      clearTimeout(fetching);
      ends.forEach((end) => end());
    };
  }, [penKey]);

  const loadStatistics = useCallback(
    async (numeric: readonly string[], signal: AbortSignal) => {
      const { from, to } = viewRef.current;
      const end = Math.min(to, serverNow());
      if (end <= from) return;
      const answer = await queryStatistics(
        numeric,
        { from: isoUtc(Math.floor(from)), to: isoUtc(Math.floor(end)) },
        signal,
      );
      const value = (pen: string, aggregate: string): Statistic | null => {
        const found = answer.series.find((entry) => entry.tag === pen && entry.aggregate === aggregate);
        return found ? statisticOf(found) : null;
      };
      setStatistics({
        key: penKey,
        rows: penKey.split("\n").map((pen) => ({
          minimum: value(pen, "Minimum"),
          average: value(pen, "TimeAverage"),
          maximum: value(pen, "Maximum"),
        })),
      });
    },
    [penKey],
  );

  const numericKey = (history?.key === penKey ? history.series : [])
    .filter((found): found is PenSeries => found !== null && found.type !== "string")
    .map((found) => found.tag)
    .join("\n");
  useEffect(() => {
    if (numericKey === "") return;
    const abort = new AbortController();
    const run = () =>
      loadStatistics(numericKey.split("\n"), abort.signal).catch(() => {
        if (!abort.signal.aborted) setStatistics(null);
      });
    const timer = setTimeout(() => void run(), kStatisticsRestMs);
    const again = isLive ? setInterval(() => void run(), 10_000) : undefined;
    return () => {
      abort.abort();
      clearTimeout(timer);
      clearInterval(again);
    };
    // A new round: history was read anew, because of skipped samples or an edit of what is valid.
  }, [numericKey, rangeKey, isLive, round, loadStatistics]);

  return useMemo(() => {
    const mine = history?.key === penKey ? history : null;
    const list = penKey === "" ? [] : penKey.split("\n");
    return {
      series: list.map((pen, index) => {
        const found = mine?.series[index] ?? null;
        if (!found) return null;
        return { ...withTail(found, tails.current.get(pen) ?? []), holes: skips.current.get(pen) ?? [] };
      }),
      skipped: list.map((pen) => (skips.current.get(pen) ?? []).length > 0),
      errors: list.map((_, index) => mine?.errors[index] ?? null),
      statistics: list.map((_, index) => (statistics?.key === penKey ? (statistics.rows[index] ?? null) : null)),
      loading,
      error,
      stale: error !== null && mine !== null,
      incomplete: mine?.incomplete ?? false,
      version,
    };
  }, [history, penKey, statistics, loading, error, version]);
}
