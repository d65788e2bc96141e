import { describe, expect, it } from "vitest";
import { en } from "./en";
import { zh } from "./zh";

type Words = { [key: string]: string | Words };

function flat(words: Words, prefix = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(words)) {
    if (typeof value === "string") found.set(prefix + key, value);
    else for (const [inner, text] of flat(value, `${prefix}${key}.`)) found.set(inner, text);
  }
  return found;
}

/** English has one and other, Chinese only other. */
const base = (key: string) => key.replace(/_(one|other)$/, "");
const holes = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort();

describe("languages", () => {
  const english = flat(en as unknown as Words);
  const chinese = flat(zh);

  it("have the same keys", () => {
    expect(new Set([...chinese.keys()].map(base))).toEqual(new Set([...english.keys()].map(base)));
    for (const key of english.keys()) if (key.endsWith("_one")) expect(english.has(`${base(key)}_other`)).toBe(true);
    for (const key of chinese.keys()) expect(key).not.toMatch(/_one$/);
  });

  it("fill the same holes, and no text is empty", () => {
    for (const [key, text] of chinese) {
      expect(text, key).not.toBe("");
      expect(holes(text), key).toEqual(holes(english.get(key) ?? english.get(`${key}`) ?? ""));
    }
  });
});
