import { useCallback, useEffect, useId, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { getSites } from "../../api/sites";
import { EmptyState } from "../../components/EmptyState";
import { Notice } from "../../components/Notice";
import { setPreference, usePreference } from "../../lib/preferences";
import { navigate, useRoute } from "../../lib/route";
import { fittingLimits, scaleGroups, zoomAround } from "../../lib/scales";
import { drawSeries, type View } from "../../lib/segments";
import { readingAt } from "../../lib/series";
import { leafName } from "../../lib/tag_path";
import { useTheme } from "../../lib/theme";
import { browserZone, localText, zoneText } from "../../lib/time_text";
import {
  badRange,
  clampSpan,
  kDefaultSpanMs,
  kPensMax,
  lastTrend,
  parseTrend,
  rememberTrend,
  trendHash,
  type TrendState,
} from "../../lib/trend_url";
import { useNow } from "../../lib/use_now";
import { useResource } from "../../lib/use_resource";
import { unitSymbol } from "../../lib/value";
import type { PenLook } from "./draw";
import type { GestureTarget } from "./gestures";
import { PenPicker } from "./PenPicker";
import { penColour } from "./pen_style";
import { PenTable } from "./PenTable";
import { PointsTable } from "./PointsTable";
import { qualitySign, readingText } from "./reading_text";
import { TrendChart } from "./TrendChart";
import { TrendToolbar } from "./TrendToolbar";
import { useTrendData } from "./trend_data";

/** How much of the future a drag may show, in spans. */
const kFutureShare = 0.25;
/** A view whose right edge is this close to now, in spans, is live again when it rests. */
const kLiveShare = 0.02;

export default function TrendPage() {
  const { t } = useTranslation();
  const route = useRoute();
  const hasParameters = route.search.size > 0;
  const state = useMemo(() => (hasParameters ? parseTrend(route.search) : lastTrend()), [route, hasParameters]);

  useEffect(() => {
    if (hasParameters) rememberTrend(state);
    else if (state.pens.length > 0) navigate(trendHash(state), true);
  }, [hasParameters, state]);

  const addPen = (path: string) =>
    navigate(trendHash({ ...state, pens: [...state.pens.filter((pen) => pen !== path), path].slice(-kPensMax) }));

  const wrong = badRange(route.search);
  const notice = wrong === null ? null : <Notice kind="warning" title={t("trend.badRange", { range: wrong })} />;
  if (state.pens.length > 0) return <Trend state={state} notice={notice} onAddPen={addPen} />;
  return (
    <>
      <div className="page-head">
        <h1>{t("page.trend")}</h1>
      </div>
      {notice}
      <EmptyState title={t("trend.emptyTitle")}>
        <p>{t("trend.empty")}</p>
        <PenPicker pens={[]} onPick={addPen} />
        <p>
          <a href="#/assets">{t("trend.toAssets")}</a>
        </p>
      </EmptyState>
    </>
  );
}

function Trend({
  state,
  notice,
  onAddPen,
}: {
  state: TrendState;
  notice: ReactNode;
  onAddPen: (path: string) => void;
}) {
  const { t, i18n } = useTranslation();
  const theme = useTheme();
  const helpId = useId();
  const zone = usePreference("zone") ?? browserZone();
  const sites = useResource("sites", getSites);
  const [draft, setDraft] = useState<{ view: View | null; limits: TrendState["limits"] | null }>({
    view: null,
    limits: null,
  });
  const [columns, setColumns] = useState(0);
  const [cursorMs, setCursorMs] = useState<number | null>(null);
  const [pinMs, setPinMs] = useState<number | null>(null);
  const homeSpan = useRef(kDefaultSpanMs);
  const ownHash = useRef("");

  const isLive = state.range.live && draft.view === null;
  const liveSpan = state.range.live ? state.range.spanMs : 0;
  const now = useNow(isLive ? Math.max(100, Math.min(1_000, liveSpan / 1_500)) : 1_000);
  const { range } = state;
  const liveEdge = range.live ? now : 0;
  const view: View = useMemo(() => {
    if (draft.view) return draft.view;
    return range.live ? { from: liveEdge - range.spanMs, to: liveEdge } : { from: range.fromMs, to: range.toMs };
  }, [draft.view, range, liveEdge]);
  const span = view.to - view.from;

  const data = useTrendData(state.pens, view, isLive, columns);
  // The earlier period moves in steps while the view is live, so that it is not asked for all the time.
  const earlierView = useMemo(() => {
    const step = span / 40;
    const from = Math.floor((view.from - state.compareMs) / step) * step;
    return { from, to: from + span };
  }, [view.from, span, state.compareMs]);
  const earlier = useTrendData(state.compareMs > 0 ? state.pens : kNoPens, earlierView, false, columns);

  const drawings = useMemo(
    () => data.series.map((series) => (series ? drawSeries(series, view, now) : null)),
    [data, view, now],
  );
  const groups = useMemo(() => scaleGroups(data.series, state.lanes), [data, state.lanes]);
  const shownLimits = draft.limits ?? state.limits;
  const limits = useMemo(
    () =>
      new Map(
        groups.map((group) => [group.key, shownLimits[group.key] ?? fittingLimits(group, drawings, state.robust)]),
      ),
    [groups, shownLimits, drawings, state.robust],
  );
  const pens: PenLook[] = data.series.map((series, index) => {
    const before = earlier.series[index];
    return {
      colour: penColour(index, theme),
      number: `${index + 1}${series ? qualitySign(readingAt(series, Math.min(view.to, now), now)) : ""}`,
      scale:
        series && series.type !== "string" ? (groups.find((group) => group.pens.includes(index))?.key ?? null) : null,
      drawing: drawings[index] ?? null,
      earlier:
        before && state.compareMs > 0
          ? {
              drawing: drawSeries(before, { from: view.from - state.compareMs, to: view.to - state.compareMs }, now),
              shiftMs: state.compareMs,
            }
          : null,
    };
  });
  const stringRows = data.series.filter((series) => series?.type === "string").length;

  const go = useCallback((next: TrendState) => {
    setDraft({ view: null, limits: null });
    ownHash.current = trendHash(next);
    navigate(ownHash.current);
  }, []);

  // A live range that came from outside (a link, the address bar) is what a reset goes back to; our own zooming is not.
  useEffect(() => {
    const hash = trendHash(state);
    if (hash !== ownHash.current && state.range.live) homeSpan.current = state.range.spanMs;
    ownHash.current = hash;
  }, [state]);

  const rangeOf = (next: View): TrendState["range"] => {
    const width = next.to - next.from;
    if (next.to >= now - width * kLiveShare) return { live: true, spanMs: Math.round(width) };
    return { live: false, fromMs: next.from, toMs: next.to };
  };
  const bounded = (next: View): View => {
    const width = clampSpan(next.to - next.from);
    const middle = (next.from + next.to) / 2;
    const to = Math.min(middle + width / 2, now + width * kFutureShare);
    return { from: to - width, to };
  };
  const settle = (next: View, nextLimits = draft.limits ?? state.limits) =>
    go({ ...state, range: rangeOf(bounded(next)), limits: nextLimits });

  const gestures: GestureTarget = {
    view: () => view,
    moveView: (next) => setDraft((old) => ({ ...old, view: bounded(next) })),
    rest: () => settle(draft.view ?? view),
    box: (next, share) => {
      const boxed: TrendState["limits"] = { ...shownLimits };
      if (share && !state.lanes) {
        for (const [key, [low, high]] of limits) {
          if (key === "bool") continue;
          boxed[key] = [high - (high - low) * share.bottom, high - (high - low) * share.top];
        }
      }
      settle(next, boxed);
    },
    axisLimits: (key) => limits.get(key) ?? [0, 1],
    moveAxis: (key, next) => setDraft((old) => ({ ...old, limits: { ...(old.limits ?? state.limits), [key]: next } })),
    pin: (timeMs) => setPinMs(timeMs),
    reset: () => {
      setPinMs(null);
      go({ ...state, range: { live: true, spanMs: homeSpan.current }, limits: {} });
    },
  };

  const zoom = (factor: number) => {
    const at = isLive && cursorMs === null ? view.to : (cursorMs ?? (view.from + view.to) / 2);
    const [from, to] = zoomAround(view.from, view.to, at, factor);
    settle({ from, to });
  };
  const pan = (share: number) => settle({ from: view.from + span * share, to: view.to + span * share });
  const toggleLive = () =>
    go({
      ...state,
      range: state.range.live
        ? { live: false, fromMs: view.from, toMs: view.to }
        : { live: true, spanMs: Math.round(span) },
    });

  const onKey = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const step = span / (event.shiftKey ? 10 : 100);
    const at = cursorMs ?? (view.from + Math.min(view.to, now)) / 2;
    const keys: Record<string, () => void> = {
      ArrowLeft: () => setCursorMs(Math.max(view.from, at - step)),
      ArrowRight: () => setCursorMs(Math.min(view.to, at + step)),
      Home: () => setCursorMs(view.from),
      End: () => setCursorMs(Math.min(view.to, now)),
      PageUp: () => pan(-0.5),
      PageDown: () => pan(0.5),
      "+": () => zoom(0.5),
      "=": () => zoom(0.5),
      "-": () => zoom(2),
      "0": () => gestures.reset(),
      b: () => setPinMs(at),
      l: toggleLive,
      Escape: () => {
        setPinMs(null);
        setCursorMs(null);
      },
    };
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };

  return (
    <>
      <h1 className="hidden-label">{t("page.trend")}</h1>
      <TrendToolbar
        state={state}
        view={view}
        isLive={isLive}
        zone={zone}
        zones={[
          ...new Set([browserZone(), "UTC", ...(sites.data ?? []).map((site) => site.time_zone).filter(Boolean)]),
        ]}
        series={data.series}
        columns={columns}
        onPreset={(spanMs) => {
          homeSpan.current = spanMs;
          go({ ...state, range: { live: true, spanMs }, limits: {} });
        }}
        onLive={toggleLive}
        onZoom={zoom}
        onPan={pan}
        onReset={gestures.reset}
        onZone={(next) => setPreference("zone", next)}
        onState={(change) => go({ ...state, ...change })}
      />
      {notice}
      {data.error && (
        <Notice kind={data.stale ? "warning" : "error"} title={data.stale ? t("state.stale") : t("state.error")}>
          <p>{data.error}</p>
        </Notice>
      )}
      {data.incomplete && <Notice kind="warning" title={t("trend.incomplete")} />}
      <div className="chart-frame">
        <TrendChart
          pens={pens}
          groups={groups}
          limits={limits}
          lanes={state.lanes}
          view={view}
          zone={zone}
          theme={theme}
          stringRows={stringRows}
          cursorMs={cursorMs}
          pinMs={pinMs}
          label={t("trend.chart", { pens: state.pens.map(leafName).join(", ") })}
          describedBy={helpId}
          onCursor={setCursorMs}
          onKey={onKey}
          onColumns={setColumns}
          gestures={gestures}
        />
        <p className="chart-foot" id={helpId}>
          {localText(view.from, zone)} – {localText(view.to, zone)} · {zone} ({zoneText(zone, view.to)}) ·{" "}
          {t("trend.keys")}
        </p>
        {data.loading && data.series.every((series) => series === null) && (
          <p className="chart-loading" role="status">
            {t("state.loading")}
          </p>
        )}
      </div>
      <CursorAnnouncement
        text={
          cursorMs === null
            ? ""
            : `${localText(cursorMs, zone)}: ${data.series
                .map((series, index) =>
                  series
                    ? `${leafName(state.pens[index] ?? "")} ${readingText(readingAt(series, cursorMs, now), series.type, i18n.language)} ${unitSymbol(series.unit)}`
                    : "",
                )
                .filter(Boolean)
                .join(", ")}`
        }
      />
      <PenTable
        pens={state.pens}
        data={data}
        looks={pens}
        cursorMs={cursorMs}
        pinMs={pinMs}
        nowMs={now}
        zone={zone}
        onRemove={(path) => go({ ...state, pens: state.pens.filter((pen) => pen !== path) })}
        onUnpin={() => setPinMs(null)}
      />
      <PenPicker pens={state.pens} onPick={onAddPen} />
      <PointsTable series={data.series} view={view} zone={zone} />
    </>
  );
}

const kNoPens: readonly string[] = [];
const kAnnounceRestMs = 400;

/** Says where the cursor rests; not every place that it passes. */
function CursorAnnouncement({ text }: { text: string }) {
  const [said, setSaid] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSaid(text), kAnnounceRestMs);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <p className="hidden-label" role="status" aria-live="polite">
      {said}
    </p>
  );
}
