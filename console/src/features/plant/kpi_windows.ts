/** Which windows a set of KPIs offers, and how much history a table of each shows. */
import type { KpiDefinition } from "../../api/definitions";
import { isoUtc } from "../../lib/time_text";

const kDayMs = 86_400_000;
/** Of windows of the calendar; a kind of interval has the last week. */
const kHistoryMs: Record<string, number> = {
  hour: 2 * kDayMs,
  shift: 7 * kDayMs,
  day: 31 * kDayMs,
  week: 26 * 7 * kDayMs,
  month: 400 * kDayMs,
  year: 5 * 366 * kDayMs,
};
const kCalendar = ["hour", "shift", "day", "week", "month", "year"] as const;
export type CalendarWindow = (typeof kCalendar)[number];

export function isCalendarWindow(name: string): name is CalendarWindow {
  return kCalendar.some((known) => known === name);
}

/** Shift, day and month always; then what the definitions name beside them. Calendar windows first, shortest first. */
export function windowsOf(kpis: readonly Pick<KpiDefinition, "per">[]): string[] {
  const all = new Set(["shift", "day", "month", ...kpis.flatMap(({ per }) => per)]);
  return [...kCalendar.filter((name) => all.has(name)), ...[...all].filter((name) => !isCalendarWindow(name)).sort()];
}

export function rangeOfWindow(window: string, nowMs: number): { from: string; to: string } {
  return { from: isoUtc(nowMs - (kHistoryMs[window] ?? 7 * kDayMs)), to: isoUtc(nowMs) };
}
