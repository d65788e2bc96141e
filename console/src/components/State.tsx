import { useTranslation } from "react-i18next";

/** A state as sign and word. Normal is grey; colour marks what is not. */
export type Tone = "normal" | "off" | "warning" | "bad";
const kSigns: Record<Tone, string> = { normal: "●", off: "○", warning: "▲", bad: "■" };

export function State({ tone, children }: { tone: Tone; children: React.ReactNode }) {
  return (
    <span className={`state ${tone}`}>
      <span aria-hidden="true" className="state-sign">
        {kSigns[tone]}
      </span>
      {children}
    </span>
  );
}

const kTones: Record<string, Tone> = {
  disabled: "off",
  connecting: "warning",
  untrusted: "warning",
  connected: "warning",
  running: "normal",
  failed: "bad",
};

/** The state of a connection. A word that this console does not know is shown as it came, as abnormal. */
export function ConnectionState({ state }: { state: string }) {
  const { t, i18n } = useTranslation();
  const key = state.toLowerCase();
  const label = i18n.exists(`connection.state.${key}`)
    ? t(`connection.state.${key}` as "connection.state.running")
    : state;
  return <State tone={kTones[key] ?? "bad"}>{label}</State>;
}

/** Says that the values were made by a simulator, wherever they show. */
export function SimulatedMark({ short = false }: { short?: boolean }) {
  const { t } = useTranslation();
  return (
    <span className="simulated" title={t("simulated.explain")}>
      {short ? t("simulated.short") : t("simulated.long")}
    </span>
  );
}
