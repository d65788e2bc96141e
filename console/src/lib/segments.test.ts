import { describe, expect, it } from "vitest";
import { drawSeries, type Drawing, type View } from "./segments";
import { pointOf, type PenSeries, type Point } from "./series";
import type { ValueType, WireValue } from "./value";

const kNow = 1_000_000;

function pen(
  points: [number, WireValue, string?][],
  options: Partial<PenSeries> & { type?: ValueType } = {},
): PenSeries {
  const type = options.type ?? "double";
  return {
    tag: "e/a",
    id: 1,
    type,
    unit: "",
    step: false,
    simulated: false,
    before: null,
    after: null,
    points: points.map(([t, value, quality]) => pointOf(t, value, quality ?? "Good", type)),
    ...options,
  };
}

const view: View = { from: 0, to: 100 };
const good = (t: number, v: number): Point => pointOf(t, v, "Good", "double");
const kinds = (drawing: Drawing) => drawing.strokes.map(({ kind }) => kind);

describe("drawSeries", () => {
  it("draws a step tag without a single slope", () => {
    const drawing = drawSeries(
      pen(
        [
          [10, 1],
          [20, 5],
          [30, 2],
        ],
        { step: true, after: good(120, 2) },
      ),
      view,
      kNow,
    );
    for (const { xy } of drawing.strokes) {
      for (let index = 2; index < xy.length; index += 2) {
        const flat = xy[index + 1] === xy[index - 1];
        const upright = xy[index] === xy[index - 2];
        expect(flat || upright).toBe(true);
      }
    }
    expect(drawing.strokes[0]?.xy).toEqual([10, 1, 20, 1, 20, 5, 30, 5, 30, 2, 100, 2]);
  });

  it.each([true, false])("draws no line over samples that the feed skipped (step: %s), and a band", (step) => {
    const series = pen(
      [
        [10, 1],
        [20, 2],
        [80, 3],
        [90, 4],
      ],
      { step, holes: [{ from: 20, to: 80 }], after: good(120, 4) },
    );
    const drawing = drawSeries(series, view, kNow);
    expect(drawing.strokes).toHaveLength(2);
    for (const { xy } of drawing.strokes) {
      const times = xy.filter((_, index) => index % 2 === 0);
      expect(Math.max(...times) <= 20 || Math.min(...times) >= 80).toBe(true);
    }
    expect(drawing.bands).toEqual([{ from: 20, to: 80, quality: "Skipped", severity: "uncertain" }]);
  });

  it("joins a sloped tag in straight lines and cuts them at the edges of the view", () => {
    const drawing = drawSeries(pen([[50, 50]], { before: good(-50, -50), after: good(150, 150) }), view, kNow);
    expect(drawing.strokes).toEqual([{ kind: "solid", xy: [0, 0, 50, 50, 100, 100] }]);
    expect(drawing.extent).toEqual([0, 100]);
  });

  it("comes in from the left edge with the value that held before", () => {
    const drawing = drawSeries(pen([], { step: true, before: good(-500, 7), after: good(700, 9) }), view, kNow);
    expect(drawing.strokes).toEqual([{ kind: "solid", xy: [0, 7, 100, 7] }]);
  });

  it("breaks the line at a bad sample and leaves a band that names it", () => {
    const drawing = drawSeries(
      pen(
        [
          [10, 1],
          [20, 2],
          [30, 3, "BadNoCommunication"],
          [40, 4],
          [50, 5],
        ],
        { after: good(110, 5) },
      ),
      view,
      kNow,
    );
    expect(drawing.strokes.map(({ xy }) => xy)).toEqual([
      [10, 1, 20, 2],
      [40, 4, 50, 5, 100, 5],
    ]);
    expect(drawing.bands).toEqual([{ from: 30, to: 40, quality: "BadNoCommunication", severity: "bad" }]);
    expect(drawing.crosses).toEqual([[30, 3]]);
  });

  it("holds a step value until a bad sample, then stops", () => {
    const drawing = drawSeries(
      pen(
        [
          [10, 1],
          [30, 0, "Bad"],
        ],
        { step: true },
      ),
      view,
      kNow,
    );
    expect(drawing.strokes).toEqual([{ kind: "solid", xy: [10, 1, 30, 1] }]);
    expect(drawing.bands).toEqual([{ from: 30, to: 100, quality: "Bad", severity: "bad" }]);
  });

  it("treats NaN and infinities of good quality as gaps that are marked", () => {
    const drawing = drawSeries(
      pen(
        [
          [10, 1],
          [20, "NaN"],
          [30, "Infinity"],
          [40, 1],
          [60, 2],
        ],
        { after: good(110, 2) },
      ),
      view,
      kNow,
    );
    expect(drawing.bands).toEqual([{ from: 20, to: 40, quality: "NaN", severity: "bad" }]);
    expect(drawing.dots).toEqual([[10, 1]]);
    expect(drawing.extent).toEqual([1, 2]);
  });

  it("draws uncertain values dotted, with a band", () => {
    const drawing = drawSeries(
      pen(
        [
          [10, 1, "UncertainSubNormal"],
          [20, 2],
          [30, 3],
        ],
        { after: good(110, 3) },
      ),
      view,
      kNow,
    );
    expect(kinds(drawing)).toEqual(["dotted", "solid"]);
    expect(drawing.bands[0]).toMatchObject({ from: 10, to: 20, severity: "uncertain" });
  });

  it("holds the newest value of a step tag to now, dashed once it is stale", () => {
    const drawing = drawSeries(pen([[10, 1]], { step: true }), { from: 0, to: 200_000 }, 150_000, 60_000);
    expect(drawing.strokes).toEqual([
      { kind: "solid", xy: [10, 1, 60_010, 1] },
      { kind: "dashed", xy: [60_010, 1, 150_000, 1] },
    ]);
    expect(drawing.end).toEqual([150_000, 1]);
  });

  it("holds the newest value of a sloped tag dashed at once: what follows is not measured", () => {
    const drawing = drawSeries(
      pen([
        [10, 1],
        [20, 2],
      ]),
      view,
      60,
    );
    expect(drawing.strokes).toEqual([
      { kind: "solid", xy: [10, 1, 20, 2] },
      { kind: "dashed", xy: [20, 2, 60, 2] },
    ]);
  });

  it("draws bools as steps between 0 and 1, and nothing beyond now", () => {
    const drawing = drawSeries(
      pen(
        [
          [10, false],
          [20, true],
        ],
        { type: "bool", step: true },
      ),
      view,
      50,
    );
    expect(drawing.strokes[0]?.xy).toEqual([10, 0, 20, 0, 20, 1, 50, 1]);
  });

  it("lists strings as labels that join where the text does not change", () => {
    const drawing = drawSeries(
      pen(
        [
          [10, "A"],
          [20, "A"],
          [30, "<b>"],
        ],
        { type: "string", step: true },
      ),
      view,
      80,
    );
    expect(drawing.labels).toEqual([
      { from: 10, to: 30, text: "A" },
      { from: 30, to: 80, text: "<b>" },
    ]);
    expect(drawing.strokes).toEqual([]);
  });

  it("keeps every peak of a plot column", () => {
    const points: [number, number][] = [];
    for (let t = 0; t < 100; t += 1) points.push([t, t === 57 ? 1e6 : 1]);
    const drawing = drawSeries(pen(points), view, kNow);
    expect(drawing.extent?.[1]).toBe(1e6);
  });

  it("draws nothing for a series without samples", () => {
    expect(drawSeries(pen([]), view, kNow)).toEqual({
      strokes: [],
      bands: [],
      dots: [],
      crosses: [],
      labels: [],
      end: null,
      extent: null,
    });
  });
});
