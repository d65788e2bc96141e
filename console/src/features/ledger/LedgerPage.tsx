import { useState } from "react";
import { useTranslation } from "react-i18next";
import { getLedger } from "../../api/ledger";
import { Button } from "../../components/Button";
import { EmptyState } from "../../components/EmptyState";
import { FirstData } from "../../components/FirstData";
import { Loaded } from "../../components/Loaded";
import { State } from "../../components/State";
import { formatCount } from "../../lib/numbers";
import { browserZone, localText, parseTime } from "../../lib/time_text";
import { useResource } from "../../lib/use_resource";

const kRanges = ["now-6h", "now-24h", "now-7d"] as const;

/** What was sent, accepted and refused, by source and hour. */
export default function LedgerPage() {
  const { t, i18n } = useTranslation();
  const [from, setFrom] = useState<(typeof kRanges)[number]>("now-24h");
  const ledger = useResource(`ledger/${from}`, (signal) => getLedger(from, "now", signal), 30_000);
  const count = (value: number) => formatCount(value, i18n.language);

  return (
    <>
      <div className="page-head">
        <h1>{t("page.ledger")}</h1>
        <label className="inline-choice">
          {t("ledger.range")}
          <select value={from} onChange={(event) => setFrom(event.target.value as typeof from)}>
            {kRanges.map((range) => (
              <option key={range} value={range}>
                {t(`ledger.ranges.${range}`)}
              </option>
            ))}
          </select>
        </label>
        <Button onPress={ledger.refresh}>{t("action.refresh")}</Button>
      </div>
      <p className="subtitle">{t("ledger.explain")}</p>
      <Loaded
        resource={ledger}
        isEmpty={(rows) => rows.length === 0}
        empty={
          <EmptyState title={t("ledger.emptyTitle")}>
            <p>{t("ledger.empty")}</p>
            <FirstData />
          </EmptyState>
        }
      >
        {(rows) => (
          <div className="table-scroll">
            <table>
              <thead>
                <tr>
                  <th scope="col">{t("ledger.hour")}</th>
                  <th scope="col">{t("overview.source")}</th>
                  <th scope="col" className="number">
                    {t("ledger.batches")}
                  </th>
                  <th scope="col" className="number">
                    {t("ledger.sent")}
                  </th>
                  <th scope="col" className="number">
                    {t("overview.accepted")}
                  </th>
                  <th scope="col" className="number">
                    {t("overview.refused")}
                  </th>
                  <th scope="col" className="number">
                    {t("ledger.repeated")}
                  </th>
                </tr>
              </thead>
              <tbody>
                {[...rows].reverse().map((row) => (
                  <tr key={`${row.hour} ${row.source}`}>
                    <td className="nowrap">{localText(parseTime(row.hour), browserZone()).slice(0, 16)}</td>
                    <th scope="row">{row.source}</th>
                    <td className="number">{count(row.batches)}</td>
                    <td className="number">{count(row.sent)}</td>
                    <td className="number">{count(row.accepted)}</td>
                    <td className="number">
                      {row.refused > 0 ? <State tone="warning">{count(row.refused)}</State> : "0"}
                    </td>
                    <td className="number">{count(row.repeated)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Loaded>
    </>
  );
}
