import { formatNumber } from "./value";

/** `1150 – 1280`; nothing where there are no limits. */
export function limitsText(limits: readonly [number, number] | null, language: string): string {
  return limits === null ? "" : `${formatNumber(limits[0], language)} – ${formatNumber(limits[1], language)}`;
}
