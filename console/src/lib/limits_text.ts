import { formatNumber } from "./value";

/** `1150 – 1280`, `≥ 0`, `≤ 9`; nothing where there are no limits. */
export function limitsText(limits: readonly [number | null, number | null] | null, language: string): string {
  if (limits === null) return "";
  const [low, high] = limits;
  if (low !== null && high !== null) return `${formatNumber(low, language)} – ${formatNumber(high, language)}`;
  if (low !== null) return `≥ ${formatNumber(low, language)}`;
  return high === null ? "" : `≤ ${formatNumber(high, language)}`;
}
