import { useTranslation } from "react-i18next";
import { createCalendar, saveCalendar, type Calendar, type CalendarPreview } from "../../api/calendars";
import { Button } from "../../components/Button";
import { ChangeKindCell, ChangeTable } from "../../components/ChangeTable";
import { FormDialog } from "../../components/FormDialog";
import { Notice } from "../../components/Notice";
import { useSubmit } from "../../lib/use_submit";
import { diffOf } from "./calendar_draft";

/** What saving would change, line by line, before it is done. */
export function ApplyDialog({
  before,
  after,
  yaml,
  isNew,
  losesComments,
  onClose,
  onSaved,
}: {
  before: Calendar | null;
  after: CalendarPreview;
  yaml: string;
  isNew: boolean;
  losesComments: boolean;
  onClose: () => void;
  onSaved: (name: string) => void;
}) {
  const { t } = useTranslation();
  const { calendar } = after;
  // A version of another day stands beside the one that was looked at, and changes nothing of it.
  const isVersion = before !== null && (before.valid_from ?? "") !== (calendar.valid_from ?? "");
  const changes = diffOf(before, calendar);
  const { busy, error, submit } = useSubmit(async () => {
    await (isNew ? createCalendar(yaml) : saveCalendar(calendar.name, yaml));
    onSaved(calendar.name);
    onClose();
  });
  return (
    <FormDialog title={t("calendar.reviewOf", { name: calendar.name })} onClose={onClose} wide>
      {isVersion && <p>{t("calendar.newVersion", { day: calendar.valid_from ?? "" })}</p>}
      <p role="status">
        {changes.length === 0
          ? t("edit.nothing")
          : t("edit.changes", { count: changes.length, text: String(changes.length) })}
      </p>
      {changes.length > 0 && (
        <ChangeTable>
          {changes.map(({ kind, item, from, to }) => (
            <tr key={item}>
              <ChangeKindCell kind={kind} />
              <td className="code">{item}</td>
              <td className="wrap">{from}</td>
              <td className="wrap">{to}</td>
            </tr>
          ))}
        </ChangeTable>
      )}
      {losesComments && <Notice kind="info" title={t("calendar.losesComments")} />}
      {error && <Notice kind="error" title={error} />}
      <div className="actions">
        <Button onPress={onClose} autoFocus>
          {t("action.cancel")}
        </Button>
        <Button kind="primary" isDisabled={busy} onPress={() => submit()}>
          {t("calendar.apply")}
        </Button>
      </div>
    </FormDialog>
  );
}
