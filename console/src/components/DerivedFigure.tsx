import { useTranslation } from "react-i18next";
import { figureState, percentText, type FigureFacts } from "../lib/figure_state";
import { formatNumber, unitSymbol } from "../lib/value";
import { State } from "./State";

/**
 * A computed number that shows what it is worth: one that rests on a part of its window is in italics behind a dashed line with
 * that share beside it; one outside its band, or of bad quality, has sign and word.
 */
export function DerivedFigure({
  facts,
  unit,
  band,
  href,
}: {
  facts: FigureFacts;
  unit: string;
  band: readonly [number, number] | null;
  /** Where the number is explained. */
  href: string | null;
}) {
  const { t, i18n } = useTranslation();
  const { worth, place } = figureState(facts, band);
  if (worth === "none") {
    return (
      <span className="derived none">
        {href === null ? "–" : <a href={href}>–</a>}{" "}
        <small>{facts.quality === "Good" ? t("kpi.none") : facts.quality}</small>
      </span>
    );
  }
  const number = `${formatNumber(facts.value ?? Number.NaN, i18n.language)} ${unitSymbol(unit)}`.trim();
  const notes = [
    place === "below" && t("kpi.below"),
    place === "above" && t("kpi.above"),
    worth === "doubtful" && facts.quality,
  ].filter(Boolean);
  const shown = href === null ? number : <a href={href}>{number}</a>;
  return (
    <span className={`derived ${worth}`}>
      {notes.length > 0 ? (
        <State tone={facts.quality.startsWith("Bad") ? "bad" : "warning"}>
          {shown} <small>{notes.join(", ")}</small>
        </State>
      ) : (
        shown
      )}
      {worth === "partial" && (
        <small className="block">
          {t("kpi.partial", { percent: percentText(leastOf(facts.coverage, facts.percent_good), i18n.language) })}
        </small>
      )}
    </span>
  );
}

function leastOf(...percents: (number | null)[]): number | null {
  const known = percents.filter((percent) => percent !== null);
  return known.length === 0 ? null : Math.min(...known);
}
