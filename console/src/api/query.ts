import { kValueTypes, type WireValue } from "../lib/value";
import { request, requestText } from "./http";
import {
  array,
  flag,
  nullable,
  number,
  object,
  ParseError,
  text,
  tuple,
  withDefault,
  word,
  type Parsed,
  type Parser,
} from "./parse";

/** A value as it travels: a number, true or false, or text ("NaN", digits of a large integer, a string). */
export const wireValue: Parser<WireValue> = (value, path = "") => {
  if (value === null || value === undefined) return null;
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "string") return value;
  throw new ParseError(path, "a value", value);
};

const bound = object({ time: text, value: wireValue, quality: withDefault(text, "Good") });

const series = object({
  tag: text,
  id: withDefault(number, 0),
  type: withDefault(word(kValueTypes, "double"), "double"),
  unit: withDefault(text, ""),
  step: withDefault(flag, false),
  simulated: withDefault(flag, false),
  times: array(text),
  values: array(wireValue),
  qualities: withDefault(array(tuple(number, text)), []),
  before: nullable(bound),
  after: nullable(bound),
  truncated: withDefault(flag, false),
  aggregate: nullable(text),
  percent_good: withDefault(array(nullable(number)), []),
});
export type WireSeries = Parsed<typeof series>;

const answer = object({
  position: withDefault(text, "0"),
  complete: withDefault(flag, true),
  damage: withDefault(
    array((value) => value),
    [],
  ),
  series: array(series),
});
export type QueryAnswer = Parsed<typeof answer>;

export interface Range {
  from: string;
  to: string;
}

/** At most four points a column: first, last, minimum and maximum of what fell into it. */
export const queryPlot = (tags: readonly string[], range: Range, columns: number, signal?: AbortSignal) =>
  request("POST", "/query", answer, { body: { tags, ...range, mode: "plot", columns }, signal });

/** One interval from `from` to `to`; one series for each tag and aggregate. */
export const queryStatistics = (tags: readonly string[], range: Range, signal?: AbortSignal) =>
  request("POST", "/query", answer, {
    body: { tags, ...range, mode: "aggregate", aggregate: kStatistics, edges: [range.from, range.to] },
    signal,
  });
export const kStatistics = ["Minimum", "TimeAverage", "Maximum"] as const;

/** `tag,time,value,quality` rows: every sample, or the points of a plot. */
export const queryCsv = (
  tags: readonly string[],
  range: Range,
  shape: { mode: "raw"; limit: number } | { mode: "plot"; columns: number },
  signal?: AbortSignal,
) => requestText("POST", "/query", { body: { tags, ...range, ...shape }, accept: "text/csv", signal });
