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
import {
  choicesOf,
  groupsOf,
  isShown,
  kNoFilter,
  regionsOf,
  totalsOf,
  type Filter,
  type Grouping,
} from "./platform_view";

/** The installation at a glance: which enterprises are online and how much they send. Never a raw tag. */
export default function PlatformPage() {
  const { t, i18n } = useTranslation();
  const platform = useResource("platform", getPlatform, 3_000);
  const [grouping, setGrouping] = useState<Grouping>("industry");
  const [filter, setFilter] = useState<Filter>(kNoFilter);
  const [dialog, setDialog] = useState<"new" | { link: string } | null>(null);

  return (
    <>
      <div className="page-head">
        <h1>{t("page.platform")}</h1>
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
        {({ enterprises, totals }) => {
          const shown = enterprises.filter((one) => isShown(one, filter));
          const sums = totalsOf(shown);
          return (
            <>
              <dl className="figures">
                <Figure
                  label={t("platform.online")}
                  value={`${sums.online} / ${sums.enterprises}`}
                  tone={sums.online < sums.enterprises ? "warning" : "normal"}
                  note={shown.length < enterprises.length ? t("platform.ofAll", { total: enterprises.length }) : null}
                />
                <Figure label={t("figure.rate")} value={formatRate(sums.rate, i18n.language)} />
                <Figure label={t("figure.tags")} value={formatCount(sums.tags, i18n.language)} />
                <Figure label={t("platform.sites")} value={formatCount(sums.sites, i18n.language)} />
                <Figure
                  label={t("page.connections")}
                  value={`${sums.connectionsRunning} / ${sums.connections}`}
                  tone={sums.connectionsRunning < sums.connections ? "warning" : "normal"}
                />
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
              <Filters
                enterprises={enterprises}
                grouping={grouping}
                onGrouping={setGrouping}
                filter={filter}
                onFilter={setFilter}
              />
              {shown.length === 0 ? (
                <p>
                  {t("platform.noMatch")} <Button onPress={() => setFilter(kNoFilter)}>{t("platform.clear")}</Button>
                </p>
              ) : (
                <EnterpriseTable enterprises={shown} grouping={grouping} onLink={(code) => setDialog({ link: code })} />
              )}
            </>
          );
        }}
      </Loaded>
      {dialog === "new" && <NewEnterpriseDialog onClose={() => setDialog(null)} onCreated={platform.refresh} />}
      {dialog !== null && dialog !== "new" && <LinkDialog code={dialog.link} onClose={() => setDialog(null)} />}
    </>
  );
}

function Filters({
  enterprises,
  grouping,
  onGrouping,
  filter,
  onFilter,
}: {
  enterprises: PlatformEnterprise[];
  grouping: Grouping;
  onGrouping: (grouping: Grouping) => void;
  filter: Filter;
  onFilter: (filter: Filter) => void;
}) {
  const { t } = useTranslation();
  const industryName = useIndustry();
  const choice = (key: "industry" | "region") => (
    <label className="inline-choice">
      {t(`platform.${key}`)}
      <select value={filter[key]} onChange={(event) => onFilter({ ...filter, [key]: event.target.value })}>
        <option value="">{t("platform.all")}</option>
        {choicesOf(enterprises, key).map((one) => (
          <option key={one} value={one}>
            {key === "industry" ? industryName(one) : one}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <div className="toolbar">
      <label className="inline-choice">
        {t("platform.groupBy")}
        <select value={grouping} onChange={(event) => onGrouping(event.target.value as Grouping)}>
          <option value="industry">{t("platform.industry")}</option>
          <option value="region">{t("platform.region")}</option>
        </select>
      </label>
      <label className="inline-choice">
        <span className="hidden-label">{t("platform.find")}</span>
        <input
          type="search"
          value={filter.text}
          placeholder={t("platform.find")}
          onChange={(event) => onFilter({ ...filter, text: event.target.value })}
        />
      </label>
      {choice("industry")}
      {choice("region")}
      <label className="inline-choice">
        {t("platform.state")}
        <select
          value={filter.state}
          onChange={(event) => onFilter({ ...filter, state: event.target.value as Filter["state"] })}
        >
          <option value="">{t("platform.all")}</option>
          <option value="online">{t("platform.isOnline")}</option>
          <option value="degraded">{t("platform.isDegraded")}</option>
          <option value="offline">{t("platform.isOffline")}</option>
          <option value="new">{t("platform.isNew")}</option>
        </select>
      </label>
    </div>
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
  const groups = useMemo(() => groupsOf(enterprises, grouping), [enterprises, grouping]);
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
        {groups.map(({ key: group, members, totals }) => (
          <tbody key={group}>
            <tr className="group">
              <th scope="rowgroup" colSpan={8}>
                {(grouping === "industry" ? industryName(group) : group) || t("platform.unnamed")}{" "}
                <small>
                  {t("platform.onlineOf", { online: totals.online, total: totals.enterprises })}
                  {" · "}
                  {t("platform.rateOf", { rate: formatRate(totals.rate, i18n.language) })}
                </small>
              </th>
            </tr>
            {members.map((enterprise) => (
              <tr key={enterprise.code} data-enterprise={enterprise.code}>
                <th scope="row">
                  {enterprise.name} <span className="code">{enterprise.code}</span>{" "}
                  {enterprise.simulated && <SimulatedMark short />}
                </th>
                <td>{other === "industry" ? industryName(enterprise.industry) : regionsOf(enterprise).join(", ")}</td>
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
  if (enterprise.state === "online") return <State tone="normal">{t("platform.isOnline")}</State>;
  if (enterprise.state === "degraded") return <State tone="warning">{t("platform.isDegraded")}</State>;
  if (enterprise.state === "new") return <State tone="off">{t("platform.isNew")}</State>;
  return <State tone="bad">{t("platform.isOffline")}</State>;
}
