import { describe, expect, it } from "vitest";
import { alignSeries, elapsedText } from "./align";
import { figureState, percentText } from "./figure_state";
import { assetHash, explainHash, explainHashOf, viewOf } from "./plant_url";
import { pointOf, type PenSeries } from "./series";
import { indexOfPlace, replaceAt, wordAt } from "./text_place";
import { inWords } from "./words";

describe("what a figure is worth", () => {
  const full = { value: 500, quality: "Good", percent_good: 100, coverage: 100 };
  it("is full only with a value, good quality, and nearly all of its window", () => {
    expect(figureState(full, [490, 540])).toEqual({ worth: "full", place: "inside" });
    expect(figureState({ ...full, coverage: 60 }, [490, 540])).toEqual({ worth: "partial", place: "inside" });
    expect(figureState({ ...full, percent_good: 94.9 }, null)).toEqual({ worth: "partial", place: "unknown" });
    expect(figureState({ ...full, quality: "UncertainSubNormal" }, null).worth).toBe("doubtful");
    expect(figureState({ ...full, quality: "BadNoData", coverage: 10 }, null).worth).toBe("doubtful");
    expect(figureState({ ...full, percent_good: null, coverage: null }, null).worth).toBe("full");
  });
  it("has no place in the band without a value; the ends of the band are inside", () => {
    expect(figureState({ ...full, value: null }, [490, 540])).toEqual({ worth: "none", place: "unknown" });
    expect(figureState({ ...full, value: Number.NaN }, [490, 540]).worth).toBe("none");
    expect(figureState({ ...full, value: 490 }, [490, 540]).place).toBe("inside");
    expect(figureState({ ...full, value: 489.9 }, [490, 540]).place).toBe("below");
    expect(figureState({ ...full, value: 540.1 }, [490, 540]).place).toBe("above");
  });
  it("never rounds up to all or down to nothing", () => {
    expect(percentText(99.99, "en")).toBe("99.9 %");
    expect(percentText(100, "en")).toBe("100 %");
    expect(percentText(0.01, "en")).toBe("0.1 %");
    expect(percentText(0, "en")).toBe("0 %");
    expect(percentText(60, "en")).toBe("60 %");
    expect(percentText(null)).toBe("–");
  });
});

describe("places in a text", () => {
  const text = "delta(能耗, shift)\n/ delta(out, shfit)";
  it("count lines and characters from 1", () => {
    expect(indexOfPlace(text, 1, 1)).toBe(0);
    expect(text.slice(indexOfPlace(text, 1, 7)).startsWith("能耗")).toBe(true);
    expect(text.slice(indexOfPlace(text, 2, 14))).toBe("shfit)");
    expect(indexOfPlace("𝛼𝛽 x", 1, 4)).toBe(5);
  });
  it("stay inside of the text", () => {
    expect(indexOfPlace("ab", 9, 9)).toBe(2);
    expect(indexOfPlace("ab", 0, -3)).toBe(0);
    expect(indexOfPlace("", 1, 1)).toBe(0);
  });
  it("mark a whole word, unit or reference", () => {
    const marked = (from: string, index: number) => {
      const place = wordAt(from, index);
      return from.slice(place.from, place.to);
    };
    expect(marked(text, indexOfPlace(text, 2, 14))).toBe("shfit");
    expect(marked("x in 'kWh/t' + 1", 5)).toBe("'kWh/t'");
    expect(marked("{../blast/flow} + 1", 0)).toBe("{../blast/flow}");
    expect(marked("15min", 0)).toBe("15min");
    expect(marked("a + b", 2)).toBe("+");
    expect(marked("a", 1)).toBe("");
  });
  it("take the nearest word in", () => {
    expect(replaceAt(text, 2, 14, "shift")).toBe("delta(能耗, shift)\n/ delta(out, shift)");
  });
});

describe("stretches laid over each other", () => {
  const at = (t: number, v: number) => pointOf(t, v, "Good", "double");
  const series = (step: boolean, points: PenSeries["points"], before: PenSeries["before"]): PenSeries => ({
    tag: "e/a",
    id: 1,
    type: "double",
    unit: "t",
    step,
    simulated: false,
    points,
    before,
    after: at(9_000, 9),
  });
  it("begin at 0 and end with their stretch", () => {
    const aligned = alignSeries(
      series(false, [at(900, 0), at(1_000, 1), at(2_000, 2), at(3_001, 3)], null),
      1_000,
      3_000,
    );
    expect(aligned.points.map(({ t, v }) => [t, v])).toEqual([
      [0, 1],
      [1_000, 2],
    ]);
    expect(aligned.after).toBeNull();
  });
  it("hold a step from before the start, and never a slope", () => {
    expect(alignSeries(series(true, [at(2_000, 2)], at(500, 7)), 1_000, 3_000).points[0]).toMatchObject({ t: 0, v: 7 });
    expect(alignSeries(series(true, [], at(500, 7)), 1_000, 3_000).points).toHaveLength(1);
    expect(alignSeries(series(false, [at(2_000, 2)], at(500, 7)), 1_000, 3_000).points).toHaveLength(1);
    expect(alignSeries(series(true, [at(1_000, 2)], at(500, 7)), 1_000, 3_000).points[0]?.v).toBe(2);
  });
  it("count hours without end", () => {
    expect(elapsedText(0)).toBe("+0:00:00");
    expect(elapsedText(3_930_000)).toBe("+1:05:30");
    expect(elapsedText(100 * 3_600_000, false)).toBe("+100:00");
    expect(elapsedText(-60_000)).toBe("−0:01:00");
  });
});

describe("addresses of the plant", () => {
  it("name the asset by its id", () => {
    expect(assetHash(17)).toBe("#/plant/17");
    expect(assetHash(17, "kpis", { window: "day" })).toBe("#/plant/17/kpis?window=day");
    expect(viewOf("kpis")).toBe("kpis");
    expect(viewOf("nonsense")).toBe("attributes");
  });
  it("lead from an explanation to the next one, and nowhere else", () => {
    expect(explainHash({ tag: "e/a b", time: "2026-01-01T00:00:00Z" })).toBe(
      "#/plant/explain?tag=e%2Fa+b&time=2026-01-01T00%3A00%3A00Z",
    );
    expect(explainHashOf("/api/v1/explain?tag=e/a&time=T")).toBe("#/plant/explain?tag=e/a&time=T");
    expect(explainHashOf("https://elsewhere/api/v1/explain?tag=a")).toBeNull();
    expect(explainHashOf("javascript:alert(1)")).toBeNull();
  });
});

it("words fall back to English, then to any, then to the name", () => {
  expect(inWords({ en: "Heat", zh: "炉次" }, "zh-Hans", "heat")).toBe("炉次");
  expect(inWords({ en: "Heat" }, "zh", "heat")).toBe("Heat");
  expect(inWords({ ru: "Плавка" }, "zh", "heat")).toBe("Плавка");
  expect(inWords({}, "en", "heat")).toBe("heat");
});
