import { describe, expect, it } from "vitest";
import { browseName, byStrength, groupFingerprint, itemFaults, itemOf } from "./connection_items";
import { limitsText } from "./limits_text";
import { formatBytes } from "./numbers";
import { parseHash } from "./route";
import { fittingLimits, laneLimits, scaleGroups, zoomAround } from "./scales";
import { drawSeries } from "./segments";
import { noteServerTime, serverNow } from "./server_clock";
import { pointOf, type PenSeries } from "./series";
import { decodeName, encodeName, joinPath, leafName, shownPath } from "./tag_path";
import { formatNumber, formatValue, severityOf, toNumber, unitSymbol } from "./value";

describe("tag paths", () => {
  it("encodes what a path gives a meaning, and comes back", () => {
    for (const name of ["a/b", "50 % * 2", "测点 №1", "tab\there", "<b>&\"'"]) {
      expect(encodeName(name)).not.toMatch(/[/*\t]/);
      expect(decodeName(encodeName(name))).toBe(name);
    }
    expect(encodeName("100%")).toBe("100%25");
    expect(decodeName("50%zz")).toBe("50%zz");
    expect(decodeName("%FF")).toBe("%FF");
  });
  it("shows names", () => {
    expect(leafName("e/a/flow %2F 2")).toBe("flow / 2");
    expect(shownPath("e/a/b%2Fc")).toBe("a / b/c");
    expect(joinPath("e/site/", ["A/B", "", "x"])).toBe("e/site/A%2FB/x");
  });
});

describe("values", () => {
  it("reads severities by name", () => {
    expect(
      ["", "Good", "GoodClamped", "UncertainSubNormal", "Uncertain 0x40AA0000", "BadNoData", "Bad 0x80AB0000"].map(
        severityOf,
      ),
    ).toEqual(["good", "good", "good", "uncertain", "uncertain", "bad", "bad"]);
  });
  it("turns wire values into numbers", () => {
    expect(toNumber("NaN", "double")).toBeNaN();
    expect(toNumber("-Infinity", "double")).toBe(-Infinity);
    expect(toNumber(true, "bool")).toBe(1);
    expect(toNumber("12", "string")).toBeNaN();
    expect(toNumber("", "double")).toBeNaN();
    expect(toNumber(null, "double")).toBeNaN();
  });
  it("formats for people", () => {
    expect(formatNumber(1187.2, "en")).toBe("1187.2");
    expect(formatNumber(0.000_000_12, "en")).toBe("1.2000e-7");
    expect(formatNumber(123_456.7, "en")).toBe("123,457");
    expect(formatNumber(Number.NaN)).toBe("NaN");
    expect(formatValue("9007199254740993", "int64", "en")).toBe("9007199254740993");
    expect(formatValue(true, "bool")).toBe("true");
    expect(formatValue(null, "double")).toBe("–");
    expect(formatValue("<b>", "string")).toBe("<b>");
    expect(["Cel", "m3/h", "kW", "1", "kW.h", "m3/min/kPa", "/min", "N.m", "{rpm}", "%"].map(unitSymbol)).toEqual([
      "°C",
      "m³/h",
      "kW",
      "",
      "kWh",
      "m³/min/kPa",
      "1/min",
      "N·m",
      "rpm",
      "%",
    ]);
    expect([formatBytes(999, "en"), formatBytes(1_500, "en"), formatBytes(88e9, "en")]).toEqual([
      "999 B",
      "1.5 kB",
      "88 GB",
    ]);
  });
});

describe("limits", () => {
  it("have two sides, one, or are not there", () => {
    expect(limitsText([11, 12.5], "en")).toBe("11 – 12.5");
    expect(limitsText([0, null], "en")).toBe("≥ 0");
    expect(limitsText([null, 9.5], "en")).toBe("≤ 9.5");
    expect(limitsText(null, "en")).toBe("");
  });
});

describe("scales", () => {
  const pen = (unit: string, values: number[], type: PenSeries["type"] = "double"): PenSeries => ({
    tag: "e/a",
    id: 1,
    type,
    unit,
    step: false,
    simulated: false,
    before: null,
    after: null,
    points: values.map((v, t) => pointOf(t, v, "Good", type)),
  });
  const draw = (series: PenSeries) => drawSeries(series, { from: 0, to: 1_000 }, 1e6);

  it("gives one axis a unit, strings none, and in lanes one a pen", () => {
    const series = [pen("Cel", []), pen("kW", []), pen("Cel", []), null, pen("", [], "string"), pen("", [], "bool")];
    expect(scaleGroups(series, false).map(({ key, pens }) => [key, pens])).toEqual([
      ["Cel", [0, 2]],
      ["kW", [1]],
      ["bool", [5]],
    ]);
    expect(scaleGroups(series, true)).toHaveLength(4);
  });
  it("fits what is drawn; robust leaves one outlier out, the plain one does not", () => {
    const values = Array.from({ length: 1_000 }, (_, index) => (index === 500 ? 1e6 : Math.sin(index / 20)));
    const series = pen("Cel", values);
    const [group] = scaleGroups([series], false);
    if (!group) throw new Error("no group");
    expect(fittingLimits(group, [draw(series)], false)[1]).toBeGreaterThan(1e6);
    expect(fittingLimits(group, [draw(series)], true)[1]).toBeLessThan(2);
  });
  it("has room for a flat line, and limits for nothing", () => {
    const flat = pen("Cel", [5, 5, 5]);
    const [group] = scaleGroups([flat], false);
    if (!group) throw new Error("no group");
    expect(fittingLimits(group, [draw(flat)], false)).toEqual([4.75, 5.25]);
    expect(fittingLimits(group, [null], false)).toEqual([0, 1]);
  });
  it("stacks lanes without overlap", () => {
    const place = (v: number, [low, high]: [number, number]) => (v - low) / (high - low);
    expect(place(0, laneLimits([0, 10], 0, 4))).toBeCloseTo(0.75);
    expect(place(10, laneLimits([0, 10], 0, 4))).toBeCloseTo(1);
    expect(place(10, laneLimits([0, 10], 3, 4))).toBeCloseTo(0.25);
  });
  it("zooms around the cursor", () => {
    expect(zoomAround(0, 100, 25, 0.5)).toEqual([12.5, 62.5]);
  });
});

describe("connection items", () => {
  const node = {
    namespace_uri: "urn:x",
    identifier: "s=1",
    browse_name: "2:Temp",
    display_name: "Temperature",
    has_children: false,
    is_variable: true,
    type: "bool" as const,
    unit: "",
    step: false,
  };
  it("names an item by the way to it, once", () => {
    const first = itemOf(node, ["Mill", "A/B", "Temp"], "e/site", 500, new Set());
    expect(first).toMatchObject({
      path: "e/site/Mill/A%2FB/Temp",
      sampling_ms: 500,
      step: true,
      description: "Temperature",
    });
    expect(itemOf(node, ["Mill", "A/B", "Temp"], "e/site", 500, new Set([first.path])).path).toBe(`${first.path} 2`);
    expect(browseName(node)).toBe("Temp");
  });
  it("finds paths that cannot be saved", () => {
    const item = (path: string) => ({ ...itemOf(node, [], "e", 1, new Set()), path });
    expect([...itemFaults([item("e/a"), item("f/a"), item("e//a"), item("e/a")], "e")]).toEqual([
      [1, "foreign"],
      [2, "empty"],
      [3, "double"],
    ]);
  });
  it("groups fingerprints and puts the safest endpoint first", () => {
    expect(groupFingerprint("ab:cd:ef:01:23")).toBe("ABCD EF01 23");
    const ends = [
      ["None", "None"],
      ["Basic256Sha256", "Sign"],
      ["Basic128Rsa15", "SignAndEncrypt"],
      ["Basic256Sha256", "SignAndEncrypt"],
    ].map(([security_policy = "", security_mode = ""]) => ({ security_policy, security_mode }));
    expect(ends.sort(byStrength)[0]).toEqual({ security_policy: "Basic256Sha256", security_mode: "SignAndEncrypt" });
  });
});

describe("addresses and clocks", () => {
  it("reads the hash", () => {
    expect(parseHash("#/connections/17")).toMatchObject({ path: ["connections", "17"] });
    expect(parseHash("#/welcome/a%2Fb?x=1?2").path).toEqual(["welcome", "a/b"]);
    expect(parseHash("#/x/%zz").path).toEqual(["x", "%zz"]);
    expect(parseHash("").path).toEqual([]);
  });
  it("follows a server whose clock is elsewhere, and ignores rounding", () => {
    noteServerTime("Thu, 01 Jan 1970 01:00:00 GMT", 0);
    expect(serverNow() - Date.now()).toBeGreaterThan(3_500_000);
    noteServerTime("Thu, 01 Jan 1970 00:00:00 GMT", 900);
    expect(Math.abs(serverNow() - Date.now())).toBeLessThan(50);
    noteServerTime("no time", 0);
    noteServerTime(null);
    expect(Math.abs(serverNow() - Date.now())).toBeLessThan(50);
  });
});
