/** What a template says, as the API writes it: attributes, KPIs, alarms and intervals by name. */
import type { Words } from "../lib/words";
import { wireValue } from "./query";
import {
  array,
  flag,
  named,
  nullable,
  number,
  object,
  record,
  text,
  tuple,
  withDefault,
  word,
  type Parsed,
  type Parser,
} from "./parse";

export const words: Parser<Words> = withDefault(record(text), {});

/** `[low, high]`, both ends belong to it. */
export const limits = tuple(number, number);
export type Limits = Parsed<typeof limits>;

/** As limits; null: there is none on that side. */
export const openLimits = tuple(nullable(number), nullable(number));
export type OpenLimits = Parsed<typeof openLimits>;

export const kAttributeFields = {
  words,
  measured: nullable(text),
  formula: nullable(text),
  constant: wireValue,
  type: nullable(text),
  step: withDefault(flag, false),
  unit: withDefault(text, ""),
  normal: nullable(limits),
  valid: nullable(openLimits),
  every: withDefault(text, ""),
  /** What the values of a text are called. */
  values: withDefault(record(words), {}),
} as const;

const attribute = object(kAttributeFields);
export type Attribute = Parsed<typeof attribute> & { name: string };

export type AttributeKind = "measured" | "formula" | "constant";
export function kindOf(one: Pick<Attribute, "formula" | "measured">): AttributeKind {
  if (one.formula !== null) return "formula";
  return one.measured !== null ? "measured" : "constant";
}

const ratio = object({ of: text, by: text });
const kpi = object({
  of: withDefault(text, ""),
  words,
  unit: withDefault(text, ""),
  value: withDefault(text, ""),
  ratio: nullable(ratio),
  per: withDefault(array(text), []),
  band: nullable(limits),
  better: withDefault(word(["less", "more"], "less"), "less"),
});
export type KpiDefinition = Parsed<typeof kpi> & { name: string };

const alarm = object({
  of: withDefault(text, ""),
  words,
  when: withDefault(text, ""),
  on_delay: withDefault(text, ""),
  off_delay: withDefault(text, ""),
  priority: withDefault(text, "medium"),
  advice: words,
});
export type AlarmDefinition = Parsed<typeof alarm> & { name: string };

const interval = object({
  of: withDefault(text, ""),
  words,
  during: withDefault(text, ""),
  by: withDefault(text, ""),
  start: withDefault(text, ""),
  end: withDefault(text, ""),
  within: withDefault(text, ""),
  capture: withDefault(record(text), {}),
});
export type IntervalDefinition = Parsed<typeof interval> & { name: string };

export const kDefinitionFields = {
  attributes: withDefault(named(attribute), []),
  kpis: withDefault(named(kpi), []),
  alarms: withDefault(named(alarm), []),
  intervals: withDefault(named(interval), []),
} as const;
