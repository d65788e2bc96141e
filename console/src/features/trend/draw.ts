/** The pens onto uPlot's canvas: lines, bands of bad quality, labels of strings. Coordinates are canvas pixels. */
import type uPlot from "uplot";
import type { Band, Drawing, StrokeKind } from "../../lib/segments";

export interface PenLook {
  colour: string;
  /** With a sign where the newest value is not good. */
  number: string;
  /** Its y scale; null for strings, which have a row of labels instead. */
  scale: string | null;
  drawing: Drawing | null;
  /** The same pen some time earlier, already moved to this view; drawn thin behind. */
  earlier: { drawing: Drawing; shiftMs: number } | null;
}

export interface ChartColours {
  text: string;
  surface: string;
  grid: string;
  bad: string;
}

export const kLabelRowPx = 20;
const kBandRowPx = 8;
const kDashes: Record<StrokeKind, number[]> = { solid: [], dotted: [1.5, 3.5], dashed: [7, 5] };

export function drawPens(u: uPlot, pens: readonly PenLook[], colours: ChartColours, pinMs: number | null): void {
  const { ctx, bbox } = u;
  const ratio = devicePixelRatio || 1;
  // uPlot remembers what it set on the canvas: everything here must be as it was afterwards.
  ctx.save();
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();

  const withBands = pens.filter((pen) => pen.drawing && pen.drawing.bands.length > 0);
  if (pens.length === 1 && withBands[0]?.drawing) {
    for (const band of withBands[0].drawing.bands) hatch(u, band, bbox.top, bbox.height, colours.grid, ratio);
  }
  for (const pen of pens) {
    if (pen.earlier && pen.scale !== null) {
      ctx.globalAlpha = 0.55;
      strokes(u, pen.earlier.drawing, pen.scale, pen.earlier.shiftMs, pen.colour, 1 * ratio, ratio);
      ctx.globalAlpha = 1;
    }
  }
  for (const pen of pens) {
    if (pen.drawing && pen.scale !== null) {
      strokes(u, pen.drawing, pen.scale, 0, pen.colour, 1.6 * ratio, ratio);
      marks(u, pen.drawing, pen.scale, pen.colour, ratio);
    }
  }
  withBands.forEach((pen, row) => bandRow(u, pen, row, ratio));
  if (pinMs !== null) pinLine(u, pinMs, colours, ratio);
  ctx.restore();

  endNumbers(u, pens, colours, ratio);
  const strings = pens.filter((pen) => pen.scale === null && pen.drawing);
  strings.forEach((pen, row) => labelRow(u, pen, row, strings.length, colours, ratio));
  ctx.restore();
}

function strokes(
  u: uPlot,
  drawing: Drawing,
  scale: string,
  shiftMs: number,
  colour: string,
  width: number,
  ratio: number,
): void {
  const { ctx } = u;
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.lineJoin = "round";
  for (const stroke of drawing.strokes) {
    ctx.setLineDash(kDashes[stroke.kind].map((part) => part * ratio));
    ctx.beginPath();
    for (let index = 0; index < stroke.xy.length; index += 2) {
      const x = u.valToPos((stroke.xy[index] ?? 0) + shiftMs, "x", true);
      const y = u.valToPos(stroke.xy[index + 1] ?? 0, scale, true);
      if (index === 0) ctx.moveTo(x, y);
      else ctx.lineTo(x, y);
    }
    ctx.stroke();
  }
  ctx.setLineDash([]);
}

function marks(u: uPlot, drawing: Drawing, scale: string, colour: string, ratio: number): void {
  const { ctx } = u;
  ctx.fillStyle = colour;
  for (const [t, v] of drawing.dots) {
    ctx.beginPath();
    ctx.arc(u.valToPos(t, "x", true), u.valToPos(v, scale, true), 2.5 * ratio, 0, 2 * Math.PI);
    ctx.fill();
  }
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.5 * ratio;
  const arm = 3.5 * ratio;
  let lastX = Number.NEGATIVE_INFINITY;
  for (const [t, v] of drawing.crosses) {
    const x = u.valToPos(t, "x", true);
    // The band tells how long it lasts; the crosses need not touch.
    if (x - lastX < 4 * arm) continue;
    lastX = x;
    const y = u.valToPos(v, scale, true);
    ctx.beginPath();
    ctx.moveTo(x - arm, y - arm);
    ctx.lineTo(x + arm, y + arm);
    ctx.moveTo(x - arm, y + arm);
    ctx.lineTo(x + arm, y - arm);
    ctx.stroke();
  }
}

/** Slanted lines, so that the band is told without its colour; bad leans one way, uncertain the other and wider apart. */
function hatch(u: uPlot, band: Band, top: number, height: number, colour: string, ratio: number): void {
  const { ctx } = u;
  const left = u.valToPos(band.from, "x", true);
  const right = Math.max(left + 2 * ratio, u.valToPos(band.to, "x", true));
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, right - left, height);
  ctx.clip();
  ctx.strokeStyle = colour;
  ctx.lineWidth = ratio;
  const gap = (band.severity === "bad" ? 5 : 9) * ratio;
  const lean = band.severity === "bad" ? 1 : -1;
  ctx.beginPath();
  // From a fixed origin, so that the lines do not crawl while the view moves over them.
  const start = Math.floor((left - height) / gap) * gap;
  for (let x = start; x < right + height; x += gap) {
    ctx.moveTo(x, top + height);
    ctx.lineTo(x + lean * height, top);
  }
  ctx.stroke();
  ctx.strokeRect(left, top + 0.5 * ratio, right - left, height - ratio);
  ctx.restore();
}

/** One row a pen at the foot of the chart. */
function bandRow(u: uPlot, pen: PenLook, row: number, ratio: number): void {
  const height = kBandRowPx * ratio;
  const top = u.bbox.top + u.bbox.height - (row + 1) * (height + 2 * ratio);
  for (const band of pen.drawing?.bands ?? []) hatch(u, band, top, height, pen.colour, ratio);
}

function pinLine(u: uPlot, pinMs: number, colours: ChartColours, ratio: number): void {
  const { ctx, bbox } = u;
  const x = u.valToPos(pinMs, "x", true);
  ctx.strokeStyle = colours.text;
  ctx.lineWidth = ratio;
  ctx.setLineDash([2 * ratio, 2 * ratio]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.fillStyle = colours.text;
  ctx.font = `${11 * ratio}px system-ui, sans-serif`;
  ctx.textAlign = "left";
  ctx.textBaseline = "top";
  ctx.fillText("B", x + 3 * ratio, bbox.top + 2 * ratio);
}

/** Each pen's number where its line ends; those that would cover each other are moved apart. */
function endNumbers(u: uPlot, pens: readonly PenLook[], colours: ChartColours, ratio: number): void {
  const { ctx, bbox } = u;
  // Two digits and a sign need a wider circle.
  const radius = (pens.some(({ number }) => number.length > 2) ? 9.5 : 7.5) * ratio;
  const places: { pen: PenLook; x: number; y: number }[] = [];
  for (const pen of pens) {
    const end = pen.drawing?.end;
    if (!end || pen.scale === null) continue;
    const x = u.valToPos(end[0], "x", true);
    const y = u.valToPos(end[1], pen.scale, true);
    if (x < bbox.left || y < bbox.top - 1 || y > bbox.top + bbox.height + 1) continue;
    places.push({ pen, x: Math.min(x + radius, bbox.left + bbox.width - radius - ratio), y });
  }
  places.sort((a, b) => a.y - b.y);
  spread(places, 2 * radius + 2 * ratio, bbox.top + radius, bbox.top + bbox.height - radius);
  ctx.lineWidth = 1.5 * ratio;
  ctx.font = `600 ${10 * ratio}px system-ui, sans-serif`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  for (const { pen, x, y } of places) {
    ctx.fillStyle = colours.surface;
    ctx.strokeStyle = pen.colour;
    ctx.beginPath();
    ctx.arc(x, y, radius, 0, 2 * Math.PI);
    ctx.fill();
    ctx.stroke();
    ctx.fillStyle = pen.colour;
    ctx.fillText(pen.number, x, y + 0.5 * ratio);
  }
}

/** Moves places, ascending by y, until each is `gap` below the one before, within [top, bottom] where there is room. */
export function spread(places: { y: number }[], gap: number, top: number, bottom: number): void {
  let last = Number.NEGATIVE_INFINITY;
  for (const place of places) {
    place.y = Math.max(place.y, top, last + gap);
    last = place.y;
  }
  let next = Number.POSITIVE_INFINITY;
  for (const place of [...places].reverse()) {
    place.y = Math.min(place.y, bottom, next - gap);
    next = place.y;
  }
}

/** Strings: a row above the plot, one cell for each value that holds. */
function labelRow(u: uPlot, pen: PenLook, row: number, rows: number, colours: ChartColours, ratio: number): void {
  const { ctx, bbox } = u;
  const height = (kLabelRowPx - 4) * ratio;
  const top = bbox.top - (rows - row) * kLabelRowPx * ratio;
  ctx.font = `${11 * ratio}px system-ui, sans-serif`;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.lineWidth = ratio;
  for (const { from, to, text } of pen.drawing?.labels ?? []) {
    const left = u.valToPos(from, "x", true);
    const width = Math.max(ratio, u.valToPos(to, "x", true) - left);
    ctx.strokeStyle = pen.colour;
    ctx.strokeRect(left, top, width, height);
    if (width < 14 * ratio) continue;
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, top, width - 3 * ratio, height);
    ctx.clip();
    ctx.fillStyle = colours.text;
    ctx.fillText(text, left + 4 * ratio, top + height / 2);
    ctx.restore();
  }
  for (const band of pen.drawing?.bands ?? []) hatch(u, band, top, height, pen.colour, ratio);
}
