import { useTranslation } from "react-i18next";
import type { OfferedTemplate } from "../../api/bindings";
import { Button } from "../../components/Button";
import { shownPath } from "../../lib/tag_path";
import { inWords } from "../../lib/words";
import { keyOf, type Choice, type Row } from "./choices";

/** `Hot blast temperature` of the blast furnace, in the page's language. */
export function choiceName(choice: Choice, templates: readonly OfferedTemplate[], language: string): string {
  const template = templates.find((one) => one.name === choice.template);
  const attribute = template?.attributes.find((one) => one.name === choice.attribute);
  const owner = inWords(template?.words ?? {}, language, choice.template);
  return `${inWords(attribute?.words ?? {}, language, choice.attribute)} · ${owner}`;
}

/** Points of one page of the list, each with what it is proposed to be. */
export function BindingTable({
  rows,
  templates,
  twice,
  onSet,
  onChange,
}: {
  rows: readonly Row[];
  templates: readonly OfferedTemplate[];
  twice: ReadonlySet<string>;
  onSet: (index: number, what: Partial<Row>) => void;
  onChange: (row: Row) => void;
}) {
  const { t } = useTranslation();
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="table-scroll tall binding-table" tabIndex={0} role="region" aria-label={t("page.binding")}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t("binding.point")}</th>
            <th scope="col">{t("binding.proposal")}</th>
            <th scope="col">{t("binding.confidence")}</th>
            <th scope="col">{t("binding.why")}</th>
            <th scope="col">{t("binding.decision")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <PointRow
              key={row.index}
              row={row}
              templates={templates}
              clashes={row.decision === "accepted" && row.choice !== null && twice.has(keyOf(row.choice))}
              onSet={(what) => onSet(row.index, what)}
              onChange={() => onChange(row)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function PointRow({
  row,
  templates,
  clashes,
  onSet,
  onChange,
}: {
  row: Row;
  templates: readonly OfferedTemplate[];
  clashes: boolean;
  onSet: (what: Partial<Row>) => void;
  onChange: () => void;
}) {
  const { t, i18n } = useTranslation();
  const { point, choice, decision } = row;
  const chosen = point.proposals.findIndex((one) => one === choice);
  const reasons = chosen >= 0 ? (point.proposals[chosen]?.reasons ?? []) : [];
  return (
    <tr data-point={point.name} data-decision={decision}>
      <th scope="row" className="wrap">
        {point.path.join(" / ") || point.name}
        {(point.description || point.unit) && (
          <small className="block">{[point.description, point.unit].filter(Boolean).join(" · ")}</small>
        )}
        <small className="block">
          {point.tag
            ? t("binding.source.tag", { tag: shownPath(point.tag) })
            : t(point.node ? "binding.source.node" : "binding.source.none")}
        </small>
      </th>
      <td className="wrap">
        {point.proposals.length > 1 || (choice && chosen < 0) ? (
          <select
            aria-label={t("binding.alternatives", { name: point.name })}
            value={chosen}
            onChange={(event) => {
              const next = point.proposals[Number(event.target.value)];
              if (next) onSet({ choice: next, confidence: next.confidence });
            }}
          >
            {choice && chosen < 0 && <option value={-1}>{choiceName(choice, templates, i18n.language)}</option>}
            {point.proposals.map((one, index) => (
              <option key={`${one.template}/${one.attribute}`} value={index}>
                {choiceName(one, templates, i18n.language)} ({Math.round(one.confidence * 100)} %)
              </option>
            ))}
          </select>
        ) : (
          (choice && choiceName(choice, templates, i18n.language)) || t("binding.none")
        )}
        {choice && (
          <small className="block">
            {shownPath(choice.asset)}
            {choice.unit && ` · ${choice.unit}`}
            {choice.range && ` · ${choice.range[0]} … ${choice.range[1]}`}
          </small>
        )}
        {clashes && <small className="block binding-clash">! {t("binding.twice")}</small>}
      </td>
      <td className="nowrap">
        {row.confidence !== null && (
          <>
            <span className="binding-sure" aria-hidden="true">
              <span style={{ width: `${Math.round(row.confidence * 100)}%` }} />
            </span>{" "}
            {Math.round(row.confidence * 100)} %
          </>
        )}
      </td>
      <td className="wrap binding-why">
        {reasons.map((reason) => (
          <small key={reason} className="block">
            {reason}
          </small>
        ))}
      </td>
      <td>
        <div className="row-actions">
          {decision === "open" ? (
            <>
              {choice && (
                <Button kind="primary" onPress={() => onSet({ decision: "accepted" })}>
                  {t("binding.accept")}
                </Button>
              )}
              <Button onPress={() => onSet({ decision: "skipped" })}>{t("binding.skip")}</Button>
            </>
          ) : (
            <>
              <span>{t(`binding.filters.${decision}`)}</span>
              <Button kind="quiet" onPress={() => onSet({ decision: "open" })}>
                {t("binding.reopen")}
              </Button>
            </>
          )}
          <Button kind="quiet" onPress={onChange}>
            {t("binding.change")}
          </Button>
        </div>
      </td>
    </tr>
  );
}
