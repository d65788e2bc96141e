import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import { Age } from "../../components/Age";
import { Button } from "../../components/Button";
import { SimulatedMark, State } from "../../components/State";
import { readingAt, type PenSeries, type Reading } from "../../lib/series";
import type { Statistic } from "../../lib/statistic";
import { leafName, shownPath } from "../../lib/tag_path";
import { formatAge, localText } from "../../lib/time_text";
import { formatNumber, formatValue, unitSymbol, type Severity } from "../../lib/value";
import type { PenLook } from "./draw";
import { valueText } from "./reading_text";
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
                  <small>{cursorMs === null ? "" : formatAge(Math.abs(cursorMs - pinMs), i18n.language)}</small>
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
                    {looks[index]?.number ?? index + 1}
                  </span>
                </td>
                <th scope="row" title={path}>
                  {leafName(path)} <small>{shownPath(path.slice(0, path.lastIndexOf("/")))}</small>{" "}
                  {series?.simulated && <SimulatedMark short />}
                  {data.skipped[index] && <State tone="warning">{t("trend.skipped")}</State>}
                  {error !== null && (
                    <span title={error}>
                      <State tone="bad">{t("trend.noTag")}</State>
                    </span>
                  )}
                </th>
                <td className="number live-value">{series ? <LiveCell series={series} nowMs={nowMs} /> : "–"}</td>
                <td>{series ? unitSymbol(series.unit) : ""}</td>
                <td className="number" data-statistic="minimum">
                  <StatisticCell statistic={statistics?.minimum ?? null} />
                </td>
                <td className="number" data-statistic="average">
                  <StatisticCell statistic={statistics?.average ?? null} />
                </td>
                <td className="number" data-statistic="maximum">
                  <StatisticCell statistic={statistics?.maximum ?? null} />
                </td>
                <td className="number cursor-column">
                  <ReadingCell reading={at} series={series} />
                </td>
                {pinMs !== null && (
                  <>
                    <td className="number cursor-column">
                      <ReadingCell reading={pinned} series={series} />
                    </td>
                    <td className="number">
                      <Difference a={at} b={pinned} />
                    </td>
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

/** A value with its quality beside it where that is not good: as sign and word, the colour only repeats them. */
function Qualified({
  text,
  quality,
  severity,
  tooltip = quality,
}: {
  text: string | null;
  quality: string;
  severity: Severity;
  tooltip?: string;
}) {
  if (severity === "good") return text ?? "–";
  if (severity === "bad" || text === null) {
    return (
      <span title={tooltip}>
        <State tone="bad">{quality}</State>
      </span>
    );
  }
  return (
    <span title={tooltip}>
      <State tone="warning">{text}</State> <small className="quality state warning">{breakable(quality)}</small>
    </span>
  );
}

/** `UncertainDataSubNormal` may break before a capital: three such columns are wider than most screens. */
function breakable(quality: string) {
  return quality.split(/(?=[A-Z])/).map((part) => (
    <Fragment key={part}>
      {part}
      <wbr />
    </Fragment>
  ));
}

function StatisticCell({ statistic }: { statistic: Statistic | null }) {
  const { t, i18n } = useTranslation();
  if (!statistic || (statistic.value === null && statistic.severity === "good")) return "–";
  const { value, quality, severity, percentGood } = statistic;
  const share = percentGood === null ? quality : `${quality} · ${t("trend.percentGood", { percent: percentGood })}`;
  // Nothing was measured yet: that is not a fault of the plant.
  if (value === null && kNoData.has(quality)) return <span title={quality}>–</span>;
  return (
    <Qualified
      text={value === null ? null : formatNumber(value, i18n.language)}
      quality={quality}
      severity={value === null ? "bad" : severity === "bad" ? "uncertain" : severity}
      tooltip={share}
    />
  );
}
const kNoData: ReadonlySet<string> = new Set(["BadNoData", "BadNoDataAvailable"]);

function ReadingCell({ reading, series }: { reading: Reading | null; series: PenSeries | null }) {
  const { i18n } = useTranslation();
  if (!reading || !series) return "–";
  const { quality, severity } = reading;
  return <Qualified text={valueText(reading, series.type, i18n.language)} quality={quality} severity={severity} />;
}

function Difference({ a, b }: { a: Reading | null; b: Reading | null }) {
  const { i18n } = useTranslation();
  if (!a || !b || a.severity === "bad" || b.severity === "bad" || !Number.isFinite(a.v - b.v)) return "–";
  const { quality, severity } = a.severity === "good" ? b : a;
  return <Qualified text={formatNumber(a.v - b.v, i18n.language)} quality={quality} severity={severity} />;
}

function LiveCell({ series, nowMs }: { series: PenSeries; nowMs: number }) {
  const { i18n } = useTranslation();
  const newest = series.points[series.points.length - 1] ?? series.after ?? series.before;
  if (!newest) return "–";
  const text = formatValue(newest.raw, series.type, i18n.language);
  return (
    <>
      <Qualified text={text} quality={newest.quality} severity={newest.severity} />{" "}
      <small>
        <Age ms={nowMs - newest.t} />
      </small>
    </>
  );
}
