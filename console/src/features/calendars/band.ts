/** Days of a calendar as bands, one a day, with their shifts: pure. Hours count as they pass, so a day of 25 h is longer. */
import type { CalendarWindow } from "../../api/calendars";
import { parseTime } from "../../lib/time_text";

const kHourMs = 3_600_000;

export interface BandShift {
  /** Of the longest day, percent. */
  left: number;
  width: number;
  shift: string;
  crew: string;
  hours: number;
  isPlanned: boolean;
}

export interface BandDay {
  label: string;
  hours: number;
  /** Of the longest day, percent. */
  width: number;
  /** Hours in which work is planned. */
  plannedHours: number;
  shifts: BandShift[];
}

export function bandOf(days: readonly CalendarWindow[], shifts: readonly CalendarWindow[]): BandDay[] {
  const lengths = days.map(({ from, to }) => parseTime(to) - parseTime(from));
  const longest = Math.max(24 * kHourMs, ...lengths);
  const percent = (ms: number) => (100 * ms) / longest;
  return days.map((day, index) => {
    const [start, end] = [parseTime(day.from), parseTime(day.to)];
    const mine = shifts.flatMap((one): BandShift[] => {
      const [from, to] = [Math.max(start, parseTime(one.from)), Math.min(end, parseTime(one.to))];
      if (from >= to) return [];
      const [, shift = "", crew = ""] = one.label.split(" ");
      return [
        {
          left: percent(from - start),
          width: percent(to - from),
          shift,
          crew,
          hours: (parseTime(one.to) - parseTime(one.from)) / kHourMs,
          isPlanned: one.planned_s > 0,
        },
      ];
    });
    return {
      label: day.label,
      hours: (lengths[index] ?? 0) / kHourMs,
      width: percent(lengths[index] ?? 0),
      plannedHours: day.planned_s / 3_600,
      shifts: mine,
    };
  });
}
