import { useState } from "react";
import { useTranslation } from "react-i18next";
import { getAudit } from "../../api/audit";
import { Button } from "../../components/Button";
import { Loaded } from "../../components/Loaded";
import { browserZone, localText, parseTime } from "../../lib/time_text";
import { useResource } from "../../lib/use_resource";

const kPageEntries = 100;

/** Who changed what, newest first. */
export default function AuditPage() {
  const { t } = useTranslation();
  const [starts, setStarts] = useState<(number | undefined)[]>([undefined]);
  const before = starts[starts.length - 1];
  const audit = useResource(`audit/${before ?? ""}`, (signal) => getAudit(before, kPageEntries, signal));

  return (
    <>
      <div className="page-head">
        <h1>{t("page.audit")}</h1>
        <Button onPress={audit.refresh}>{t("action.refresh")}</Button>
      </div>
      <Loaded resource={audit} isEmpty={(data) => data.entries.length === 0} empty={<p>{t("audit.empty")}</p>}>
        {(data) => (
          <>
            <div className="table-scroll">
              <table>
                <thead>
                  <tr>
                    <th scope="col" className="number">
                      {t("audit.number")}
                    </th>
                    <th scope="col">{t("audit.time")}</th>
                    <th scope="col">{t("audit.actor")}</th>
                    <th scope="col">{t("audit.action")}</th>
                    <th scope="col">{t("audit.object")}</th>
                    <th scope="col">{t("audit.outcome")}</th>
                    <th scope="col">{t("audit.detail")}</th>
                  </tr>
                </thead>
                <tbody>
                  {data.entries.map((entry) => (
                    <tr key={entry.number}>
                      <td className="number">{entry.number}</td>
                      <td className="nowrap">{localText(parseTime(entry.time), browserZone())}</td>
                      <td>{entry.actor}</td>
                      <td>{entry.action}</td>
                      <td className="wrap">{entry.object}</td>
                      <td>{entry.outcome === "done" ? t("audit.done") : entry.outcome}</td>
                      <td className="wrap">{entry.detail}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            <div className="actions">
              <Button isDisabled={starts.length === 1} onPress={() => setStarts((old) => old.slice(0, -1))}>
                {t("audit.newer")}
              </Button>
              <Button
                isDisabled={data.next === null}
                onPress={() => data.next !== null && setStarts((old) => [...old, data.next ?? undefined])}
              >
                {t("audit.older")}
              </Button>
            </div>
          </>
        )}
      </Loaded>
    </>
  );
}
