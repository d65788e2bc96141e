/** Names inside paths: a `/`, `*` or `%` and control characters are percent-encoded (docs/guides/api.md, DESIGN: tags). */
export function encodeName(name: string): string {
  let result = "";
  for (const character of name) {
    const code = character.codePointAt(0) ?? 0;
    if (character === "/" || character === "*" || character === "%" || code < 0x20 || code === 0x7f) {
      result += `%${code.toString(16).toUpperCase().padStart(2, "0")}`;
    } else {
      result += character;
    }
  }
  return result;
}

/** The reverse; a `%` that starts no hex pair stays as it is. */
export function decodeName(name: string): string {
  return name.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run;
    }
  });
}

/** The last name of a path, for people. */
export function leafName(path: string): string {
  return decodeName(path.slice(path.lastIndexOf("/") + 1));
}

/** The names of a path without the enterprise, for people. */
export function shownPath(path: string): string {
  return path.split("/").slice(1).map(decodeName).join(" / ");
}

/** `enterprise/site/...` from the names a browse went through. */
export function joinPath(prefix: string, names: readonly string[]): string {
  return [prefix.replace(/\/+$/, ""), ...names.filter(Boolean).map(encodeName)].join("/");
}
