import { useState } from "react";
import { useTranslation } from "react-i18next";
import { createEnterprise, createLink } from "../../api/enterprises";
import { Button } from "../../components/Button";
import { TextField } from "../../components/Field";
import { FormDialog } from "../../components/FormDialog";
import { Notice } from "../../components/Notice";
import { useSubmit } from "../../lib/use_submit";
import { MadeLink } from "./LinkDialog";

/** Makes an enterprise, then at once the link for its first administrator. */
export function NewEnterpriseDialog({ onClose, onCreated }: { onClose: () => void; onCreated: () => void }) {
  const { t } = useTranslation();
  const [code, setCode] = useState("");
  const [name, setName] = useState("");
  const [industry, setIndustry] = useState("");
  const [region, setRegion] = useState("");
  const [user, setUser] = useState("");
  const [link, setLink] = useState<string | null>(null);
  const { busy, error, submit } = useSubmit(async () => {
    await createEnterprise({ code, name, industry, region });
    onCreated();
    setLink((await createLink(code, "administrator", user)).link);
  });

  return (
    <FormDialog title={t("platform.create")} onClose={onClose}>
      {link ? (
        <MadeLink link={link} onClose={onClose} />
      ) : (
        <form onSubmit={submit}>
          <TextField
            label={t("platform.code")}
            value={code}
            onChange={setCode}
            required
            pattern="[a-z0-9][a-z0-9\-]*"
            hint={t("platform.codeHint")}
          />
          <TextField label={t("platform.name")} value={name} onChange={setName} required />
          <TextField label={t("platform.industry")} value={industry} onChange={setIndustry} required />
          <TextField label={t("platform.region")} value={region} onChange={setRegion} required />
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
              {t("platform.create")}
            </Button>
          </div>
        </form>
      )}
    </FormDialog>
  );
}
