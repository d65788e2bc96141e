import { useTranslation } from "react-i18next";
import type { Screen, Shown } from "../../api/screens";
import type { KpiSeries } from "../../api/kpis";
import { kindOf } from "../../api/definitions";
import { limitsText } from "../../lib/limits_text";
import { assetHash, explainHash } from "../../lib/plant_url";
import { encodeName } from "../../lib/tag_path";
import { isoUtc } from "../../lib/time_text";
import { trendWith } from "../../lib/trend_url";
import { useNow } from "../../lib/use_now";
import { KpiChart } from "../plant/KpiChart";
import { seriesOf, useShownStates } from "./MimicView";
import type { ScreenValues } from "./screen_values";
import { kSigns, levelOf, type ShownState } from "./shown_state";
import { assetName, figureText, shownName, valueText, whyText, withUnit } from "./shown_text";

/** Tiles: figures of the running shift with band and history, and newest values with their place in the normal range. */
export function TilesView({ screen, values }: { screen: Screen; values: ScreenValues }) {
  const nowMs = useNow();
  const states = useShownStates(screen, values, nowMs);
  return (
    <ul className="tiles">
      {screen.shown.map((shown, index) => {
        const state = states[index];
        if (!state) return null;
        return (
          <Tile
            key={`${shown.place} ${shown.attribute ?? ""} ${shown.kpi ?? ""}`}
            shown={shown}
            state={state}
            series={seriesOf(shown, values)}
            nowMs={nowMs}
          />
        );
      })}
    </ul>
  );
}

function Tile({
  shown,
  state,
  series,
  nowMs,
}: {
  shown: Shown;
  state: ShownState;
  series: KpiSeries | undefined;
  nowMs: number;
}) {
  const { t, i18n } = useTranslation();
  const isKpi = shown.kpi !== null;
  const name = shownName(shown, i18n.language);
  const value = isKpi ? figureText(series, i18n.language) : valueText(shown, state, t, i18n.language);
  const last = series?.results[series.results.length - 1];
  const sign = kSigns[state.look];
  const why = whyText(shown, state, nowMs, t, i18n.language);
  const limits = isKpi ? (series?.band ?? shown.band) : shown.normal;
  const href = hrefOf(shown, state, last);
  return (
    <li className="tile" data-look={state.look} data-what={shown.kpi ?? shown.attribute ?? ""} data-place={shown.place}>
      <p className="tile-asset">
        {shown.asset === null ? shown.place : <a href={assetHash(shown.asset.id)}>{assetName(shown, i18n.language)}</a>}
      </p>
      <p className="tile-name">{name}</p>
      <p className="tile-value">
        {sign !== "" && (
          <span aria-hidden="true" className="tile-sign">
            {sign}
          </span>
        )}
        {href === null ? value : <a href={href}>{value}</a>}
      </p>
      {why !== "" && <p className="tile-why">{why}</p>}
      {isKpi && last && (
        <p className="tile-note">
          {last.label} {last.so_far !== null && t("kpi.soFar")}
        </p>
      )}
      {limits !== null && (
        <p className="tile-note">
          {t(isKpi ? "kpi.band" : "plant.normal")} {withUnit(limitsText(limits, i18n.language), shown.unit)}
          {isKpi && ` · ${t(shown.better === "more" ? "kpi.more" : "kpi.less")}`}
        </p>
      )}
      {isKpi && series && series.results.length > 1 && <KpiChart series={series} label={name} />}
      {!isKpi && typeof state.value === "number" && limits !== null && <RangeBar shown={shown} value={state.value} />}
    </li>
  );
}

/** Where a figure is explained, or a value is seen over time. */
function hrefOf(shown: Shown, state: ShownState, last: KpiSeries["results"][number] | undefined): string | null {
  if (shown.asset === null) return null;
  if (shown.kpi !== null) {
    return last === undefined
      ? null
      : explainHash({ asset: shown.asset.path, kpi: shown.kpi, from: last.from, to: last.to });
  }
  if (shown.attribute !== null && kindOf(shown) === "formula") {
    return explainHash({
      tag: `${shown.asset.path}/${encodeName(shown.attribute)}`,
      time: state.timeMs === null ? "now" : isoUtc(state.timeMs),
    });
  }
  return shown.tag === null ? null : trendWith(shown.tag);
}

const kBar = { width: 160, height: 8 };

/** The value on a bar a third longer than its normal range, at both ends. */
function RangeBar({ shown, value }: { shown: Shown; value: number }) {
  const [low, high] = shown.normal ?? [0, 1];
  const margin = (high - low) / 3;
  const at = levelOf({ unit: "", valid: [low - margin, high + margin], normal: null }, value) ?? 0;
  const x = at * kBar.width;
  return (
    <svg
      className="range-bar"
      aria-hidden="true"
      viewBox={`0 0 ${kBar.width} ${kBar.height}`}
      width={kBar.width}
      height={kBar.height}
    >
      <rect className="range-all" width={kBar.width} height={kBar.height} rx="2" />
      <rect className="range-normal" x={kBar.width * 0.2} width={kBar.width * 0.6} height={kBar.height} />
      <rect className="range-mark" x={Math.min(kBar.width - 3, Math.max(0, x - 1.5))} width="3" height={kBar.height} />
    </svg>
  );
}
