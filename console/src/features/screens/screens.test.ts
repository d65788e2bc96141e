import { describe, expect, it } from "vitest";
import type { ActiveAlarm, Shown } from "../../api/screens";
import type { LiveValue } from "../../lib/use_live_values";
import { keptAttribute } from "./mimic_svg";
import { levelOf, screenNumber, shownState, staleAfterMs, type Surroundings } from "./shown_state";
import { kpiState, valueText } from "./shown_text";

const kNow = 1_800_000_000_000;

const shown = (own: Partial<Shown> = {}): Shown => ({
  words: {},
  measured: "double",
  formula: null,
  constant: null,
  type: null,
  step: false,
  unit: "Cel",
  normal: [40, 80],
  valid: [0, 200],
  every: "1s",
  values: {},
  place: "works/bf1",
  element: "stave",
  show: "text",
  true_is: "normal",
  found_by: "name",
  asset: { id: 7, path: "steel-01/works/bf1", words: {} },
  attribute: "stave_temp",
  kpi: null,
  tag: "steel-01/works/bf1/stave_temp",
  simulated: false,
  together: false,
  better: "less",
  band: null,
  problem: "",
  ...own,
});
const value = (own: Partial<LiveValue> = {}): LiveValue => ({
  timeMs: kNow - 1_000,
  value: 60,
  quality: "Good",
  type: "double",
  unit: "Cel",
  ...own,
});
const calm: Surroundings = { nowMs: kNow, live: true, alarms: [], newsMs: null };
const alarm = (priority: ActiveAlarm["priority"]): ActiveAlarm => ({
  asset: 7,
  path: "steel-01/works/bf1",
  alarm: priority,
  words: {},
  advice: {},
  priority,
  inputs: [],
});
const lookOf = (own: Partial<Shown>, live: LiveValue | undefined, around: Partial<Surroundings> = {}) =>
  shownState(shown(own), live, { ...calm, ...around }).look;

describe("the look of a shown value", () => {
  it("follows the normal range, both ends in it", () => {
    expect([39.9, 40, 80, 80.1].map((one) => lookOf({}, value({ value: one })))).toEqual([
      "low",
      "normal",
      "normal",
      "high",
    ]);
  });
  it("is bad as the server judged it, whatever else holds", () => {
    const bad = shownState(shown(), value({ quality: "BadSensorFailure" }), { ...calm, alarms: [alarm("high")] });
    expect([bad.look, bad.reason]).toEqual(["bad", "BadSensorFailure"]);
    const outside = value({ value: 201, quality: "BadOutOfRange" });
    const states = [shown(), shown({ valid: null })].map((one) => shownState(one, outside, calm));
    expect(states.map(({ look, reason }) => [look, reason])).toEqual([
      ["bad", "range"],
      ["bad", "BadOutOfRange"],
    ]);
  });
  it("is stale only when nothing of its asset came, and lost with the feed", () => {
    const old = value({ timeMs: kNow - 300_000 });
    expect(lookOf({}, old)).toBe("stale");
    expect(lookOf({}, old, { newsMs: kNow - 2_000 })).toBe("normal");
    expect(lookOf({ every: "1d" }, old)).toBe("normal");
    expect(lookOf({ step: true }, old)).toBe("normal");
    expect(lookOf({}, value(), { live: false })).toBe("lost");
    expect(staleAfterMs(shown({ every: "" }))).toBe(600_000);
  });
  it("knows what never came, what is not asked yet and what is bound to nothing", () => {
    expect(lookOf({}, undefined)).toBe("waiting");
    expect(lookOf({}, value({ timeMs: null, value: null }))).toBe("never");
    expect(lookOf({ tag: null }, undefined)).toBe("never");
    expect(lookOf({ asset: null, problem: "there is no asset" }, value())).toBe("missing");
  });
  it("shows the gravest alarm before the range, and uncertainty before it too", () => {
    const state = shownState(shown(), value({ value: 90 }), { ...calm, alarms: [alarm("high"), alarm("critical")] });
    expect([state.look, state.alarm?.alarm]).toEqual(["alarm", "critical"]);
    expect(lookOf({}, value({ value: 90, quality: "UncertainLastUsableValue" }))).toBe("uncertain");
  });
  it("tells conditions apart by what true means", () => {
    const on = value({ value: true, type: "bool" });
    const off = value({ value: false, type: "bool" });
    expect([lookOf({}, on), lookOf({}, off)]).toEqual(["on", "off"]);
    expect([lookOf({ true_is: "abnormal" }, on), lookOf({ true_is: "abnormal" }, off)]).toEqual(["abnormal", "off"]);
  });
});

describe("levels and numbers", () => {
  it("fills by the valid range, percentages from 0 to 100", () => {
    expect(levelOf(shown(), 50)).toBe(0.25);
    expect(levelOf(shown({ unit: "%", valid: [0, 200] }), 50)).toBe(0.5);
    expect(levelOf(shown({ valid: null, normal: null }), 50)).toBeNull();
    expect([levelOf(shown(), -5), levelOf(shown(), 500), levelOf(shown(), Number.NaN)]).toEqual([0, 1, null]);
  });
  it("has the digits that the range calls for, always as many", () => {
    expect(screenNumber(1187.34, [1150, 1280], "en")).toBe("1187");
    expect(screenNumber(3.1, [2.8, 3.2], "en")).toBe("3.100");
    expect(screenNumber(4, [0, 12], "en")).toBe("4.0");
    expect(screenNumber(41234.5, null, "en")).toBe("41,235");
    expect(screenNumber(Number.NaN, null, "en")).toBe("–");
  });
});

describe("a text", () => {
  it("is shown as the pack calls it in the reader's language", () => {
    const phase = shown({ values: { hot_metal_charge: { en: "Hot metal charge", zh: "兑铁" } } });
    const text = (value: string, language: string, own = phase) =>
      valueText(own, { look: "normal", value, type: "string" } as never, ((key: string) => key) as never, language);
    expect(text("hot_metal_charge", "zh")).toBe("兑铁");
    expect(text("hot_metal_charge", "pt")).toBe("Hot metal charge");
    expect(text("slag_splash", "zh")).toBe("slag splash");
    expect(text("H004711", "zh")).toBe("H004711");
    expect(text("constructor", "zh", shown())).toBe("constructor");
  });
});

describe("a figure", () => {
  const series = (coverage: number, figure: number | null, quality = "Good") => ({
    asset: "a",
    kpi: "k",
    words: {},
    unit: "t",
    band: [1, 2] as [number, number],
    better: "less" as const,
    problem: "",
    together: null,
    left_out: [],
    results: [
      { from: "", to: "", label: "", so_far: null, value: figure, quality, percent_good: 100, coverage, sites: [] },
    ],
  });
  it("says on how much of its window it rests", () => {
    const state = kpiState(shown({ kpi: "k" }), series(60, 1.5), true);
    expect(state).toEqual({ look: "uncertain", reason: "partial", percent: 60 });
    expect(kpiState(shown({ kpi: "k" }), series(99, 1.5, "UncertainDataSubNormal"), true)).toEqual({
      look: "normal",
      reason: "partial",
      percent: 99,
    });
    expect(kpiState(shown({ kpi: "k" }), series(100, 3), true).look).toBe("high");
    expect(kpiState(shown({ kpi: "k" }), series(100, null), true).look).toBe("never");
    expect(kpiState(shown({ kpi: "k" }), undefined, false).look).toBe("waiting");
  });
});

describe("a drawing's attributes", () => {
  it("keeps what draws", () => {
    expect(keptAttribute("d", "M0 0 H9", "m-")).toBe("M0 0 H9");
    expect(keptAttribute("id", "pump", "m-")).toBe("m-pump");
    expect(keptAttribute("href", "#pump", "m-")).toBe("#m-pump");
    expect(keptAttribute("marker-end", "url(#flow)", "m-")).toBe("url(#m-flow)");
  });
  it("leaves out what runs, styles or comes from elsewhere", () => {
    for (const [name, value] of [
      ["onclick", "alert(1)"],
      ["style", "fill: url(https://x)"],
      ["href", "https://example.com"],
      ["xlink:href", "javascript:alert(1)"],
      ["fill", "url(https://example.com/#a)"],
      ["fill", "u\\72l(//x)"],
      ["src", "x"],
      ["d", "url(#flow)"],
      ["tabindex", "0"],
    ] as const) {
      expect(keptAttribute(name, value, "m-"), `${name}=${value}`).toBeNull();
    }
  });
});
