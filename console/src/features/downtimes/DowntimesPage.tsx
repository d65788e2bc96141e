import { useState } from "react";
import { useTranslation } from "react-i18next";
import { getDowntimes, kDowntimeWays, type DowntimeGroup, type Downtimes } from "../../api/downtimes";
import { EmptyState } from "../../components/EmptyState";
import { Figure } from "../../components/Figure";
import { Loaded } from "../../components/Loaded";
import { Notice } from "../../components/Notice";
import { formatAmount, formatMoney } from "../../lib/money";
import { downtimesHash } from "../../lib/plant_url";
import { kSpanNames, lastSpan, type Span } from "../../lib/ranges";
import { navigate, useRoute } from "../../lib/route";
import { shownPath } from "../../lib/tag_path";
import { formatAge } from "../../lib/time_text";
import { useResource } from "../../lib/use_resource";
import { inWords } from "../../lib/words";
import { kMeasures, paretoBars, unitsOf, type Measure } from "./causes";

const kRenewMs = 60_000;

/** Downtimes summed up by reason, asset, shift or crew, greatest first. */
export default function DowntimesPage() {
  const { t } = useTranslation();
  const { search } = useRoute();
  const asset = search.get("asset") ?? "";
  const by = kDowntimeWays.find((way) => way === search.get("by")) ?? "reason";
  const span = kSpanNames.find((name) => name === search.get("span")) ?? "7d";
  const [measure, setMeasure] = useState<Measure>("duration");
  const go = (change: Record<string, string>) =>
    navigate(downtimesHash({ ...(asset ? { asset } : {}), by, span, ...change }), true);
  const found = useResource(
    `downtimes/${asset}/${by}/${span}`,
    (signal) => getDowntimes({ ...(asset ? { asset } : {}), by, ...lastSpan(span) }, signal),
    kRenewMs,
  );
  return (
    <>
      <div className="page-head">
        <h1>{t("page.downtimes")}</h1>
        {asset !== "" && (
          <>
            <span className="subtitle">{t("downtime.below", { path: shownPath(asset) })}</span>
            <a href={downtimesHash({ by, span })}>{t("downtime.everywhere")}</a>
          </>
        )}
      </div>
      <p className="toolbar">
        <label className="inline-choice">
          {t("downtime.by")}
          <select value={by} onChange={(event) => go({ by: event.target.value })}>
            {kDowntimeWays.map((way) => (
              <option key={way} value={way}>
                {t(`downtime.ways.${way}`)}
              </option>
            ))}
          </select>
        </label>
        <label className="inline-choice">
          {t("downtime.measure")}
          <select value={measure} onChange={(event) => setMeasure(event.target.value as Measure)}>
            {kMeasures.map((name) => (
              <option key={name} value={name}>
                {t(`downtime.measures.${name}`)}
              </option>
            ))}
          </select>
        </label>
        <label className="inline-choice">
          {t("ledger.range")}
          <select value={span} onChange={(event) => go({ span: event.target.value as Span })}>
            {kSpanNames.map((name) => (
              <option key={name} value={name}>
                {t(`spans.${name}`)}
              </option>
            ))}
          </select>
        </label>
      </p>
      <Loaded
        resource={found}
        isEmpty={(data) => data.groups.length === 0 && data.problems.length === 0}
        empty={
          <EmptyState title={t("downtime.emptyTitle")}>
            <p>{t("downtime.empty")}</p>
          </EmptyState>
        }
      >
        {(data) => (
          <>
            <Totals data={data} />
            {data.problems.map((problem) => (
              <Notice key={problem} kind="warning" title={problem} />
            ))}
            {unitsOf(data.groups, measure).map((unit) => (
              <Pareto key={unit} groups={data.groups} measure={measure} unit={unit} by={by} />
            ))}
            {unitsOf(data.groups, measure).length === 0 && <p>{t("downtime.noMeasure")}</p>}
          </>
        )}
      </Loaded>
    </>
  );
}

function Totals({ data: { total } }: { data: Downtimes }) {
  const { t, i18n } = useTranslation();
  const { language } = i18n;
  const time = (seconds: number | null) => (seconds === null ? "–" : formatAge(seconds * 1_000, language));
  return (
    <dl className="figures">
      <Figure
        label={t("downtime.total")}
        value={time(total.duration_s)}
        note={t("downtime.counts", { unplanned: total.unplanned.count, planned: total.planned.count })}
      />
      {total.output.map(({ amount, unit }) => (
        <Figure key={unit} label={t("downtime.output")} value={formatAmount(amount, unit, language)} />
      ))}
      {total.energy.map(({ amount, unit }) => (
        <Figure key={unit} label={t("downtime.energy")} value={formatAmount(amount, unit, language)} />
      ))}
      {total.money.map(({ amount, currency }) => (
        <Figure
          key={currency}
          label={t("downtime.money")}
          value={formatMoney(amount, currency, language)}
          note={currency === "" ? t("downtime.noCurrency") : undefined}
        />
      ))}
      <Figure label={t("downtime.mttr")} value={time(total.mttr_s)} note={t("downtime.unplannedOnly")} />
      <Figure label={t("downtime.mtbf")} value={time(total.mtbf_s)} note={t("downtime.unplannedOnly")} />
    </dl>
  );
}

function Pareto({
  groups,
  measure,
  unit,
  by,
}: {
  groups: readonly DowntimeGroup[];
  measure: Measure;
  unit: string;
  by: (typeof kDowntimeWays)[number];
}) {
  const { t, i18n } = useTranslation();
  const { language } = i18n;
  const bars = paretoBars(groups, measure, unit);
  const value = (amount: number) => {
    if (measure === "duration") return formatAge(amount * 1_000, language);
    if (measure === "count") return String(amount);
    return measure === "money" ? formatMoney(amount, unit, language) : formatAmount(amount, unit, language);
  };
  const nameOf = ({ key, words, within }: DowntimeGroup) => {
    if (key === null) return t(by === "reason" ? "downtime.noReasonYet" : `downtime.none.${by}`);
    const name = inWords(words, language, by === "asset" ? shownPath(key) : key);
    const group = groups.find((one) => one.key === within);
    return within === "" ? name : `${inWords(group?.words ?? {}, language, within)} · ${name}`;
  };
  const percent = (share: number) => `${share.toFixed(share < 10 ? 1 : 0)} %`;
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="table-scroll" tabIndex={0} role="region" aria-label={t(`downtime.measures.${measure}`)}>
      <table className="pareto">
        <thead>
          <tr>
            <th scope="col">{t(`downtime.ways.${by}`)}</th>
            <th scope="col" className="number">
              {t(`downtime.measures.${measure}`)}
            </th>
            <th scope="col" className="pareto-bars">
              <span className="pareto-key unplanned" aria-hidden="true" /> {t("downtime.unplanned")}{" "}
              <span className="pareto-key planned" aria-hidden="true" /> {t("downtime.planned")}
            </th>
            <th scope="col" className="number">
              {t("downtime.share")}
            </th>
            <th scope="col" className="number">
              {t("downtime.cumulative")}
            </th>
            <th scope="col" className="number">
              {t("downtime.count")}
            </th>
          </tr>
        </thead>
        <tbody>
          {bars.map((bar) => (
            <tr key={bar.group.key ?? ""} data-group={bar.group.key ?? ""}>
              <th scope="row">{nameOf(bar.group)}</th>
              <td className="number">{value(bar.value)}</td>
              <td className="pareto-bars">
                <svg className="pareto-bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                  <rect className="planned" x={0} y={1} width={100 * bar.width} height={8} />
                  <rect className="unplanned" x={0} y={1} width={100 * bar.unplannedWidth} height={8} />
                </svg>
              </td>
              <td className="number">{percent(bar.share)}</td>
              <td className="number">{percent(bar.cumulative)}</td>
              <td className="number">{bar.group.count}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
