import { request } from "./http";
import { array, flag, nullable, number, object, text, withDefault, type Parsed } from "./parse";

const overview = object({
  enterprise: object({
    code: text,
    name: text,
    industry: withDefault(text, ""),
    region: withDefault(text, ""),
    simulated: withDefault(flag, false),
  }),
  tags: number,
  tags_fresh: number,
  tags_bad: number,
  samples_per_second: number,
  connections: array(
    object({
      id: number,
      name: text,
      state: text,
      items_total: withDefault(number, 0),
      items_resumed: withDefault(number, 0),
      message: withDefault(text, ""),
    }),
  ),
  sources: array(object({ source: text, accepted: number, refused: number, last_hour: nullable(text) })),
});
export type Overview = Parsed<typeof overview>;

export const getOverview = (signal?: AbortSignal) => request("GET", "/overview", overview, { signal });
