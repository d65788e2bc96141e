import type { Drawing } from "./segments";
import type { PenSeries } from "./series";

/** Pens that share a y-axis: those of one unit, or one pen where each has a lane. */
export interface ScaleGroup {
  key: string;
  unit: string;
  isBool: boolean;
  pens: number[];
}

export function scaleGroups(series: readonly (PenSeries | null)[], lanes: boolean): ScaleGroup[] {
  const groups = new Map<string, ScaleGroup>();
  series.forEach((pen, index) => {
    if (!pen || pen.type === "string") return;
    const isBool = pen.type === "bool";
    const key = lanes ? `lane ${index + 1}` : isBool ? "bool" : pen.unit;
    const group = groups.get(key) ?? { key, unit: pen.unit, isBool, pens: [] };
    group.pens.push(index);
    groups.set(key, group);
  });
  return [...groups.values()];
}

/** The limits of a scale that fit what is drawn, with a little room; `robust` leaves out the outermost hundredth each side. */
export function fittingLimits(
  group: ScaleGroup,
  drawings: readonly (Drawing | null)[],
  robust: boolean,
): [number, number] {
  if (group.isBool) return [-0.15, 1.15];
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const pen of group.pens) {
    const drawing = drawings[pen];
    const extent = drawing ? (robust ? percentileExtent(drawing) : drawing.extent) : null;
    if (extent) {
      low = Math.min(low, extent[0]);
      high = Math.max(high, extent[1]);
    }
  }
  if (low > high) return [0, 1];
  if (low === high) {
    const room = low === 0 ? 1 : Math.abs(low) * 0.05;
    return [low - room, high + room];
  }
  const room = (high - low) * 0.06;
  return [low - room, high + room];
}

function percentileExtent(drawing: Drawing): [number, number] | null {
  const values: number[] = [];
  for (const { xy } of drawing.strokes) for (let index = 1; index < xy.length; index += 2) values.push(xy[index] ?? 0);
  for (const [, v] of drawing.dots) values.push(v);
  if (values.length === 0) return drawing.extent;
  values.sort((a, b) => a - b);
  const at = (share: number) => values[Math.round((values.length - 1) * share)] ?? 0;
  return [at(0.01), at(0.99)];
}

/** The limits that put [low, high] into lane `index` of `count`, the first on top. */
export function laneLimits(limits: [number, number], index: number, count: number): [number, number] {
  const height = limits[1] - limits[0];
  return [limits[0] - height * (count - 1 - index), limits[1] + height * index];
}

/** Zooms [low, high] by `factor` (below 1 closer) around `at`. */
export function zoomAround(low: number, high: number, at: number, factor: number): [number, number] {
  return [at - (at - low) * factor, at + (high - at) * factor];
}
