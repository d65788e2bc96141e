import { limits } from "./definitions";
import { request } from "./http";
import { array, nullable, number, object, text, withDefault, type Parsed } from "./parse";
import { wireValue } from "./query";

const sample = object({ time: text, value: wireValue, quality: withDefault(text, "Good") });
export type ExplainedSample = Parsed<typeof sample>;

const input = object({
  path: text,
  tag: nullable(text),
  unit: withDefault(text, ""),
  valid: nullable(limits),
  /** How many there are; `samples` may hold fewer. */
  count: withDefault(number, 0),
  samples: withDefault(array(sample), []),
  /** Where this input, derived itself, is explained. */
  explain: nullable(text),
});
export type ExplainedInput = Parsed<typeof input>;

const part = object({
  text,
  value: wireValue,
  unit: withDefault(text, ""),
  quality: withDefault(text, "Good"),
  window: nullable(object({ from: text, to: text })),
  percent_good: nullable(number),
  coverage: nullable(number),
  inputs: withDefault(array(input), []),
});
export type ExplainedPart = Parsed<typeof part>;

const explanation = object({
  path: text,
  formula: withDefault(text, ""),
  version: nullable(number),
  time: withDefault(text, ""),
  value: wireValue,
  unit: withDefault(text, ""),
  quality: withDefault(text, "Good"),
  parts: withDefault(array(part), []),
});
export type Explanation = Parsed<typeof explanation>;

/** `search` is what follows the `?`: `tag=PATH&time=T`, or `asset=PATH&kpi=NAME&from&to`. */
export const getExplanation = (search: string, signal?: AbortSignal) =>
  request("GET", `/explain?${search}`, explanation, { signal });
