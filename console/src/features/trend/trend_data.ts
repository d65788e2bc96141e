/**
 * What the trend page knows of its pens: history from a plot query, the live tail from the feed, statistics of the view.
 *
 * 1. A view that changes asks for its history once it rests; an answer of an older view is dropped.
 * 2. The query covers a margin on both sides of the view, so that a drag has something to show at once.
 * 3. Live samples go into a tail a pen. Each new history answer drops the part of the tail that it contains.
 * 4. After the feed was lost, or said that it skipped samples, history is asked for again.
 */
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { ApiError } from "../../api/http";
import { live } from "../../api/live";
import { queryPlot, queryStatistics, type WireSeries } from "../../api/query";
import { insertPoint, pointOf, seriesOf, withTail, type PenSeries, type Point } from "../../lib/series";
import { serverNow } from "../../lib/server_clock";
import { isoUtc, parseTime } from "../../lib/time_text";
import { toNumber, type ValueType } from "../../lib/value";
import type { View } from "../../lib/segments";

export interface PenStatistics {
  minimum: number | null;
  average: number | null;
  maximum: number | null;
}

export interface TrendData {
  /** In the order of the pens; null until it has come. */
  series: (PenSeries | null)[];
  /** Why a pen has nothing: its tag does not exist, for example. */
  errors: (string | null)[];
  statistics: (PenStatistics | null)[];
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
const kMargin = 0.5;

interface TailPoint extends Point {
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
  view: View,
  columns: number,
  signal: AbortSignal,
): Promise<Omit<History, "key">> {
  const range = { from: isoUtc(Math.floor(view.from)), to: isoUtc(Math.ceil(view.to)) };
  const pick = (found: readonly WireSeries[], pen: string) => {
    const wire = found.find((entry) => entry.tag === pen);
    return wire ? seriesOf(wire) : null;
  };
  try {
    const answer = await queryPlot(pens, range, columns, signal);
    return {
      series: pens.map((pen) => pick(answer.series, pen)),
      errors: pens.map((pen) => (pick(answer.series, pen) ? null : "")),
      incomplete: !answer.complete,
    };
  } catch (cause) {
    if (!(cause instanceof ApiError) || cause.status !== 404 || pens.length < 2) {
      if (cause instanceof ApiError && cause.status === 404) {
        return { series: [null], errors: [cause.message], incomplete: false };
      }
      throw cause;
    }
  }
  const each = await Promise.all(pens.map((pen) => loadPens([pen], view, columns, signal)));
  return {
    series: each.map((one) => one.series[0] ?? null),
    errors: each.map((one) => one.errors[0] ?? null),
    incomplete: each.some((one) => one.incomplete),
  };
}

export function useTrendData(pens: readonly string[], view: View, isLive: boolean, columns: number): TrendData {
  const penKey = pens.join("\n");
  const [history, setHistory] = useState<History | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [loading, setLoading] = useState(false);
  const [statistics, setStatistics] = useState<{ key: string; rows: (PenStatistics | null)[] } | null>(null);
  const [version, setVersion] = useState(0);
  const [round, setRound] = useState(0);
  const tails = useRef(new Map<string, TailPoint[]>());
  const viewRef = useRef(view);
  viewRef.current = view;
  const span = view.to - view.from;
  // A live view moves all the time: only its length asks for a new history, a timer renews it.
  const rangeKey = isLive ? `live ${span}` : `${view.from} ${view.to}`;

  useEffect(() => {
    if (penKey === "" || columns < 10) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      setLoading(true);
      const { from, to } = viewRef.current;
      const asked = Date.now();
      const margin = (to - from) * kMargin;
      const wide = { from: from - margin, to: to + (isLive ? 0 : margin) };
      const wideColumns = Math.min(8_000, Math.round(columns * (isLive ? 1 + kMargin : 1 + 2 * kMargin)));
      loadPens(penKey.split("\n"), wide, wideColumns, abort.signal)
        .then((found) => {
          for (const tail of tails.current.values()) {
            const fresh = tail.filter((point) => point.arrivedMs >= asked || point.t > wide.to);
            tail.splice(0, tail.length, ...fresh);
          }
          setHistory({ key: penKey, ...found });
          setError(null);
        })
        .catch((cause: unknown) => {
          if (!abort.signal.aborted) setError(cause instanceof Error ? cause.message : String(cause));
        })
        .finally(() => {
          if (!abort.signal.aborted) setLoading(false);
        });
    }, kRestMs);
    return () => {
      abort.abort();
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
    if (penKey === "") return;
    const known = new Map<number, { path: string; type: ValueType }>();
    let snapshots = 0;
    return live.subscribe(penKey.split("\n"), {
      onSnapshot: (samples) => {
        const arrivedMs = Date.now();
        for (const sample of samples) {
          known.set(sample.id, { path: sample.tag, type: sample.type });
          if (sample.time === null) continue;
          const tail = tails.current.get(sample.tag) ?? [];
          insertPoint(tail, {
            ...pointOf(parseTime(sample.time), sample.value, sample.quality, sample.type),
            arrivedMs,
          } as TailPoint);
          tails.current.set(sample.tag, tail);
        }
        snapshots += 1;
        if (snapshots > 1) setRound((old) => old + 1);
        setVersion((old) => old + 1);
      },
      onChanges: (samples, skipped) => {
        const arrivedMs = Date.now();
        let full = skipped;
        for (const sample of samples) {
          const tag = known.get(sample.id);
          if (!tag) continue;
          const tail = tails.current.get(tag.path) ?? [];
          insertPoint(tail, {
            ...pointOf(parseTime(sample.time), sample.value, sample.quality, tag.type),
            arrivedMs,
          } as TailPoint);
          if (tail.length > kTailPointsMax) {
            tail.splice(0, tail.length - kTailPointsMax / 2);
            full = true;
          }
          tails.current.set(tag.path, tail);
        }
        if (full) setRound((old) => old + 1);
        setVersion((old) => old + 1);
      },
    });
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
      const value = (pen: string, aggregate: string): number | null => {
        const found = answer.series.find((entry) => entry.tag === pen && entry.aggregate === aggregate);
        const raw = found?.values[0] ?? null;
        return found === undefined || raw === null
          ? null
          : toNumber(raw, found.type === "string" ? "double" : found.type);
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
  }, [numericKey, rangeKey, isLive, loadStatistics]);

  return useMemo(() => {
    const mine = history?.key === penKey ? history : null;
    const list = penKey === "" ? [] : penKey.split("\n");
    return {
      series: list.map((pen, index) => {
        const found = mine?.series[index] ?? null;
        return found ? withTail(found, tails.current.get(pen) ?? []) : null;
      }),
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
