import { describe, expect, it } from "vitest";
import type { WireSeries } from "../api/query";
import {
  holeBefore,
  insertPoint,
  kSkipped,
  pointOf,
  readingAt,
  seriesOf,
  upperBound,
  withTail,
  type PenSeries,
  type Point,
} from "./series";
import { statisticOf } from "./statistic";

const wire = (part: Partial<WireSeries>): WireSeries => ({
  tag: "e/a",
  id: 1,
  type: "double",
  unit: "Cel",
  step: false,
  simulated: false,
  times: [],
  values: [],
  qualities: [],
  before: null,
  after: null,
  truncated: false,
  percent_good: [],
  aggregate: null,
  ...part,
});
const at = (t: number, v = t, quality = "Good"): Point => pointOf(t, v, quality, "double");
const plain = (points: Point[], part: Partial<PenSeries> = {}): PenSeries => ({
  ...seriesOf(wire({})),
  points,
  ...part,
});

describe("seriesOf", () => {
  it("spreads the quality runs over the points", () => {
    const times = ["1970-01-01T00:00:00Z", "1970-01-01T00:00:01.5Z", "1970-01-01T00:00:02.000000001Z"];
    const series = seriesOf(
      wire({
        times,
        values: [1, "NaN", 3],
        qualities: [
          [0, "Good"],
          [1, "BadNoCommunication"],
        ],
      }),
    );
    expect(series.points.map(({ quality }) => quality)).toEqual(["Good", "BadNoCommunication", "BadNoCommunication"]);
    expect(series.points.map(({ t }) => t)).toEqual([0, 1_500, 2_000.000001]);
    expect(series.points[1]?.v).toBeNaN();
  });

  it("is good where no run says otherwise, and from the start on without runs", () => {
    const times = ["1970-01-01T00:00:00Z", "1970-01-01T00:00:01Z"];
    expect(seriesOf(wire({ times, values: [1, 2] })).points.every(({ severity }) => severity === "good")).toBe(true);
    expect(seriesOf(wire({ times, values: [1, 2], qualities: [[1, "Uncertain"]] })).points[0]?.quality).toBe("Good");
  });

  it("makes bools and strings hold, and large integers numbers to draw", () => {
    expect(seriesOf(wire({ type: "bool" })).step).toBe(true);
    expect(seriesOf(wire({ type: "string" })).step).toBe(true);
    const large = seriesOf(wire({ type: "int64", times: ["1970-01-01T00:00:00Z"], values: ["9007199254740993"] }));
    expect(large.points[0]).toMatchObject({ v: 9007199254740992, raw: "9007199254740993" });
  });
});

describe("live tail", () => {
  it("puts late samples where their time is, and a repeat in place of what was there", () => {
    const points = [at(1), at(5)];
    insertPoint(points, at(3));
    insertPoint(points, at(9));
    insertPoint(points, at(5, 55));
    expect(points.map(({ t, v }) => [t, v])).toEqual([
      [1, 1],
      [3, 3],
      [5, 55],
      [9, 9],
    ]);
    expect(upperBound(points, 5)).toBe(3);
  });

  it("joins history and tail; the tail wins where both have a time", () => {
    const joined = withTail(plain([at(1), at(2), at(4)]), [at(2, 22), at(3), at(6)]);
    expect(joined.points.map(({ t, v }) => [t, v])).toEqual([
      [1, 1],
      [2, 22],
      [3, 3],
      [4, 4],
      [6, 6],
    ]);
  });

  it("keeps the bounding sample between a past view and a tail at now", () => {
    const joined = withTail(plain([at(1)], { after: at(10) }), [at(100)]);
    expect(joined.points.map(({ t }) => t)).toEqual([1, 10, 100]);
    expect(joined.after).toBeNull();
    expect(withTail(plain([at(1)], { after: at(10) }), [at(2)]).after?.t).toBe(10);
  });
});

describe("holes in the live feed", () => {
  it("begin at the newest sample that is known before, in whichever list it is", () => {
    expect(holeBefore([[at(3), at(9), at(20)], [at(11)]], 20, 0)).toEqual({ from: 11, to: 20 });
    expect(holeBefore([[at(3), at(9)], []], 20, 0)).toEqual({ from: 9, to: 20 });
    expect(holeBefore([[at(30)]], 20, 5)).toEqual({ from: 5, to: 20 });
    expect(holeBefore([], 20, 50)).toEqual({ from: 20, to: 20 });
  });

  it("are said at a cursor inside them, and only there", () => {
    const series = plain([at(0), at(10), at(20)], { holes: [{ from: 0, to: 10 }] });
    expect(readingAt(series, 4, 100)).toMatchObject({ v: 0, severity: "uncertain", quality: kSkipped });
    expect(readingAt(series, 0, 100)).toMatchObject({ severity: "good" });
    expect(readingAt(series, 15, 100)).toMatchObject({ v: 15, interpolated: true, severity: "good" });
  });
});

describe("statisticOf", () => {
  it("keeps the quality of an aggregate", () => {
    expect(
      statisticOf(wire({ values: [12.5], qualities: [[0, "UncertainDataSubNormal"]], percent_good: [62.5] })),
    ).toEqual({ value: 12.5, quality: "UncertainDataSubNormal", severity: "uncertain", percentGood: 62.5 });
    expect(statisticOf(wire({ values: [null], qualities: [[0, "BadNoData"]] }))).toMatchObject({
      value: null,
      severity: "bad",
      percentGood: null,
    });
    expect(statisticOf(wire({ values: [3] }))).toMatchObject({ value: 3, severity: "good" });
  });
});

describe("readingAt", () => {
  it("interpolates a slope and holds a step", () => {
    expect(readingAt(plain([at(0), at(10)]), 4, 100)).toMatchObject({ v: 4, interpolated: true });
    expect(readingAt(plain([at(0), at(10)], { step: true }), 4, 100)).toMatchObject({ v: 0, interpolated: false });
    expect(readingAt(plain([at(0), at(10)]), 10, 100)).toMatchObject({ v: 10, interpolated: false });
  });

  it("is uncertain between two samples of which one is", () => {
    const doubtful = "UncertainSubNormal";
    expect(readingAt(plain([at(0), at(10, 10, doubtful)]), 4, 100)).toMatchObject({ v: 4, quality: doubtful });
    expect(readingAt(plain([at(0, 0, doubtful), at(10)]), 4, 100)).toMatchObject({ severity: "uncertain" });
    expect(readingAt(plain([at(0), at(10)]), 4, 100)).toMatchObject({ severity: "good", quality: "Good" });
  });

  it("says the quality inside a gap and nothing before the first sample or after now", () => {
    const series = plain([at(10), at(20, 2, "BadNoCommunication"), at(30)]);
    expect(readingAt(series, 25, 100)).toMatchObject({ severity: "bad", quality: "BadNoCommunication" });
    expect(readingAt(series, 15, 100)).toMatchObject({ v: 10, interpolated: false });
    expect(readingAt(series, 5, 100)).toBeNull();
    expect(readingAt(series, 101, 100)).toBeNull();
  });
});
