import { useTranslation } from "react-i18next";
import type { ModelChange, ModelEdit } from "../api/model_edit";
import { formatCount } from "../lib/numbers";
import { shownPath } from "../lib/tag_path";
import { ChangeKindCell, ChangeTable } from "./ChangeTable";
import { Notice } from "./Notice";

/** The most changes that are drawn; how many there are is said all the same. */
const kShownMax = 200;

/** What an edit of the model changes, asset by asset, before somebody confirms it. */
export function ChangeList({ edit, nothing }: { edit: ModelEdit; nothing?: string | undefined }) {
  const { t, i18n } = useTranslation();
  const total = Math.max(edit.changes_total, edit.changes.length);
  const shown = edit.changes.slice(0, kShownMax);
  if (total === 0 && edit.warnings.length === 0) return <p>{nothing ?? t("edit.nothing")}</p>;
  return (
    <>
      <p role="status">
        {t("edit.changes", { count: total, text: formatCount(total, i18n.language) })}{" "}
        {total > shown.length && t("edit.first", { text: formatCount(shown.length, i18n.language) })}
      </p>
      {edit.warnings.map((warning) => (
        <Notice key={warning} kind="warning" title={warning} />
      ))}
      {shown.length > 0 && (
        <ChangeTable>
          {shown.map((change, index) => (
            <ChangeRow key={`${index} ${change.path} ${change.item} ${change.field}`} change={change} />
          ))}
        </ChangeTable>
      )}
    </>
  );
}

function ChangeRow({ change }: { change: ModelChange }) {
  const what = [change.item, change.field].filter(Boolean).join(" · ");
  return (
    <tr>
      <ChangeKindCell kind={change.kind} />
      <td className="wrap">
        {shownPath(change.path) || change.path}
        {what && <small className="block">{what}</small>}
      </td>
      <td className="wrap">{change.from}</td>
      <td className="wrap">{change.to}</td>
    </tr>
  );
}
