import { describe, expect, it } from "vitest";
import {
  endText,
  formatAge,
  fromLocalText,
  isFuture,
  localIso,
  localText,
  parseTime,
  tickText,
  zoneOffsetMinutes,
  zoneText,
} from "./time_text";

describe("parseTime", () => {
  it("keeps fractions of a millisecond and any zone", () => {
    expect(parseTime("1970-01-01T00:00:01.5Z")).toBe(1_500);
    expect(parseTime("1970-01-01T00:00:00.000250000Z")).toBeCloseTo(0.25, 9);
    expect(parseTime("1970-01-01T08:00:00+08:00")).toBe(0);
    expect(parseTime("never")).toBeNaN();
  });
});

describe("zones", () => {
  it("read what somebody types as the time of a zone, on days when clocks change too", () => {
    expect(fromLocalText("2026-11-27 08:15:00", "Asia/Shanghai")).toBe(Date.UTC(2026, 10, 27, 0, 15));
    expect(fromLocalText("2026-11-27T08:15", "UTC")).toBe(Date.UTC(2026, 10, 27, 8, 15));
    expect(fromLocalText(" 2026-11-27 08:15:00.250 ", "UTC")).toBe(Date.UTC(2026, 10, 27, 8, 15) + 250);
    expect(fromLocalText("2026-07-01 12:00", "Europe/Berlin")).toBe(Date.UTC(2026, 6, 1, 10));
    // 02:30 comes twice: the first; 02:30 is skipped: as the clock before went.
    expect(fromLocalText("2026-10-25 02:30", "Europe/Berlin")).toBe(Date.UTC(2026, 9, 25, 0, 30));
    expect(fromLocalText("2026-03-29 02:30", "Europe/Berlin")).toBe(Date.UTC(2026, 2, 29, 1, 30));
    for (const wrong of ["", "08:15", "2026-13-40 08:15", "yesterday"]) expect(fromLocalText(wrong, "UTC")).toBeNaN();
    const at = Date.UTC(2026, 4, 5, 6, 7, 8);
    for (const zone of ["UTC", "Asia/Kolkata", "America/New_York"])
      expect(fromLocalText(localText(at, zone), zone)).toBe(at);
  });

  it("leave the date of an end out where it is that of the start, in the zone", () => {
    const at = (hour: number) => Date.UTC(2026, 0, 1, hour);
    expect(endText(at(1), at(3), "UTC")).toBe("03:00:00");
    expect(endText(at(1), at(3), "UTC", 16)).toBe("03:00");
    expect(endText(at(15), at(17), "Asia/Shanghai", 16)).toBe("2026-01-02 01:00");
  });

  it("writes local ISO with the offset, the fraction as it came", () => {
    expect(localIso("2026-07-01T00:00:00.123456789Z", "Asia/Shanghai")).toBe("2026-07-01T08:00:00.123456789+08:00");
    expect(localIso("2026-07-01T00:00:00Z", "UTC")).toBe("2026-07-01T00:00:00+00:00");
    expect(localIso("2026-07-01T00:00:00Z", "Asia/Kolkata")).toBe("2026-07-01T05:30:00+05:30");
  });

  it("tells the two half past two of an autumn night apart", () => {
    expect(localIso("2026-10-25T00:30:00Z", "Europe/Berlin")).toBe("2026-10-25T02:30:00+02:00");
    expect(localIso("2026-10-25T01:30:00Z", "Europe/Berlin")).toBe("2026-10-25T02:30:00+01:00");
  });

  it("handles times before 1970", () => {
    expect(localIso("1969-12-31T23:59:59.5Z", "UTC")).toBe("1969-12-31T23:59:59.5+00:00");
  });

  it("names the offset", () => {
    expect(zoneOffsetMinutes(0, "America/Sao_Paulo")).toBe(-180);
    expect(zoneText("America/Sao_Paulo", 0)).toBe("UTC-03:00");
  });

  it("shows local time", () => {
    expect(localText(0, "UTC", true)).toBe("1970-01-01 00:00:00.000");
  });
});

describe("ticks and ages", () => {
  it("says the date where the day changes", () => {
    expect(tickText(0, null, 60_000, "UTC")).toBe("00:00\n1970-01-01");
    expect(tickText(60_000, 0, 60_000, "UTC")).toBe("00:01");
    expect(tickText(86_400_000, 86_340_000, 60_000, "UTC")).toBe("00:00\n01-02");
    expect(tickText(1_500, 1_000, 500, "UTC")).toBe("00:00:01.500");
  });

  it("formats ages in the words of a language", () => {
    expect([12_000, 60_000, 7_500_000, 2 * 86_400_000].map((ms) => formatAge(ms, "zh"))).toEqual([
      "12 秒",
      "1 分钟",
      "2 小时 5 分钟",
      "2 天",
    ]);
    expect(formatAge(12_000, "de-AT")).toBe("12 s");
  });

  it("tells a sample that is stamped later than now from one of a clock a little ahead", () => {
    expect([1_000, 0, -1_000, -60_000].map(isFuture)).toEqual([false, false, false, false]);
    expect([-60_001, -7_200_000].map(isFuture)).toEqual([true, true]);
  });

  it("formats ages", () => {
    expect([-5, 0, 59_999, 60_000, 3_600_000, 5_400_000, 4 * 86_400_000].map((ms) => formatAge(ms))).toEqual([
      "0 s",
      "0 s",
      "59 s",
      "1 min",
      "1 h",
      "1 h 30 min",
      "4 d",
    ]);
  });
});
