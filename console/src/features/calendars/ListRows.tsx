import { useTranslation } from "react-i18next";
import type { CalendarDraft } from "./calendar_draft";
import { CellInput, WordsCells } from "./CellInput";
import { RowsPart, type PartProps } from "./RowsPart";

interface Props extends PartProps {
  draft: CalendarDraft;
  onChange: (part: Partial<CalendarDraft>) => void;
}

/** Holidays, targets of KPIs and reasons of downtimes: a list of rows each. */
export function ListRows(props: Props) {
  return (
    <>
      <Holidays {...props} />
      <Targets {...props} />
      <Reasons {...props} />
    </>
  );
}

function Holidays({ draft, onChange, mistakeAt, disabled }: Props) {
  const { t } = useTranslation();
  return (
    <RowsPart
      part="holidays"
      rows={draft.holidays}
      columns={[t("calendar.date"), t("calendar.english"), t("calendar.chinese")]}
      fresh={{ date: "", words: {} }}
      nameOf={({ date }) => date}
      onChange={(holidays) => onChange({ holidays })}
      disabled={disabled}
      hint={t("calendar.holidaysHint")}
      short
      cells={({ row, name, number, field, change }) => (
        <>
          <td>
            <CellInput
              type="date"
              label={`${number}: ${t("calendar.date")}`}
              value={row.date}
              onChange={(date) => change({ date })}
              mistake={mistakeAt(`${field}.date`)}
            />
          </td>
          <WordsCells words={row.words} label={(what) => `${name}: ${what}`} onChange={(words) => change({ words })} />
        </>
      )}
    />
  );
}

function Targets({ draft, onChange, mistakeAt, disabled }: Props) {
  const { t } = useTranslation();
  return (
    <RowsPart
      part="targets"
      rows={draft.targets}
      columns={[t("kpi.name"), t("calendar.target")]}
      fresh={{ name: "", value: "" }}
      nameOf={({ name }) => name}
      onChange={(targets) => onChange({ targets })}
      disabled={disabled}
      hint={t("calendar.targetsHint")}
      cells={({ row, name, number, field, change }) => (
        <>
          <td>
            <CellInput
              label={`${number}: ${t("kpi.name")}`}
              value={row.name}
              size={24}
              onChange={(named) => change({ name: named })}
            />
          </td>
          <td>
            <CellInput
              label={`${name}: ${t("calendar.target")}`}
              value={row.value}
              onChange={(value) => change({ value })}
              mistake={mistakeAt(`${field}.value`)}
            />
          </td>
        </>
      )}
    />
  );
}

function Reasons({ draft, onChange, mistakeAt, disabled }: Props) {
  const { t } = useTranslation();
  const codes = draft.reasons.map(({ code }) => code);
  return (
    <RowsPart
      part="reasons"
      rows={draft.reasons}
      columns={[
        t("calendar.code"),
        t("calendar.english"),
        t("calendar.chinese"),
        t("calendar.category"),
        t("calendar.within"),
      ]}
      fresh={{ code: "", category: "unplanned", within: "", words: {} }}
      nameOf={({ code }) => code}
      onChange={(reasons) => onChange({ reasons })}
      disabled={disabled}
      hint={t("calendar.reasonsHint")}
      cells={({ row, name, number, field, change }) => (
        <>
          <td>
            <CellInput
              label={`${number}: ${t("calendar.code")}`}
              value={row.code}
              onChange={(code) => change({ code })}
              mistake={mistakeAt(`${field}.code`)}
            />
          </td>
          <WordsCells words={row.words} label={(what) => `${name}: ${what}`} onChange={(words) => change({ words })} />
          <td>
            <select
              aria-label={`${name}: ${t("calendar.category")}`}
              value={row.category}
              onChange={(event) => change({ category: event.target.value as typeof row.category })}
            >
              <option value="unplanned">{t("downtime.unplanned")}</option>
              <option value="planned">{t("downtime.planned")}</option>
            </select>
          </td>
          <td>
            <select
              aria-label={`${name}: ${t("calendar.within")}`}
              aria-invalid={mistakeAt(`${field}.within`) ? true : undefined}
              value={row.within}
              onChange={(event) => change({ within: event.target.value })}
            >
              <option value="">{t("calendar.noGroup")}</option>
              {[...new Set([...codes, row.within])]
                .filter((code) => code !== "" && code !== row.code)
                .map((code) => (
                  <option key={code} value={code}>
                    {code}
                  </option>
                ))}
            </select>
            {mistakeAt(`${field}.within`) && (
              <small className="field-error block">{mistakeAt(`${field}.within`)}</small>
            )}
          </td>
        </>
      )}
    />
  );
}
