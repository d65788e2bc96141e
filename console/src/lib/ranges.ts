import { serverNow } from "./server_clock";
import { isoUtc } from "./time_text";

/** Stretches of history that pages offer, by their length. */
export const kSpans = { "1h": 3_600_000, "8h": 28_800_000, "24h": 86_400_000, "7d": 604_800_000, "30d": 2_592_000_000 };
export type Span = keyof typeof kSpans;
export const kSpanNames = Object.keys(kSpans) as Span[];

/** The last `span` up to now, as the API takes it. */
export function lastSpan(span: Span, nowMs = serverNow()): { from: string; to: string } {
  return { from: isoUtc(nowMs - kSpans[span]), to: isoUtc(nowMs) };
}
