import { useTranslation } from "react-i18next";
import { Button } from "../../components/Button";
import type { CalendarDraft } from "./calendar_draft";
import { CellInput, WordsCells } from "./CellInput";

interface Props {
  draft: CalendarDraft;
  onChange: (part: Partial<CalendarDraft>) => void;
  mistakeAt: (field: string) => string | null;
  disabled: boolean;
}

/** Holidays, targets of KPIs and reasons of downtimes: a list of rows each. */
export function ListRows({ draft, onChange, mistakeAt, disabled }: Props) {
  const { t } = useTranslation();
  const parts = { draft, onChange, mistakeAt, disabled };
  return (
    <>
      <Holidays {...parts} />
      <fieldset className="calendar-part" disabled={disabled}>
        <legend>{t("calendar.targets")}</legend>
        {draft.targets.length > 0 && (
          <div className="table-scroll">
            <table>
              <thead>
                <tr>
                  <th scope="col">{t("kpi.name")}</th>
                  <th scope="col">{t("calendar.target")}</th>
                  <th scope="col" />
                </tr>
              </thead>
              <tbody>
                {draft.targets.map((row, index) => {
                  const change = (part: Partial<typeof row>) =>
                    onChange({ targets: draft.targets.map((one, at) => (at === index ? { ...one, ...part } : one)) });
                  return (
                    // oxlint-disable-next-line react/no-array-index-key
                    <tr key={index} data-row={`targets.${index}`}>
                      <td>
                        <CellInput
                          label={`${index + 1}: ${t("kpi.name")}`}
                          value={row.name}
                          size={24}
                          onChange={(name) => change({ name })}
                        />
                      </td>
                      <td>
                        <CellInput
                          label={`${row.name}: ${t("calendar.target")}`}
                          value={row.value}
                          onChange={(value) => change({ value })}
                          mistake={mistakeAt(`targets.${index}.value`)}
                        />
                      </td>
                      <td>
                        <RemoveButton
                          name={row.name}
                          onPress={() => onChange({ targets: draft.targets.filter((_, at) => at !== index) })}
                        />
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
          onPress={() => onChange({ targets: [...draft.targets, { name: "", value: "" }] })}
        >
          {t("calendar.add.targets")}
        </Button>
        <p className="hint">{t("calendar.targetsHint")}</p>
      </fieldset>
      <Reasons {...parts} />
    </>
  );
}

function RemoveButton({ name, onPress }: { name: string; onPress: () => void }) {
  const { t } = useTranslation();
  return (
    <Button kind="quiet" aria-label={`${name}: ${t("action.delete")}`} onPress={onPress}>
      ×
    </Button>
  );
}

function Holidays({ draft, onChange, mistakeAt, disabled }: Props) {
  const { t } = useTranslation();
  return (
    <fieldset className="calendar-part" disabled={disabled}>
      <legend>{t("calendar.holidays")}</legend>
      {draft.holidays.length > 0 && (
        <div className="table-scroll short">
          <table>
            <thead>
              <tr>
                <th scope="col">{t("calendar.date")}</th>
                <th scope="col">{t("calendar.english")}</th>
                <th scope="col">{t("calendar.chinese")}</th>
                <th scope="col" />
              </tr>
            </thead>
            <tbody>
              {draft.holidays.map((row, index) => {
                const change = (part: Partial<typeof row>) =>
                  onChange({ holidays: draft.holidays.map((one, at) => (at === index ? { ...one, ...part } : one)) });
                return (
                  // oxlint-disable-next-line react/no-array-index-key
                  <tr key={index} data-row={`holidays.${index}`}>
                    <td>
                      <CellInput
                        type="date"
                        label={`${index + 1}: ${t("calendar.date")}`}
                        value={row.date}
                        onChange={(date) => change({ date })}
                        mistake={mistakeAt(`holidays.${index}.date`)}
                      />
                    </td>
                    <WordsCells
                      words={row.words}
                      label={(what) => `${row.date}: ${what}`}
                      onChange={(words) => change({ words })}
                    />
                    <td>
                      <RemoveButton
                        name={row.date}
                        onPress={() => onChange({ holidays: draft.holidays.filter((_, at) => at !== index) })}
                      />
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
        onPress={() => onChange({ holidays: [...draft.holidays, { date: "", words: {} }] })}
      >
        {t("calendar.add.holidays")}
      </Button>
      <p className="hint">{t("calendar.holidaysHint")}</p>
    </fieldset>
  );
}

function Reasons({ draft, onChange, mistakeAt, disabled }: Props) {
  const { t } = useTranslation();
  return (
    <fieldset className="calendar-part" disabled={disabled}>
      <legend>{t("calendar.reasons")}</legend>
      {draft.reasons.length > 0 && (
        <div className="table-scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">{t("calendar.code")}</th>
                <th scope="col">{t("calendar.english")}</th>
                <th scope="col">{t("calendar.chinese")}</th>
                <th scope="col">{t("calendar.category")}</th>
                <th scope="col">{t("calendar.within")}</th>
                <th scope="col" />
              </tr>
            </thead>
            <tbody>
              {draft.reasons.map((row, index) => {
                const change = (part: Partial<typeof row>) =>
                  onChange({ reasons: draft.reasons.map((one, at) => (at === index ? { ...one, ...part } : one)) });
                const field = `reasons.${index}`;
                return (
                  // oxlint-disable-next-line react/no-array-index-key
                  <tr key={index} data-row={field}>
                    <td>
                      <CellInput
                        label={`${index + 1}: ${t("calendar.code")}`}
                        value={row.code}
                        onChange={(code) => change({ code })}
                        mistake={mistakeAt(`${field}.code`)}
                      />
                    </td>
                    <WordsCells
                      words={row.words}
                      label={(what) => `${row.code}: ${what}`}
                      onChange={(words) => change({ words })}
                    />
                    <td>
                      <select
                        aria-label={`${row.code}: ${t("calendar.category")}`}
                        value={row.category}
                        onChange={(event) => change({ category: event.target.value as typeof row.category })}
                      >
                        <option value="unplanned">{t("downtime.unplanned")}</option>
                        <option value="planned">{t("downtime.planned")}</option>
                      </select>
                    </td>
                    <td>
                      <select
                        aria-label={`${row.code}: ${t("calendar.within")}`}
                        aria-invalid={mistakeAt(`${field}.within`) ? true : undefined}
                        value={row.within}
                        onChange={(event) => change({ within: event.target.value })}
                      >
                        <option value="">{t("calendar.noGroup")}</option>
                        {[...new Set([...draft.reasons.map(({ code }) => code), row.within])]
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
                    <td>
                      <RemoveButton
                        name={row.code}
                        onPress={() => onChange({ reasons: draft.reasons.filter((_, at) => at !== index) })}
                      />
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
          onChange({ reasons: [...draft.reasons, { code: "", category: "unplanned", within: "", words: {} }] })
        }
      >
        {t("calendar.add.reasons")}
      </Button>
      <p className="hint">{t("calendar.reasonsHint")}</p>
    </fieldset>
  );
}
