import { useTranslation } from "react-i18next";
import { kWeekdays, type StretchDraft } from "./calendar_draft";
import { CellInput, WordsCells } from "./CellInput";
import { RowsPart, type PartProps } from "./RowsPart";

interface Props extends PartProps {
  kind: "shifts" | "breaks";
  rows: readonly StretchDraft[];
  onChange: (rows: StretchDraft[]) => void;
}

/** Shifts or breaks as rows: when on the clock, on which days, and of shifts who works them. */
export function StretchRows({ kind, rows, onChange, mistakeAt, disabled }: Props) {
  const { t, i18n } = useTranslation();
  const dayName = (index: number) =>
    new Intl.DateTimeFormat(i18n.language, { weekday: "short", timeZone: "UTC" }).format(Date.UTC(2024, 0, 1 + index));
  const isShifts = kind === "shifts";
  return (
    <RowsPart
      part={kind}
      rows={rows}
      columns={[
        t("calendar.name"),
        t("calendar.english"),
        t("calendar.chinese"),
        t("kpi.from"),
        t("kpi.to"),
        t("calendar.days"),
        ...(isShifts ? [t("calendar.crews")] : []),
      ]}
      fresh={{ name: "", words: {}, from: "06:00", to: "14:00", on: [...kWeekdays], crews: "" }}
      nameOf={({ name }) => name}
      onChange={onChange}
      disabled={disabled}
      hint={isShifts ? t("calendar.shiftsHint") : undefined}
      cells={({ row, name, field, change }) => {
        const label = (what: string) => `${name}: ${what}`;
        return (
          <>
            <td>
              <CellInput
                label={label(t("calendar.name"))}
                value={row.name}
                onChange={(name) => change({ name })}
                mistake={mistakeAt(`${field}.name`)}
              />
            </td>
            <WordsCells words={row.words} label={label} onChange={(words) => change({ words })} />
            <td>
              <CellInput
                label={label(t("kpi.from"))}
                value={row.from}
                size={5}
                onChange={(from) => change({ from })}
                mistake={mistakeAt(`${field}.from`)}
              />
            </td>
            <td>
              <CellInput
                label={label(t("kpi.to"))}
                value={row.to}
                size={5}
                onChange={(to) => change({ to })}
                mistake={mistakeAt(`${field}.to`)}
              />
            </td>
            <td className="nowrap">
              {kWeekdays.map((day, at) => (
                <label key={day} className="day-choice">
                  <input
                    type="checkbox"
                    checked={row.on.includes(day)}
                    onChange={() =>
                      change({
                        on: kWeekdays.filter((one) => (one === day) !== row.on.includes(one)),
                      })
                    }
                  />
                  <small>{dayName(at)}</small>
                </label>
              ))}
              {mistakeAt(`${field}.on`) && <small className="field-error block">{mistakeAt(`${field}.on`)}</small>}
            </td>
            {isShifts && (
              <td>
                <CellInput
                  label={label(t("calendar.crews"))}
                  value={row.crews}
                  size={16}
                  placeholder="A A B B C C"
                  onChange={(crews) => change({ crews })}
                  mistake={mistakeAt(`${field}.crews`)}
                />
              </td>
            )}
          </>
        );
      }}
    />
  );
}
