import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { getPlatform, type PlatformEnterprise } from "../../api/platform";
import { Age } from "../../components/Age";
import { Button } from "../../components/Button";
import { EmptyState } from "../../components/EmptyState";
import { Figure } from "../../components/Figure";
import { Loaded } from "../../components/Loaded";
import { SimulatedMark, State } from "../../components/State";
import { formatBytes, formatCount, formatRate } from "../../lib/numbers";
import { parseTime } from "../../lib/time_text";
import { useIndustry } from "../../lib/use_industry";
import { useNow } from "../../lib/use_now";
import { useResource } from "../../lib/use_resource";
import { LinkDialog } from "./LinkDialog";
import { NewEnterpriseDialog } from "./NewEnterpriseDialog";

type Grouping = "industry" | "region";

/** The installation at a glance: which enterprises are online and how much they send. Never a raw tag. */
export default function PlatformPage() {
  const { t, i18n } = useTranslation();
  const platform = useResource("platform", getPlatform, 3_000);
  const [grouping, setGrouping] = useState<Grouping>("industry");
  const [dialog, setDialog] = useState<"new" | { link: string } | null>(null);

  return (
    <>
      <div className="page-head">
        <h1>{t("page.platform")}</h1>
        <label className="inline-choice">
          {t("platform.groupBy")}
          <select value={grouping} onChange={(event) => setGrouping(event.target.value as Grouping)}>
            <option value="industry">{t("platform.industry")}</option>
            <option value="region">{t("platform.region")}</option>
          </select>
        </label>
        <Button kind="primary" onPress={() => setDialog("new")}>
          {t("platform.create")}
        </Button>
      </div>
      <Loaded
        resource={platform}
        isEmpty={(data) => data.enterprises.length === 0}
        empty={
          <EmptyState title={t("platform.emptyTitle")}>
            <p>{t("platform.empty")}</p>
            <Button kind="primary" onPress={() => setDialog("new")}>
              {t("platform.create")}
            </Button>
          </EmptyState>
        }
      >
        {({ enterprises, totals }) => (
          <>
            <dl className="figures">
              <Figure
                label={t("platform.online")}
                value={`${totals.online} / ${totals.enterprises}`}
                tone={totals.online < totals.enterprises ? "warning" : "normal"}
              />
              <Figure label={t("figure.rate")} value={formatRate(totals.samples_per_second, i18n.language)} />
              <Figure label={t("figure.tags")} value={formatCount(totals.tags, i18n.language)} />
              <Figure
                label={t("platform.stored")}
                value={formatBytes(totals.block_bytes + totals.journal_bytes, i18n.language)}
                note={t("platform.head", { samples: formatCount(totals.head_samples, i18n.language) })}
              />
              {totals.disk_free_bytes !== null && (
                <Figure
                  label={t("platform.diskFree")}
                  value={formatBytes(totals.disk_free_bytes, i18n.language)}
                  tone={totals.disk_full ? "bad" : "normal"}
                  note={totals.disk_full ? t("platform.diskFull") : null}
                />
              )}
              <Figure
                label={t("platform.damage")}
                value={formatCount(totals.damage, i18n.language)}
                tone={totals.damage > 0 ? "bad" : "normal"}
              />
            </dl>
            <EnterpriseTable
              enterprises={enterprises}
              grouping={grouping}
              onLink={(code) => setDialog({ link: code })}
            />
          </>
        )}
      </Loaded>
      {dialog === "new" && <NewEnterpriseDialog onClose={() => setDialog(null)} onCreated={platform.refresh} />}
      {dialog !== null && dialog !== "new" && <LinkDialog code={dialog.link} onClose={() => setDialog(null)} />}
    </>
  );
}

function EnterpriseTable({
  enterprises,
  grouping,
  onLink,
}: {
  enterprises: PlatformEnterprise[];
  grouping: Grouping;
  onLink: (code: string) => void;
}) {
  const { t, i18n } = useTranslation();
  const now = useNow();
  const groups = useMemo(() => {
    const found = new Map<string, PlatformEnterprise[]>();
    for (const enterprise of enterprises) {
      const key = enterprise[grouping];
      found.set(key, [...(found.get(key) ?? []), enterprise]);
    }
    return [...found].sort(([a], [b]) => a.localeCompare(b));
  }, [enterprises, grouping]);
  const industryName = useIndustry();
  const other = grouping === "industry" ? "region" : "industry";

  return (
    <div className="table-scroll">
      <table>
        <caption className="hidden-label">{t("page.platform")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("platform.enterprise")}</th>
            <th scope="col">{t(`platform.${other}`)}</th>
            <th scope="col">{t("platform.state")}</th>
            <th scope="col" className="number">
              {t("figure.rate")}
            </th>
            <th scope="col" className="number">
              {t("figure.tags")}
            </th>
            <th scope="col" className="number">
              {t("page.connections")}
            </th>
            <th scope="col" className="number">
              {t("platform.lastSample")}
            </th>
            <th scope="col">
              <span className="hidden-label">{t("action.actions")}</span>
            </th>
          </tr>
        </thead>
        {groups.map(([group, members]) => (
          <tbody key={group}>
            <tr className="group">
              <th scope="rowgroup" colSpan={8}>
                {(grouping === "industry" ? industryName(group) : group) || t("platform.unnamed")}{" "}
                <small>
                  {t("platform.onlineOf", {
                    online: members.filter((member) => member.online).length,
                    total: members.length,
                  })}
                </small>
              </th>
            </tr>
            {members.map((enterprise) => (
              <tr key={enterprise.code} data-enterprise={enterprise.code}>
                <th scope="row">
                  {enterprise.name} <span className="code">{enterprise.code}</span>{" "}
                  {enterprise.simulated && <SimulatedMark short />}
                </th>
                <td>{other === "industry" ? industryName(enterprise.industry) : enterprise.region}</td>
                <td>
                  <EnterpriseState enterprise={enterprise} />
                </td>
                <td className="number">{formatRate(enterprise.samples_per_second, i18n.language)}</td>
                <td className="number">{formatCount(enterprise.tags, i18n.language)}</td>
                <td className="number">
                  {enterprise.connections_running < enterprise.connections ? (
                    <State tone="warning">{`${enterprise.connections_running} / ${enterprise.connections}`}</State>
                  ) : (
                    `${enterprise.connections_running} / ${enterprise.connections}`
                  )}
                </td>
                <td className="number">
                  {enterprise.last_sample === null ? "–" : <Age ms={now - parseTime(enterprise.last_sample)} />}
                </td>
                <td className="row-actions">
                  <Button kind="quiet" onPress={() => onLink(enterprise.code)}>
                    {t("platform.link")}
                    <span className="hidden-label"> {enterprise.name}</span>
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}

/** One that was made and never sent anything is not out of order. */
function EnterpriseState({ enterprise }: { enterprise: PlatformEnterprise }) {
  const { t } = useTranslation();
  if (enterprise.online) return <State tone="normal">{t("platform.isOnline")}</State>;
  if (enterprise.last_sample === null) return <State tone="off">{t("platform.isNew")}</State>;
  return <State tone="bad">{t("platform.isOffline")}</State>;
}
