import { queryString, request } from "./http";
import { array, flag, nullable, number, object, text, withDefault, type Parsed } from "./parse";
import { tag } from "./tags";

const child = object({
  name: text,
  path: text,
  tags: withDefault(number, 0),
  is_tag: flag,
  tag: nullable(tag),
});
export type AssetNode = Parsed<typeof child>;

const level = object({ under: text, children: array(child) });

/** One level of the asset tree; without `under` that of the enterprise. */
export const getAssets = (under?: string, signal?: AbortSignal) =>
  request("GET", `/assets${queryString({ under })}`, level, { signal });
