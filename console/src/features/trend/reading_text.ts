import type { Reading } from "../../lib/series";
import { formatValue, type ValueType } from "../../lib/value";

/** What the table says at a cursor: the value, and the quality where it is not good. */
export function readingText(reading: Reading | null, type: ValueType, locale: string): string {
  if (!reading) return "–";
  const value = formatValue(reading.raw, reading.interpolated ? "double" : type, locale);
  if (reading.severity === "bad") return reading.quality;
  return reading.severity === "uncertain" ? `${value} (${reading.quality})` : value;
}
