import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { IntervalDefinition, KpiDefinition } from "../../api/definitions";
import { getKpis, type KpiResult, type KpiSeries } from "../../api/kpis";
import { DerivedFigure } from "../../components/DerivedFigure";
import { Loaded } from "../../components/Loaded";
import { State } from "../../components/State";
import { kFullPercent, percentText } from "../../lib/figure_state";
import { limitsText } from "../../lib/limits_text";
import { explainHash } from "../../lib/plant_url";
import { usePreference } from "../../lib/preferences";
import { navigate } from "../../lib/route";
import { serverNow } from "../../lib/server_clock";
import { browserZone, endText, localText, parseTime } from "../../lib/time_text";
import { useResource } from "../../lib/use_resource";
import { unitSymbol } from "../../lib/value";
import { inWords } from "../../lib/words";
import { KpiChart } from "./KpiChart";
import { isCalendarWindow, rangeOfWindow, windowsOf } from "./kpi_windows";

const kRenewMs = 30_000;

/**
 * The KPIs of an asset for one kind of window: the newest figure with what it is worth, and how it went before. What has no
 * KPIs of its own - an area, a site, the enterprise - shows those of all assets below it together.
 */
export function KpisView({
  path,
  rollup,
  kpis,
  kinds,
  window,
  hashOf,
}: {
  path: string;
  rollup: boolean;
  kpis: readonly KpiDefinition[];
  kinds: readonly IntervalDefinition[];
  window: string;
  /** Where this page shows another window. */
  hashOf: (window: string) => string;
}) {
  const { t, i18n } = useTranslation();
  const windows = useMemo(() => windowsOf(kpis), [kpis]);
  const found = useResource(
    `kpis/${path}/${window}/${rollup}`,
    (signal) =>
      getKpis(
        { asset: path, window, ...rangeOfWindow(window, serverNow()), ...(rollup ? { rollup: true } : {}) },
        signal,
      ),
    kRenewMs,
  );
  const nameOf = (name: string) =>
    isCalendarWindow(name)
      ? t(`kpi.windows.${name}`)
      : inWords(kinds.find((kind) => kind.name === name)?.words ?? {}, i18n.language, name);
  return (
    <>
      <p className="toolbar">
        <label className="inline-choice">
          {t("kpi.window")}
          <select value={window} onChange={(event) => navigate(hashOf(event.target.value), true)}>
            {[...new Set([...windows, window])].map((name) => (
              <option key={name} value={name}>
                {nameOf(name)}
              </option>
            ))}
          </select>
        </label>
        {rollup && <span className="subtitle">{t("kpi.rollup")}</span>}
      </p>
      <Loaded resource={found} isEmpty={(data) => data.length === 0} empty={<p>{t("kpi.empty")}</p>}>
        {(data) => (
          <>
            <KpiTable list={data} />
            <p className="hint">{t("kpi.legend", { percent: kFullPercent })}</p>
            {data.map((one) => (
              <KpiHistory key={`${one.asset} ${one.kpi}`} series={one} />
            ))}
          </>
        )}
      </Loaded>
    </>
  );
}

/** A number of several assets together is explained at each of them. */
function explanation(series: KpiSeries, result: KpiResult): string | null {
  if (series.together !== null) return null;
  return explainHash({ asset: series.asset, kpi: series.kpi, from: result.from, to: result.to });
}

const isRunning = (result: KpiResult) => result.so_far !== null || parseTime(result.to) > serverNow();

function KpiTable({ list }: { list: readonly KpiSeries[] }) {
  const { t, i18n } = useTranslation();
  return (
    <div className="table-scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">{t("kpi.name")}</th>
            <th scope="col" className="number">
              {t("kpi.newest")}
            </th>
            <th scope="col">{t("kpi.band")}</th>
            <th scope="col" className="number">
              {t("kpi.percentGood")}
            </th>
            <th scope="col" className="number">
              {t("kpi.coverage")}
            </th>
            <th scope="col">{t("kpi.course")}</th>
          </tr>
        </thead>
        <tbody>
          {list.map((one) => {
            const last = one.results[one.results.length - 1];
            const name = inWords(one.words, i18n.language, one.kpi);
            return (
              <tr key={`${one.asset} ${one.kpi}`} data-kpi={one.kpi}>
                <th scope="row">
                  {name}
                  {one.left_out.length > 0 && (
                    <small className="block">{t("kpi.leftOut", { sites: one.left_out.join(", ") })}</small>
                  )}
                  {one.problem !== "" && (
                    <small className="block">
                      <State tone="bad">{one.problem}</State>
                    </small>
                  )}
                </th>
                <td className="number">
                  {last === undefined ? (
                    <small>{one.problem === "" ? t("kpi.noWindow") : t("kpi.problem")}</small>
                  ) : (
                    <>
                      <DerivedFigure facts={last} unit={one.unit} band={one.band} href={explanation(one, last)} />
                      {isRunning(last) && <small className="block">{t("kpi.soFar")}</small>}
                    </>
                  )}
                </td>
                <td className="nowrap">
                  {`${limitsText(one.band, i18n.language)} ${one.band ? unitSymbol(one.unit) : ""}`}
                  <small className="block">{t(one.better === "more" ? "kpi.more" : "kpi.less")}</small>
                </td>
                <td className="number">{last && <Share percent={last.percent_good} />}</td>
                <td className="number">{last && <Share percent={last.coverage} />}</td>
                <td>
                  <KpiChart series={one} label={name} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Share({ percent }: { percent: number | null }) {
  const { i18n } = useTranslation();
  const text = percentText(percent, i18n.language);
  return percent !== null && percent < kFullPercent ? <State tone="warning">{text}</State> : text;
}

function KpiHistory({ series }: { series: KpiSeries }) {
  const { t, i18n } = useTranslation();
  const zone = usePreference("zone") ?? browserZone();
  if (series.results.length === 0) return null;
  return (
    <details className="fold">
      <summary>
        {t("kpi.history", {
          name: inWords(series.words, i18n.language, series.kpi),
          count: series.results.length,
        })}
      </summary>
      <div className="table-scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">{t("kpi.window")}</th>
              <th scope="col">{t("kpi.from")}</th>
              <th scope="col">{t("kpi.to")}</th>
              <th scope="col" className="number">
                {t("assets.value")}
              </th>
              <th scope="col" className="number">
                {t("kpi.percentGood")}
              </th>
              <th scope="col" className="number">
                {t("kpi.coverage")}
              </th>
            </tr>
          </thead>
          <tbody>
            {[...series.results].reverse().map((result) => (
              <tr key={`${result.from} ${result.label}`}>
                <th scope="row" className="nowrap">
                  {result.label}
                  {result.sites.length > 1 &&
                    result.sites.map((site) => (
                      <small key={site.site} className="block">
                        {`${site.site} ${localText(parseTime(site.from), zone).slice(0, 16)}`}
                      </small>
                    ))}
                </th>
                <td className="nowrap">{localText(parseTime(result.from), zone).slice(0, 16)}</td>
                <td className="nowrap">
                  {isRunning(result) ? t("kpi.soFar") : endText(parseTime(result.from), parseTime(result.to), zone, 16)}
                </td>
                <td className="number">
                  <DerivedFigure
                    facts={result}
                    unit={series.unit}
                    band={series.band}
                    href={explanation(series, result)}
                  />
                </td>
                <td className="number">
                  <Share percent={result.percent_good} />
                </td>
                <td className="number">
                  <Share percent={result.coverage} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
