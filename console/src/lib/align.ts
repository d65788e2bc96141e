/** Several stretches of one tag laid over each other: each begins at 0. */
import type { PenSeries, Point } from "./series";

/** `series` with its times counted from `startMs`; what lies before the start or after `endMs` is left out. */
export function alignSeries(series: PenSeries, startMs: number, endMs: number): PenSeries {
  const move = (point: Point): Point => ({ ...point, t: point.t - startMs });
  const before = series.before;
  const points = series.points.filter((point) => point.t >= startMs && point.t <= endMs).map(move);
  // A held value reaches into the stretch from before it; a sloped one is only known from its own samples on.
  const first = points[0];
  if (before && series.step && (first === undefined || first.t > 0)) points.unshift({ ...before, t: 0 });
  return { ...series, points, before: null, after: null };
}

/** `+1:05:30` after the start: hours without end, so that a campaign of days still reads. */
export function elapsedText(ms: number, withSeconds = true): string {
  const seconds = Math.round(Math.abs(ms) / 1_000);
  const two = (value: number) => String(value).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  const clock = `${Math.floor(minutes / 60)}:${two(minutes % 60)}`;
  return `${ms < 0 ? "−" : "+"}${withSeconds ? `${clock}:${two(seconds % 60)}` : clock}`;
}
