import type { ReactNode } from "react";
import { State, type Tone } from "./State";

/** One number with its name. A tone other than normal adds sign and colour. */
export function Figure({
  label,
  value,
  tone,
  note,
}: {
  label: string;
  value: ReactNode;
  tone?: Tone;
  note?: ReactNode;
}) {
  return (
    <div className="figure">
      <dt>{label}</dt>
      <dd>
        {tone && tone !== "normal" ? <State tone={tone}>{value}</State> : value}
        {note && <small>{note}</small>}
      </dd>
    </div>
  );
}
