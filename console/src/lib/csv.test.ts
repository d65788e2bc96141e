import { describe, expect, it } from "vitest";
import { csvField, parseCsv, trendCsv } from "./csv";

describe("parseCsv", () => {
  it("reads quotes, doubled quotes, commas and line ends inside quotes", () => {
    expect(parseCsv('a,"b ""c"", d"\r\n"x\ny",\n')).toEqual([
      ["a", 'b "c", d'],
      ["x\ny", ""],
    ]);
  });
  it("reads a last line without an end, empty quotes, and nothing", () => {
    expect(parseCsv('a,""')).toEqual([["a", ""]]);
    expect(parseCsv("")).toEqual([]);
  });
});

describe("csvField", () => {
  it("quotes what needs it and round trips", () => {
    for (const text of ["plain", 'a "b"', "x,y", "line\nend", "测点"])
      expect(parseCsv(csvField(text))[0]?.[0]).toBe(text);
  });
  it("disarms formulas but leaves numbers alone", () => {
    expect(csvField("=1+1")).toBe("'=1+1");
    expect(csvField("@x")).toBe("'@x");
    expect(csvField("-12.5")).toBe("-12.5");
    expect(csvField("+1e-9")).toBe("+1e-9");
    expect(csvField("-Infinity")).toBe("-Infinity");
  });
});

describe("trendCsv", () => {
  it("adds local time with offset, UTC, and the unit; values stay as they came", () => {
    const server =
      'tag,time,value,quality\r\n"e/a ""b""",2026-07-01T00:00:00.000000001Z,1187.20,\r\ne/c,2026-07-01T00:00:01Z,NaN,BadNoCommunication\r\n';
    const { text, rows } = trendCsv(server, "Asia/Shanghai", (tag) => (tag === "e/c" ? "Cel" : ""));
    expect(rows).toBe(2);
    expect(parseCsv(text)).toEqual([
      ["tag", "time", "time_utc", "value", "quality", "unit"],
      ['e/a "b"', "2026-07-01T08:00:00.000000001+08:00", "2026-07-01T00:00:00.000000001Z", "1187.20", "Good", ""],
      ["e/c", "2026-07-01T08:00:01+08:00", "2026-07-01T00:00:01Z", "NaN", "BadNoCommunication", "Cel"],
    ]);
  });
});
