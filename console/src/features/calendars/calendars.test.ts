import { describe, expect, it } from "vitest";
import type { Calendar } from "../../api/calendars";
import { bandOf } from "./band";
import { diffOf, draftOf, fieldOf, newDraft, textOf } from "./calendar_draft";

const calendar: Calendar = {
  name: "works",
  valid_from: null,
  time_zone: "Europe/Berlin",
  day_starts: "06:00",
  week_starts: "monday",
  shifts: {
    early: { from: "06:00", to: "14:00", on: ["monday", "tuesday"], words: { en: "Early", zh: "早班" } },
    night: { from: "22:00", to: "06:00", on: [], words: {} },
  },
  crews: { anchor: "2026-01-05", cycle: { early: ["A", "-"], night: ["B", "C"] } },
  holidays: { "2026-10-03": { en: "Unity" } },
  breaks: {},
  targets: { oee: 0.85 },
  downtime_reasons: {
    M: { category: "unplanned", within: "", words: {} },
    M01: { category: "unplanned", within: "M", words: { en: "Bearing" } },
  },
};

describe("a calendar's draft", () => {
  it("becomes a text that means the same", () => {
    const { text } = textOf(draftOf(calendar));
    expect(JSON.parse(text)).toEqual({
      name: "works",
      time_zone: "Europe/Berlin",
      day_starts: "06:00",
      week_starts: "monday",
      shifts: {
        early: { from: "06:00", to: "14:00", on: ["monday", "tuesday"], words: { en: "Early", zh: "早班" } },
        night: { from: "22:00", to: "06:00", words: {} },
      },
      crews: { anchor: "2026-01-05", cycle: { early: ["A", "-"], night: ["B", "C"] } },
      holidays: { "2026-10-03": { en: "Unity" } },
      targets: { oee: 0.85 },
      downtime_reasons: {
        M: { category: "unplanned", words: {} },
        M01: { category: "unplanned", within: "M", words: { en: "Bearing" } },
      },
    });
  });
  it("knows which field a line is", () => {
    const draft = draftOf(calendar);
    const made = textOf(draft);
    const lineOf = (part: string) => made.text.split("\n").findIndex((line) => line.includes(part)) + 1;
    expect(fieldOf(made, `calendar:${lineOf('"22:00"')}:9`)).toBe("shifts.1.from");
    expect(fieldOf(made, `calendar:${lineOf('["B","C"]')}:3`)).toBe("shifts.1.crews");
    expect(fieldOf(made, `calendar:${lineOf('"within"')}:3`)).toBe("reasons.1.within");
    expect(fieldOf(made, "calendar")).toBeNull();
  });
  it("keeps what is no number as it was typed, for the server to tell", () => {
    const draft = { ...newDraft("a", "UTC"), targets: [{ name: "oee", value: "much" }] };
    expect(JSON.parse(textOf(draft).text)).toMatchObject({ targets: { oee: "much" } });
  });
});

describe("the difference of two calendars", () => {
  it("names what is new, gone and other", () => {
    const after: Calendar = {
      ...calendar,
      day_starts: "08:00",
      shifts: { early: calendar.shifts.early ?? { from: "", to: "", on: [], words: {} } },
      targets: { oee: 0.85, rate: 300 },
    };
    expect(diffOf(calendar, after)).toEqual([
      { kind: "changed", item: "day_starts", from: "06:00", to: "08:00" },
      { kind: "removed", item: "shifts.night", from: "22:00–06:00", to: "" },
      { kind: "added", item: "targets.rate", from: "", to: "300" },
    ]);
    expect(diffOf(calendar, calendar)).toEqual([]);
    expect(diffOf(null, calendar).every(({ kind }) => kind === "added")).toBe(true);
  });
});

describe("the band", () => {
  it("draws a day of 23 h shorter than the others", () => {
    const days = [
      { label: "2026-03-27", from: "2026-03-27T05:00:00Z", to: "2026-03-28T05:00:00Z", planned_s: 86_400 },
      { label: "2026-03-28", from: "2026-03-28T05:00:00Z", to: "2026-03-29T04:00:00Z", planned_s: 0 },
    ];
    const shifts = [
      { label: "2026-03-28 night C", from: "2026-03-28T21:00:00Z", to: "2026-03-29T04:00:00Z", planned_s: 0 },
    ];
    const [whole, short] = bandOf(days, shifts);
    expect(whole?.hours).toBe(24);
    expect(whole?.width).toBe(100);
    expect(short?.hours).toBe(23);
    expect(short?.width).toBeCloseTo((100 * 23) / 24);
    expect(short?.shifts).toEqual([
      { left: (100 * 16) / 24, width: (100 * 7) / 24, shift: "night", crew: "C", hours: 7, isPlanned: false },
    ]);
  });
});
