import { useTranslation } from "react-i18next";
import type { KpiSeries } from "../../api/kpis";
import { formatNumber, unitSymbol } from "../../lib/value";
import { drawKpi, kChart } from "./kpi_chart";

/** A KPI over its last windows: the band behind, full figures as filled marks, parts of the truth as hollow ones. */
export function KpiChart({ series, label }: { series: KpiSeries; label: string }) {
  const { t, i18n } = useTranslation();
  const { marks, lines, band } = drawKpi(series.results, series.band);
  const values = series.results.flatMap(({ value }) => (value !== null && Number.isFinite(value) ? [value] : []));
  if (values.length === 0) return <small>{t("kpi.none")}</small>;
  const number = (value: number) => `${formatNumber(value, i18n.language)} ${unitSymbol(series.unit)}`.trim();
  const said = t("kpi.chart", {
    name: label,
    count: series.results.length,
    low: number(Math.min(...values)),
    high: number(Math.max(...values)),
  });
  return (
    <svg
      className="kpi-chart"
      role="img"
      aria-label={said}
      viewBox={`0 0 ${kChart.width} ${kChart.height}`}
      width={kChart.width}
      height={kChart.height}
    >
      <title>{said}</title>
      {band && <rect className="kpi-band" x={0} y={band.y} width={kChart.width} height={Math.max(1, band.height)} />}
      {lines.map((points) => (
        <polyline key={points} className="kpi-line" points={points} />
      ))}
      {marks.map((mark, index) =>
        mark === null ? null : (
          <Mark
            key={series.results[index]?.from ?? index}
            x={mark.x}
            y={mark.y}
            outside={mark.state.place === "below" || mark.state.place === "above"}
            full={mark.state.worth === "full"}
            size={Math.max(1.4, Math.min(2.8, (0.45 * kChart.width) / marks.length))}
          />
        ),
      )}
    </svg>
  );
}

/** Outside the band a square, inside a circle: told without colour. */
function Mark({ x, y, outside, full, size }: { x: number; y: number; outside: boolean; full: boolean; size: number }) {
  const look = `kpi-mark${outside ? " outside" : ""}${full ? "" : " partial"}`;
  if (outside) return <rect className={look} x={x - size} y={y - size} width={2 * size} height={2 * size} />;
  return <circle className={look} cx={x} cy={y} r={size} />;
}
