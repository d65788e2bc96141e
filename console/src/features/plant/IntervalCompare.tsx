import { useTranslation } from "react-i18next";
import type { Asset } from "../../api/assets";
import type { Interval } from "../../api/intervals";
import { getKpis, type KpiSeries } from "../../api/kpis";
import { DerivedFigure } from "../../components/DerivedFigure";
import { Loaded } from "../../components/Loaded";
import { formatAmount, formatMoney } from "../../lib/money";
import { explainHash } from "../../lib/plant_url";
import { usePreference } from "../../lib/preferences";
import { serverNow } from "../../lib/server_clock";
import { browserZone, formatAge, isoUtc, localText, parseTime } from "../../lib/time_text";
import { useNow } from "../../lib/use_now";
import { useResource } from "../../lib/use_resource";
import { unitSymbol } from "../../lib/value";
import { inWords } from "../../lib/words";

/** Several intervals beside each other: length, what was captured, what it cost, and every KPI of the asset over each. */
export function IntervalCompare({
  asset,
  kind,
  intervals,
}: {
  asset: Asset;
  kind: string;
  intervals: readonly Interval[];
}) {
  const { t, i18n } = useTranslation();
  const zone = usePreference("zone") ?? browserZone();
  const now = useNow();
  const key = intervals.map(({ id, from, to }) => `${id} ${from} ${to ?? ""}`).join();
  const found = useResource(intervals.length === 0 ? null : `compare/${asset.path}/${kind}/${key}`, (signal) =>
    Promise.all(
      intervals.map((one) =>
        getKpis({ asset: asset.path, window: "window", from: one.from, to: one.to ?? isoUtc(serverNow()) }, signal),
      ),
    ),
  );
  const captured = [...new Set(intervals.flatMap((one) => Object.keys(one.captured)))];
  const heads = intervals.map((one) => one.label || localText(parseTime(one.from), zone));
  const hasCost = intervals.some(({ cost }) => cost !== null);
  return (
    <section aria-labelledby="compare">
      <h2 id="compare">{t("interval.compareTitle")}</h2>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="table-scroll" tabIndex={0} role="region" aria-label={t("interval.compareTitle")}>
        <table className="compare">
          <thead>
            <tr>
              <td />
              {intervals.map((one, index) => (
                <th key={one.id} scope="col" className="number">
                  {heads[index]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <tr>
              <th scope="row">{t("interval.length")}</th>
              {intervals.map((one) => (
                <td key={one.id} className="number">
                  {formatAge((one.to === null ? now : parseTime(one.to)) - parseTime(one.from), i18n.language)}
                </td>
              ))}
            </tr>
            {captured.map((name) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {intervals.map((one) => (
                  <td key={one.id} className="number">
                    {one.captured[name] ?? ""}
                  </td>
                ))}
              </tr>
            ))}
            {hasCost && (
              <>
                <AmountRow title={t("downtime.output")} intervals={intervals} part="output" />
                <AmountRow title={t("downtime.energy")} intervals={intervals} part="energy" />
                <tr>
                  <th scope="row">{t("downtime.money")}</th>
                  {intervals.map(({ id, cost }) => (
                    <td key={id} className="number">
                      {cost && formatMoney(cost.money, cost.currency, i18n.language)}
                    </td>
                  ))}
                </tr>
              </>
            )}
            {found.data?.[0]?.map((first) => (
              <KpiRow key={first.kpi} name={first.kpi} first={first} columns={found.data ?? []} ids={intervals} />
            ))}
          </tbody>
        </table>
      </div>
      <Loaded resource={found}>
        {(data) => (data[0]?.length === 0 ? <p className="hint">{t("interval.noKpis")}</p> : null)}
      </Loaded>
    </section>
  );
}

function AmountRow({
  title,
  intervals,
  part,
}: {
  title: string;
  intervals: readonly Interval[];
  part: "output" | "energy";
}) {
  const { i18n } = useTranslation();
  if (intervals.every(({ cost }) => cost?.[part] == null)) return null;
  return (
    <tr>
      <th scope="row">{title}</th>
      {intervals.map(({ id, cost }) => {
        const found = cost?.[part] ?? null;
        return (
          <td key={id} className="number">
            {found?.amount == null ? "–" : formatAmount(found.amount, found.unit, i18n.language)}
          </td>
        );
      })}
    </tr>
  );
}

function KpiRow({
  name,
  first,
  columns,
  ids,
}: {
  name: string;
  first: KpiSeries;
  columns: readonly KpiSeries[][];
  ids: readonly Interval[];
}) {
  const { i18n } = useTranslation();
  return (
    <tr data-kpi={name}>
      <th scope="row">
        {inWords(first.words, i18n.language, name)} <small>{unitSymbol(first.unit)}</small>
      </th>
      {ids.map((one, index) => {
        const series = columns[index]?.find(({ kpi }) => kpi === name);
        const result = series?.results[0];
        return (
          <td key={one.id} className="number">
            {series && result ? (
              <DerivedFigure
                facts={result}
                unit=""
                band={series.band}
                href={explainHash({ asset: series.asset, kpi: name, from: result.from, to: result.to })}
              />
            ) : (
              "–"
            )}
          </td>
        );
      })}
    </tr>
  );
}
