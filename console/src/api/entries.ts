import { queryString, request } from "./http";
import { array, flag, nullable, number, object, text, withDefault, word, type Parsed } from "./parse";
import { wireValue } from "./query";

export const kEntryKinds = ["entry", "correction", "removal", "restoration"] as const;
export type EntryKind = (typeof kEntryKinds)[number];

/** What was there before. */
export const superseded = object({ value: wireValue, quality: withDefault(text, "Good") });

const fields = {
  id: number,
  kind: word(kEntryKinds, "entry"),
  who: withDefault(text, ""),
  received: withDefault(text, ""),
  why: withDefault(text, ""),
  /** Recorded, and not yet known to be among the samples. */
  pending: withDefault(flag, false),
  /** Of one value. */
  time: nullable(text),
  value: wireValue,
  quality: withDefault(text, "Good"),
  /** Of a stretch. */
  from: nullable(text),
  to: nullable(text),
  before: nullable(superseded),
  samples: withDefault(number, 1),
};
export const entryParser = object({ tag: nullable(text), unit: withDefault(text, ""), ...fields });
export type Entry = Parsed<typeof entryParser>;

const list = object({ entries: array(entryParser), next: nullable(text) });
export type Entries = Parsed<typeof list>;

/** What people entered and corrected, newest first; of a tag, or of an asset and all below it. */
export const getEntries = (
  search: { tag?: string; asset?: string; from?: string; to?: string; before?: string; limit?: number },
  signal?: AbortSignal,
) => request("GET", `/entries${queryString(search)}`, list, { signal });

const version = object({
  time: text,
  value: wireValue,
  quality: withDefault(text, "Good"),
  class: withDefault(text, "measured"),
  current: withDefault(flag, false),
  deleted: withDefault(flag, false),
  source: withDefault(text, ""),
});
export type SampleVersion = Parsed<typeof version>;
const versions = object({ versions: array(version) });

/** Nanoseconds since 1970 of an ISO time in UTC, with all its digits. */
export function nanoseconds(iso: string): bigint {
  const match = /^(.*?\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?Z$/.exec(iso);
  const ms = Date.parse(match ? `${match[1]}Z` : iso);
  return BigInt(ms) * 1_000_000n + BigInt((match?.[2] ?? "").padEnd(9, "0"));
}

/** All versions that are kept of one moment, the one that is seen first. */
export async function getVersionsAt(tag: string, time: string, signal?: AbortSignal): Promise<SampleVersion[]> {
  const from = nanoseconds(time);
  const search = queryString({ tag, from: String(from), to: String(from + 1n), limit: 20 });
  return (await request("GET", `/versions${search}`, versions, { signal })).versions;
}

/** The exact time of the sample that is drawn at `timeMs`: a fraction of a millisecond does not hold nanoseconds. */
export async function getTimeNear(tag: string, timeMs: number, signal?: AbortSignal): Promise<string> {
  const near = BigInt(Math.round(timeMs * 1_000)) * 1_000n;
  const search = queryString({ tag, from: String(near - 1_000n), to: String(near + 1_001n), limit: 20 });
  const found = (await request("GET", `/versions${search}`, versions, { signal })).versions;
  const distance = (one: SampleVersion) => {
    const away = nanoseconds(one.time) - near;
    return Number(away < 0n ? -away : away);
  };
  const nearest = found.filter((one) => one.current).sort((a, b) => distance(a) - distance(b))[0];
  return nearest?.time ?? new Date(timeMs).toISOString();
}

const receipt = object({ entries: array(entryParser), unchanged: withDefault(number, 0) });
export type EntryReceipt = Parsed<typeof receipt>;

export interface NewEntry {
  tag: string;
  why: string;
  override?: boolean;
  samples?: { time: string; value: string; quality?: string }[];
  remove?: { time: string } | { from: string; to: string };
  restore?: { time: string } | { from: string; to: string };
}
export const postEntry = (entry: NewEntry) => request("POST", "/entries", receipt, { body: entry });
