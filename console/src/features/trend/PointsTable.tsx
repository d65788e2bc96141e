import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { View } from "../../lib/segments";
import type { PenSeries } from "../../lib/series";
import { leafName } from "../../lib/tag_path";
import { localText } from "../../lib/time_text";
import { formatValue } from "../../lib/value";

const kRowsMax = 500;

/** The drawn points as a table: what a screen reader has in place of the lines. Made only when it is opened. */
export function PointsTable({
  series,
  view,
  zone,
}: {
  series: readonly (PenSeries | null)[];
  view: View;
  zone: string;
}) {
  const { t, i18n } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <details className="points" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("trend.points")}</summary>
      {open &&
        series.map((pen) => {
          if (!pen) return null;
          const inside = pen.points.filter((point) => point.t >= view.from && point.t <= view.to);
          const shown = inside.slice(-kRowsMax);
          return (
            <table key={pen.tag} data-points={pen.tag}>
              <caption>
                {leafName(pen.tag)} · {pen.step ? t("trend.step") : t("trend.slope")} ·{" "}
                {shown.length < inside.length
                  ? t("trend.pointsLast", { shown: shown.length, count: inside.length })
                  : t("trend.pointsAll", { count: inside.length })}
              </caption>
              <thead>
                <tr>
                  <th scope="col">{t("audit.time")}</th>
                  <th scope="col" className="number">
                    {t("assets.value")}
                  </th>
                  <th scope="col">{t("assets.quality")}</th>
                </tr>
              </thead>
              <tbody>
                {shown.map((point) => (
                  <tr key={point.t}>
                    <td>{localText(point.t, zone, true)}</td>
                    <td className="number">{formatValue(point.raw, pen.type, i18n.language)}</td>
                    <td>{point.quality}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          );
        })}
    </details>
  );
}
