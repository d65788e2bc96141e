import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { KpiSeries } from "../../api/kpis";
import type { Shown } from "../../api/screens";
import { kindOf } from "../../api/definitions";
import { Button } from "../../components/Button";
import { limitsText } from "../../lib/limits_text";
import { assetHash, explainHash } from "../../lib/plant_url";
import { encodeName, shownPath } from "../../lib/tag_path";
import { formatAge, isoUtc } from "../../lib/time_text";
import { kDefaultSpanMs, trendHash } from "../../lib/trend_url";
import { inWords } from "../../lib/words";
import { assetName, figureText, shownName, valueText, whyText, withUnit } from "./shown_text";
import type { ShownState } from "./shown_state";

/** What stands behind an element: its value and why it looks so, and the ways on. */
export function ShownCard({
  shown,
  state,
  series,
  nowMs,
  place,
  pinned,
  onClose,
}: {
  shown: Shown;
  state: ShownState;
  series: KpiSeries | undefined;
  nowMs: number;
  place: { left: number; top: number };
  /** Stays until it is closed, and takes the focus. */
  pinned: boolean;
  onClose: () => void;
}) {
  const { t, i18n } = useTranslation();
  const card = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  });
  useEffect(() => {
    if (!pinned) return;
    card.current?.querySelector<HTMLElement>("a, button")?.focus();
    const leave = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      // A wall would take it for its own.
      event.preventDefault();
      close.current();
    };
    document.addEventListener("keydown", leave, true);
    return () => document.removeEventListener("keydown", leave, true);
  }, [pinned]);
  useEffect(() => {
    const { style } = card.current ?? {};
    if (!style) return;
    style.left = `${place.left}px`;
    style.top = `${place.top}px`;
  }, [place]);
  const name = shownName(shown, i18n.language);
  const isKpi = shown.kpi !== null;
  const why = whyText(shown, state, nowMs, t, i18n.language);
  const advice = state.alarm === null ? "" : inWords(state.alarm.advice, i18n.language, "");
  const limits = isKpi ? shown.band : shown.normal;
  return (
    <div
      ref={card}
      className={`shown-card ${pinned ? "pinned" : ""}`}
      role={pinned ? "dialog" : "tooltip"}
      aria-label={pinned ? `${assetName(shown, i18n.language)}: ${name}` : undefined}
      aria-hidden={pinned ? undefined : true}
      data-look={state.look}
    >
      <p className="shown-card-where">{shown.asset === null ? shown.place : shownPath(shown.asset.path)}</p>
      <p className="shown-card-name">{name}</p>
      <p className="shown-card-value">
        {isKpi ? figureText(series, i18n.language) : valueText(shown, state, t, i18n.language)}
      </p>
      {why !== "" && <p className="shown-card-why">{why}</p>}
      {advice !== "" && <p>{advice}</p>}
      {limits !== null && (
        <p>
          <small>
            {t(isKpi ? "kpi.band" : "plant.normal")}: {withUnit(limitsText(limits, i18n.language), shown.unit)}
          </small>
        </p>
      )}
      {state.timeMs !== null && (
        <p>
          <small>{t("screens.age", { age: formatAge(nowMs - state.timeMs, i18n.language) })}</small>
        </p>
      )}
      {shown.found_by !== "name" && shown.asset !== null && (
        <p>
          <small>{t(`screens.foundBy.${shown.found_by}`, { place: shown.place })}</small>
        </p>
      )}
      {pinned && (
        <p className="shown-card-ways">
          {shown.asset !== null && (
            <a href={assetHash(shown.asset.id, isKpi ? "kpis" : "attributes")}>
              {t("screens.toAsset", { name: assetName(shown, i18n.language) })}
            </a>
          )}
          {shown.tag !== null && (
            <a
              href={trendHash({
                pens: [shown.tag],
                range: { live: true, spanMs: kDefaultSpanMs },
                limits: {},
                lanes: false,
                robust: false,
                compareMs: 0,
              })}
            >
              {t("screens.toTrend")}
            </a>
          )}
          {explanation(shown, state, series) !== null && (
            <a href={explanation(shown, state, series) ?? ""}>{t("screens.toExplanation")}</a>
          )}
          <Button kind="quiet" onPress={onClose}>
            {t("action.close")}
          </Button>
        </p>
      )}
    </div>
  );
}

/** Of what is computed; null for what is measured. */
function explanation(shown: Shown, state: ShownState, series: KpiSeries | undefined): string | null {
  if (shown.asset === null) return null;
  if (shown.kpi !== null) {
    const last = series?.results[series.results.length - 1];
    return last === undefined
      ? null
      : explainHash({ asset: shown.asset.path, kpi: shown.kpi, from: last.from, to: last.to });
  }
  if (shown.attribute === null || kindOf(shown) !== "formula") return null;
  return explainHash({
    tag: `${shown.asset.path}/${encodeName(shown.attribute)}`,
    time: state.timeMs === null ? "now" : isoUtc(state.timeMs),
  });
}
