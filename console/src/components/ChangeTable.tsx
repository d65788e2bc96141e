import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

const kKinds = ["added", "removed", "changed"] as const;
const kSigns = { added: "+", removed: "−", changed: "~" } as const;

/** The frame of what an edit changes: kind, what, before, after; `children` are its rows. */
export function ChangeTable({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="table-scroll short" tabIndex={0} role="region" aria-label={t("edit.list")}>
      <table className="changes">
        <thead>
          <tr>
            <th scope="col">{t("edit.kind")}</th>
            <th scope="col">{t("edit.what")}</th>
            <th scope="col">{t("edit.before")}</th>
            <th scope="col">{t("edit.after")}</th>
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

/** The first cell of a row: a sign and its word. A kind that is not known is told as it is. */
export function ChangeKindCell({ kind }: { kind: string }) {
  const { t } = useTranslation();
  const known = kKinds.find((one) => one === kind);
  return (
    <td className="nowrap">
      <span aria-hidden="true">{kSigns[known ?? "changed"]} </span>
      {known ? t(`edit.kinds.${known}`) : kind}
    </td>
  );
}
