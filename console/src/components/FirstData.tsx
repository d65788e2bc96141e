import { useTranslation } from "react-i18next";
import { hasRole, useUser } from "../app/session";

/** How the first values come in, as far as this user may bring them in. */
export function FirstData() {
  const { t } = useTranslation();
  const user = useUser();
  if (!hasRole(user, "engineer")) return <p>{t("overview.emptyAsk")}</p>;
  return (
    <ol>
      <li>
        <a href="#/connections/new">{t("overview.emptyConnect")}</a>
      </li>
      <li>
        {t("overview.emptySend")} {hasRole(user, "administrator") && <a href="#/tokens">{t("overview.emptyToken")}</a>}
      </li>
    </ol>
  );
}
