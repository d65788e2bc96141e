/**
 * The server's clock, as well as its Date headers tell (whole seconds). Ages and the right edge of a live trend follow the
 * server: a browser whose clock is minutes off must not call fresh values stale.
 */
let offsetMs = 0;

/** Small differences are the header's rounding and the way here, and are left alone. */
const kToleranceMs = 1_500;

export function noteServerTime(dateHeader: string | null, browserMs = Date.now()): void {
  if (!dateHeader) return;
  const server = Date.parse(dateHeader);
  if (!Number.isFinite(server)) return;
  const difference = server + 500 - browserMs;
  offsetMs = Math.abs(difference) <= kToleranceMs ? 0 : difference;
}

export function serverNow(): number {
  return Date.now() + offsetMs;
}
