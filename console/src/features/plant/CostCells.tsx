import { useTranslation } from "react-i18next";
import type { CostAmount, DowntimeCost } from "../../api/intervals";
import { State } from "../../components/State";
import { formatAmount, formatMoney } from "../../lib/money";
import { severityOf } from "../../lib/value";

/** The three columns of what a downtime cost: output that was lost, energy, money. */
export function CostCells({ cost, problem }: { cost: DowntimeCost | null; problem: string }) {
  const { t, i18n } = useTranslation();
  if (cost === null) {
    return (
      <td className="number" colSpan={3}>
        {problem !== "" && <State tone="bad">{t("downtime.problem", { text: problem })}</State>}
      </td>
    );
  }
  const money = formatMoney(cost.money, cost.currency, i18n.language);
  return (
    <>
      <AmountCell part={cost.output} />
      <AmountCell part={cost.energy} />
      <td className="number" title={t("downtime.moneyExplain")}>
        {severityOf(cost.quality) === "good" ? money : <State tone="warning">{money}</State>}
      </td>
    </>
  );
}

function AmountCell({ part }: { part: CostAmount | null }) {
  const { t, i18n } = useTranslation();
  if (part === null) return <td />;
  const severity = severityOf(part.quality);
  const text = part.amount === null ? "–" : formatAmount(part.amount, part.unit, i18n.language);
  return (
    <td
      className="number"
      title={
        part.price === null
          ? undefined
          : t("downtime.priced", { price: formatAmount(part.price, "", i18n.language), unit: part.unit })
      }
    >
      {severity === "good" ? (
        text
      ) : (
        <State tone={severity === "bad" ? "bad" : "warning"}>
          {text} <small>{part.quality}</small>
        </State>
      )}
    </td>
  );
}
