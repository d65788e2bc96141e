import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { signInByLink } from "../../api/session";
import { homeOf } from "../../app/pages";
import { useSession } from "../../app/session";
import { Notice } from "../../components/Notice";
import { navigate } from "../../lib/route";
import { PasswordForm } from "../login/PasswordForm";

/** The secret of a link works once: two mounts of this page (or React's strict mode) share one request. */
const requests = new Map<string, ReturnType<typeof signInByLink>>();

/** A one-time link signs in, then asks for a password so that the person can come back. */
export function WelcomePage({ secret }: { secret: string }) {
  const { t } = useTranslation();
  const { user, adopt } = useSession();
  const [state, setState] = useState<"working" | "in" | { error: string }>("working");

  useEffect(() => {
    let current = true;
    const request = requests.get(secret) ?? signInByLink(secret);
    requests.set(secret, request);
    request
      .then((session) => {
        if (!current) return;
        adopt(session);
        setState("in");
      })
      .catch((cause: unknown) => {
        if (current) setState({ error: cause instanceof Error ? cause.message : String(cause) });
      });
    return () => {
      current = false;
    };
  }, [secret, adopt]);

  if (state === "in" && user) {
    const leave = () => navigate(homeOf(user), true);
    return (
      <main className="gate">
        <h1>{t("welcome.title", { name: user.display_name || user.name })}</h1>
        <p>{user.enterprise ? t("welcome.member", { enterprise: user.enterprise }) : t("welcome.operator")}</p>
        <h2>{t("welcome.passwordTitle")}</h2>
        <p>{t("welcome.password")}</p>
        <PasswordForm onDone={leave} skip={{ label: t("welcome.later"), act: leave }} />
      </main>
    );
  }
  return (
    <main className="gate">
      <h1>Tundish</h1>
      {typeof state === "object" ? (
        <>
          <Notice kind="error" title={t("welcome.failed")}>
            <p>{state.error}</p>
            <p>{t("welcome.failedHelp")}</p>
          </Notice>
          <p>
            <a href={user ? homeOf(user) : "#/login"}>{t("welcome.toLogin")}</a>
          </p>
        </>
      ) : (
        <p role="status">{t("welcome.working")}</p>
      )}
    </main>
  );
}
