/** What a derived figure is worth, apart from its value: pure, so that a figure never looks better than it is. */
import { severityOf } from "./value";

export interface FigureFacts {
  value: number | null;
  quality: string;
  percent_good: number | null;
  coverage: number | null;
}

export interface FigureState {
  /** `none`: no value. `partial`: less of the window is known than it takes to trust it. `doubtful`: by its quality. */
  worth: "full" | "partial" | "doubtful" | "none";
  /** Against the band of a healthy plant. */
  place: "inside" | "below" | "above" | "unknown";
}

/** Below this percentage of the window, covered or good, a figure is shown as a part of the truth. */
export const kFullPercent = 95;

export function figureState(facts: FigureFacts, band: readonly [number, number] | null): FigureState {
  const severity = severityOf(facts.quality);
  if (facts.value === null || !Number.isFinite(facts.value)) return { worth: "none", place: "unknown" };
  const place =
    band === null ? "unknown" : facts.value < band[0] ? "below" : facts.value > band[1] ? "above" : "inside";
  const partial = [facts.coverage, facts.percent_good].some((percent) => percent !== null && percent < kFullPercent);
  if (severity === "bad") return { worth: "doubtful", place };
  if (partial) return { worth: "partial", place };
  return { worth: severity === "uncertain" ? "doubtful" : "full", place };
}

/** `60 %`, `99.5 %`; never 100 % for what is less, never 0 % for what is more. */
export function percentText(percent: number | null, language?: string): string {
  if (percent === null) return "–";
  const capped = percent < 100 ? Math.min(99.9, percent) : 100;
  const shown = capped > 0 && capped < 0.1 ? 0.1 : capped;
  return `${new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(shown)} %`;
}
