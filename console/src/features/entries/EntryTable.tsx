import { useTranslation } from "react-i18next";
import type { Entry } from "../../api/entries";
import { State } from "../../components/State";
import { leafName } from "../../lib/tag_path";
import { endText, localText, parseTime } from "../../lib/time_text";
import { trendHash } from "../../lib/trend_url";
import { formatValue, severityOf, unitSymbol, type ValueType, type WireValue } from "../../lib/value";

const kAroundMs = 1_800_000;

/** The type that a value on its own has. */
export function typeOf(value: WireValue): ValueType {
  return typeof value === "boolean" ? "bool" : typeof value === "number" || value === "NaN" ? "double" : "string";
}

/** `user:anna` as people say it. */
export function personText(who: string): string {
  return who.replace(/^(user|token):/, "");
}

function Shown({ value, quality, unit }: { value: WireValue; quality: string; unit: string }) {
  const { i18n } = useTranslation();
  const text = `${formatValue(value, typeOf(value), i18n.language)} ${unitSymbol(unit)}`.trim();
  const severity = severityOf(quality);
  if (severity === "good") return text;
  return (
    <State tone={severity === "bad" ? "bad" : "warning"}>
      {text} <small>{quality}</small>
    </State>
  );
}

/** What was done and by whom, newest first, with the value that was superseded. */
export function EntryTable({
  entries,
  zone,
  withTag = false,
  label,
}: {
  entries: readonly Entry[];
  zone: string;
  withTag?: boolean;
  label: string;
}) {
  const { t } = useTranslation();
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="table-scroll" tabIndex={0} role="region" aria-label={label}>
      <table className="entries">
        <thead>
          <tr>
            <th scope="col">{t("entry.what")}</th>
            {withTag && <th scope="col">{t("entry.tag")}</th>}
            <th scope="col">{t("entry.time")}</th>
            <th scope="col" className="number">
              {t("entry.before")}
            </th>
            <th scope="col" className="number">
              {t("entry.after")}
            </th>
            <th scope="col">{t("entry.who")}</th>
            <th scope="col">{t("entry.why")}</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((one) => (
            <EntryRow key={one.id} entry={one} zone={zone} withTag={withTag} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function EntryRow({ entry, zone, withTag }: { entry: Entry; zone: string; withTag: boolean }) {
  const { t } = useTranslation();
  const fromMs = parseTime(entry.time ?? entry.from ?? "");
  const toMs = entry.to === null ? null : parseTime(entry.to);
  const when =
    localText(fromMs, zone) + (toMs !== null && toMs - fromMs >= 1 ? ` – ${endText(fromMs, toMs, zone)}` : "");
  return (
    <tr data-entry={entry.kind}>
      <td className="nowrap">
        {t(`entry.kind.${entry.kind}`)}
        {entry.pending && (
          <>
            {" "}
            <State tone="warning">{t("entry.pending")}</State>
          </>
        )}
      </td>
      {withTag && (
        <td>
          {entry.tag === null ? (
            t("entry.noTag")
          ) : (
            <a
              href={trendHash({
                pens: [entry.tag],
                range: { live: false, fromMs: fromMs - kAroundMs, toMs: (toMs ?? fromMs) + kAroundMs },
                limits: {},
                lanes: false,
                robust: false,
                compareMs: 0,
              })}
            >
              {leafName(entry.tag)}
            </a>
          )}
        </td>
      )}
      <td className="nowrap">{when}</td>
      <td className="number">{entry.before === null ? "–" : <Shown {...entry.before} unit={entry.unit} />}</td>
      <td className="number">
        {entry.time !== null ? (
          <Shown value={entry.value} quality={entry.quality} unit={entry.unit} />
        ) : (
          <>
            {t("entry.samples", { count: entry.samples })}
            {entry.kind === "removal" && <small> {entry.quality}</small>}
          </>
        )}
      </td>
      <td>
        {personText(entry.who)} <small className="block nowrap">{localText(parseTime(entry.received), zone)}</small>
      </td>
      <td className="wrap why">{entry.why || "–"}</td>
    </tr>
  );
}
