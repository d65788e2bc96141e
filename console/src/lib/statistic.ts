import type { WireSeries } from "../api/query";
import { severityOf, toNumber, type Severity } from "./value";

/** An aggregate over the whole view, with what it is worth: an average of doubtful samples is doubtful itself. */
export interface Statistic {
  /** Null where there is no data. */
  value: number | null;
  quality: string;
  severity: Severity;
  /** How much of the time the samples were good, 0 to 100; null where the server does not say. */
  percentGood: number | null;
}

/** The first interval of an aggregate's answer. */
export function statisticOf(wire: WireSeries): Statistic {
  const raw = wire.values[0] ?? null;
  const [first] = wire.qualities;
  const quality = first && first[0] === 0 ? first[1] : "Good";
  const percent = wire.percent_good[0] ?? null;
  return {
    value: raw === null ? null : toNumber(raw, wire.type === "string" ? "double" : wire.type),
    quality,
    severity: severityOf(quality),
    percentGood: percent === null ? null : Math.round(percent * 10) / 10,
  };
}
