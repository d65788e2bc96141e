import type { ReactNode } from "react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ModelEdit } from "../api/model_edit";
import { useResource } from "../lib/use_resource";
import { Button } from "./Button";
import { ChangeList } from "./ChangeList";
import { FormDialog } from "./FormDialog";
import { Loaded } from "./Loaded";
import { Notice } from "./Notice";

/** Asks the server what an edit would change, shows it, and does it only when a person confirms what they saw. */
export function EditDialog({
  title,
  action,
  edit,
  nothing,
  onDone,
  onClose,
  children,
}: {
  title: string;
  action: string;
  /** With true nothing is changed: the answer says what would be. */
  edit: (dryRun: boolean) => Promise<ModelEdit>;
  /** What to say where no asset changes, if that is not all there is to it. */
  nothing?: string;
  onDone: () => void;
  onClose: () => void;
  children?: ReactNode;
}) {
  const { t } = useTranslation();
  const preview = useResource("preview", () => edit(true));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const confirm = async () => {
    setBusy(true);
    setError(null);
    try {
      await edit(false);
      onDone();
      onClose();
    } catch (cause) {
      setError(cause instanceof Error ? cause.message : String(cause));
      setBusy(false);
    }
  };
  return (
    <FormDialog title={title} onClose={onClose} wide>
      {children}
      <Loaded resource={preview}>{(data) => <ChangeList edit={data} nothing={nothing} />}</Loaded>
      {error && <Notice kind="error" title={error} />}
      <div className="actions">
        <Button onPress={onClose} autoFocus>
          {t("action.cancel")}
        </Button>
        <Button
          kind="primary"
          isDisabled={busy || preview.data === null || preview.error !== null}
          onPress={() => void confirm()}
        >
          {busy ? t("edit.working") : action}
        </Button>
      </div>
    </FormDialog>
  );
}
