import { useState } from "react";
import { useTranslation } from "react-i18next";
import { createLink } from "../../api/enterprises";
import { Button } from "../../components/Button";
import { Copyable } from "../../components/Copyable";
import { TextField } from "../../components/Field";
import { FormDialog } from "../../components/FormDialog";
import { Notice } from "../../components/Notice";
import { useSubmit } from "../../lib/use_submit";

/** A one-time link for a person of an enterprise. */
export function LinkDialog({ code, onClose }: { code: string; onClose: () => void }) {
  const { t } = useTranslation();
  const [user, setUser] = useState("");
  const [link, setLink] = useState<string | null>(null);
  const { busy, error, submit } = useSubmit(async () => {
    setLink((await createLink(code, "administrator", user)).link);
  });
  return (
    <FormDialog title={t("platform.linkTitle", { code })} onClose={onClose}>
      {link ? (
        <MadeLink link={link} onClose={onClose} />
      ) : (
        <form onSubmit={submit}>
          <TextField
            label={t("platform.administrator")}
            value={user}
            onChange={setUser}
            required
            hint={t("platform.administratorHint")}
          />
          {error && <Notice kind="error" title={error} />}
          <div className="actions">
            <Button onPress={onClose}>{t("action.cancel")}</Button>
            <Button kind="primary" type="submit" isDisabled={busy}>
              {t("platform.makeLink")}
            </Button>
          </div>
        </form>
      )}
    </FormDialog>
  );
}

export function MadeLink({ link, onClose }: { link: string; onClose: () => void }) {
  const { t } = useTranslation();
  const address = link.startsWith("/") ? location.origin + link : link;
  return (
    <>
      <p>{t("platform.linkMade")}</p>
      <Copyable label={t("platform.link")} text={address} />
      <div className="actions">
        <Button kind="primary" onPress={onClose}>
          {t("action.close")}
        </Button>
      </div>
    </>
  );
}
