import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { getSession, setPassword } from "../../api/session";
import { useSession, useUser } from "../../app/session";
import { Button } from "../../components/Button";
import { TextField } from "../../components/Field";
import { Notice } from "../../components/Notice";

export const kPasswordLengthMin = 10;

/** Sets the first password, or changes it with the old one. */
export function PasswordForm({ onDone, skip }: { onDone: () => void; skip?: { label: string; act: () => void } }) {
  const { t } = useTranslation();
  const user = useUser();
  const { adopt } = useSession();
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const tooShort = fresh.length > 0 && fresh.length < kPasswordLengthMin;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (fresh.length < kPasswordLengthMin) return;
    setBusy(true);
    setError(null);
    try {
      await setPassword(fresh, user.has_password ? old : undefined);
      // It ended the user's other sessions; this one goes on, with a password now.
      adopt(await getSession());
      onDone();
    } catch (cause) {
      setError(cause instanceof Error ? cause.message : String(cause));
      setBusy(false);
    }
  };

  return (
    <form onSubmit={(event) => void submit(event)}>
      <input type="text" name="username" autoComplete="username" value={user.name} readOnly hidden />
      {user.has_password && (
        <TextField
          label={t("password.old")}
          type="password"
          value={old}
          onChange={setOld}
          autoComplete="current-password"
          required
        />
      )}
      <TextField
        label={t("password.new")}
        type="password"
        value={fresh}
        onChange={setFresh}
        autoComplete="new-password"
        required
        hint={t("password.hint", { count: kPasswordLengthMin })}
        error={tooShort ? t("password.short", { count: kPasswordLengthMin - fresh.length }) : null}
      />
      {error && <Notice kind="error" title={error} />}
      <div className="actions">
        {skip && (
          <Button type="button" onPress={skip.act}>
            {skip.label}
          </Button>
        )}
        <Button kind="primary" type="submit" isDisabled={busy || fresh.length < kPasswordLengthMin}>
          {t("password.submit")}
        </Button>
      </div>
    </form>
  );
}
