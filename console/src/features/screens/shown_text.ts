/** The words of a shown value: for screen readers, the card and the table alike. */
import type { TFunction } from "i18next";
import type { KpiSeries } from "../../api/kpis";
import type { Shown } from "../../api/screens";
import { figureState, kFullPercent, percentText } from "../../lib/figure_state";
import { limitsText } from "../../lib/limits_text";
import { leafName } from "../../lib/tag_path";
import { formatAge } from "../../lib/time_text";
import { toNumber, unitSymbol } from "../../lib/value";
import { inWords, valueInWords } from "../../lib/words";
import { bothLimits, screenNumber, type Look, type ShownState } from "./shown_state";

export function assetName(shown: Shown, language: string): string {
  const { asset } = shown;
  return asset === null ? shown.place : inWords(asset.words, language, leafName(asset.path));
}

export function shownName(shown: Shown, language: string): string {
  return inWords(shown.words, language, shown.attribute ?? shown.kpi ?? "");
}

/** Digits of a degree that make a place on the map to some ten metres. */
const kPlaceDigits = 4;

function numberText(shown: Shown, value: number, language: string): string {
  const valid = bothLimits(shown.valid);
  const isPlace = shown.unit === "deg" && valid !== null && valid[1] - valid[0] >= 180;
  return isPlace ? value.toFixed(kPlaceDigits) : screenNumber(value, shown.normal ?? valid, language);
}

/** Value and unit. */
export function valueText(shown: Shown, state: ShownState, t: TFunction, language: string): string {
  const { look, value, type } = state;
  if (look === "missing" || look === "never" || value === null) return look === "waiting" ? "…" : "–";
  if (type === "string") return valueInWords(shown.values, String(value), language);
  if (type === "bool") return t(toNumber(value, type) === 1 ? "action.yes" : "action.no");
  if (type === "int64") return withUnit(new Intl.NumberFormat(language).format(toNumber(value, type)), shown.unit);
  return withUnit(numberText(shown, toNumber(value, type), language), shown.unit);
}

export function withUnit(number: string, unit: string): string {
  // A number and its unit stay on one line, as SI has it.
  // What is counted (`{truck}`) stands in the name already.
  return /^\{[^{}]*\}$/.test(unit) ? number : `${number}\u00a0${unitSymbol(unit)}`.trim();
}

/** The newest figure of a KPI. */
export function figureText(series: KpiSeries | undefined, language: string): string {
  const value = series?.results[series.results.length - 1]?.value;
  return series === undefined || value == null
    ? "–"
    : withUnit(screenNumber(value, series.band, language), series.unit);
}

/** How the newest figure of a KPI looks, and why it is not wholly known. */
export function kpiState(
  shown: Shown,
  series: KpiSeries | undefined,
  known: boolean,
): { look: Look; reason: string; percent: number | null } {
  const none = { reason: "", percent: null };
  if (shown.problem !== "" || shown.asset === null) return { ...none, look: "missing", reason: shown.problem };
  const last = series?.results[series.results.length - 1];
  if (last === undefined) return { ...none, look: known ? "never" : "waiting" };
  const { worth, place } = figureState(last, series?.band ?? null);
  if (worth === "none") return { ...none, look: "never" };
  if (last.quality.startsWith("Bad")) return { ...none, look: "bad", reason: last.quality };
  if (place === "below") return { ...none, look: "low" };
  if (place === "above") return { ...none, look: "high" };
  if (worth === "full") return { ...none, look: "normal" };
  const percents = [last.coverage, last.percent_good].filter((one) => one !== null);
  if (percents.some((one) => one < 100)) {
    const percent = Math.min(...percents);
    // What is nearly all known is told in words, and does not call for attention.
    return { look: percent < kFullPercent ? "uncertain" : "normal", reason: "partial", percent };
  }
  return { ...none, look: "uncertain", reason: last.quality };
}

/** Why it looks as it does; empty where there is nothing to say. */
export function whyText(shown: Shown, state: ShownState, nowMs: number, t: TFunction, language: string): string {
  const { look, reason, alarm, timeMs } = state;
  const age = timeMs === null ? "" : formatAge(nowMs - timeMs, language);
  switch (look) {
    case "missing":
      return reason;
    case "never":
      return t("screens.why.never");
    case "bad":
      return reason === "range"
        ? t("screens.why.range", { limits: withUnit(limitsText(shown.valid, language), shown.unit) })
        : t("screens.why.bad", { quality: reason });
    case "uncertain":
      if (reason === "partial") return t("kpi.partial", { percent: percentText(state.percent, language) });
      return t("screens.why.uncertain", { quality: reason });
    case "lost":
      return t("screens.why.lost");
    case "stale":
      return t("screens.why.stale", { age });
    case "alarm":
      return alarm === null
        ? ""
        : t("screens.why.alarm", {
            alarm: inWords(alarm.words, language, alarm.alarm),
            priority: t(`alarm.priorities.${alarm.priority}`),
          });
    case "low":
    case "high":
      return t(look === "low" ? "screens.why.low" : "screens.why.high", {
        limits: withUnit(limitsText(shown.normal ?? shown.band, language), shown.unit),
      });
    case "abnormal":
      return t("screens.why.abnormal");
    case "waiting":
      return t("state.loading");
    default:
      return reason === "partial" ? t("kpi.partial", { percent: percentText(state.percent, language) }) : "";
  }
}
