import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { getStatus, signIn } from "../../api/session";
import { useSession } from "../../app/session";
import { Button } from "../../components/Button";
import { TextField } from "../../components/Field";
import { Notice } from "../../components/Notice";
import { useResource } from "../../lib/use_resource";

/** Name and password; before anybody exists it says where the first link is. */
export function LoginPage() {
  const { t } = useTranslation();
  const { adopt, ended } = useSession();
  const status = useResource("status", getStatus);
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      adopt(await signIn(name.trim(), password));
    } catch (cause) {
      setError(cause instanceof Error ? cause.message : String(cause));
      setBusy(false);
    }
  };

  return (
    <main className="gate">
      <h1>Tundish</h1>
      {ended && (
        <Notice kind="info" title={t("login.endedTitle")}>
          <p>{t("login.ended")}</p>
        </Notice>
      )}
      {status.error && (
        <Notice kind="error" title={t("state.error")}>
          <p>{status.error.message}</p>
        </Notice>
      )}
      {status.data?.needs_first_operator && (
        <Notice kind="info" title={t("login.firstTitle")}>
          <p>{t("login.first")}</p>
          <pre>http://…/#/welcome/…</pre>
          <p>{t("login.firstLost")}</p>
        </Notice>
      )}
      <form onSubmit={(event) => void submit(event)}>
        <h2>{t("login.title")}</h2>
        <TextField
          label={t("login.name")}
          value={name}
          onChange={setName}
          autoComplete="username"
          autoCapitalize="none"
          required
        />
        <TextField
          label={t("login.password")}
          type="password"
          value={password}
          onChange={setPassword}
          autoComplete="current-password"
          required
        />
        {error && <Notice kind="error" title={error} />}
        <Button kind="primary" type="submit" isDisabled={busy}>
          {t("login.submit")}
        </Button>
        <p className="hint">{t("login.help")}</p>
      </form>
      {status.data && <p className="hint">{status.data.version}</p>}
    </main>
  );
}
