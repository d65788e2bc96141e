import { useTranslation } from "react-i18next";
import type { DowntimeCause } from "../../api/downtimes";
import type { Interval } from "../../api/intervals";
import { Button } from "../../components/Button";
import { inWords } from "../../lib/words";

/** Why a downtime was, with the remark and who said so; without a reason what to do about it. */
export function ReasonCell({
  interval,
  causes,
  mayTell,
  name,
  onTell,
}: {
  interval: Interval;
  causes: readonly DowntimeCause[] | null;
  mayTell: boolean;
  name: string;
  onTell: (interval: Interval) => void;
}) {
  const { t, i18n } = useTranslation();
  const { reason, downtime } = interval;
  const code = reason?.reason ?? null;
  const words = causes?.find((one) => one.reason === code)?.words ?? {};
  return (
    <td className="notes">
      {code !== null && (
        <span className="block" title={`${reason?.who ?? ""} ${reason?.time ?? ""}`.trim()}>
          {inWords(words, i18n.language, code)} <small>{downtime !== null && t(`downtime.${downtime}`)}</small>
        </span>
      )}
      {reason !== null && reason.remark !== "" && <small className="block">{reason.remark}</small>}
      {code === null && <small className="block">{downtime !== null && t(`downtime.${downtime}`)}</small>}
      {mayTell && !interval.withdrawn && (
        <Button
          kind="quiet"
          aria-label={`${t(code === null ? "downtime.tell" : "downtime.change")}: ${name}`}
          onPress={() => onTell(interval)}
        >
          {t(code === null ? "downtime.tell" : "downtime.change")}
        </Button>
      )}
    </td>
  );
}
