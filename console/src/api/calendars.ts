import { words } from "./definitions";
import { queryString, request } from "./http";
import { category } from "./intervals";
import { array, nothing, nullable, number, object, record, text, withDefault, type Parsed } from "./parse";

const stretch = object({ from: text, to: text, on: withDefault(array(text), []), words });

/** A calendar as docs/formats/calendar.md writes it. */
const calendar = object({
  name: text,
  valid_from: nullable(text),
  time_zone: text,
  day_starts: withDefault(text, "00:00"),
  week_starts: withDefault(text, "monday"),
  shifts: withDefault(record(stretch), {}),
  crews: nullable(object({ anchor: text, cycle: record(array(text)) })),
  holidays: withDefault(record(words), {}),
  breaks: withDefault(record(stretch), {}),
  targets: withDefault(record(number), {}),
  downtime_reasons: withDefault(record(object({ category, within: withDefault(text, ""), words })), {}),
});
export type Calendar = Parsed<typeof calendar>;

const version = object({ valid_from: nullable(text), text: withDefault(text, ""), calendar: nullable(calendar) });
export type CalendarVersion = Parsed<typeof version>;

const namedCalendar = object({
  name: text,
  sites: withDefault(array(number), []),
  problem: nullable(text),
  versions: array(version),
});
export type NamedCalendar = Parsed<typeof namedCalendar>;

export const getCalendars = async (signal?: AbortSignal): Promise<NamedCalendar[]> =>
  (await request("GET", "/calendars", object({ calendars: array(namedCalendar) }), { signal })).calendars;

const asYaml = (yaml: string) => ({ body: yaml, contentType: "application/yaml" });
const at = (name: string) => `/calendars/${encodeURIComponent(name)}`;

export const getCalendar = (name: string, signal?: AbortSignal) => request("GET", at(name), namedCalendar, { signal });

const window = object({ label: text, from: text, to: text, planned_s: number });
export type CalendarWindow = Parsed<typeof window>;

const preview = object({ text, calendar, days: array(window), shifts: array(window) });
export type CalendarPreview = Parsed<typeof preview>;

/** What a text in YAML or JSON would make of its calendar; nothing is changed. */
export const previewCalendar = (yaml: string, range: { from: string; to: string }, signal?: AbortSignal) =>
  request("POST", `/calendars/preview${queryString(range)}`, preview, { ...asYaml(yaml), signal });

export const createCalendar = (yaml: string) => request("POST", "/calendars", namedCalendar, asYaml(yaml));
/** Adds the version that the text is, in the place of one that is valid from the same day. */
export const saveCalendar = (name: string, yaml: string) => request("PUT", at(name), namedCalendar, asYaml(yaml));
/** Takes the newest change back. */
export const undoCalendar = (name: string) => request("POST", `${at(name)}/undo`, namedCalendar);

/** Gives a site a calendar; null takes it away. */
export const setSiteCalendar = (site: number, name: string | null) =>
  request("PUT", `/sites/${site}/calendar`, nothing, { body: { calendar: name } });
