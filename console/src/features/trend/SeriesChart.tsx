import { useCallback, useEffect, useId, useMemo, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { elapsedText } from "../../lib/align";
import { fittingLimits, scaleGroups, zoomAround } from "../../lib/scales";
import { drawSeries, type View } from "../../lib/segments";
import { readingAt, type PenSeries } from "../../lib/series";
import { useTheme } from "../../lib/theme";
import { localText, zoneText } from "../../lib/time_text";
import { unitSymbol } from "../../lib/value";
import type { PenLook } from "./draw";
import type { GestureTarget } from "./gestures";
import { penColour } from "./pen_style";
import { readingText } from "./reading_text";
import { TrendChart } from "./TrendChart";

export interface ChartSeries {
  name: string;
  series: PenSeries;
  /** Where what is known of it ends: nothing is drawn as held beyond. */
  endMs: number;
}

const kNothing = () => undefined;

/**
 * Lines that are at hand as a whole: what-if results, stretches laid over each other. Drawn and moved as the trend is; with
 * `elapsed` the times count from the start of each.
 */
export function SeriesChart({
  list,
  home,
  zone,
  label,
  elapsed = false,
}: {
  list: readonly ChartSeries[];
  home: View;
  zone: string;
  label: string;
  elapsed?: boolean;
}) {
  const { t } = useTranslation();
  const theme = useTheme();
  const helpId = useId();
  const [moved, setMoved] = useState<View | null>(null);
  const [own, setOwn] = useState<Record<string, [number, number]>>({});
  const [cursorMs, setCursorMs] = useState<number | null>(null);
  const [pinMs, setPinMs] = useState<number | null>(null);
  const view = moved ?? home;
  const shownZone = elapsed ? "UTC" : zone;

  const reset = useCallback(() => {
    setMoved(null);
    setOwn({});
    setPinMs(null);
  }, []);
  useEffect(reset, [home.from, home.to, reset]);

  const drawings = useMemo(
    () => list.map(({ series, endMs }) => drawSeries(series, view, endMs, Number.POSITIVE_INFINITY)),
    [list, view],
  );
  const series = useMemo(() => list.map((one) => one.series), [list]);
  const groups = useMemo(() => scaleGroups(series, false), [series]);
  const limits = useMemo(
    () => new Map(groups.map((group) => [group.key, own[group.key] ?? fittingLimits(group, drawings, false)])),
    [groups, own, drawings],
  );
  const pens: PenLook[] = list.map((one, index) => ({
    colour: penColour(index, theme),
    number: String(index + 1),
    scale: one.series.type === "string" ? null : (groups.find((group) => group.pens.includes(index))?.key ?? null),
    drawing: drawings[index] ?? null,
    earlier: null,
  }));

  const zoom = (factor: number) => {
    const [from, to] = zoomAround(view.from, view.to, cursorMs ?? (view.from + view.to) / 2, factor);
    if (to - from >= 10) setMoved({ from, to });
  };
  const pan = (share: number) => {
    const by = (view.to - view.from) * share;
    setMoved({ from: view.from + by, to: view.to + by });
  };
  const gestures: GestureTarget = {
    view: () => view,
    moveView: setMoved,
    rest: kNothing,
    box: (next) => setMoved(next),
    axisLimits: (key) => limits.get(key) ?? [0, 1],
    moveAxis: (key, next) => setOwn((old) => ({ ...old, [key]: next })),
    pin: setPinMs,
    reset,
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const at = cursorMs ?? (view.from + view.to) / 2;
    const step = (view.to - view.from) / (event.shiftKey ? 10 : 100);
    const keys: Record<string, () => void> = {
      ArrowLeft: () => setCursorMs(Math.max(view.from, at - step)),
      ArrowRight: () => setCursorMs(Math.min(view.to, at + step)),
      PageUp: () => pan(-0.5),
      PageDown: () => pan(0.5),
      "+": () => zoom(0.5),
      "=": () => zoom(0.5),
      "-": () => zoom(2),
      "0": reset,
      Escape: () => setCursorMs(null),
    };
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };
  const timeText = (ms: number) => (elapsed ? elapsedText(ms) : localText(ms, zone));

  return (
    <>
      <div className="chart-frame">
        <TrendChart
          // The labels of its axis are fixed when it is made.
          key={elapsed ? "elapsed" : "clock"}
          pens={pens}
          groups={groups}
          limits={limits}
          lanes={false}
          view={view}
          zone={shownZone}
          theme={theme}
          stringRows={series.filter(({ type }) => type === "string").length}
          cursorMs={cursorMs}
          pinMs={pinMs}
          label={label}
          describedBy={helpId}
          onCursor={setCursorMs}
          onKey={onKey}
          onColumns={kNothing}
          gestures={gestures}
          {...(elapsed
            ? { tickText: (ms: number, _before: number | null, stepMs: number) => elapsedText(ms, stepMs < 60_000) }
            : {})}
        />
        <p className="chart-foot" id={helpId}>
          {timeText(view.from)} – {timeText(view.to)}
          {!elapsed && ` · ${zone} (${zoneText(zone, view.to)})`} · {t("chart.keys")}
        </p>
      </div>
      <Legend list={list} looks={pens} cursorMs={cursorMs} cursorText={cursorMs === null ? "" : timeText(cursorMs)} />
    </>
  );
}

function Legend({
  list,
  looks,
  cursorMs,
  cursorText,
}: {
  list: readonly ChartSeries[];
  looks: readonly PenLook[];
  cursorMs: number | null;
  cursorText: string;
}) {
  const { t, i18n } = useTranslation();
  return (
    <div className="table-scroll">
      <table className="pen-table">
        <thead>
          <tr>
            <th scope="col" className="pen-number">
              <span className="hidden-label">{t("trend.pen")}</span>
            </th>
            <th scope="col">{t("chart.line")}</th>
            <th scope="col" className="number cursor-column">
              {t("trend.atCursor")}
              <small>{cursorText}</small>
            </th>
            <th scope="col">{t("assets.unit")}</th>
          </tr>
        </thead>
        <tbody>
          {list.map(({ name, series, endMs }, index) => (
            <tr key={`${index} ${name}`}>
              <td className="pen-number">
                <span
                  className="pen-swatch"
                  style={{ borderColor: looks[index]?.colour ?? "", color: looks[index]?.colour ?? "" }}
                >
                  {index + 1}
                </span>
              </td>
              <th scope="row">{name}</th>
              <td className="number cursor-column">
                {cursorMs === null ? "" : readingText(readingAt(series, cursorMs, endMs), series.type, i18n.language)}
              </td>
              <td>{unitSymbol(series.unit)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
