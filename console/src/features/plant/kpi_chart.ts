/** Where the marks of a small KPI chart stand: pure, in units of the drawing. */
import type { KpiResult } from "../../api/kpis";
import { figureState, type FigureState } from "../../lib/figure_state";

export const kChart = { width: 190, height: 44, inset: 6 } as const;

export interface KpiMark {
  x: number;
  y: number;
  state: FigureState;
}

export interface KpiDrawing {
  /** Null where a window has no value: the line has a gap there. */
  marks: (KpiMark | null)[];
  /** Runs of neighbours that both have a value, as points of a polyline. */
  lines: string[];
  band: { y: number; height: number } | null;
}

export function drawKpi(results: readonly KpiResult[], band: readonly [number, number] | null): KpiDrawing {
  const values = results.map(({ value }) => (value !== null && Number.isFinite(value) ? value : null));
  const known = values.filter((value) => value !== null);
  const ends = [...known, ...(band ?? [])];
  if (ends.length === 0) return { marks: values.map(() => null), lines: [], band: null };
  let low = Math.min(...ends);
  let high = Math.max(...ends);
  if (low === high) {
    const room = Math.abs(low) * 0.05 || 1;
    low -= room;
    high += room;
  }
  const { width, height, inset } = kChart;
  const x = (index: number) =>
    results.length === 1 ? width / 2 : inset + ((width - 2 * inset) * index) / (results.length - 1);
  const y = (value: number) => height - inset - ((height - 2 * inset) * (value - low)) / (high - low);

  const marks = results.map((result, index): KpiMark | null => {
    const value = values[index] ?? null;
    return value === null ? null : { x: x(index), y: y(value), state: figureState(result, band) };
  });
  const lines: string[] = [];
  let run: KpiMark[] = [];
  for (const mark of [...marks, null]) {
    if (mark) run.push(mark);
    else {
      if (run.length > 1) lines.push(run.map((one) => `${one.x.toFixed(1)},${one.y.toFixed(1)}`).join(" "));
      run = [];
    }
  }
  return { marks, lines, band: band && { y: y(band[1]), height: y(band[0]) - y(band[1]) } };
}
