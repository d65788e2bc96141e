/** Times on the wire are ISO 8601 UTC with up to nine decimals; in the console they are milliseconds with a fraction. */
export function parseTime(iso: string): number {
  const match = /^(.*?\d{2}:\d{2}:\d{2})(?:\.(\d+))?(Z|[+-]\d{2}:?\d{2})$/.exec(iso);
  if (!match) return Date.parse(iso);
  const [, seconds = "", fraction = "", zone = "Z"] = match;
  const base = Date.parse(seconds + zone);
  return fraction === "" ? base : base + Number(`0.${fraction}`) * 1_000;
}

/** ISO 8601 UTC of milliseconds. */
export function isoUtc(ms: number): string {
  return new Date(ms).toISOString();
}

const formatters = new Map<string, Intl.DateTimeFormat>();
function partsIn(ms: number, zone: string): Record<string, string> {
  let formatter = formatters.get(zone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    formatters.set(zone, formatter);
  }
  const parts: Record<string, string> = {};
  for (const part of formatter.formatToParts(ms)) parts[part.type] = part.value;
  return parts;
}

/** Minutes that the zone is ahead of UTC at that moment. */
export function zoneOffsetMinutes(ms: number, zone: string): number {
  const second = Math.floor(ms / 1_000) * 1_000;
  const part = partsIn(second, zone);
  const local = Date.UTC(
    Number(part.year),
    Number(part.month) - 1,
    Number(part.day),
    Number(part.hour),
    Number(part.minute),
    Number(part.second),
  );
  return Math.round((local - second) / 60_000);
}

function offsetText(minutes: number): string {
  const size = Math.abs(minutes);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** `2026-11-01T02:30:00.123456789+08:00` of a UTC ISO time: the digits of the fraction stay as they came. */
export function localIso(isoTime: string, zone: string): string {
  const ms = parseTime(isoTime);
  if (!Number.isFinite(ms)) return isoTime;
  const offset = zoneOffsetMinutes(ms, zone);
  const fraction = /\.\d+/.exec(isoTime)?.[0] ?? "";
  return (
    new Date(Math.floor(ms / 1_000) * 1_000 + offset * 60_000).toISOString().slice(0, 19) +
    fraction +
    offsetText(offset)
  );
}

/** `2026-11-01 02:30:00` in a zone, with milliseconds on request. */
export function localText(ms: number, zone: string, withMs = false): string {
  const part = partsIn(ms, zone);
  const fraction = withMs ? `.${String(Math.floor(((ms % 1_000) + 1_000) % 1_000)).padStart(3, "0")}` : "";
  return `${part.year}-${part.month}-${part.day} ${part.hour}:${part.minute}:${part.second}${fraction}`;
}

/** Milliseconds of `2026-11-01T02:30:00` or `2026-11-01 02:30` in a zone; NaN for what is none. Of an hour that comes twice the first. */
export function fromLocalText(text: string, zone: string): number {
  const match = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2})?(\.\d{1,3})?$/.exec(text.trim());
  if (!match) return Number.NaN;
  const local = Date.parse(`${match[1]}T${match[2]}${match[3] ?? ":00"}${match[4] ?? ""}Z`);
  if (!Number.isFinite(local)) return Number.NaN;
  const day = 86_400_000;
  const offsets = [zoneOffsetMinutes(local - day, zone), zoneOffsetMinutes(local + day, zone)];
  const found = offsets
    .map((offset) => local - offset * 60_000)
    .filter((ms) => ms + zoneOffsetMinutes(ms, zone) * 60_000 === local);
  // An hour that was skipped: as the clock before it went.
  return found.length > 0 ? Math.min(...found) : local - (offsets[0] ?? 0) * 60_000;
}

/** The end of a stretch; without its date where that is the date of the start. `digits` cuts both: 16 for minutes. */
export function endText(fromMs: number, toMs: number, zone: string, digits = 19): string {
  const [from, to] = [localText(fromMs, zone), localText(toMs, zone).slice(0, digits)];
  return from.slice(0, 10) === to.slice(0, 10) ? to.slice(11) : to;
}

/** `UTC+08:00` */
export function zoneText(zone: string, atMs: number): string {
  return `UTC${offsetText(zoneOffsetMinutes(atMs, zone))}`;
}

export function browserZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

const kAgeUnits: Record<string, { s: string; min: string; h: string; d: string }> = {
  en: { s: "s", min: "min", h: "h", d: "d" },
  zh: { s: "秒", min: "分钟", h: "小时", d: "天" },
};

/** Milliseconds as `12 s`, `3 min`, `2 h 5 min`, `4 d`, in the words of a language. Negative ones are 0: ask isFuture first. */
export function formatAge(ms: number, language = "en"): string {
  const unit = kAgeUnits[language.split("-")[0] ?? ""] ?? { s: "s", min: "min", h: "h", d: "d" };
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 60) return `${seconds} ${unit.s}`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} ${unit.min}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) {
    return minutes % 60 === 0 ? `${hours} ${unit.h}` : `${hours} ${unit.h} ${minutes % 60} ${unit.min}`;
  }
  return `${Math.floor(hours / 24)} ${unit.d}`;
}

/** Clocks differ by so much without anybody being wrong. The server says the same of what is fresh (`tags_fresh`). */
const kClockToleranceMs = 60_000;

/** Whether a sample of this age is stamped later than now. Such a value is not fresh: nobody knows when it was measured. */
export function isFuture(ageMs: number): boolean {
  return ageMs < -kClockToleranceMs;
}

/** Labels of a time axis whose ticks are `stepMs` apart. */
export function tickText(ms: number, previousMs: number | null, stepMs: number, zone: string): string {
  const part = partsIn(ms, zone);
  const before = previousMs === null ? null : partsIn(previousMs, zone);
  const newDay = before === null || before.day !== part.day || before.month !== part.month;
  const date =
    before === null || before.year !== part.year
      ? `${part.year}-${part.month}-${part.day}`
      : `${part.month}-${part.day}`;
  if (stepMs >= 86_400_000) return date;
  let time = `${part.hour}:${part.minute}`;
  if (stepMs < 60_000) time += `:${part.second}`;
  if (stepMs < 1_000) time += `.${String(Math.floor(((ms % 1_000) + 1_000) % 1_000)).padStart(3, "0")}`;
  return newDay ? `${time}\n${date}` : time;
}
