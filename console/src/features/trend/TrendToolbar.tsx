import { useState } from "react";
import { Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { queryCsv } from "../../api/query";
import { Button } from "../../components/Button";
import { Notice } from "../../components/Notice";
import { trendCsv } from "../../lib/csv";
import { saveText } from "../../lib/save_text";
import type { View } from "../../lib/segments";
import type { PenSeries } from "../../lib/series";
import { serverNow } from "../../lib/server_clock";
import { isoUtc, localText, zoneText } from "../../lib/time_text";
import type { TrendState } from "../../lib/trend_url";

const kMinute = 60_000;
const kHour = 60 * kMinute;
const kDay = 24 * kHour;
const kPresets = [
  { key: "15min", ms: 15 * kMinute },
  { key: "1h", ms: kHour },
  { key: "8h", ms: 8 * kHour },
  { key: "1d", ms: kDay },
  { key: "7d", ms: 7 * kDay },
] as const;
const kCompare = [
  { key: "none", ms: 0 },
  { key: "1h", ms: kHour },
  { key: "8h", ms: 8 * kHour },
  { key: "1d", ms: kDay },
  { key: "7d", ms: 7 * kDay },
] as const;
const kCsvRowsMax = 1_000_000;

/** Everything that the mouse can do, as buttons. */
export function TrendToolbar({
  state,
  view,
  isLive,
  zone,
  zones,
  series,
  columns,
  onPreset,
  onLive,
  onZoom,
  onPan,
  onReset,
  onZone,
  onState,
}: {
  state: TrendState;
  view: View;
  isLive: boolean;
  zone: string;
  zones: readonly string[];
  series: readonly (PenSeries | null)[];
  columns: number;
  onPreset: (spanMs: number) => void;
  onLive: () => void;
  onZoom: (factor: number) => void;
  onPan: (share: number) => void;
  onReset: () => void;
  onZone: (zone: string) => void;
  onState: (change: Partial<TrendState>) => void;
}) {
  const { t } = useTranslation();
  const [csv, setCsv] = useState<{ busy: boolean; error: string | null; cut: boolean }>({
    busy: false,
    error: null,
    cut: false,
  });

  const download = async (shape: "raw" | "plot") => {
    setCsv({ busy: true, error: null, cut: false });
    const end = Math.min(view.to, serverNow());
    const range = { from: isoUtc(Math.floor(view.from)), to: isoUtc(Math.ceil(end)) };
    try {
      const text = await queryCsv(
        state.pens,
        range,
        shape === "raw" ? { mode: "raw", limit: kCsvRowsMax } : { mode: "plot", columns: Math.max(100, columns) },
      );
      const made = trendCsv(text, zone, (tag) => series.find((pen) => pen?.tag === tag)?.unit ?? "");
      saveText(`trend-${localText(view.from, zone).replace(/[ :]/g, "-")}.csv`, "text/csv;charset=utf-8", made.text);
      setCsv({ busy: false, error: null, cut: shape === "raw" && made.rows >= kCsvRowsMax });
    } catch (cause) {
      setCsv({ busy: false, error: cause instanceof Error ? cause.message : String(cause), cut: false });
    }
  };

  return (
    <>
      <div className="toolbar" role="toolbar" aria-label={t("trend.tools")}>
        <div className="tool-group" role="group" aria-label={t("trend.range")}>
          {kPresets.map((preset) => (
            <Button
              key={preset.key}
              aria-pressed={state.range.live && state.range.spanMs === preset.ms}
              onPress={() => onPreset(preset.ms)}
            >
              {t(`trend.presets.${preset.key}`)}
            </Button>
          ))}
        </div>
        <Button kind={isLive ? "primary" : "plain"} aria-pressed={isLive} onPress={onLive}>
          <span aria-hidden="true">{isLive ? "❚❚ " : "▶ "}</span>
          {isLive ? t("trend.pause") : t("trend.live")}
        </Button>
        <div className="tool-group" role="group" aria-label={t("trend.move")}>
          <Button aria-label={t("trend.panBack")} onPress={() => onPan(-0.5)}>
            ◀
          </Button>
          <Button aria-label={t("trend.panForward")} onPress={() => onPan(0.5)}>
            ▶
          </Button>
          <Button aria-label={t("trend.zoomIn")} onPress={() => onZoom(0.5)}>
            +
          </Button>
          <Button aria-label={t("trend.zoomOut")} onPress={() => onZoom(2)}>
            −
          </Button>
          <Button onPress={onReset}>{t("trend.reset")}</Button>
          <Button aria-label={t("trend.undo")} onPress={() => history.back()}>
            ↶
          </Button>
          <Button aria-label={t("trend.redo")} onPress={() => history.forward()}>
            ↷
          </Button>
        </div>
        <label className="inline-choice">
          {t("trend.compare")}
          <select
            value={String(state.compareMs)}
            onChange={(event) => onState({ compareMs: Number(event.target.value) })}
          >
            {kCompare.map((option) => (
              <option key={option.key} value={String(option.ms)}>
                {t(`trend.compareTo.${option.key}`)}
              </option>
            ))}
          </select>
        </label>
        <label className="check">
          <input
            type="checkbox"
            checked={state.lanes}
            onChange={(event) => onState({ lanes: event.target.checked, limits: {} })}
          />
          {t("trend.lanes")}
        </label>
        <label className="check" title={t("trend.robustExplain")}>
          <input
            type="checkbox"
            checked={state.robust}
            onChange={(event) => onState({ robust: event.target.checked, limits: {} })}
          />
          {t("trend.robust")}
        </label>
        <label className="inline-choice">
          {t("trend.zone")}
          <select value={zone} onChange={(event) => onZone(event.target.value)}>
            {[...new Set([zone, ...zones])].map((name) => (
              <option key={name} value={name}>
                {name} ({zoneText(name, view.to)})
              </option>
            ))}
          </select>
        </label>
        <MenuTrigger>
          <Button isDisabled={csv.busy}>{t("trend.csv")}</Button>
          <Popover className="popover">
            <Menu
              className="menu"
              aria-label={t("trend.csv")}
              onAction={(key) => void download(key === "raw" ? "raw" : "plot")}
            >
              <MenuItem id="raw">{t("trend.csvRaw")}</MenuItem>
              <MenuItem id="plot">{t("trend.csvPlot")}</MenuItem>
            </Menu>
          </Popover>
        </MenuTrigger>
      </div>
      {csv.error && <Notice kind="error" title={csv.error} />}
      {csv.cut && <Notice kind="warning" title={t("trend.csvCut", { count: kCsvRowsMax })} />}
    </>
  );
}
