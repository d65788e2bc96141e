import { describe, expect, it } from "vitest";
import type { DowntimeCause, DowntimeGroup, DowntimeSum } from "../../api/downtimes";
import { causeRows, paretoBars, unitsOf } from "./causes";

const cause = (reason: string, within = ""): DowntimeCause => ({ reason, within, category: "unplanned", words: {} });

const sum = (duration: number, money: { amount: number; currency: string }[] = []): DowntimeSum => ({
  count: 1,
  duration_s: duration,
  planned_time_s: duration,
  output: [],
  energy: [],
  money,
  quality: "Good",
});
const group = (
  key: string,
  duration: number,
  unplanned: number,
  money: { amount: number; currency: string }[] = [],
): DowntimeGroup => ({
  ...sum(duration, money),
  key,
  words: {},
  within: "",
  unplanned: sum(unplanned),
  planned: sum(duration - unplanned),
});

describe("the tree of reasons", () => {
  it("puts each group before what belongs to it, and loses none", () => {
    const rows = causeRows([cause("M02", "M"), cause("P"), cause("M"), cause("M01", "M"), cause("X", "gone")]);
    expect(rows.map(({ cause: { reason }, level }) => `${level} ${reason}`)).toEqual([
      "0 P",
      "0 M",
      "1 M02",
      "1 M01",
      "0 X",
    ]);
  });
});

describe("the Pareto chart", () => {
  it("has the greatest first, with shares that add up", () => {
    const bars = paretoBars([group("a", 100, 50), group("b", 300, 300), group("c", 0, 0)], "duration", "");
    expect(bars.map(({ group: { key } }) => key)).toEqual(["b", "a"]);
    expect(bars.map(({ width }) => width)).toEqual([1, 1 / 3]);
    expect(bars[1]?.unplannedWidth).toBeCloseTo(1 / 6);
    expect(bars.map(({ cumulative }) => cumulative)).toEqual([75, 100]);
  });
  it("never adds amounts of different currencies", () => {
    const groups = [
      group("a", 1, 1, [{ amount: 5, currency: "EUR" }]),
      group("b", 1, 1, [
        { amount: 7, currency: "CNY" },
        { amount: 2, currency: "EUR" },
      ]),
    ];
    expect(unitsOf(groups, "money")).toEqual(["CNY", "EUR"]);
    expect(paretoBars(groups, "money", "EUR").map(({ value }) => value)).toEqual([5, 2]);
    expect(paretoBars(groups, "money", "CNY")).toHaveLength(1);
  });
});
