import { useState } from "react";
import { useTranslation } from "react-i18next";
import { pictureAddress, type PackSummary } from "../../api/packs";
import { Button } from "../../components/Button";
import { SimulatedMark, State } from "../../components/State";
import { formatCount } from "../../lib/numbers";
import { browserZone, localText, parseTime } from "../../lib/time_text";
import { compareVersions, packDescription, packName, packState } from "./pack_text";

/** One pack of the catalogue: picture, what it measures, and the version that is applied here. */
export function PackCard({ pack, onApply }: { pack: PackSummary; onApply: (() => void) | null }) {
  const { t, i18n } = useTranslation();
  const name = packName(pack, i18n.language);
  const address = `#/solutions/${encodeURIComponent(pack.name)}`;
  const count = (value: number) => formatCount(value, i18n.language);
  const facts = [
    t("solutions.templates", { count: pack.templates, text: count(pack.templates) }),
    t("solutions.attributesText", { count: pack.attributes, text: count(pack.attributes) }),
    t("solutions.kpis", { count: pack.kpis, text: count(pack.kpis) }),
    t("solutions.alarms", { count: pack.alarms, text: count(pack.alarms) }),
    t("solutions.intervals", { count: pack.intervals, text: count(pack.intervals) }),
  ];
  return (
    <li className="card" data-pack={pack.name}>
      <PackPicture pack={pack} label={t("solutions.picture", { name })} />
      <div className="card-body">
        <h2>
          <a href={address}>{name}</a>
        </h2>
        <p>{packDescription(pack, i18n.language)}</p>
        <p className="subtitle">{facts.join(" · ")}</p>
        <p>{pack.used_by === null ? <AppliedVersion pack={pack} /> : <UsedBySummary pack={pack} />}</p>
        <div className="actions">
          <a className="button" href={address}>
            {t("solutions.look")}
          </a>
          <ApplyButton pack={pack} onApply={onApply} />
        </div>
      </div>
    </li>
  );
}

export function ApplyButton({
  pack,
  onApply,
}: {
  pack: Pick<PackSummary, "version" | "applied">;
  onApply: (() => void) | null;
}) {
  const { t } = useTranslation();
  const state = packState(pack);
  if (onApply === null || state === "current" || state === "newer") return null;
  return (
    <Button kind="primary" onPress={onApply}>
      {t(state === "none" ? "solutions.install" : "solutions.upgrade")}
    </Button>
  );
}

/** For the platform operator: how many enterprises have it, and whether any has an older version. */
export function UsedBySummary({ pack }: { pack: Pick<PackSummary, "version" | "used_by"> }) {
  const { t } = useTranslation();
  const uses = pack.used_by ?? [];
  const older = uses.filter((use) => compareVersions(use.version, pack.version) < 0).length;
  if (uses.length === 0) return <State tone="off">{t("solutions.usedByNobody", { version: pack.version })}</State>;
  return (
    <>
      <State tone="normal">{t("solutions.usedBy", { count: uses.length, version: pack.version })}</State>
      {older > 0 && <State tone="warning">{t("solutions.usedOlder", { count: older })}</State>}
    </>
  );
}

/** For the platform operator: which enterprises have it, and in which version. */
export function UsedByTable({ pack }: { pack: Pick<PackSummary, "version" | "used_by"> }) {
  const { t } = useTranslation();
  const uses = pack.used_by ?? [];
  if (uses.length === 0) return <p>{t("solutions.usedByNobodyText")}</p>;
  return (
    <div className="table-scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">{t("platform.enterprise")}</th>
            <th scope="col">{t("platform.region")}</th>
            <th scope="col">{t("solutions.version")}</th>
          </tr>
        </thead>
        <tbody>
          {uses.map((use) => (
            <tr key={use.code} data-enterprise={use.code}>
              <th scope="row">
                {use.name} <span className="code">{use.code}</span> {use.simulated && <SimulatedMark short />}
              </th>
              <td>{use.region}</td>
              <td>
                <AppliedVersion pack={{ version: pack.version, applied: { version: use.version, time: "" } }} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function AppliedVersion({ pack }: { pack: Pick<PackSummary, "version" | "applied"> }) {
  const { t } = useTranslation();
  const state = packState(pack);
  if (pack.applied === null) return <State tone="off">{t("solutions.notInstalled", { version: pack.version })}</State>;
  const since = pack.applied.time ? localText(parseTime(pack.applied.time), browserZone()).slice(0, 16) : "";
  const versions = { version: pack.applied.version, newest: pack.version };
  return (
    <>
      {state === "current" && <State tone="normal">{t("solutions.installed", versions)}</State>}
      {state === "older" && <State tone="warning">{t("solutions.outdated", versions)}</State>}
      {state === "newer" && <State tone="warning">{t("solutions.ahead", versions)}</State>}
      {since && <small> {t("solutions.since", { time: since })}</small>}
    </>
  );
}

/** An image element: whatever a drawing holds stays outside of the page. A pack without one says so. */
export function PackPicture({ pack, label }: { pack: Pick<PackSummary, "drawing">; label: string }) {
  const { t } = useTranslation();
  const [missing, setMissing] = useState(false);
  const address = pictureAddress(pack);
  if (missing || address === null) return <div className="picture missing">{t("solutions.noPicture")}</div>;
  return <img className="picture" src={address} alt={label} loading="lazy" onError={() => setMissing(true)} />;
}
