import { useCallback, useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { ScaleGroup } from "../../lib/scales";
import { laneLimits } from "../../lib/scales";
import type { View } from "../../lib/segments";
import { tickText } from "../../lib/time_text";
import { formatNumber, unitSymbol } from "../../lib/value";
import { drawPens, kLabelRowPx, type ChartColours, type PenLook } from "./draw";
import { listenToGestures, type GestureTarget } from "./gestures";

export interface TrendChartProps {
  pens: readonly PenLook[];
  groups: readonly ScaleGroup[];
  limits: ReadonlyMap<string, [number, number]>;
  lanes: boolean;
  view: View;
  zone: string;
  theme: string;
  stringRows: number;
  cursorMs: number | null;
  pinMs: number | null;
  label: string;
  describedBy: string;
  onCursor(timeMs: number | null): void;
  onKey(event: KeyboardEvent): void;
  onColumns(columns: number): void;
  gestures: GestureTarget;
  /** Labels of the time axis where it counts from the start of something; default the time in `zone`. */
  tickText?: typeof tickText;
}

const kAxisFont = "12px system-ui, sans-serif";
const kMinSize = { width: 200, height: 160 };

/**
 * uPlot draws axes, grid and cursor; the pens are drawn on its canvas by draw.ts, because what a line may join is decided by
 * lib/segments and not by a chart library. The chart is made anew only when its axes change.
 */
export function TrendChart(props: TrendChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const latest = useRef(props);
  const colours = useRef<ChartColours>({ text: "", surface: "", grid: "", bad: "" });
  const [size, setSize] = useState(kMinSize);
  const { groups, zone, theme, lanes, stringRows, onColumns } = props;
  const structure = JSON.stringify([groups.map(({ key, unit }) => [key, unit]), lanes, zone, theme, stringRows]);

  useLayoutEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      setSize({
        width: Math.max(kMinSize.width, Math.floor(element.clientWidth)),
        height: Math.max(kMinSize.height, Math.floor(element.clientHeight)),
      });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const apply = useCallback(() => {
    const u = chart.current;
    if (!u) return;
    const { view, limits, groups, lanes, cursorMs } = latest.current;
    u.batch(() => {
      u.setScale("x", { min: view.from, max: view.to });
      groups.forEach((group, index) => {
        const own = limits.get(group.key) ?? [0, 1];
        const [min, max] = lanes ? laneLimits(own, index, groups.length) : own;
        u.setScale(group.key, { min, max });
      });
    });
    if (cursorMs !== null && !u.over.matches(":hover")) {
      u.setCursor({ left: u.valToPos(cursorMs, "x"), top: 0 }, false);
    } else if (cursorMs === null) {
      u.setCursor({ left: -10, top: -10 }, false);
    }
  }, []);

  useLayoutEffect(() => {
    const element = host.current;
    if (!element) return;
    const style = getComputedStyle(element);
    const variable = (name: string) => style.getPropertyValue(name).trim();
    colours.current = {
      text: variable("--text"),
      surface: variable("--chart"),
      grid: variable("--grid-strong"),
      bad: variable("--bad"),
    };
    const { groups, lanes, zone, view } = latest.current;
    const u = new uPlot(
      options(groups, lanes, zone, variable("--text-quiet"), variable("--grid"), stringRows, {
        width: Math.max(kMinSize.width, element.clientWidth),
        height: Math.max(kMinSize.height, element.clientHeight),
        onDraw: (drawn) => drawPens(drawn, latest.current.pens, colours.current, latest.current.pinMs),
        onCursor: (moved) => {
          const left = moved.cursor.left ?? -1;
          latest.current.onCursor(left < 0 ? null : moved.posToVal(left, "x"));
        },
        onSize: (drawn) => latest.current.onColumns(Math.round(drawn.over.clientWidth)),
        limitsOf: (key) => latest.current.limits.get(key) ?? [0, 1],
        tickText: latest.current.tickText ?? tickText,
      }),
      [[view.from, view.to], ...groups.map(() => [null, null])],
      element,
    );
    chart.current = u;
    // The page reads the scales of the chart that shows, as tests do.
    (element as ChartHost).chart = u;
    onColumns(Math.round(u.over.clientWidth));
    const target: GestureTarget = {
      view: () => latest.current.gestures.view(),
      moveView: (next) => latest.current.gestures.moveView(next),
      rest: () => latest.current.gestures.rest(),
      box: (next, share) => latest.current.gestures.box(next, share),
      moveAxis: (key, next) => latest.current.gestures.moveAxis(key, next),
      axisLimits: (key) => latest.current.gestures.axisLimits(key),
      pin: (timeMs) => latest.current.gestures.pin(timeMs),
      reset: () => latest.current.gestures.reset(),
    };
    const end = listenToGestures(
      u,
      target,
      groups.map(({ key }) => key),
    );
    apply();
    return () => {
      end();
      u.destroy();
      chart.current = null;
    };
  }, [structure, stringRows, apply, onColumns]);

  useLayoutEffect(() => {
    const u = chart.current;
    if (!u) return;
    if (u.width !== size.width || u.height !== size.height) {
      u.setSize(size);
      onColumns(Math.round(u.over.clientWidth));
    }
  }, [size, onColumns]);

  // Every render is a new state of the trend.
  useLayoutEffect(() => apply());

  return (
    // The chart takes the keys; what they do is said in the help below it and in the live region.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      ref={host}
      className="chart"
      role="application"
      aria-label={props.label}
      aria-describedby={props.describedBy}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      onKeyDown={props.onKey}
    />
  );
}

/** The element carries its chart, for those who look from outside. */
export interface ChartHost extends HTMLDivElement {
  chart?: uPlot;
}

interface Callbacks {
  width: number;
  height: number;
  onDraw(u: uPlot): void;
  onCursor(u: uPlot): void;
  onSize(u: uPlot): void;
  limitsOf(key: string): [number, number];
  tickText: typeof tickText;
}

function options(
  groups: readonly ScaleGroup[],
  lanes: boolean,
  zone: string,
  text: string,
  grid: string,
  stringRows: number,
  callbacks: Callbacks,
): uPlot.Options {
  const timeAxis: uPlot.Axis = {
    stroke: text,
    font: kAxisFont,
    space: 90,
    size: 44,
    grid: { stroke: grid, width: 1 },
    ticks: { stroke: grid, width: 1, size: 5 },
    values: (_u, splits, _axis, _space, increment) =>
      splits.map((split, index) => callbacks.tickText(split, splits[index - 1] ?? null, increment, zone)),
  };
  const axes = groups.map((group, index): uPlot.Axis => {
    const right = index % 2 === 1;
    const title = group.isBool ? "" : unitSymbol(group.unit);
    // In lanes an axis only speaks inside its lane.
    const filter: uPlot.Axis.Filter = (_u, splits) => {
      if (!lanes) return splits;
      const [low, high] = callbacks.limitsOf(group.key);
      return splits.map((split) => (split >= low && split <= high ? split : null));
    };
    return {
      scale: group.key,
      side: right ? 1 : 3,
      stroke: text,
      font: kAxisFont,
      labelFont: kAxisFont,
      ...(title === "" && !lanes
        ? {}
        : { label: lanes ? `${group.pens.map((pen) => pen + 1).join(", ")} ${title}`.trim() : title }),
      labelSize: 18,
      size: (u, values) => Math.max(34, 12 + widest(u, values)),
      grid: { show: index === 0 || lanes, stroke: grid, width: 1, filter },
      ticks: { stroke: grid, width: 1, size: 5, filter },
      ...(group.isBool ? { splits: () => [0, 1] } : {}),
      filter,
      values: (_u, splits) =>
        splits.map((split) => (split === null ? "" : group.isBool ? String(split) : formatNumber(split))),
    };
  });
  return {
    width: callbacks.width,
    height: callbacks.height,
    ms: 1,
    tzDate: (ms) => uPlot.tzDate(new Date(ms), zone),
    padding: [12 + stringRows * kLabelRowPx, groups.length > 1 ? 4 : 14, 0, groups.length === 0 ? 16 : 4],
    legend: { show: false },
    cursor: {
      x: true,
      y: false,
      points: { show: false },
      drag: { x: false, y: false, setScale: false },
      // Double presses and drags are gestures.ts; uPlot keeps the crosshair only.
      bind: { mousedown: () => null, mouseup: () => null, dblclick: () => null },
    },
    select: { show: true, left: 0, top: 0, width: 0, height: 0 },
    scales: {
      x: { time: true, auto: false },
      ...Object.fromEntries(
        groups.map(({ key }) => [
          key,
          { auto: false, range: (_u: uPlot, low: number, high: number): [number, number] => [low, high] },
        ]),
      ),
    },
    axes: [timeAxis, ...axes],
    series: [
      {},
      ...groups.map(({ key }): uPlot.Series => ({
        scale: key,
        show: true,
        paths: () => null,
        points: { show: false },
      })),
    ],
    hooks: { draw: [callbacks.onDraw], setCursor: [callbacks.onCursor], setSize: [callbacks.onSize] },
  };
}

function widest(u: uPlot, values: readonly (string | null)[] | null): number {
  if (!values) return 0;
  u.ctx.save();
  u.ctx.font = kAxisFont;
  const width = values.reduce((most, value) => Math.max(most, u.ctx.measureText(value ?? "").width), 0);
  u.ctx.restore();
  return Math.ceil(width);
}
