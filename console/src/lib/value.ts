/** What a sample holds on the wire: docs/guides/api.md, Values and times. */
export type WireValue = number | boolean | string | null;
export type ValueType = "double" | "int64" | "bool" | "string";
export const kValueTypes = ["double", "int64", "bool", "string"] as const;

export type Severity = "good" | "uncertain" | "bad";

/** The severity of an OPC UA status code by its name; no name is Good. */
export function severityOf(quality: string | null | undefined): Severity {
  if (!quality || quality.startsWith("Good")) return "good";
  return quality.startsWith("Uncertain") ? "uncertain" : "bad";
}

/** The value as a number to draw: bools as 0 and 1, digits of large integers rounded, strings as NaN. */
export function toNumber(value: WireValue, type: ValueType): number {
  if (value === null || type === "string") return Number.NaN;
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  return Number(value === "" ? Number.NaN : value);
}

/** A number short enough for a table and long enough to tell neighbours apart: six significant digits. */
export function formatNumber(value: number, locale?: string): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) return value.toExponential(4);
  const digits = size >= 1e5 ? 0 : size === 0 ? 0 : Math.max(0, Math.min(6, 5 - Math.floor(Math.log10(size))));
  return new Intl.NumberFormat(locale, { maximumFractionDigits: Math.min(digits, 4), useGrouping: size >= 1e5 }).format(
    value,
  );
}

/** Any wire value as text for people. */
export function formatValue(value: WireValue, type: ValueType, locale?: string): string {
  if (value === null) return "–";
  if (type === "string") return String(value);
  if (type === "bool") return toNumber(value, type) === 1 ? "true" : "false";
  if (type === "int64") return typeof value === "string" ? value : new Intl.NumberFormat(locale).format(Number(value));
  return formatNumber(toNumber(value, type), locale);
}

/** Symbols that people know, for the UCUM atoms that have another. */
const kUnitSymbols: Record<string, string> = {
  Cel: "°C",
  "[degF]": "°F",
  deg: "°",
  Ohm: "Ω",
  "[pH]": "pH",
  "10*3": "10³",
  "10*6": "10⁶",
  kOhm: "kΩ",
  mOhm: "mΩ",
  MOhm: "MΩ",
  uOhm: "µΩ",
  um: "µm",
  ug: "µg",
  "dB[A]": "dB(A)",
  us: "µs",
  "[ppm]": "ppm",
};

/** A UCUM code as people write it: `m3/h` is m³/h, `kW.h` kWh, `/min` 1/min. The code itself stays what is stored. */
export function unitSymbol(ucum: string): string {
  if (ucum === "1") return "";
  const shown = ucum
    .replace(/[{}]/g, "")
    .split(/([./])/)
    .map((part) => kUnitSymbols[part] ?? part.replace(/(?<=[A-Za-z])2$/, "²").replace(/(?<=[A-Za-z])3$/, "³"))
    .join("")
    .replace(/(W|var|VA|A)\.h/g, "$1h")
    .replace(/\./g, "·");
  return shown.startsWith("/") ? `1${shown}` : shown;
}
