import { useTranslation } from "react-i18next";
import type { Entry } from "../../api/entries";
import { parseTime } from "../../lib/time_text";
import { formatValue, unitSymbol } from "../../lib/value";
import { personText, typeOf } from "./EntryTable";

/** Says that a person wrote this value: who, why, and what was there before. Sign and words, no colour of its own. */
export function HandMark({ made, unit }: { made: Pick<Entry, "kind" | "who" | "why" | "before">; unit: string }) {
  const { t, i18n } = useTranslation();
  const words = { kind: t(`entry.kind.${made.kind}`), who: personText(made.who), why: made.why };
  return (
    <span className="by-hand">
      <span aria-hidden="true">✎ </span>
      {made.why === "" ? t("entry.markNoWhy", words) : t("entry.mark", words)}
      {made.before !== null && (
        <small>
          {" · "}
          {t("entry.was", {
            value:
              `${formatValue(made.before.value, typeOf(made.before.value), i18n.language)} ${unitSymbol(unit)}`.trim(),
          })}
        </small>
      )}
    </span>
  );
}

/** The newest entry that wrote the sample at that time; times of drawn points are milliseconds with a fraction. */
export function entryAt(entries: readonly Entry[], timeMs: number): Entry | undefined {
  const kNear = 0.001;
  return entries.find((entry) => {
    if (entry.time !== null) return Math.abs(parseTime(entry.time) - timeMs) < kNear;
    return (
      parseTime(entry.from ?? "") - kNear < timeMs &&
      timeMs < Math.max(parseTime(entry.to ?? ""), parseTime(entry.from ?? "") + kNear)
    );
  });
}
