import { useTranslation } from "react-i18next";
import { Button } from "../../components/Button";
import { SimulatedMark, State } from "../../components/State";
import { readingAt, type PenSeries, type Reading } from "../../lib/series";
import { leafName, shownPath } from "../../lib/tag_path";
import { formatAge, localText } from "../../lib/time_text";
import { formatNumber, formatValue, unitSymbol } from "../../lib/value";
import type { PenLook } from "./draw";
import { readingText } from "./reading_text";
import type { TrendData } from "./trend_data";

/** Under the chart, one row a pen: live value, statistics of the view, values at both cursors. */
export function PenTable({
  pens,
  data,
  looks,
  cursorMs,
  pinMs,
  nowMs,
  zone,
  onRemove,
  onUnpin,
}: {
  pens: readonly string[];
  data: TrendData;
  looks: readonly PenLook[];
  cursorMs: number | null;
  pinMs: number | null;
  nowMs: number;
  zone: string;
  onRemove: (path: string) => void;
  onUnpin: () => void;
}) {
  const { t, i18n } = useTranslation();
  const statistic = (value: number | null | undefined) =>
    value === null || value === undefined ? "–" : formatNumber(value, i18n.language);

  return (
    <div className="table-scroll">
      <table className="pen-table">
        <caption className="hidden-label">{t("trend.pens")}</caption>
        <thead>
          <tr>
            <th scope="col" colSpan={2}>
              {t("trend.pen")}
            </th>
            <th scope="col" className="number">
              {t("trend.liveValue")}
            </th>
            <th scope="col">{t("assets.unit")}</th>
            <th scope="col" className="number">
              {t("trend.minimum")}
            </th>
            <th scope="col" className="number">
              {t("trend.average")}
            </th>
            <th scope="col" className="number">
              {t("trend.maximum")}
            </th>
            <th scope="col" className="number cursor-column">
              {t("trend.atCursor")}
              <small>{cursorMs === null ? "" : localText(cursorMs, zone).slice(11)}</small>
            </th>
            {pinMs !== null && (
              <>
                <th scope="col" className="number cursor-column">
                  {t("trend.atPin")}
                  <small>{localText(pinMs, zone).slice(11)}</small>
                </th>
                <th scope="col" className="number">
                  {t("trend.difference")}
                  <small>{cursorMs === null ? "" : formatAge(Math.abs(cursorMs - pinMs))}</small>
                </th>
              </>
            )}
            <th scope="col">
              {pinMs === null ? (
                <span className="hidden-label">{t("action.actions")}</span>
              ) : (
                <Button kind="quiet" onPress={onUnpin}>
                  {t("trend.unpin")}
                </Button>
              )}
            </th>
          </tr>
        </thead>
        <tbody>
          {pens.map((path, index) => {
            const series = data.series[index] ?? null;
            const at = series && cursorMs !== null ? readingAt(series, cursorMs, nowMs) : null;
            const pinned = series && pinMs !== null ? readingAt(series, pinMs, nowMs) : null;
            const statistics = data.statistics[index];
            const error = data.errors[index] ?? null;
            return (
              <tr key={path} data-pen={path}>
                <td className="pen-number">
                  <span
                    className="pen-swatch"
                    style={{ borderColor: looks[index]?.colour, color: looks[index]?.colour }}
                  >
                    {index + 1}
                  </span>
                </td>
                <th scope="row" title={path}>
                  {leafName(path)} <small>{shownPath(path.slice(0, path.lastIndexOf("/")))}</small>{" "}
                  {series?.simulated && <SimulatedMark short />}
                  {(data.skipped[index] ?? 0) > 0 && (
                    <State tone="warning">{t("trend.skipped", { count: data.skipped[index] ?? 0 })}</State>
                  )}
                  {error !== null && <State tone="bad">{error || t("trend.noTag")}</State>}
                </th>
                <td className="number live-value">{series ? <LiveCell series={series} nowMs={nowMs} /> : "–"}</td>
                <td>{series ? unitSymbol(series.unit) : ""}</td>
                <td className="number">{statistic(statistics?.minimum)}</td>
                <td className="number">{statistic(statistics?.average)}</td>
                <td className="number">{statistic(statistics?.maximum)}</td>
                <td className="number cursor-column">{series ? readingText(at, series.type, i18n.language) : "–"}</td>
                {pinMs !== null && (
                  <>
                    <td className="number cursor-column">
                      {series ? readingText(pinned, series.type, i18n.language) : "–"}
                    </td>
                    <td className="number">{difference(at, pinned, i18n.language)}</td>
                  </>
                )}
                <td className="row-actions">
                  <Button
                    kind="quiet"
                    aria-label={t("trend.remove", { name: leafName(path) })}
                    onPress={() => onRemove(path)}
                  >
                    ×
                  </Button>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function difference(a: Reading | null, b: Reading | null, locale: string): string {
  if (!a || !b || a.severity === "bad" || b.severity === "bad" || !Number.isFinite(a.v - b.v)) return "–";
  return formatNumber(a.v - b.v, locale);
}

function LiveCell({ series, nowMs }: { series: PenSeries; nowMs: number }) {
  const { i18n } = useTranslation();
  const newest = series.points[series.points.length - 1] ?? series.after ?? series.before;
  if (!newest) return "–";
  const text = formatValue(newest.raw, series.type, i18n.language);
  const age = <small>{formatAge(nowMs - newest.t)}</small>;
  if (newest.severity === "bad") {
    return (
      <>
        <State tone="bad">{newest.quality}</State> {age}
      </>
    );
  }
  return (
    <>
      {newest.severity === "uncertain" ? <State tone="warning">{text}</State> : text} {age}
    </>
  );
}
