import { useState } from "react";
import { useTranslation } from "react-i18next";
import { getCauses } from "../../api/downtimes";
import { getReasons, setReason, type Interval } from "../../api/intervals";
import { Button } from "../../components/Button";
import { Field, TextField } from "../../components/Field";
import { FormDialog } from "../../components/FormDialog";
import { Loaded } from "../../components/Loaded";
import { Notice } from "../../components/Notice";
import { browserZone, localText, parseTime } from "../../lib/time_text";
import { usePreference } from "../../lib/preferences";
import { useResource } from "../../lib/use_resource";
import { useSubmit } from "../../lib/use_submit";
import { inWords } from "../../lib/words";
import { causeRows } from "../downtimes/causes";

/** Tells why a downtime was: one of the calendar's reasons, a remark, and what was told before. */
export function ReasonDialog({
  interval,
  name,
  onClose,
  onTold,
}: {
  interval: Interval;
  name: string;
  onClose: () => void;
  onTold: () => void;
}) {
  const { t, i18n } = useTranslation();
  const causes = useResource(`causes/${interval.asset}/${interval.from}`, (signal) =>
    getCauses(interval.asset, interval.from, signal),
  );
  const [code, setCode] = useState(interval.reason?.reason ?? "");
  const [remark, setRemark] = useState(interval.reason?.remark ?? "");
  const { busy, error, submit } = useSubmit(async () => {
    await setReason(interval.id, code === "" ? null : code, remark.trim());
    onTold();
    onClose();
  });
  const nothingNew = code === (interval.reason?.reason ?? "") && remark.trim() === (interval.reason?.remark ?? "");
  return (
    <FormDialog title={t("downtime.reasonOf", { name })} onClose={onClose}>
      <Loaded
        resource={causes}
        isEmpty={(data) => data.length === 0}
        empty={
          <Notice kind="info" title={t("downtime.noCausesTitle")}>
            <p>
              {t("downtime.noCauses")} <a href="#/calendars">{t("page.calendars")}</a>
            </p>
          </Notice>
        }
      >
        {(data) => (
          <form onSubmit={submit}>
            <Field label={t("downtime.reason")} hint={t("downtime.reasonHint")}>
              {(ids) => (
                <select {...ids} value={code} onChange={(event) => setCode(event.target.value)}>
                  <option value="">{t("downtime.noReason")}</option>
                  {causeRows(data).map(({ cause, level }) => (
                    <option key={cause.reason} value={cause.reason}>
                      {`${"\u2003".repeat(level)}${inWords(cause.words, i18n.language, cause.reason)} · ${t(`downtime.${cause.category}`)}`}
                    </option>
                  ))}
                </select>
              )}
            </Field>
            <TextField label={t("downtime.remark")} value={remark} onChange={setRemark} maxLength={2_000} />
            {error && <Notice kind="error" title={error} />}
            <div className="actions">
              <Button onPress={onClose}>{t("action.cancel")}</Button>
              <Button kind="primary" type="submit" isDisabled={busy || nothingNew}>
                {t("action.save")}
              </Button>
            </div>
          </form>
        )}
      </Loaded>
      <ReasonHistory id={interval.id} causes={causes.data ?? []} />
    </FormDialog>
  );
}

function ReasonHistory({
  id,
  causes,
}: {
  id: string;
  causes: readonly { reason: string; words: Record<string, string> }[];
}) {
  const { t, i18n } = useTranslation();
  const zone = usePreference("zone") ?? browserZone();
  const told = useResource(`reasons/${id}`, (signal) => getReasons(id, signal));
  if (told.data === null || told.data.length === 0) return null;
  return (
    <details className="fold">
      <summary>{t("downtime.history", { count: told.data.length })}</summary>
      <ul className="plain-list">
        {[...told.data].reverse().map((one, index) => (
          <li key={`${index} ${one.time}`}>
            <strong>
              {one.reason === null
                ? t("downtime.takenBack")
                : inWords(causes.find(({ reason }) => reason === one.reason)?.words ?? {}, i18n.language, one.reason)}
            </strong>{" "}
            {one.remark}{" "}
            <small>
              {one.who} · {localText(parseTime(one.time), zone)}
            </small>
          </li>
        ))}
      </ul>
    </details>
  );
}
