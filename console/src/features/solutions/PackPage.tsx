import { useTranslation } from "react-i18next";
import type { AlarmDefinition, Attribute, KpiDefinition } from "../../api/definitions";
import { kindOf } from "../../api/definitions";
import { getPack, type Pack, type PackSummary, type PackTemplate } from "../../api/packs";
import { Loaded } from "../../components/Loaded";
import { limitsText } from "../../lib/limits_text";
import { unitSymbol } from "../../lib/value";
import { useResource } from "../../lib/use_resource";
import { inWords } from "../../lib/words";
import { AppliedVersion, ApplyButton, PackPicture, UsedBySummary, UsedByTable } from "./PackCard";
import { packDescription, packName } from "./pack_text";

/** `#/solutions/NAME`: what a pack holds, in words. */
export function PackPage({
  name,
  round,
  onApply,
}: {
  name: string;
  round: number;
  onApply: ((pack: PackSummary) => void) | null;
}) {
  const { t } = useTranslation();
  const pack = useResource(`pack/${name}/${round}`, (signal) => getPack(name, signal));
  return (
    <>
      <p>
        <a href="#/solutions">{t("solutions.toList")}</a>
      </p>
      <Loaded resource={pack}>{(data) => <PackBody pack={data} onApply={onApply && (() => onApply(data))} />}</Loaded>
    </>
  );
}

function PackBody({ pack, onApply }: { pack: Pack; onApply: (() => void) | null }) {
  const { t, i18n } = useTranslation();
  const name = packName(pack, i18n.language);
  const kpis = pack.definitions.flatMap((one) => one.kpis.map((kpi) => ({ ...kpi, of: one.name })));
  const alarms = pack.definitions.flatMap((one) => one.alarms.map((alarm) => ({ ...alarm, of: one.name })));
  const templateName = (key: string) =>
    inWords(pack.definitions.find((one) => one.name === key)?.words ?? {}, i18n.language, key);
  return (
    <>
      <div className="page-head">
        <h1>{name}</h1>
        {pack.used_by === null ? <AppliedVersion pack={pack} /> : <UsedBySummary pack={pack} />}
        <ApplyButton pack={pack} onApply={onApply} />
      </div>
      <p>{packDescription(pack, i18n.language)}</p>
      {pack.applied !== null && (
        <p>
          <a href={`#/screens/${encodeURIComponent(pack.name)}`}>{t("solutions.toScreens")}</a>
        </p>
      )}
      <PackPicture pack={pack} label={t("solutions.picture", { name })} />
      {pack.used_by !== null && (
        <section aria-labelledby="pack-used">
          <h2 id="pack-used">{t("solutions.usedTitle")}</h2>
          <UsedByTable pack={pack} />
        </section>
      )}
      <section aria-labelledby="pack-templates">
        <h2 id="pack-templates">{t("solutions.templatesTitle")}</h2>
        {pack.definitions.map((one) => (
          <TemplateDetails key={one.name} template={one} templateName={templateName} />
        ))}
      </section>
      <section aria-labelledby="pack-kpis">
        <h2 id="pack-kpis">{t("solutions.kpisTitle")}</h2>
        {kpis.length === 0 ? <p>{t("solutions.noKpis")}</p> : <KpiTable kpis={kpis} templateName={templateName} />}
      </section>
      <section aria-labelledby="pack-alarms">
        <h2 id="pack-alarms">{t("solutions.alarmsTitle")}</h2>
        {alarms.length === 0 ? (
          <p>{t("solutions.noAlarms")}</p>
        ) : (
          <AlarmTable alarms={alarms} templateName={templateName} />
        )}
      </section>
    </>
  );
}

function TemplateDetails({
  template,
  templateName,
}: {
  template: PackTemplate;
  templateName: (key: string) => string;
}) {
  const { t, i18n } = useTranslation();
  return (
    <details className="fold">
      <summary>
        {inWords(template.words, i18n.language, template.name)}{" "}
        <small>
          {t("solutions.attributes", { count: template.attributes.length })}
          {template.extends && ` · ${t("solutions.extends", { name: templateName(template.extends) })}`}
        </small>
      </summary>
      {template.attributes.length > 0 && (
        <div className="table-scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">{t("plant.attribute")}</th>
                <th scope="col">{t("assets.unit")}</th>
                <th scope="col">{t("plant.normal")}</th>
                <th scope="col">{t("plant.valid")}</th>
                <th scope="col">{t("plant.source")}</th>
              </tr>
            </thead>
            <tbody>
              {template.attributes.map((one) => (
                <AttributeRow key={one.name} attribute={one} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}

function AttributeRow({ attribute }: { attribute: Attribute }) {
  const { t, i18n } = useTranslation();
  const kind = kindOf(attribute);
  return (
    <tr>
      <th scope="row">
        {inWords(attribute.words, i18n.language, attribute.name)} <small className="code">{attribute.name}</small>
      </th>
      <td>{unitSymbol(attribute.unit)}</td>
      <td className="nowrap">{limitsText(attribute.normal, i18n.language)}</td>
      <td className="nowrap">{limitsText(attribute.valid, i18n.language)}</td>
      <td className="wrap">
        {kind === "measured" && t("plant.measured")}
        {kind === "constant" && `${t("plant.constant")} ${String(attribute.constant ?? "")}`}
        {kind === "formula" && <code>{attribute.formula}</code>}
      </td>
    </tr>
  );
}

function KpiTable({ kpis, templateName }: { kpis: KpiDefinition[]; templateName: (key: string) => string }) {
  const { t, i18n } = useTranslation();
  return (
    <div className="table-scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">{t("kpi.name")}</th>
            <th scope="col">{t("solutions.of")}</th>
            <th scope="col">{t("kpi.band")}</th>
            <th scope="col">{t("kpi.better")}</th>
            <th scope="col">{t("plant.formula")}</th>
          </tr>
        </thead>
        <tbody>
          {kpis.map((kpi) => (
            <tr key={`${kpi.of} ${kpi.name}`}>
              <th scope="row">{inWords(kpi.words, i18n.language, kpi.name)}</th>
              <td>{templateName(kpi.of)}</td>
              <td className="nowrap">{[limitsText(kpi.band, i18n.language), unitSymbol(kpi.unit)].join(" ").trim()}</td>
              <td>{t(kpi.better === "more" ? "kpi.more" : "kpi.less")}</td>
              <td className="wrap">
                <code>{kpi.ratio ? `(${kpi.ratio.of}) / (${kpi.ratio.by})` : kpi.value}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const kPriorities = ["medium", "high", "critical"] as const;

function AlarmTable({ alarms, templateName }: { alarms: AlarmDefinition[]; templateName: (key: string) => string }) {
  const { t, i18n } = useTranslation();
  const priority = (name: string) => {
    const known = kPriorities.find((word) => word === name);
    return known ? t(`alarm.priorities.${known}`) : name;
  };
  return (
    <div className="table-scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">{t("alarm.name")}</th>
            <th scope="col">{t("solutions.of")}</th>
            <th scope="col">{t("alarm.priority")}</th>
            <th scope="col">{t("alarm.when")}</th>
            <th scope="col">{t("alarm.advice")}</th>
          </tr>
        </thead>
        <tbody>
          {alarms.map((alarm) => (
            <tr key={`${alarm.of} ${alarm.name}`}>
              <th scope="row">{inWords(alarm.words, i18n.language, alarm.name)}</th>
              <td>{templateName(alarm.of)}</td>
              <td>{priority(alarm.priority)}</td>
              <td className="wrap">
                <code>{alarm.when}</code>
                {alarm.on_delay && <small className="block">{t("alarm.onDelay", { time: alarm.on_delay })}</small>}
              </td>
              <td>{inWords(alarm.advice, i18n.language, "")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
