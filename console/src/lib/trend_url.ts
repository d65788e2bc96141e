/**
 * Every trend is an address: `#/trend?pen=PATH&pen=PATH&from=now-8h&to=now&y=UNIT:MIN:MAX&...`.
 * `from` and `to` are `now-<n><unit>` / `now`, or ISO times; a trend whose `to` is `now` is live.
 */
export interface TrendState {
  pens: string[];
  /** Live: the last `spanMs` up to now. */
  range: { live: true; spanMs: number } | { live: false; fromMs: number; toMs: number };
  /** Limits of an axis that were set by hand, by the key of its scale. */
  limits: Record<string, [number, number]>;
  /** One lane a pen instead of one axis a unit. */
  lanes: boolean;
  /** Scales from the 1st to the 99th percentile instead of every peak. */
  robust: boolean;
  /** The same pens this much earlier, drawn thin behind; 0 is none. */
  compareMs: number;
}

export const kPensMax = 12;
export const kSpanMinMs = 10;
export const kSpanMaxMs = 20 * 366 * 86_400_000;
export const kDefaultSpanMs = 3_600_000;
const kLastHour = { live: true, spanMs: kDefaultSpanMs } as const;

const kUnits: Record<string, number> = { ms: 1, s: 1_000, min: 60_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `8h` of milliseconds: the largest unit that divides it. */
export function spanText(ms: number): string {
  for (const [unit, size] of [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["min", 60_000],
    ["s", 1_000],
  ] as const) {
    if (ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${Math.round(ms)}ms`;
}

export function parseSpan(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(ms|s|min|m|h|d)$/.exec(text);
  if (!match) return null;
  const span = Number(match[1]) * (kUnits[match[2] ?? ""] ?? Number.NaN);
  return Number.isFinite(span) && span > 0 ? span : null;
}

export function parseTrend(search: URLSearchParams): TrendState {
  const pens = [...new Set(search.getAll("pen").filter(Boolean))].slice(0, kPensMax);
  const limits: TrendState["limits"] = {};
  for (const entry of search.getAll("y")) {
    const match = /^(.*):([^:]+):([^:]+)$/.exec(entry);
    const low = Number(match?.[2]);
    const high = Number(match?.[3]);
    if (match && Number.isFinite(low) && Number.isFinite(high) && low < high) limits[match[1] ?? ""] = [low, high];
  }
  return {
    pens,
    range: parseRange(search.get("from"), search.get("to")) ?? kLastHour,
    limits,
    lanes: search.get("lanes") === "1",
    robust: search.get("fit") === "p99",
    compareMs: parseSpan(search.get("compare") ?? "") ?? 0,
  };
}

/** Null for one that is not a range; the last hour where the address gives none. */
function parseRange(from: string | null, to: string | null): TrendState["range"] | null {
  if (from === null && to === null) return kLastHour;
  if (from === null) return null;
  if (to === null || to === "now") {
    const span = from.startsWith("now-") ? parseSpan(from.slice(4)) : null;
    return span === null ? null : { live: true, spanMs: clampSpan(span) };
  }
  const fromMs = parseIso(from);
  const toMs = parseIso(to);
  return fromMs < toMs ? { live: false, fromMs, toMs } : null;
}

/** A date and time as ISO 8601 writes it, else NaN: browsers guess at much more, each in its own way. */
function parseIso(text: string): number {
  return /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}|$)/.test(text) ? Date.parse(text) : Number.NaN;
}

/** The range of an address as it stands there, if it is not one: what parseTrend put in its place needs a word. */
export function badRange(search: URLSearchParams): string | null {
  const from = search.get("from");
  const to = search.get("to");
  return parseRange(from, to) === null ? `${from ?? "…"} – ${to ?? "…"}` : null;
}

export function clampSpan(ms: number): number {
  return Math.max(kSpanMinMs, Math.min(kSpanMaxMs, ms));
}

export function trendHash(state: TrendState): string {
  // Slashes stay readable; everything else that means something in an address is encoded.
  const encode = (text: string) => encodeURIComponent(text).replace(/%2F/g, "/").replace(/%3A/g, ":");
  const parts = state.pens.map((pen) => `pen=${encode(pen)}`);
  if (state.range.live) {
    parts.push(`from=now-${spanText(state.range.spanMs)}`, "to=now");
  } else {
    parts.push(`from=${new Date(state.range.fromMs).toISOString()}`, `to=${new Date(state.range.toMs).toISOString()}`);
  }
  for (const [scale, [low, high]] of Object.entries(state.limits)) {
    parts.push(`y=${encode(scale)}:${Number(low.toPrecision(9))}:${Number(high.toPrecision(9))}`);
  }
  if (state.lanes) parts.push("lanes=1");
  if (state.robust) parts.push("fit=p99");
  if (state.compareMs > 0) parts.push(`compare=${spanText(state.compareMs)}`);
  return `#/trend?${parts.join("&")}`;
}

/** The last trend of this page, so that the asset tree can add a pen to it. */
let lastHash: string | null = null;

export function rememberTrend(state: TrendState): void {
  lastHash = trendHash(state);
}

export function lastTrend(): TrendState {
  return parseTrend(new URLSearchParams(lastHash?.split("?")[1] ?? ""));
}

/** The address of the last trend with one pen more. */
export function trendWith(pen: string): string {
  const state = lastTrend();
  return trendHash({ ...state, pens: [...state.pens.filter((known) => known !== pen), pen].slice(-kPensMax) });
}
