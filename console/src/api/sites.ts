import { request } from "./http";
import { array, number, object, text, withDefault, type Parsed } from "./parse";

const site = object({ id: number, code: text, name: text, time_zone: withDefault(text, "") });
export type Site = Parsed<typeof site>;

const answer = object({ sites: array(site) });
export const getSites = async (signal?: AbortSignal): Promise<Site[]> =>
  (await request("GET", "/sites", answer, { signal })).sites;
