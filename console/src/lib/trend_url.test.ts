import { describe, expect, it } from "vitest";
import { parseHash } from "./route";
import { badRange, kPensMax, parseSpan, parseTrend, spanText, trendHash, type TrendState } from "./trend_url";

const through = (state: TrendState) => parseTrend(parseHash(trendHash(state)).search);
const base: TrendState = {
  pens: [],
  range: { live: true, spanMs: 3_600_000 },
  limits: {},
  lanes: false,
  robust: false,
  compareMs: 0,
};

describe("a trend is its address", () => {
  it("comes back whole, with the names that plants have", () => {
    const state: TrendState = {
      pens: ["steel-01/bf1/hot blast & wind?", 'steel-01/测试/<img src=x> "引号" #1 100%25 a+b'],
      range: { live: false, fromMs: 1_700_000_000_123, toMs: 1_700_000_900_456 },
      limits: { "kW:h": [-1.5, 20], "": [0, 1] },
      lanes: true,
      robust: true,
      compareMs: 28_800_000,
    };
    expect(through(state)).toEqual(state);
  });

  it("keeps a live range relative", () => {
    expect(trendHash({ ...base, pens: ["e/a"] })).toBe("#/trend?pen=e/a&from=now-1h&to=now");
    expect(through(base)).toEqual(base);
  });

  it("falls back to the last hour for a range that makes no sense", () => {
    for (const search of [
      "from=now-8x&to=now",
      "from=x&to=y",
      "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z",
      "",
    ]) {
      expect(parseTrend(new URLSearchParams(search)).range).toEqual({ live: true, spanMs: 3_600_000 });
    }
  });

  it("knows a range that is not one, and repeats it", () => {
    const bad = (search: string) => badRange(new URLSearchParams(search));
    expect(bad("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z")).toBe(
      "2026-01-02T00:00:00Z – 2026-01-01T00:00:00Z",
    );
    expect(bad("from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z")).not.toBeNull();
    expect(bad("from=now-8x&to=now")).toBe("now-8x – now");
    expect(bad("from=8h")).toBe("8h – …");
    expect(bad("to=now")).toBe("… – now");
    expect(bad("from=1&to=2")).not.toBeNull();
    expect(bad("from=2026-13-01T00:00:00Z&to=2027-01-01T00:00:00Z")).not.toBeNull();
    for (const search of ["", "pen=e/a", "from=now-8h", "from=now-8h&to=now", "from=2026-01-01&to=2026-01-02T10:00Z"]) {
      expect(bad(search), search).toBeNull();
    }
  });

  it("ignores limits upside down, repeats, and pens beyond the most", () => {
    const many = Array.from({ length: 40 }, (_, index) => `pen=e/${index % 20}`).join("&");
    const state = parseTrend(new URLSearchParams(`${many}&y=Cel:5:1&y=kW:1:NaN`));
    expect(state.pens).toHaveLength(kPensMax);
    expect(state.limits).toEqual({});
  });

  it("writes spans in the largest unit that divides them", () => {
    expect([1, 1_500, 60_000, 5_400_000, 86_400_000].map(spanText)).toEqual(["1ms", "1500ms", "1min", "90min", "1d"]);
    expect([1, 1_500, 60_000, 5_400_000, 86_400_000].map((ms) => parseSpan(spanText(ms)))).toEqual([
      1, 1_500, 60_000, 5_400_000, 86_400_000,
    ]);
    expect(parseSpan("8")).toBeNull();
  });
});
