import { describe, expect, it } from "vitest";
import type { KpiResult } from "../../api/kpis";
import { drawKpi, kChart } from "./kpi_chart";
import { rangeOfWindow, windowsOf } from "./kpi_windows";
import { differenceOf, everyFor, seriesOfRows, valueTypeOf } from "./what_if";

const result = (value: number | null, change: Partial<KpiResult> = {}): KpiResult => ({
  from: "2026-01-01T00:00:00Z",
  to: "2026-01-01T08:00:00Z",
  label: "",
  so_far: null,
  value,
  quality: "Good",
  percent_good: 100,
  coverage: 100,
  sites: [],
  ...change,
});

describe("windows of KPIs", () => {
  it("are those of the calendar, shortest first, then kinds of intervals", () => {
    expect(windowsOf([])).toEqual(["shift", "day", "month"]);
    expect(windowsOf([{ per: ["heat", "day", "hour"] }, { per: ["campaign"] }])).toEqual([
      "hour",
      "shift",
      "day",
      "month",
      "campaign",
      "heat",
    ]);
  });
  it("reach back as far as their table needs", () => {
    const now = Date.UTC(2026, 0, 31);
    expect(rangeOfWindow("shift", now)).toEqual({ from: "2026-01-24T00:00:00.000Z", to: "2026-01-31T00:00:00.000Z" });
    expect(rangeOfWindow("heat", now).from).toBe("2026-01-24T00:00:00.000Z");
    expect(rangeOfWindow("day", now).from).toBe("2025-12-31T00:00:00.000Z");
  });
});

describe("the small chart", () => {
  it("breaks its line where a window has no value", () => {
    const drawing = drawKpi([result(1), result(2), result(null), result(3), result(4)], null);
    expect(drawing.lines).toHaveLength(2);
    expect(drawing.marks.map((mark) => mark === null)).toEqual([false, false, true, false, false]);
  });
  it("keeps band and values inside of the drawing", () => {
    const drawing = drawKpi([result(480), result(560)], [490, 540]);
    for (const mark of drawing.marks) {
      expect(mark?.y).toBeGreaterThanOrEqual(0);
      expect(mark?.y).toBeLessThanOrEqual(kChart.height);
    }
    expect(drawing.band?.height).toBeGreaterThan(0);
    expect(drawing.marks.map((mark) => mark?.state.place)).toEqual(["below", "above"]);
  });
  it("tells a part of the truth from all of it", () => {
    const drawing = drawKpi([result(500), result(500, { coverage: 60 }), result(500, { quality: "BadNoData" })], null);
    expect(drawing.marks.map((mark) => mark?.state.worth)).toEqual(["full", "partial", "doubtful"]);
  });
  it("draws one value, equal values, and none", () => {
    expect(drawKpi([result(5)], null).marks[0]).toMatchObject({ x: kChart.width / 2, y: kChart.height / 2 });
    expect(Number.isFinite(drawKpi([result(0), result(0)], null).marks[1]?.y ?? Number.NaN)).toBe(true);
    expect(drawKpi([], [1, 2])).toMatchObject({ marks: [], lines: [] });
    expect(drawKpi([result(null)], null)).toEqual({ marks: [null], lines: [], band: null });
  });
});

describe("a trial", () => {
  const row = (second: number, value: number | boolean | null) => ({
    time: `2026-01-01T00:00:0${second}Z`,
    value,
    quality: "Good",
    percent_good: null,
    coverage: null,
  });
  it("compares what both have at the same time", () => {
    const difference = differenceOf(
      [row(0, 1), row(1, 5), row(2, null), row(4, 9)],
      [row(0, 1), row(1, 2), row(2, 3), row(3, 4)],
      "double",
    );
    expect(difference).toEqual({ compared: 2, differing: 1, greatest: 3, atMs: Date.UTC(2026, 0, 1, 0, 0, 1) });
    expect(differenceOf([row(0, 1)], [], "double")).toMatchObject({ compared: 0, greatest: null });
  });
  it("is drawn with gaps where it has no value, and conditions as steps", () => {
    const series = seriesOfRows([row(0, 1), row(1, null)], "x", "t", "double");
    expect(series.points.map(({ severity }) => severity)).toEqual(["good", "bad"]);
    expect(series.step).toBe(false);
    expect(seriesOfRows([row(0, true)], "x", "", valueTypeOf("condition"))).toMatchObject({ step: true, type: "bool" });
    expect(valueTypeOf("number")).toBe("double");
    expect(valueTypeOf("text")).toBe("string");
  });
  it("computes as often as the attribute does, or as a chart can hold", () => {
    expect(everyFor(3_600_000, "10s")).toBe("10s");
    expect(everyFor(3_600_000, "")).toBe("1s");
    expect(everyFor(86_400_000, "1s")).toBe("10s");
    expect(everyFor(2_592_000_000, "")).toBe("10min");
  });
});
