import { queryString, request } from "./http";
import { array, flag, nothing, nullable, object, record, text, withDefault, type Parsed, type Parser } from "./parse";

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
  /** What it lies in: `campaign 12`. */
  within: withDefault(text, ""),
  doubtful: withDefault(flag, false),
  /** Samples no longer tell of it; kept for its notes. */
  withdrawn: withDefault(flag, false),
  annotations: withDefault(array(annotation), []),
});
export type Interval = Parsed<typeof interval>;

const answer = object({ intervals: array(interval), cut: withDefault(flag, false) });
export type Intervals = Parsed<typeof answer>;

export const getIntervals = (
  question: { asset: string; kind: string; from: string; to: string; limit?: number },
  signal?: AbortSignal,
) => request("GET", `/intervals${queryString(question)}`, answer, { signal });

/** A note to an interval; it stays when the interval is computed anew. */
export const annotate = (id: string, note: string) =>
  request("POST", `/intervals/${encodeURIComponent(id)}/annotations`, nothing, { body: { text: note } });
