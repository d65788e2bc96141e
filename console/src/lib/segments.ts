/**
 * What a pen looks like, before any pixel: pure, so that "steps are steps" and "gaps are gaps" can be tested.
 *
 * 1. Good values are joined as the tag's own property says: held (step) or in a straight line (slope).
 * 2. A bad value, and a NaN, breaks the line until the next good one and leaves a band that names the quality.
 * 3. Uncertain values are drawn dotted and leave a band too.
 * 4. The newest value is held to the edge of the chart or to now: solid while a step tag is fresh, dashed once stale. For a
 *    sloped tag what follows the last sample is not known, so it is dashed at once.
 * 5. No line crosses a hole in the live feed; the band there says that samples are being fetched.
 * 6. Everything is cut at the edges of the view; nothing goes to the canvas with coordinates far outside.
 */
import { boundedPoints, isHole, kSkipped, type PenSeries, type Point } from "./series";

export type StrokeKind = "solid" | "dotted" | "dashed";

export interface Stroke {
  kind: StrokeKind;
  /** t0, v0, t1, v1, ... */
  xy: number[];
}

export interface Band {
  from: number;
  to: number;
  quality: string;
  severity: "bad" | "uncertain";
}

export interface Label {
  from: number;
  to: number;
  text: string;
}

export interface Drawing {
  strokes: Stroke[];
  bands: Band[];
  /** Lone good samples, to which no line leads. */
  dots: [number, number][];
  /** Values of bad samples, which no line goes through. */
  crosses: [number, number][];
  /** Strings: one label for each value that holds. */
  labels: Label[];
  /** Where the pen's number is written: the newest drawn place. */
  end: [number, number] | null;
  /** Smallest and greatest drawn value; null where nothing is drawn. */
  extent: [number, number] | null;
}

export interface View {
  from: number;
  to: number;
}

const kStaleMs = 60_000;

export function drawSeries(series: PenSeries, view: View, nowMs: number, staleMs = kStaleMs): Drawing {
  const drawing: Drawing = { strokes: [], bands: [], dots: [], crosses: [], labels: [], end: null, extent: null };
  const points = boundedPoints(series);
  const edge = Math.min(view.to, nowMs);
  const pen = new Pen(drawing, view);

  for (let index = 0; index < points.length; index += 1) {
    const point = points[index] as Point;
    const next = points[index + 1];
    const end = next ? next.t : Math.max(edge, point.t);
    if (end < view.from && next) continue;
    if (point.t > view.to) break;

    if (series.type === "string" && point.severity !== "bad") {
      addLabel(drawing, point, end, view);
      if (point.severity === "uncertain") addBand(drawing, point, end, view);
      continue;
    }
    if (point.severity === "bad" || !Number.isFinite(point.v)) {
      pen.lift();
      addBand(drawing, point, end, view);
      if (Number.isFinite(point.v) && point.t >= view.from) drawing.crosses.push([point.t, point.v]);
      continue;
    }

    const hole = next !== undefined && isHole(series, point.t, next.t);
    if (hole) addBand(drawing, { ...point, severity: "uncertain", quality: kSkipped }, end, view);
    const kind: StrokeKind = point.severity === "uncertain" ? "dotted" : "solid";
    if (point.severity === "uncertain") addBand(drawing, point, end, view);
    const joins = next !== undefined && !hole && next.severity !== "bad" && Number.isFinite(next.v);
    if (series.step && !hole) {
      if (next) {
        pen.line(kind, point.t, point.v, end, point.v);
        if (joins) pen.line(kind, end, point.v, end, next.v);
      } else {
        const fresh = Math.max(point.t, Math.min(end, point.t + staleMs));
        pen.line(kind, point.t, point.v, fresh, point.v);
        if (end > fresh) pen.line("dashed", fresh, point.v, end, point.v);
      }
    } else if (joins) {
      pen.line(kind, point.t, point.v, next.t, next.v);
    } else {
      if (!pen.isAt(point.t, point.v) && point.t >= view.from && point.t <= view.to) {
        drawing.dots.push([point.t, point.v]);
        pen.widen(point.v);
        drawing.end = [point.t, point.v];
      }
      if (!next && end > point.t) pen.line("dashed", point.t, point.v, end, point.v);
    }
  }
  return drawing;
}

function addBand(drawing: Drawing, point: Point, end: number, view: View): void {
  const from = Math.max(view.from, point.t);
  const to = Math.min(view.to, end);
  if (to < from) return;
  const quality = point.severity === "good" ? "NaN" : point.quality;
  const severity = point.severity === "uncertain" ? "uncertain" : "bad";
  const last = drawing.bands[drawing.bands.length - 1];
  if (last && last.quality === quality && last.to >= from) last.to = to;
  else drawing.bands.push({ from, to, quality, severity });
}

function addLabel(drawing: Drawing, point: Point, end: number, view: View): void {
  const from = Math.max(view.from, point.t);
  const to = Math.min(view.to, end);
  if (to < from) return;
  const text = String(point.raw ?? "");
  const last = drawing.labels[drawing.labels.length - 1];
  if (last && last.text === text && last.to >= from) last.to = to;
  else drawing.labels.push({ from, to, text });
}

/** Collects lines into strokes of one kind, cut to the view. */
class Pen {
  private stroke: Stroke | null = null;

  constructor(
    private readonly drawing: Drawing,
    private readonly view: View,
  ) {}

  lift(): void {
    this.stroke = null;
  }

  isAt(t: number, v: number): boolean {
    const xy = this.stroke?.xy;
    return xy !== undefined && xy[xy.length - 2] === t && xy[xy.length - 1] === v;
  }

  line(kind: StrokeKind, t0: number, v0: number, t1: number, v1: number): void {
    const { from, to } = this.view;
    if (t1 < from || t0 > to) return;
    let [a, va, b, vb] = [t0, v0, t1, v1];
    if (a < from) {
      va += ((vb - va) * (from - a)) / (b - a);
      a = from;
    }
    if (b > to) {
      vb = va + ((vb - va) * (to - a)) / (b - a);
      b = to;
    }
    if (!this.stroke || this.stroke.kind !== kind || !this.isAt(a, va)) {
      this.stroke = { kind, xy: [a, va] };
      this.drawing.strokes.push(this.stroke);
      this.widen(va);
    }
    this.stroke.xy.push(b, vb);
    this.widen(vb);
    this.drawing.end = [b, vb];
  }

  widen(v: number): void {
    const { extent } = this.drawing;
    if (extent === null) this.drawing.extent = [v, v];
    else this.drawing.extent = [Math.min(extent[0], v), Math.max(extent[1], v)];
  }
}
