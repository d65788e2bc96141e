import { queryString, request } from "./http";
import { array, flag, nullable, object, record, text, withDefault, type Parsed, type Parser } from "./parse";

const annotation = object({ time: text, who: withDefault(text, ""), text });

/** A captured value as text, with its unit where it has one: `212.4 t`. */
const captured: Parser<string> = (value, path = "") => {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value === "object") {
    const { value: inner, unit } = object({ value: captured, unit: withDefault(text, "") })(value, path);
    return `${inner} ${unit}`.trim();
  }
  return text(value, path);
};

const interval = object({
  /** Digits: ids are 64 bits wide. */
  id: (value, path = "") => (typeof value === "number" ? String(value) : text(value, path)),
  asset: withDefault(text, ""),
  kind: text,
  from: text,
  to: nullable(text),
  label: withDefault(text, ""),
  captured: withDefault(record(captured), {}),
  within: (value) => (typeof value === "string" || typeof value === "number" ? String(value) : null),
  doubtful: withDefault(flag, false),
  annotations: withDefault(array(annotation), []),
});
export type Interval = Parsed<typeof interval>;

const answer = object({ intervals: array(interval), next: nullable(text) });

export const getIntervals = async (
  question: { asset: string; kind: string; from: string; to: string; limit?: number },
  signal?: AbortSignal,
): Promise<Interval[]> => (await request("GET", `/intervals${queryString(question)}`, answer, { signal })).intervals;
