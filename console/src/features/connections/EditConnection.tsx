import { useState } from "react";
import { useTranslation } from "react-i18next";
import { replaceConnection, specOf, type ConnectionDetail } from "../../api/connections";
import { Button } from "../../components/Button";
import { SelectField, TextField } from "../../components/Field";
import { FormDialog } from "../../components/FormDialog";
import { Notice } from "../../components/Notice";
import { useSubmit } from "../../lib/use_submit";

const kPolicies = ["None", "Aes128_Sha256_RsaOaep", "Basic256Sha256", "Aes256_Sha256_RsaPss"];
const kModes = ["None", "Sign", "SignAndEncrypt"];

/** The settings but for the items. An empty password leaves the stored one. */
export function EditConnection({
  connection,
  onClose,
  onSaved,
}: {
  connection: ConnectionDetail;
  onClose: () => void;
  onSaved: () => void;
}) {
  const { t } = useTranslation();
  const [spec, setSpec] = useState(() => specOf(connection));
  const [password, setPassword] = useState("");
  const change = (part: Partial<typeof spec>) => setSpec((old) => ({ ...old, ...part }));
  const { busy, error, submit } = useSubmit(async () => {
    await replaceConnection(connection.id, { ...spec, ...(password === "" ? {} : { password }) });
    onSaved();
    onClose();
  });
  const options = (values: readonly string[]) => values.map((value) => ({ value, label: value }));

  return (
    <FormDialog title={t("connection.editTitle", { name: connection.name })} onClose={onClose}>
      <form onSubmit={submit}>
        <TextField label={t("connection.name")} value={spec.name} onChange={(name) => change({ name })} required />
        <TextField
          label={t("connection.endpoint")}
          value={spec.endpoint}
          onChange={(endpoint) => change({ endpoint })}
          required
        />
        <SelectField
          label={t("connection.policy")}
          value={spec.security_policy}
          onChange={(security_policy) =>
            change({
              security_policy,
              security_mode:
                security_policy === "None"
                  ? "None"
                  : spec.security_mode === "None"
                    ? "SignAndEncrypt"
                    : spec.security_mode,
            })
          }
          options={options(kPolicies)}
        />
        <SelectField
          label={t("connection.mode")}
          value={spec.security_mode}
          onChange={(security_mode) => change({ security_mode })}
          options={options(spec.security_policy === "None" ? ["None"] : kModes.slice(1))}
        />
        <TextField
          label={t("connection.user")}
          value={spec.user}
          onChange={(user) => change({ user })}
          autoComplete="off"
          hint={t("connection.userHint")}
        />
        <TextField
          label={t("login.password")}
          type="password"
          value={password}
          onChange={setPassword}
          autoComplete="new-password"
          hint={connection.has_password ? t("connection.passwordKept") : null}
        />
        <TextField
          label={t("connection.publishing")}
          type="number"
          min={50}
          max={60_000}
          value={String(spec.publishing_ms)}
          onChange={(text) => change({ publishing_ms: Number(text) })}
        />
        {error && <Notice kind="error" title={error} />}
        <div className="actions">
          <Button onPress={onClose}>{t("action.cancel")}</Button>
          <Button kind="primary" type="submit" isDisabled={busy}>
            {t("action.save")}
          </Button>
        </div>
      </form>
    </FormDialog>
  );
}
