/** A text in several languages, by language code; `{}` where nobody has written any. */
export type Words = Readonly<Record<string, string>>;

/** The text in the language of the page, else in English, else any, else `name`: the one that programs use. */
export function inWords(words: Words, language: string, name: string): string {
  const own = words[language.split("-")[0] ?? ""];
  return own || words.en || Object.values(words).find(Boolean) || name;
}
