/** A text in several languages, by language code; `{}` where nobody has written any. */
export type Words = Readonly<Record<string, string>>;

/** The text in the language of the page, else in English, else any, else `name`: the one that programs use. */
export function inWords(words: Words, language: string, name: string): string {
  const own = words[language.split("-")[0] ?? ""];
  return own || words.en || Object.values(words).find(Boolean) || name;
}

/**
 * A text that a machine wrote, as the pack calls it in `language`; without such words the text itself, where names of steps that
 * are written for programs (`hot_metal_charge`) read as words.
 */
export function valueInWords(values: Readonly<Record<string, Words>>, value: string, language: string): string {
  const named = Object.hasOwn(values, value) ? values[value] : undefined;
  const plain = /^[a-z]+(_[a-z0-9]+)+$/.test(value) ? value.replaceAll("_", " ") : value;
  return named ? inWords(named, language, plain) : plain;
}
