/** Places in a text as the server tells them: line and column, both from 1; a column is a character, whatever its bytes. */

/** The index into `text` (UTF-16 units) of a place; one that is outside is the nearest inside. */
export function indexOfPlace(text: string, line: number, column: number): number {
  const lines = text.split("\n");
  const at = Math.min(Math.max(1, Math.floor(line)), lines.length) - 1;
  const before = lines.slice(0, at).reduce((sum, one) => sum + one.length + 1, 0);
  const characters = [...(lines[at] ?? "")];
  return before + characters.slice(0, Math.max(0, Math.floor(column) - 1)).join("").length;
}

/** What stands at an index: a word, a quoted text or reference, else one character. Empty at the end of the text. */
export function wordAt(text: string, index: number): { from: number; to: number } {
  const rest = text.slice(index);
  const found =
    /^(?:[\p{L}_][\p{L}\p{N}_]*|\d[\d.]*\p{L}*|'[^'\n]*'?|"[^"\n]*"?|\{[^}\n]*\}?|.)/u.exec(rest)?.[0] ?? "";
  return { from: index, to: index + found.length };
}

/** `text` with what stands at a place replaced. */
export function replaceAt(text: string, line: number, column: number, by: string): string {
  const { from, to } = wordAt(text, indexOfPlace(text, line, column));
  return text.slice(0, from) + by + text.slice(to);
}
