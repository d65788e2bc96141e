import { useCallback, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { getEntries, getVersionsAt, postEntry, type NewEntry, type SampleVersion } from "../../api/entries";
import { hasRole, useUser } from "../../app/session";
import { Button } from "../../components/Button";
import { TextField } from "../../components/Field";
import { FormDialog } from "../../components/FormDialog";
import { Loaded } from "../../components/Loaded";
import { Notice } from "../../components/Notice";
import { leafName, shownPath } from "../../lib/tag_path";
import { fromLocalText, isoUtc, localText, zoneText } from "../../lib/time_text";
import { useDebounced } from "../../lib/use_debounced";
import { useResource } from "../../lib/use_resource";
import { formatValue, unitSymbol, type WireValue } from "../../lib/value";
import { EntryTable, typeOf } from "./EntryTable";

const kListed = 20;
const kRestMs = 400;

/** The value that a dialog begins with: where somebody pressed. */
export interface EntryStart {
  tag: string;
  unit: string;
  /** ISO time of the sample, with all its digits; none: now. */
  time?: string | undefined;
  value?: WireValue;
}

/**
 * Enters a value, or corrects, removes or restores the one that is there, and shows what was done to the tag before. Viewers
 * see the history only. What a value would replace shows before it is entered.
 */
export function EntryDialog({
  start,
  zone,
  onClose,
  onDone,
}: {
  start: EntryStart;
  zone: string;
  onClose: () => void;
  onDone?: () => void;
}) {
  const { t } = useTranslation();
  const user = useUser();
  const history = useResource(`entries/${start.tag}`, (signal) =>
    getEntries({ tag: start.tag, limit: kListed }, signal),
  );
  const done = useCallback(() => {
    history.refresh();
    onDone?.();
  }, [history, onDone]);
  return (
    <FormDialog title={t("entry.title", { tag: leafName(start.tag) })} onClose={onClose} wide>
      <p className="subtitle">{shownPath(start.tag)}</p>
      {hasRole(user, "operator") ? (
        <EntryForm start={start} zone={zone} mayCorrect={hasRole(user, "engineer")} onDone={done} onClose={onClose} />
      ) : (
        <p className="hint">{t("entry.askOperator")}</p>
      )}
      <h3>{t("entry.history")}</h3>
      <Loaded resource={history} isEmpty={(data) => data.entries.length === 0} empty={<p>{t("entry.noHistory")}</p>}>
        {(data) => (
          <>
            <EntryTable entries={data.entries} zone={zone} label={t("entry.history")} />
            {data.next !== null && <p className="hint">{t("entry.more", { count: kListed })}</p>}
          </>
        )}
      </Loaded>
    </FormDialog>
  );
}

function EntryForm({
  start,
  zone,
  mayCorrect,
  onDone,
  onClose,
}: {
  start: EntryStart;
  zone: string;
  mayCorrect: boolean;
  onDone: () => void;
  onClose: () => void;
}) {
  const { t, i18n } = useTranslation();
  const [startMs] = useState(() => (start.time === undefined ? Math.floor(Date.now() / 60_000) * 60_000 : NaN));
  const [when, setWhen] = useState(() =>
    start.time === undefined ? localText(startMs, zone) : localText(Date.parse(start.time), zone, true),
  );
  const [touched, setTouched] = useState(start.time === undefined);
  const [value, setValue] = useState("");
  const [why, setWhy] = useState("");
  const [override, setOverride] = useState(false);
  const [said, setSaid] = useState<string | null>(null);
  const timeMs = fromLocalText(when, zone);
  // A time that nobody changed keeps its nanoseconds.
  const time = !touched && start.time !== undefined ? start.time : Number.isFinite(timeMs) ? isoUtc(timeMs) : null;
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  const current = useCurrent(start.tag, time, round);

  const send = async (body: Omit<NewEntry, "tag" | "why">) => {
    setBusy(true);
    setError(null);
    setSaid(null);
    try {
      const receipt = await postEntry({ tag: start.tag, why: why.trim(), ...body });
      const made = receipt.entries[0];
      setSaid(made ? t(`entry.done.${made.kind}`) : t("entry.unchanged"));
      setValue("");
      setWhy("");
      setOverride(false);
      setRound((old) => old + 1);
      onDone();
    } catch (cause) {
      setError(cause instanceof Error ? cause.message : String(cause));
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (time !== null && value.trim() !== "") void send({ override, samples: [{ time, value: value.trim() }] });
  };
  const isOutside = error !== null && error.includes("override");
  const noReason = why.trim() === "";
  return (
    <form onSubmit={submit}>
      <div className="entry-fields">
        <TextField
          label={t("entry.timeIn", { zone: zoneText(zone, Number.isFinite(timeMs) ? timeMs : Date.now()) })}
          value={when}
          onChange={(next) => {
            setWhen(next);
            setTouched(true);
          }}
          error={time === null ? t("entry.badTime") : null}
        />
        <TextField
          label={`${t("assets.value")}${start.unit ? ` (${unitSymbol(start.unit)})` : ""}`}
          value={value}
          onChange={setValue}
          inputMode="decimal"
          autoFocus
          hint={
            current === undefined ? undefined : current === null ? (
              t("entry.previewNew")
            ) : (
              <span data-current={current.class}>
                {t(mayCorrect || current.class === "corrected" ? "entry.previewOld" : "entry.previewNo", {
                  value:
                    `${formatValue(current.value, typeOf(current.value), i18n.language)} ${unitSymbol(start.unit)}`.trim(),
                })}
              </span>
            )
          }
        />
        <TextField label={t("entry.why")} value={why} onChange={setWhy} maxLength={500} hint={t("entry.whyHint")} />
      </div>
      {(isOutside || override) && (
        <label className="inline-choice">
          <input type="checkbox" checked={override} onChange={(event) => setOverride(event.target.checked)} />
          {t("entry.override")}
        </label>
      )}
      {error !== null && <Notice kind="error" title={error} />}
      {said !== null && <Notice kind="done" title={said} />}
      <div className="actions">
        <Button onPress={onClose}>{t("action.close")}</Button>
        {mayCorrect && time !== null && (
          <>
            <Button isDisabled={busy || noReason || !current} onPress={() => void send({ remove: { time } })}>
              {t("entry.remove")}
            </Button>
            <Button
              isDisabled={busy || noReason || current?.class !== "corrected"}
              onPress={() => void send({ restore: { time } })}
            >
              {t("entry.restore")}
            </Button>
          </>
        )}
        <Button
          kind="primary"
          type="submit"
          isDisabled={busy || time === null || value.trim() === "" || (Boolean(current) && noReason)}
        >
          {t(current ? "entry.correct" : "entry.enter")}
        </Button>
      </div>
    </form>
  );
}

/** What is there at that time: null for nothing, undefined while that is not known. */
function useCurrent(tag: string, time: string | null, round: number): SampleVersion | null | undefined {
  const question = useDebounced(time ?? "", kRestMs);
  const asked = useResource(question === "" ? null : `versions/${tag}/${question}/${round}`, (signal) =>
    getVersionsAt(tag, question, signal),
  );
  if (asked.data === null || question !== time) return undefined;
  return asked.data.find((one) => one.current) ?? null;
}
