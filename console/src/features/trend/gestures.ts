/**
 * Pointer and wheel on the chart. Drag pans, wheel zooms at the cursor, shift and drag is a box, two fingers pinch, a press
 * without moving pins the cursor, a double press resets; on a y axis drag moves and wheel zooms that axis.
 */
import type uPlot from "uplot";
import type { View } from "../../lib/segments";
import { zoomAround } from "../../lib/scales";

export interface GestureTarget {
  view(): View;
  /** The view while it moves, and once it rests. */
  moveView(view: View): void;
  rest(): void;
  box(view: View, share: { top: number; bottom: number } | null): void;
  moveAxis(key: string, limits: [number, number]): void;
  axisLimits(key: string): [number, number];
  pin(timeMs: number): void;
  reset(): void;
}

const kPressPx = 4;
const kWheelRestMs = 350;
const kBoxPxMin = 8;

/** Ends with what it returns. */
export function listenToGestures(u: uPlot, target: GestureTarget, axisKeys: readonly string[]): () => void {
  const over = u.over;
  const abort = new AbortController();
  const options = { signal: abort.signal };
  const pointers = new Map<number, { x: number; y: number }>();
  let start: { x: number; y: number; view: View; box: boolean; moved: boolean; spread: number; middle: number } | null =
    null;
  let wheelTimer: ReturnType<typeof setTimeout> | undefined;

  const place = (event: PointerEvent | WheelEvent) => {
    const rect = over.getBoundingClientRect();
    return { x: event.clientX - rect.left, y: event.clientY - rect.top, width: rect.width, height: rect.height };
  };
  const timeAt = (view: View, x: number, width: number) => view.from + ((view.to - view.from) * x) / width;
  const begin = (box: boolean) => {
    const [a, b] = [...pointers.values()];
    if (!a) return;
    const second = b ?? a;
    start = {
      x: (a.x + second.x) / 2,
      y: a.y,
      view: target.view(),
      box,
      moved: false,
      spread: Math.max(20, Math.abs(a.x - second.x)),
      middle: (a.x + second.x) / 2,
    };
  };

  over.addEventListener(
    "pointerdown",
    (event) => {
      if (event.button !== 0) return;
      pointers.set(event.pointerId, place(event));
      over.setPointerCapture(event.pointerId);
      begin(event.shiftKey && pointers.size === 1);
    },
    options,
  );

  over.addEventListener(
    "pointermove",
    (event) => {
      if (!pointers.has(event.pointerId) || !start) return;
      const at = place(event);
      pointers.set(event.pointerId, at);
      if (Math.abs(at.x - start.x) > kPressPx || Math.abs(at.y - start.y) > kPressPx) start.moved = true;
      if (!start.moved) return;
      const { view } = start;
      const span = view.to - view.from;
      if (start.box) {
        const left = Math.max(0, Math.min(start.x, at.x));
        const top = Math.max(0, Math.min(start.y, at.y));
        u.setSelect(
          {
            left,
            top,
            width: Math.min(at.width, Math.max(start.x, at.x)) - left,
            height: Math.min(at.height, Math.max(start.y, at.y)) - top,
          },
          false,
        );
        return;
      }
      const [a, b] = [...pointers.values()];
      if (a && b) {
        const spread = Math.max(20, Math.abs(a.x - b.x));
        const factor = start.spread / spread;
        const middle = (a.x + b.x) / 2;
        const held = timeAt(view, start.middle, at.width);
        const from = held - (span * factor * middle) / at.width;
        target.moveView({ from, to: from + span * factor });
        return;
      }
      const shift = (span * (start.x - at.x)) / at.width;
      target.moveView({ from: view.from + shift, to: view.to + shift });
    },
    options,
  );

  const finish = (event: PointerEvent) => {
    if (!pointers.delete(event.pointerId) || !start) return;
    const ended = start;
    const at = place(event);
    if (pointers.size > 0) {
      begin(false);
      if (start) start.moved = true;
      return;
    }
    start = null;
    if (!ended.moved) {
      if (event.type === "pointerup") target.pin(timeAt(target.view(), at.x, at.width));
      return;
    }
    if (!ended.box) {
      target.rest();
      return;
    }
    const { left, top, width, height } = { ...u.select };
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (width < kBoxPxMin) return;
    const view = { from: timeAt(ended.view, left, at.width), to: timeAt(ended.view, left + width, at.width) };
    target.box(view, height < kBoxPxMin ? null : { top: top / at.height, bottom: (top + height) / at.height });
  };
  over.addEventListener("pointerup", finish, options);
  over.addEventListener("pointercancel", finish, options);

  over.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const view = target.view();
      const at = place(event);
      const span = view.to - view.from;
      const step = event.deltaMode === 1 ? 33 : 1;
      if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        const shift = (span * event.deltaX * step) / at.width;
        target.moveView({ from: view.from + shift, to: view.to + shift });
      } else {
        const factor = Math.exp(Math.max(-1, Math.min(1, (event.deltaY * step) / 400)));
        const [from, to] = zoomAround(view.from, view.to, timeAt(view, at.x, at.width), factor);
        target.moveView({ from, to });
      }
      clearTimeout(wheelTimer);
      wheelTimer = setTimeout(() => target.rest(), kWheelRestMs);
    },
    { ...options, passive: false },
  );

  over.addEventListener("dblclick", () => target.reset(), options);

  // uPlot makes one element an axis, in the order of the options: the first is x.
  [...u.root.querySelectorAll<HTMLElement>(".u-axis")].slice(1).forEach((element, index) => {
    const key = axisKeys[index];
    if (key !== undefined) listenToAxis(element, key, target, options);
  });

  return () => {
    abort.abort();
    clearTimeout(wheelTimer);
  };
}

function listenToAxis(
  element: HTMLElement,
  key: string,
  target: GestureTarget,
  options: { signal: AbortSignal },
): void {
  let drag: { y: number; limits: [number, number] } | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  element.addEventListener(
    "pointerdown",
    (event) => {
      drag = { y: event.clientY, limits: target.axisLimits(key) };
      element.setPointerCapture(event.pointerId);
    },
    options,
  );
  element.addEventListener(
    "pointermove",
    (event) => {
      if (!drag) return;
      const [low, high] = drag.limits;
      const shift = ((event.clientY - drag.y) / element.clientHeight) * (high - low);
      target.moveAxis(key, [low + shift, high + shift]);
    },
    options,
  );
  const end = () => {
    if (drag) target.rest();
    drag = null;
  };
  element.addEventListener("pointerup", end, options);
  element.addEventListener("pointercancel", end, options);
  element.addEventListener("dblclick", () => target.reset(), options);
  element.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const [low, high] = target.axisLimits(key);
      const rect = element.getBoundingClientRect();
      const at = high - ((event.clientY - rect.top) / rect.height) * (high - low);
      target.moveAxis(key, zoomAround(low, high, at, Math.exp(Math.max(-1, Math.min(1, event.deltaY / 400)))));
      clearTimeout(timer);
      timer = setTimeout(() => target.rest(), kWheelRestMs);
    },
    { ...options, passive: false },
  );
}
