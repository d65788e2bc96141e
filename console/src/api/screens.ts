import { kAttributeFields, limits, words } from "./definitions";
import { queryString, request } from "./http";
import { array, flag, nullable, number, object, text, withDefault, word, type Parsed } from "./parse";

const shown = object({
  ...kAttributeFields,
  /** The path below the enterprise by which the pack names the asset. */
  place: text,
  /** Of the drawing; none: a tile. */
  element: nullable(text),
  show: withDefault(word(["text", "fill", "level"], "text"), "text"),
  true_is: withDefault(word(["normal", "abnormal"], "normal"), "normal"),
  found_by: withDefault(word(["name", "former_name", "template"], "name"), "name"),
  asset: nullable(object({ id: number, path: text, words })),
  attribute: nullable(text),
  kpi: nullable(text),
  /** The path of the tag that has the samples now. */
  tag: nullable(text),
  /** Whether that tag's samples come from a simulator. */
  simulated: withDefault(flag, false),
  together: withDefault(flag, false),
  better: withDefault(word(["less", "more"], "less"), "less"),
  band: nullable(limits),
  /** Why nothing can be shown. */
  problem: withDefault(text, ""),
});
export type Shown = Parsed<typeof shown>;

const screen = object({
  pack: text,
  pack_words: words,
  name: text,
  words,
  drawing: nullable(text),
  shown: array(shown),
});
export type Screen = Parsed<typeof screen>;

const screens = object({ version: number, screens: array(screen) });
export type Screens = Parsed<typeof screens>;

/** The screens of the installed packs, with what each element stands for in this enterprise now. */
export const getScreens = (signal?: AbortSignal) => request("GET", "/screens", screens, { signal });

const activeAlarm = object({
  asset: number,
  path: text,
  alarm: text,
  words,
  advice: words,
  priority: withDefault(word(["medium", "high", "critical"], "medium"), "medium"),
  /** Paths of the attributes that its condition reads. */
  inputs: array(text),
});
export type ActiveAlarm = Parsed<typeof activeAlarm>;

const alarms = object({ time: text, alarms: array(activeAlarm), problems: withDefault(array(text), []) });

/** The alarms whose condition has held through its delay, of the assets on a pack's screens. */
export const getScreenAlarms = async (pack: string, signal?: AbortSignal): Promise<ActiveAlarm[]> =>
  (await request("GET", `/screens/alarms${queryString({ pack })}`, alarms, { signal })).alarms;
