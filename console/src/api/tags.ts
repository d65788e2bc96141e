import { kValueTypes } from "../lib/value";
import { queryString, request } from "./http";
import { array, flag, nullable, number, object, text, withDefault, word, type Parsed } from "./parse";

export const tag = object({
  id: number,
  path: text,
  type: word(kValueTypes, "double"),
  step: withDefault(flag, false),
  unit: withDefault(text, ""),
  description: withDefault(text, ""),
  simulated: withDefault(flag, false),
});
export type Tag = Parsed<typeof tag>;

const page = object({ tags: array(tag), next: nullable(text) });

/** One page of tags whose path matches a glob, sorted by path. */
export const getTags = (pattern: string, limit: number, after?: string, signal?: AbortSignal) =>
  request("GET", `/tags${queryString({ pattern, limit, after })}`, page, { signal });

/** All tags below a pattern, at most `most`. */
export async function getAllTags(pattern: string, most: number, signal?: AbortSignal): Promise<Tag[]> {
  const found: Tag[] = [];
  let after: string | undefined;
  while (found.length < most) {
    const next = await getTags(pattern, Math.min(10_000, most - found.length), after, signal);
    found.push(...next.tags);
    if (next.next === null || next.tags.length === 0) break;
    after = next.next;
  }
  return found;
}
