import { useTranslation } from "react-i18next";
import { formatAge, isFuture } from "../lib/time_text";
import { State } from "./State";

/** How old a value is; one that is stamped later than now gets a word in place of an age, and by how much as a tooltip. */
export function Age({ ms }: { ms: number }) {
  const { t, i18n } = useTranslation();
  if (!isFuture(ms)) return formatAge(ms, i18n.language);
  return (
    <span title={t("state.futureBy", { age: formatAge(-ms, i18n.language) })}>
      <State tone="warning">{t("state.future")}</State>
    </span>
  );
}
