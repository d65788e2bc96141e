import type { WireSeries } from "../api/query";
import { parseTime } from "./time_text";
import { severityOf, toNumber, type Severity, type ValueType, type WireValue } from "./value";

/** One sample as a trend needs it. `v` is NaN where there is no number to draw (strings, NaN). */
export interface Point {
  t: number; // milliseconds since 1970, with a fraction
  v: number;
  raw: WireValue;
  severity: Severity;
  quality: string;
}

/** What a pen draws: points ascending in time, and the samples just outside on both sides. */
export interface PenSeries {
  tag: string;
  id: number;
  type: ValueType;
  unit: string;
  /** Holds its value until the next sample; otherwise the value moves in a straight line. Bools and strings always hold. */
  step: boolean;
  simulated: boolean;
  points: Point[];
  before: Point | null;
  after: Point | null;
  /** Where the live feed left samples out that a query has not brought yet. Nothing is known to lie there. */
  holes?: readonly Hole[];
}

/** What stands in a hole in place of a quality. */
export const kSkipped = "Skipped";

/** Between the samples at `from` and `to`, not including them. */
export interface Hole {
  from: number;
  to: number;
}

/** Whether samples are missing between two neighbours. */
export function isHole(series: PenSeries, from: number, to: number): boolean {
  return series.holes?.some((hole) => hole.from < to && hole.to > from) ?? false;
}

/**
 * What is missing before the sample at `toMs`: from the newest sample before it that any of the lists knows, or from
 * `startMs` where none knows one.
 */
export function holeBefore(lists: readonly (readonly Point[])[], toMs: number, startMs: number): Hole {
  const before = lists.flatMap((points) => {
    let at = upperBound(points, toMs) - 1;
    if (points[at]?.t === toMs) at -= 1;
    return points[at]?.t ?? [];
  });
  return { from: before.length > 0 ? Math.max(...before) : Math.min(startMs, toMs), to: toMs };
}

export function pointOf(timeMs: number, value: WireValue, quality: string, type: ValueType): Point {
  return { t: timeMs, v: toNumber(value, type), raw: value, severity: severityOf(quality), quality };
}

/** The answer's columns as points; `qualities` are runs: from this index on, this quality. */
export function seriesOf(wire: WireSeries): PenSeries {
  const points: Point[] = [];
  let run = -1;
  let quality = "Good";
  for (let index = 0; index < wire.times.length; index += 1) {
    const next = wire.qualities[run + 1];
    if (next && next[0] <= index) {
      run += 1;
      quality = next[1];
    }
    points.push(pointOf(parseTime(wire.times[index] ?? ""), wire.values[index] ?? null, quality, wire.type));
  }
  const bound = (found: WireSeries["before"]): Point | null =>
    found ? pointOf(parseTime(found.time), found.value, found.quality, wire.type) : null;
  return {
    tag: wire.tag,
    id: wire.id,
    type: wire.type,
    unit: wire.unit,
    step: wire.step || wire.type === "bool" || wire.type === "string",
    simulated: wire.simulated,
    points,
    before: bound(wire.before),
    after: bound(wire.after),
  };
}

/** The first index whose time is later than `t`. */
export function upperBound(points: readonly Point[], t: number): number {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((points[middle]?.t ?? Number.POSITIVE_INFINITY) <= t) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Adds a sample in its place: late ones go where their time is, a repeat of a time replaces what was there. */
export function insertPoint(points: Point[], point: Point): void {
  const at = upperBound(points, point.t);
  if (at > 0 && points[at - 1]?.t === point.t) points[at - 1] = point;
  else if (at === points.length) points.push(point);
  else points.splice(at, 0, point);
}

/** History and the live tail as one series; where both have a time the tail, which is newer, wins. */
export function withTail(series: PenSeries, tail: readonly Point[]): PenSeries {
  if (tail.length === 0) return series;
  const { after } = series;
  const history = after ? [...series.points, after] : series.points;
  const merged: Point[] = [];
  let h = 0;
  let n = 0;
  while (h < history.length || n < tail.length) {
    const left = history[h];
    const right = tail[n];
    if (left && (!right || left.t < right.t)) {
      merged.push(left);
      h += 1;
    } else if (right) {
      if (left && left.t === right.t) h += 1;
      merged.push(right);
      n += 1;
    }
  }
  if (after && merged[merged.length - 1] === after) {
    merged.pop();
    return { ...series, points: merged };
  }
  return { ...series, points: merged, after: null };
}

/** All points with the bounding ones. */
export function boundedPoints(series: PenSeries): Point[] {
  const { before, points, after } = series;
  if (!before && !after) return points;
  return [...(before ? [before] : []), ...points, ...(after ? [after] : [])];
}

export interface Reading {
  v: number;
  raw: WireValue;
  severity: Severity;
  quality: string;
  /** Between two samples of a sloped tag: on the line, not a sample. */
  interpolated: boolean;
  /** The time of the sample that holds, or of the one before. */
  sampleMs: number;
}

/** What the drawn line says at `t`; null before the first sample and after `nowMs`. */
export function readingAt(series: PenSeries, t: number, nowMs: number): Reading | null {
  if (t > nowMs) return null;
  const points = boundedPoints(series);
  const at = upperBound(points, t);
  const held = points[at - 1];
  if (!held) return null;
  const next = points[at];
  const reading = { v: held.v, raw: held.raw, severity: held.severity, quality: held.quality, sampleMs: held.t };
  if (next && held.t < t && held.severity !== "bad" && isHole(series, held.t, next.t)) {
    return { ...reading, severity: "uncertain", quality: kSkipped, interpolated: false };
  }
  const slopes =
    !series.step &&
    next &&
    held.t < t &&
    held.severity !== "bad" &&
    next.severity !== "bad" &&
    Number.isFinite(held.v) &&
    Number.isFinite(next.v);
  if (!slopes) return { ...reading, interpolated: false };
  const share = (t - held.t) / (next.t - held.t);
  const v = held.v + (next.v - held.v) * share;
  // What lies between two samples is worth no more than the worse of them.
  const { severity, quality } = held.severity === "good" ? next : held;
  return { ...reading, v, raw: v, severity, quality, interpolated: true };
}
