import type { PackSummary } from "../../api/packs";
import { inWords } from "../../lib/words";

export function packName(pack: Pick<PackSummary, "name" | "words">, language: string): string {
  return inWords(pack.words, language, pack.name);
}

export function packDescription(pack: Pick<PackSummary, "description">, language: string): string {
  return inWords(pack.description, language, "");
}

export type PackState = "none" | "current" | "older" | "newer";

/** The version that is applied here against the one in the catalogue. */
export function packState(pack: Pick<PackSummary, "version" | "applied">): PackState {
  if (pack.applied === null) return "none";
  const order = compareVersions(pack.applied.version, pack.version);
  return order === 0 ? "current" : order < 0 ? "older" : "newer";
}

/** `1.10.0` is later than `1.9.2`; what is no number counts as 0. */
export function compareVersions(a: string, b: string): number {
  const parts = (version: string) => version.split(".").map((part) => Number.parseInt(part, 10) || 0);
  const [left, right] = [parts(a), parts(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}
