/**
 * Parsers at the network edge. What the server sends is `unknown` until one of these has looked at it; a shape that the
 * console does not understand is an error that names the field, not a crash three components later.
 */
export class ParseError extends Error {
  constructor(path: string, expected: string, got: unknown) {
    super(`${path || "answer"}: expected ${expected}, got ${got === null ? "null" : typeof got}`);
    this.name = "ParseError";
  }
}

export type Parser<T> = (value: unknown, path?: string) => T;
export type Parsed<P> = P extends Parser<infer T> ? T : never;

export const text: Parser<string> = (value, path = "") => {
  if (typeof value !== "string") throw new ParseError(path, "text", value);
  return value;
};

export const flag: Parser<boolean> = (value, path = "") => {
  if (typeof value !== "boolean") throw new ParseError(path, "true or false", value);
  return value;
};

/** A number; 64-bit counts and positions travel as strings of digits. */
export const number: Parser<number> = (value, path = "") => {
  if (typeof value === "number") return value;
  if (typeof value === "string" && /^-?\d+$/.test(value)) return Number(value);
  throw new ParseError(path, "a number", value);
};

export function nullable<T>(inner: Parser<T>): Parser<T | null> {
  return (value, path = "") => (value === null || value === undefined ? null : inner(value, path));
}

/** Absent or null becomes `fallback`. */
export function withDefault<T>(inner: Parser<T>, fallback: T): Parser<T> {
  return (value, path = "") => (value === null || value === undefined ? fallback : inner(value, path));
}

export function array<T>(inner: Parser<T>): Parser<T[]> {
  return (value, path = "") => {
    if (!Array.isArray(value)) throw new ParseError(path, "a list", value);
    return value.map((entry: unknown, index) => inner(entry, `${path}[${index}]`));
  };
}

export function tuple<A, B>(first: Parser<A>, second: Parser<B>): Parser<[A, B]> {
  return (value, path = "") => {
    if (!Array.isArray(value) || value.length !== 2) throw new ParseError(path, "a pair", value);
    return [first(value[0], `${path}[0]`), second(value[1], `${path}[1]`)];
  };
}

/** Fields that are not named are ignored: a newer server may send more. */
export function object<Fields extends Record<string, Parser<unknown>>>(
  fields: Fields,
): Parser<{ [Key in keyof Fields]: Parsed<Fields[Key]> }> {
  return (value, path = "") => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new ParseError(path, "an object", value);
    }
    const source = value as Record<string, unknown>;
    const result: Record<string, unknown> = {};
    for (const [key, parser] of Object.entries(fields)) {
      result[key] = parser(source[key], path ? `${path}.${key}` : key);
    }
    return result as { [Key in keyof Fields]: Parsed<Fields[Key]> };
  };
}

/** An object whose keys are data, such as the languages of a text. */
export function record<T>(inner: Parser<T>): Parser<Record<string, T>> {
  return (value, path = "") => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new ParseError(path, "an object", value);
    }
    const entries = Object.entries(value).map(([key, entry]: [string, unknown]) => [
      key,
      inner(entry, `${path}.${key}`),
    ]);
    return Object.fromEntries(entries) as Record<string, T>;
  };
}

/** Things with a name: `{"heat": {...}}` as definitions are written, or `[{"name": "heat", ...}]` as lists of them are. */
export function named<T extends object>(inner: Parser<T>): Parser<(T & { name: string })[]> {
  return (value, path = "") => {
    if (Array.isArray(value)) {
      return value.map((entry: unknown, index) => {
        const at = `${path}[${index}]`;
        return { ...inner(entry, at), name: object({ name: text })(entry, at).name };
      });
    }
    return Object.entries(record(inner)(value, path)).map(([name, entry]) => ({ ...entry, name }));
  };
}

/** One of the words given; a word that this console does not know becomes `fallback`. */
export function word<const Words extends readonly string[]>(
  words: Words,
  fallback: Words[number],
): Parser<Words[number]> {
  return (value, path = "") => {
    const found = text(value, path);
    return words.includes(found) ? found : fallback;
  };
}

export const nothing: Parser<void> = () => undefined;
