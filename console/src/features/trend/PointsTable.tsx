import { useState } from "react";
import { useTranslation } from "react-i18next";
import { getEntries, getTimeNear } from "../../api/entries";
import { hasRole, useUser } from "../../app/session";
import { Button } from "../../components/Button";
import type { View } from "../../lib/segments";
import type { PenSeries } from "../../lib/series";
import { leafName } from "../../lib/tag_path";
import { isoUtc, localText } from "../../lib/time_text";
import { useResource } from "../../lib/use_resource";
import { formatValue } from "../../lib/value";
import { EntryDialog, type EntryStart } from "../entries/EntryDialog";
import { entryAt, HandMark } from "../entries/HandMark";

const kRowsMax = 500;
const kEntriesMax = 1_000;
const kRenewMs = 10_000;

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
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [entering, setEntering] = useState<EntryStart | null>(null);
  const [round, setRound] = useState(0);
  return (
    <>
      <details className="points" onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{t("trend.points")}</summary>
        {open &&
          series.map((pen) =>
            pen === null ? null : (
              <PointsOfPen key={`${pen.tag} ${round}`} pen={pen} view={view} zone={zone} onEnter={setEntering} />
            ),
          )}
      </details>
      {entering !== null && (
        <EntryDialog
          start={entering}
          zone={zone}
          onClose={() => setEntering(null)}
          onDone={() => setRound((old) => old + 1)}
        />
      )}
    </>
  );
}

function PointsOfPen({
  pen,
  view,
  zone,
  onEnter,
}: {
  pen: PenSeries;
  view: View;
  zone: string;
  onEnter: (start: EntryStart) => void;
}) {
  const { t, i18n } = useTranslation();
  const mayEnter = hasRole(useUser(), "operator");
  const inside = pen.points.filter((point) => point.t >= view.from && point.t <= view.to);
  const shown = inside.slice(-kRowsMax);
  // Also what was done to those on the edges; the view of a live trend moves, the question does not.
  const entries = useResource(
    `points/${pen.tag}`,
    (signal) => getEntries({ tag: pen.tag, limit: kEntriesMax }, signal),
    kRenewMs,
  );
  const found = entries.data?.entries ?? [];
  const correct = async (timeMs: number) => {
    const time = await getTimeNear(pen.tag, timeMs).catch(() => isoUtc(timeMs));
    onEnter({ tag: pen.tag, unit: pen.unit, time });
  };
  return (
    <table data-points={pen.tag}>
      <caption>
        {leafName(pen.tag)} · {pen.step ? t("trend.step") : t("trend.slope")} ·{" "}
        {shown.length < inside.length
          ? t("trend.pointsLast", { shown: shown.length, count: inside.length })
          : t("trend.pointsAll", { count: inside.length })}{" "}
        {mayEnter && (
          <Button kind="quiet" onPress={() => onEnter({ tag: pen.tag, unit: pen.unit })}>
            {t("entry.open")}
          </Button>
        )}
      </caption>
      <thead>
        <tr>
          <th scope="col">{t("audit.time")}</th>
          <th scope="col" className="number">
            {t("assets.value")}
          </th>
          <th scope="col">{t("assets.quality")}</th>
          <th scope="col">{t("entry.history")}</th>
        </tr>
      </thead>
      <tbody>
        {shown.map((point) => {
          const made = entryAt(found, point.t);
          const time = localText(point.t, zone, true);
          return (
            <tr key={point.t} data-by-hand={made?.kind}>
              <td>{time}</td>
              <td className="number">{formatValue(point.raw, pen.type, i18n.language)}</td>
              <td>{point.quality}</td>
              <td className="wrap">
                {made && <HandMark made={made} unit={pen.unit} />}{" "}
                <Button
                  kind="quiet"
                  aria-label={t(mayEnter ? "entry.openOf" : "entry.historyOf", { name: time })}
                  onPress={() => void correct(point.t)}
                >
                  {t(mayEnter ? "entry.correct" : "entry.history")}
                </Button>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
