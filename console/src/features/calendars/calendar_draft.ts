/** A calendar while it is edited, the text that it becomes, and how two calendars differ: pure. */
import type { Calendar } from "../../api/calendars";

export const kWeekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
export type Weekday = (typeof kWeekdays)[number];

export type WordsDraft = Record<string, string>;

export interface StretchDraft {
  name: string;
  words: WordsDraft;
  from: string;
  to: string;
  on: Weekday[];
  /** Who works it, a name a day of the cycle with blanks between: `A A B B`; of breaks empty. */
  crews: string;
}

export interface CalendarDraft {
  name: string;
  validFrom: string;
  timeZone: string;
  dayStarts: string;
  weekStarts: string;
  /** A first day of the cycle of crews. */
  anchor: string;
  shifts: StretchDraft[];
  breaks: StretchDraft[];
  holidays: { date: string; words: WordsDraft }[];
  targets: { name: string; value: string }[];
  reasons: { code: string; category: "planned" | "unplanned"; within: string; words: WordsDraft }[];
}

function stretchesOf(stretches: Calendar["shifts"], cycle: Record<string, string[]> = {}): StretchDraft[] {
  return Object.entries(stretches).map(([name, { from, to, on, words }]) => ({
    name,
    words: { ...words },
    from,
    to,
    on: on.length === 0 ? [...kWeekdays] : kWeekdays.filter((day) => on.includes(day)),
    crews: (cycle[name] ?? []).join(" "),
  }));
}

export function draftOf(calendar: Calendar): CalendarDraft {
  return {
    name: calendar.name,
    validFrom: calendar.valid_from ?? "",
    timeZone: calendar.time_zone,
    dayStarts: calendar.day_starts,
    weekStarts: calendar.week_starts,
    anchor: calendar.crews?.anchor ?? "",
    shifts: stretchesOf(calendar.shifts, calendar.crews?.cycle),
    breaks: stretchesOf(calendar.breaks),
    holidays: Object.entries(calendar.holidays).map(([date, words]) => ({ date, words: { ...words } })),
    targets: Object.entries(calendar.targets).map(([name, value]) => ({ name, value: String(value) })),
    reasons: Object.entries(calendar.downtime_reasons).map(([code, reason]) => ({
      code,
      category: reason.category,
      within: reason.within,
      words: { ...reason.words },
    })),
  };
}

/** What a plant starts from: three shifts of eight hours. */
export function newDraft(name: string, timeZone: string): CalendarDraft {
  const shift = (shiftName: string, en: string, zh: string, from: string, to: string): StretchDraft => ({
    name: shiftName,
    words: { en, zh },
    from,
    to,
    on: [...kWeekdays],
    crews: "",
  });
  return {
    name,
    validFrom: "",
    timeZone,
    dayStarts: "06:00",
    weekStarts: "monday",
    anchor: "",
    shifts: [
      shift("early", "Early", "早班", "06:00", "14:00"),
      shift("late", "Late", "中班", "14:00", "22:00"),
      shift("night", "Night", "夜班", "22:00", "06:00"),
    ],
    breaks: [],
    holidays: [],
    targets: [],
    reasons: [],
  };
}

export interface DraftText {
  /** JSON, which is YAML, with a member a line. */
  text: string;
  /** What field stands on which line, from 1: `shifts.0.from`. */
  fields: Map<number, string>;
}

/** The text of a draft, and where in it each field stands, so that a mistake at a line is shown at its field. */
export function textOf(draft: CalendarDraft): DraftText {
  const lines: string[] = ["{"];
  const fields = new Map<number, string>();
  const put = (line: string, field?: string) => {
    lines.push(line);
    if (field !== undefined) fields.set(lines.length, field);
  };
  const json = JSON.stringify;
  const wordsJson = (words: WordsDraft) => json(Object.fromEntries(Object.entries(words).filter(([, word]) => word)));
  const scalar = (key: string, value: string, field: string) => {
    if (value !== "") put(`${json(key)}: ${json(value)},`, field);
  };
  scalar("name", draft.name, "name");
  scalar("valid_from", draft.validFrom, "validFrom");
  scalar("time_zone", draft.timeZone, "timeZone");
  scalar("day_starts", draft.dayStarts, "dayStarts");
  scalar("week_starts", draft.weekStarts, "weekStarts");
  /** An object of objects; what is left over of commas is taken away at the end. */
  const group = (key: string, field: string, entries: readonly (() => void)[]) => {
    if (entries.length === 0) return;
    put(`${json(key)}: {`, field);
    for (const entry of entries) entry();
    put("},");
  };
  const stretch = (one: StretchDraft, field: string) => () => {
    put(`${json(one.name)}: {`, `${field}.name`);
    put(`"from": ${json(one.from)},`, `${field}.from`);
    put(`"to": ${json(one.to)},`, `${field}.to`);
    if (one.on.length < kWeekdays.length) put(`"on": ${json(one.on)},`, `${field}.on`);
    put(`"words": ${wordsJson(one.words)}`, `${field}.words`);
    put("},", `${field}.name`);
  };
  group(
    "shifts",
    "shifts",
    draft.shifts.map((one, index) => stretch(one, `shifts.${index}`)),
  );
  if (draft.anchor !== "" || draft.shifts.some(({ crews }) => crews.trim() !== "")) {
    put('"crews": {', "anchor");
    put(`"anchor": ${json(draft.anchor)},`, "anchor");
    put('"cycle": {', "anchor");
    draft.shifts.forEach(({ name, crews }, index) => {
      put(`${json(name)}: ${json(crews.split(/\s+/).filter(Boolean))},`, `shifts.${index}.crews`);
    });
    put("}");
    put("},");
  }
  group(
    "holidays",
    "holidays",
    draft.holidays.map((one, index) => () => {
      put(`${json(one.date)}: ${wordsJson(one.words)},`, `holidays.${index}.date`);
    }),
  );
  group(
    "breaks",
    "breaks",
    draft.breaks.map((one, index) => stretch(one, `breaks.${index}`)),
  );
  group(
    "targets",
    "targets",
    draft.targets.map((one, index) => () => {
      const value = Number(one.value);
      put(
        `${json(one.name)}: ${one.value.trim() !== "" && Number.isFinite(value) ? value : json(one.value)},`,
        `targets.${index}.value`,
      );
    }),
  );
  group(
    "downtime_reasons",
    "reasons",
    draft.reasons.map((one, index) => () => {
      const field = `reasons.${index}`;
      put(`${json(one.code)}: {`, `${field}.code`);
      put(`"category": ${json(one.category)},`, `${field}.category`);
      if (one.within !== "") put(`"within": ${json(one.within)},`, `${field}.within`);
      put(`"words": ${wordsJson(one.words)}`, `${field}.words`);
      put("},", `${field}.code`);
    }),
  );
  put("}");
  return { text: lines.join("\n").replace(/,\n\}/g, "\n}"), fields };
}

/** The field of a mistake that the server found at `calendar:12:9`; null when it names no line. */
export function fieldOf({ fields }: DraftText, where: string): string | null {
  const line = Number(/:(\d+):\d+$/.exec(where)?.[1] ?? Number.NaN);
  return fields.get(line) ?? null;
}

export interface CalendarChange {
  kind: "added" | "removed" | "changed";
  item: string;
  from: string;
  to: string;
}

/** One line for each thing that a person would name: `shifts.night`, `holidays.2026-10-03`. */
function linesOf(calendar: Calendar): Map<string, string> {
  const lines = new Map<string, string>([
    ["time_zone", calendar.time_zone],
    ["day_starts", calendar.day_starts],
    ["week_starts", calendar.week_starts],
  ]);
  const words = (all: Record<string, string>) => Object.values(all).filter(Boolean).join(" / ");
  for (const kind of ["shifts", "breaks"] as const) {
    for (const [name, one] of Object.entries(calendar[kind])) {
      const days = one.on.length === 0 || one.on.length === 7 ? "" : one.on.map((day) => day.slice(0, 3)).join(" ");
      lines.set(`${kind}.${name}`, [`${one.from}–${one.to}`, days, words(one.words)].filter(Boolean).join(" · "));
    }
  }
  if (calendar.crews) {
    lines.set("crews.anchor", calendar.crews.anchor);
    for (const [shift, cycle] of Object.entries(calendar.crews.cycle)) lines.set(`crews.${shift}`, cycle.join(" "));
  }
  for (const [date, name] of Object.entries(calendar.holidays)) lines.set(`holidays.${date}`, words(name) || date);
  for (const [name, value] of Object.entries(calendar.targets)) lines.set(`targets.${name}`, String(value));
  for (const [code, one] of Object.entries(calendar.downtime_reasons)) {
    lines.set(`downtime_reasons.${code}`, [one.category, one.within, words(one.words)].filter(Boolean).join(" · "));
  }
  return lines;
}

/** What a calendar would have otherwise than before; before may be nothing. */
export function diffOf(before: Calendar | null, after: Calendar): CalendarChange[] {
  const [old, fresh] = [before ? linesOf(before) : new Map<string, string>(), linesOf(after)];
  const changes: CalendarChange[] = [];
  for (const [item, from] of old) {
    const to = fresh.get(item);
    if (to === undefined) changes.push({ kind: "removed", item, from, to: "" });
    else if (to !== from) changes.push({ kind: "changed", item, from, to });
  }
  for (const [item, to] of fresh) if (!old.has(item)) changes.push({ kind: "added", item, from: "", to });
  return changes;
}
