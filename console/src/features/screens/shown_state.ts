/** What a bound element says, apart from how it is drawn: pure, so that a value never looks better than it is. */
import type { ActiveAlarm, Shown } from "../../api/screens";
import { kindOf, type OpenLimits } from "../../api/definitions";
import { parseSpan } from "../../lib/trend_url";
import type { LiveValue } from "../../lib/use_live_values";
import { severityOf, toNumber, type ValueType, type WireValue } from "../../lib/value";

/**
 * `missing`: nothing is bound. `waiting`: not asked yet. `never`: no sample ever. `lost`: the live feed is interrupted.
 * `alarm`: a condition holds that reads it. `low`, `high`: outside normal. `on`, `off`: a condition. Worst first.
 */
export type Look =
  | "missing"
  | "never"
  | "bad"
  | "lost"
  | "stale"
  | "alarm"
  | "low"
  | "high"
  | "abnormal"
  | "uncertain"
  | "on"
  | "off"
  | "normal"
  | "waiting";

export interface ShownState {
  look: Look;
  value: WireValue;
  type: ValueType;
  timeMs: number | null;
  /** Why a value is bad: its status, or `range` when it lies outside of the valid range. */
  reason: string;
  /** Of a figure: on how much of its window it rests; else null. */
  percent: number | null;
  /** The alarm whose condition holds, the gravest. */
  alarm: ActiveAlarm | null;
}

/**
 * A measurement that should come every so often is stale after so many of them were left out, and not before a while:
 * many sources send only what changes, so one that rests beside others of its asset that come is not stale.
 */
const kMissedMax = 5;
const kStaleMinMs = 120_000;
/** One that says nothing of how often it comes. */
const kStaleOtherwiseMs = 600_000;

/** After how long without a new sample a value is called stale; null: it is held until it changes. */
export function staleAfterMs(shown: Pick<Shown, "measured" | "formula" | "step" | "every">): number | null {
  if (shown.measured !== "double" || shown.step) return null;
  const every = parseSpan(shown.every);
  return every === null ? kStaleOtherwiseMs : Math.max(kStaleMinMs, kMissedMax * every);
}

const kGravity = { medium: 0, high: 1, critical: 2 } as const;

function gravest(alarms: readonly ActiveAlarm[]): ActiveAlarm | null {
  return [...alarms].sort((a, b) => kGravity[b.priority] - kGravity[a.priority])[0] ?? null;
}

export interface Surroundings {
  nowMs: number;
  /** Whether the live feed is there. */
  live: boolean;
  /** When anything of the same asset came last; null: nothing has. */
  newsMs: number | null;
  /** Those whose condition reads this attribute. */
  alarms: readonly ActiveAlarm[];
}

/** The state of an attribute. `value` undefined: the feed has not told of it yet. */
export function shownState(shown: Shown, value: LiveValue | undefined, around: Surroundings): ShownState {
  const kind = kindOf(shown);
  const state: ShownState = {
    look: "waiting",
    value: value?.value ?? null,
    type: value?.type ?? "double",
    timeMs: value?.timeMs ?? null,
    reason: "",
    percent: null,
    alarm: null,
  };
  if (shown.problem !== "" || shown.asset === null) return { ...state, look: "missing", reason: shown.problem };
  if (kind === "constant") {
    return {
      ...state,
      value: shown.constant,
      type: typeof shown.constant === "string" ? "string" : "double",
      look: "normal",
    };
  }
  if (shown.tag === null) return { ...state, look: "never" };
  if (value === undefined) return state;
  if (value.timeMs === null) return { ...state, look: "never" };
  const severity = severityOf(value.quality);
  const number = toNumber(value.value, value.type);
  // The server has judged it by the valid range already.
  if (severity === "bad") {
    const isRange = value.quality === "BadOutOfRange" && shown.valid !== null;
    return { ...state, look: "bad", reason: isRange ? "range" : value.quality };
  }
  if (!around.live) return { ...state, look: "lost" };
  const limit = staleAfterMs(shown);
  if (limit !== null && around.nowMs - Math.max(value.timeMs, around.newsMs ?? value.timeMs) > limit)
    return { ...state, look: "stale" };
  const alarm = gravest(around.alarms);
  if (alarm !== null) return { ...state, look: "alarm", alarm };
  if (severity === "uncertain") return { ...state, look: "uncertain", reason: value.quality };
  if (value.type === "bool") {
    const holds = number === 1;
    return { ...state, look: holds ? (shown.true_is === "abnormal" ? "abnormal" : "on") : "off" };
  }
  const { normal } = shown;
  if (normal !== null && number < normal[0]) return { ...state, look: "low" };
  if (normal !== null && number > normal[1]) return { ...state, look: "high" };
  return { ...state, look: "normal" };
}

/** Whether a look calls for attention: it then has a sign beside its colour. */
export const kSigns: Record<Look, string> = {
  missing: "✕",
  never: "∅",
  bad: "■",
  lost: "◌",
  stale: "◌",
  alarm: "▲",
  low: "▼",
  high: "▲",
  abnormal: "▲",
  uncertain: "?",
  on: "",
  off: "",
  normal: "",
  waiting: "",
};

/** A range with a limit on each side; null for any other. */
export function bothLimits(range: OpenLimits | null): readonly [number, number] | null {
  if (range === null) return null;
  const [low, high] = range;
  return low === null || high === null ? null : [low, high];
}

/** How full a level is, 0 to 1; null where there is no number or no range. Percentages fill from 0 to 100. */
export function levelOf(shown: Pick<Shown, "unit" | "normal" | "valid">, value: number): number | null {
  const range = shown.unit === "%" ? ([0, 100] as const) : (bothLimits(shown.valid) ?? shown.normal);
  if (range === null || !Number.isFinite(value) || range[1] <= range[0]) return null;
  return Math.max(0, Math.min(1, (value - range[0]) / (range[1] - range[0])));
}

/** A number for a screen: as many digits as its range calls for, always the same, so that it does not flicker. */
export function screenNumber(value: number, range: readonly [number, number] | null, language?: string): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size >= 1e9 || (size !== 0 && size < 1e-3)) return value.toExponential(2);
  const scale = (of: number) => (of > 0 ? Math.floor(Math.log10(of)) : 0);
  const bySize = 3 - scale(Math.max(size, range === null ? size : Math.abs(range[1]) / 10));
  const byRange = range === null ? 3 : 2 - scale(range[1] - range[0]);
  const digits = Math.max(0, Math.min(3, bySize, byRange));
  return new Intl.NumberFormat(language, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    useGrouping: size >= 10_000,
  }).format(value);
}
