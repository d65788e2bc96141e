import { openLimits } from "./definitions";
import { entryParser, kEntryKinds, superseded } from "./entries";
import { request } from "./http";
import { array, flag, nullable, number, object, text, withDefault, word, type Parsed } from "./parse";
import { wireValue } from "./query";

const sample = object({
  time: text,
  value: wireValue,
  quality: withDefault(text, "Good"),
  /** As received, yet read as bad: it lies outside the valid range. */
  out_of_range: withDefault(flag, false),
  /** A person wrote this value; `before` is the one that it superseded. */
  corrected: nullable(
    object({
      kind: word(kEntryKinds, "correction"),
      who: withDefault(text, ""),
      received: withDefault(text, ""),
      why: withDefault(text, ""),
      before: nullable(superseded),
    }),
  ),
});
export type ExplainedSample = Parsed<typeof sample>;

const input = object({
  path: text,
  tag: nullable(text),
  unit: withDefault(text, ""),
  valid: nullable(openLimits),
  constant: wireValue,
  /** How many there are; `samples` may hold fewer: the first and the last of them. */
  count: withDefault(number, 0),
  out_of_range: withDefault(number, 0),
  /** What held when the window began. */
  before: nullable(sample),
  samples: withDefault(array(sample), []),
  /** What people did to it in the time that was read, newest first. */
  corrections: withDefault(array(entryParser), []),
  corrections_left_out: withDefault(number, 0),
  /** Where this input, derived itself, is explained. */
  explain: nullable(text),
});
export type ExplainedInput = Parsed<typeof input>;

const part = object({
  /** Of a ratio: `of` is what is divided, `by` what it is divided by. */
  side: withDefault(text, ""),
  text,
  value: wireValue,
  unit: withDefault(text, ""),
  quality: withDefault(text, "Good"),
  window: nullable(object({ from: text, to: text })),
  percent_good: nullable(number),
  coverage: nullable(number),
  inputs: withDefault(array(input), []),
  inputs_left_out: withDefault(number, 0),
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
  percent_good: nullable(number),
  coverage: nullable(number),
  /** The value as it is kept, beside the one that was computed for this answer. */
  stored: nullable(object({ time: text, value: wireValue, quality: withDefault(text, "Good") })),
  parts: withDefault(array(part), []),
});
export type Explanation = Parsed<typeof explanation>;

/** `search` is what follows the `?`: `tag=PATH&time=T`, or `asset=PATH&kpi=NAME&from&to`. */
export const getExplanation = (search: string, signal?: AbortSignal) =>
  request("GET", `/explain?${search}`, explanation, { signal });
