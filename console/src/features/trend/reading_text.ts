import type { Reading } from "../../lib/series";
import { formatValue, type ValueType } from "../../lib/value";

/** The value alone; between two samples an integer has a fraction. */
export function valueText(reading: Reading, type: ValueType, locale: string): string {
  return formatValue(reading.raw, reading.interpolated ? "double" : type, locale);
}

/** What a screen reader is told at a cursor: the value, and the quality where it is not good. */
export function readingText(reading: Reading | null, type: ValueType, locale: string): string {
  if (!reading) return "–";
  if (reading.severity === "bad") return reading.quality;
  const value = valueText(reading, type, locale);
  return reading.severity === "uncertain" ? `${value} (${reading.quality})` : value;
}

/** What stands behind the number of a pen whose newest value is not good: `?` uncertain, `!` bad. */
export function qualitySign(reading: Reading | null): string {
  if (!reading || reading.severity === "good") return "";
  return reading.severity === "bad" ? "!" : "?";
}
