import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { requestText } from "../../api/http";
import type { Screen, Shown } from "../../api/screens";
import { Loaded } from "../../components/Loaded";
import { Notice } from "../../components/Notice";
import { useNow } from "../../lib/use_now";
import { useResource } from "../../lib/use_resource";
import { toNumber } from "../../lib/value";
import { buildDrawing } from "./mimic_svg";
import { BoundElement, levelFor, type Painted } from "./mimic_paint";
import { kpiKey, type ScreenValues } from "./screen_values";
import { ShownCard } from "./ShownCard";
import { kSigns, shownState, type ShownState } from "./shown_state";
import { assetName, figureText, kpiState as figureState, shownName, valueText, whyText } from "./shown_text";

/** States of everything that a screen shows, in its order. */
export function useShownStates(screen: Screen, values: ScreenValues, nowMs: number): ShownState[] {
  return useMemo(
    () =>
      screen.shown.map((shown) => {
        const around = {
          nowMs,
          live: values.live,
          alarms: values.alarmsOf(shown),
          newsMs: values.newsOf(shown),
        };
        if (shown.kpi === null) {
          return shownState(shown, shown.tag === null ? undefined : values.values.get(shown.tag), around);
        }
        const series = values.kpis.get(kpiKey(shown.asset?.path ?? "", shown.kpi, shown.together));
        const state = shownState({ ...shown, constant: 0 }, undefined, around);
        return { ...state, ...figureState(shown, series, values.kpisKnown) };
      }),
    [screen, values, nowMs],
  );
}

export function seriesOf(shown: Shown, values: ScreenValues) {
  return shown.kpi === null ? undefined : values.kpis.get(kpiKey(shown.asset?.path ?? "", shown.kpi, shown.together));
}

/** A drawing with live values. */
export function MimicView({ screen, values }: { screen: Screen; values: ScreenValues }) {
  const drawing = useResource(`drawing/${screen.drawing}`, (signal) =>
    requestText("GET", (screen.drawing ?? "").replace(/^\/api\/v1/, ""), { signal, accept: "image/svg+xml" }),
  );
  return <Loaded resource={drawing}>{(text) => <Drawing text={text} screen={screen} values={values} />}</Loaded>;
}

const kCardWidth = 300;

function Drawing({ text, screen, values }: { text: string; screen: Screen; values: ScreenValues }) {
  const { t, i18n } = useTranslation();
  const nowMs = useNow();
  const states = useShownStates(screen, values, nowMs);
  const holder = useRef<HTMLDivElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const bound = useRef<(BoundElement | null)[]>([]);
  const [broken, setBroken] = useState("");
  const [hovered, setHovered] = useState<number | null>(null);
  const [pinned, setPinned] = useState<number | null>(null);
  const [place, setPlace] = useState({ left: 0, top: 0 });
  const { shown: list, pack, name } = screen;
  // The drawing stays while the asset behind an element is another or has another name.
  const elements = list.map(({ element, show, place: at }) => `${element ?? ""} ${show} ${at}`).join("\n");
  const shownList = useRef(list);
  shownList.current = list;

  useEffect(() => {
    const prefix = `m-${pack}-${name}-`;
    try {
      const svg = buildDrawing(text, prefix, i18n.language);
      svg.setAttribute("class", "mimic");
      svg.setAttribute("role", "group");
      holder.current?.replaceChildren(svg);
      bound.current = shownList.current.map((shown, index) => {
        const made = BoundElement.find(svg, shown, prefix, index);
        if (made) made.element.dataset.index = String(index);
        return made;
      });
      setBroken("");
    } catch (cause) {
      bound.current = [];
      setBroken(cause instanceof Error ? cause.message : String(cause));
    }
  }, [text, pack, name, elements, i18n.language]);

  useEffect(() => {
    list.forEach((shown, index) => {
      const state = states[index];
      if (state) bound.current[index]?.paint(painted(shown, state));
    });
    function painted(shown: Shown, state: ShownState): Painted {
      const series = seriesOf(shown, values);
      const value = shown.kpi === null ? valueText(shown, state, t, i18n.language) : figureText(series, i18n.language);
      const why = whyText(shown, state, nowMs, t, i18n.language);
      return {
        look: state.look,
        text: value,
        level: levelFor(shown, toNumber(state.value, state.type)),
        sign: kSigns[state.look],
        said: `${assetName(shown, i18n.language)}, ${shownName(shown, i18n.language)}: ${value}${why === "" ? "" : `, ${why}`}`,
      };
    }
  }, [list, states, values, nowMs, t, i18n.language, elements, text]);

  const indexOf = (target: EventTarget): number | null => {
    const element = target instanceof Element ? target.closest<SVGElement>("[data-index]") : null;
    return element === null ? null : Number(element.dataset.index);
  };
  const placeAt = useCallback((index: number) => {
    const box = bound.current[index]?.element.getBoundingClientRect();
    const around = frame.current?.getBoundingClientRect();
    if (!box || !around) return;
    const left = Math.max(0, Math.min(box.left - around.left, around.width - kCardWidth));
    const isLow = box.bottom - around.top > around.height * 0.6;
    setPlace({ left, top: isLow ? Math.max(0, box.top - around.top - 230) : box.bottom - around.top + 6 });
  }, []);
  const hover = (target: EventTarget) => {
    const index = indexOf(target);
    if (index !== null) placeAt(index);
    setHovered(index);
  };
  const pin = (target: EventTarget): boolean => {
    const index = indexOf(target);
    if (index === null) return false;
    placeAt(index);
    setPinned(index);
    return true;
  };
  const close = () => {
    const index = pinned;
    setPinned(null);
    setHovered(null);
    if (index !== null) bound.current[index]?.element.focus();
  };

  const current = pinned ?? hovered;
  const shown = current === null ? undefined : list[current];
  const state = current === null ? undefined : states[current];
  return (
    <div ref={frame} className="mimic-frame">
      {broken !== "" && (
        <Notice kind="error" title={t("screens.broken")}>
          <p>{broken}</p>
        </Notice>
      )}
      <div
        ref={holder}
        role="presentation"
        className="mimic-scroll"
        onMouseOver={(event) => hover(event.target)}
        onMouseLeave={() => setHovered(null)}
        onFocus={(event) => hover(event.target)}
        onBlur={() => setHovered(null)}
        onClick={(event) => {
          if (!pin(event.target)) setPinned(null);
        }}
        onKeyDown={(event) => {
          if ((event.key === "Enter" || event.key === " ") && pin(event.target)) event.preventDefault();
          if (event.key === "Escape") setHovered(null);
        }}
      />
      {shown && state && current !== null && (
        <ShownCard
          key={`${current} ${pinned !== null}`}
          shown={shown}
          state={state}
          series={seriesOf(shown, values)}
          nowMs={nowMs}
          place={place}
          pinned={pinned !== null}
          onClose={close}
        />
      )}
    </div>
  );
}
