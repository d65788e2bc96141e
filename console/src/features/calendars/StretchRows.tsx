import { useTranslation } from "react-i18next";
import { Button } from "../../components/Button";
import { kWeekdays, type StretchDraft } from "./calendar_draft";
import { CellInput, WordsCells } from "./CellInput";

/** Shifts or breaks as rows: when on the clock, on which days, and of shifts who works them. */
export function StretchRows({
  kind,
  rows,
  onChange,
  mistakeAt,
  disabled,
}: {
  kind: "shifts" | "breaks";
  rows: readonly StretchDraft[];
  onChange: (rows: StretchDraft[]) => void;
  mistakeAt: (field: string) => string | null;
  disabled: boolean;
}) {
  const { t, i18n } = useTranslation();
  const change = (index: number, part: Partial<StretchDraft>) =>
    onChange(rows.map((row, at) => (at === index ? { ...row, ...part } : row)));
  const dayName = (index: number) =>
    new Intl.DateTimeFormat(i18n.language, { weekday: "short", timeZone: "UTC" }).format(Date.UTC(2024, 0, 1 + index));
  return (
    <fieldset className="calendar-part" disabled={disabled}>
      <legend>{t(`calendar.${kind}`)}</legend>
      {rows.length > 0 && (
        <div className="table-scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">{t("calendar.name")}</th>
                <th scope="col">{t("calendar.english")}</th>
                <th scope="col">{t("calendar.chinese")}</th>
                <th scope="col">{t("kpi.from")}</th>
                <th scope="col">{t("kpi.to")}</th>
                <th scope="col">{t("calendar.days")}</th>
                {kind === "shifts" && <th scope="col">{t("calendar.crews")}</th>}
                <th scope="col" />
              </tr>
            </thead>
            <tbody>
              {rows.map((row, index) => {
                const field = `${kind}.${index}`;
                const label = (what: string) => `${row.name || index + 1}: ${what}`;
                return (
                  // Rows have no other identity than their place.
                  // oxlint-disable-next-line react/no-array-index-key
                  <tr key={index} data-row={field}>
                    <td>
                      <CellInput
                        label={label(t("calendar.name"))}
                        value={row.name}
                        onChange={(name) => change(index, { name })}
                        mistake={mistakeAt(`${field}.name`)}
                      />
                    </td>
                    <WordsCells words={row.words} label={label} onChange={(words) => change(index, { words })} />
                    <td>
                      <CellInput
                        label={label(t("kpi.from"))}
                        value={row.from}
                        size={5}
                        onChange={(from) => change(index, { from })}
                        mistake={mistakeAt(`${field}.from`)}
                      />
                    </td>
                    <td>
                      <CellInput
                        label={label(t("kpi.to"))}
                        value={row.to}
                        size={5}
                        onChange={(to) => change(index, { to })}
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
                              change(index, {
                                on: kWeekdays.filter((one) => (one === day) !== row.on.includes(one)),
                              })
                            }
                          />
                          <small>{dayName(at)}</small>
                        </label>
                      ))}
                      {mistakeAt(`${field}.on`) && (
                        <small className="field-error block">{mistakeAt(`${field}.on`)}</small>
                      )}
                    </td>
                    {kind === "shifts" && (
                      <td>
                        <CellInput
                          label={label(t("calendar.crews"))}
                          value={row.crews}
                          size={16}
                          placeholder="A A B B C C"
                          onChange={(crews) => change(index, { crews })}
                          mistake={mistakeAt(`${field}.crews`)}
                        />
                      </td>
                    )}
                    <td>
                      <Button
                        kind="quiet"
                        aria-label={label(t("action.delete"))}
                        onPress={() => onChange(rows.filter((_, at) => at !== index))}
                      >
                        ×
                      </Button>
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
      <Button
        isDisabled={disabled}
        onPress={() =>
          onChange([...rows, { name: "", words: {}, from: "06:00", to: "14:00", on: [...kWeekdays], crews: "" }])
        }
      >
        {t(`calendar.add.${kind}`)}
      </Button>
      {kind === "shifts" && <p className="hint">{t("calendar.shiftsHint")}</p>}
    </fieldset>
  );
}
