import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { previewCalendar, type Calendar, type CalendarPreview } from "../../api/calendars";
import { ApiError } from "../../api/http";
import { Button } from "../../components/Button";
import { SelectField, TextField } from "../../components/Field";
import { Notice } from "../../components/Notice";
import { serverNow } from "../../lib/server_clock";
import { isoUtc, parseTime } from "../../lib/time_text";
import { useDebounced } from "../../lib/use_debounced";
import { useResource } from "../../lib/use_resource";
import { ApplyDialog } from "./ApplyDialog";
import { draftOf, fieldOf, kWeekdays, textOf, type CalendarDraft } from "./calendar_draft";
import { CalendarBand } from "./CalendarBand";
import { ListRows } from "./ListRows";
import { StretchRows } from "./StretchRows";

const kDayMs = 86_400_000;
const kPreviewDays = 14;

/** Edits one version of a calendar, as fields or as YAML; the server says of every state what it would be. */
export function CalendarEditor({
  before,
  start,
  startText,
  isNew,
  mayEdit,
  onSaved,
}: {
  /** The version that is replaced; null: none. */
  before: Calendar | null;
  start: CalendarDraft;
  /** The version's own YAML, with its comments; empty for a new one. */
  startText: string;
  isNew: boolean;
  mayEdit: boolean;
  onSaved: (name: string) => void;
}) {
  const { t, i18n } = useTranslation();
  const [draft, setDraft] = useState(start);
  /** Null while the fields are edited, and else the YAML. */
  const [yaml, setYaml] = useState<string | null>(null);
  const [day, setDay] = useState(() => isoUtc(serverNow()).slice(0, 10));
  const [applying, setApplying] = useState<CalendarPreview | null>(null);
  const made = useMemo(() => textOf(draft), [draft]);
  const text = yaml ?? made.text;
  const asked = useDebounced(text, 400);
  const from = Date.parse(`${day}T00:00:00Z`);
  const range = Number.isFinite(from) ? { from: isoUtc(from), to: isoUtc(from + (kPreviewDays - 1) * kDayMs) } : null;
  const seen = useResource(range === null ? null : `calendar ${range.from} ${asked}`, (signal) =>
    previewCalendar(asked, range ?? { from: "now", to: "now+14d" }, signal),
  );
  const mistake = seen.error instanceof ApiError && text === asked ? seen.error : null;
  const wrongField = mistake && yaml === null ? fieldOf(made, mistake.where) : null;
  const mistakeAt = (field: string) => (mistake && wrongField === field ? mistake.message : null);
  const change = (part: Partial<CalendarDraft>) => setDraft((old) => ({ ...old, ...part }));
  const isReady = seen.data !== null && text === asked && seen.error === null;
  const isChanged = text !== (yaml === null ? textOf(start).text : startText);
  // Days whose start lies before the range as the clock has it are of the week before.
  const shown = useMemo(
    () =>
      seen.data === null
        ? null
        : { ...seen.data, days: seen.data.days.filter((one) => parseTime(one.to) > from).slice(-kPreviewDays) },
    [seen.data, from],
  );
  return (
    <div className="calendar-editor">
      <div className="tool-group" role="group" aria-label={t("calendar.form")}>
        <Button
          aria-pressed={yaml === null}
          isDisabled={yaml !== null && !isReady}
          onPress={() => {
            if (yaml !== null && seen.data) {
              setDraft(draftOf(seen.data.calendar));
              setYaml(null);
            }
          }}
        >
          {t("calendar.fields")}
        </Button>
        <Button
          aria-pressed={yaml !== null}
          isDisabled={yaml === null && !isReady}
          onPress={() => {
            if (yaml === null) setYaml(isChanged || startText === "" ? (seen.data?.text ?? "") : startText);
          }}
        >
          YAML
        </Button>
      </div>
      {mistake && (
        <Notice kind="error" title={mistake.message}>
          {wrongField === null && mistake.where !== "" && <p className="code">{mistake.where}</p>}
        </Notice>
      )}
      {yaml !== null ? (
        <label className="field">
          <span>{t("calendar.yaml")}</span>
          <textarea
            className="calendar-yaml"
            rows={24}
            spellCheck={false}
            readOnly={!mayEdit}
            aria-invalid={mistake ? true : undefined}
            value={yaml}
            onChange={(event) => setYaml(event.target.value)}
          />
        </label>
      ) : (
        <>
          <fieldset className="calendar-part" disabled={!mayEdit}>
            <legend>{t("calendar.general")}</legend>
            <div className="field-row">
              {isNew && (
                <TextField
                  label={t("calendar.name")}
                  value={draft.name}
                  onChange={(name) => change({ name })}
                  error={mistakeAt("name")}
                  hint={t("calendar.nameHint")}
                />
              )}
              <TextField
                label={t("calendar.timeZone")}
                value={draft.timeZone}
                onChange={(timeZone) => change({ timeZone })}
                error={mistakeAt("timeZone")}
                placeholder="Asia/Shanghai"
              />
              <TextField
                label={t("calendar.dayStarts")}
                value={draft.dayStarts}
                onChange={(dayStarts) => change({ dayStarts })}
                error={mistakeAt("dayStarts")}
                size={6}
              />
              <SelectField
                label={t("calendar.weekStarts")}
                value={draft.weekStarts}
                onChange={(weekStarts) => change({ weekStarts })}
                options={kWeekdays.map((name, index) => ({
                  value: name as string,
                  label: new Intl.DateTimeFormat(i18n.language, { weekday: "long", timeZone: "UTC" }).format(
                    Date.UTC(2024, 0, 1 + index),
                  ),
                }))}
              />
              <TextField
                type="date"
                label={t("calendar.validFrom")}
                value={draft.validFrom}
                onChange={(validFrom) => change({ validFrom })}
                error={mistakeAt("validFrom")}
                hint={t("calendar.validFromHint")}
              />
              <TextField
                type="date"
                label={t("calendar.anchor")}
                value={draft.anchor}
                onChange={(anchor) => change({ anchor })}
                error={mistakeAt("anchor")}
                hint={t("calendar.anchorHint")}
              />
            </div>
          </fieldset>
          <StretchRows
            kind="shifts"
            rows={draft.shifts}
            onChange={(shifts) => change({ shifts })}
            mistakeAt={mistakeAt}
            disabled={!mayEdit}
          />
          <StretchRows
            kind="breaks"
            rows={draft.breaks}
            onChange={(breaks) => change({ breaks })}
            mistakeAt={mistakeAt}
            disabled={!mayEdit}
          />
          <ListRows draft={draft} onChange={change} mistakeAt={mistakeAt} disabled={!mayEdit} />
        </>
      )}
      <section aria-labelledby="calendar-preview">
        <div className="section-head">
          <h2 id="calendar-preview">{t("calendar.preview")}</h2>
          <label className="inline-choice">
            {t("kpi.from")}
            <input type="date" value={day} onChange={(event) => setDay(event.target.value)} />
          </label>
        </div>
        {shown ? <CalendarBand preview={shown} /> : !mistake && <p className="loading">{t("state.loading")}</p>}
      </section>
      {mayEdit && (
        <div className="actions">
          <Button
            isDisabled={!isChanged}
            onPress={() => {
              setDraft(start);
              setYaml(null);
            }}
          >
            {t("action.discard")}
          </Button>
          <Button kind="primary" isDisabled={!isReady || (!isChanged && !isNew)} onPress={() => setApplying(seen.data)}>
            {t("calendar.review")}
          </Button>
        </div>
      )}
      {applying && (
        <ApplyDialog
          before={before}
          after={applying}
          yaml={yaml ?? applying.text}
          isNew={isNew}
          losesComments={yaml === null && startText.includes("#")}
          onClose={() => setApplying(null)}
          onSaved={onSaved}
        />
      )}
    </div>
  );
}
