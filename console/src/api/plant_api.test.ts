import { afterEach, describe, expect, it, vi } from "vitest";
import { getAsset, getAssets, publishFormula, withFormula } from "./assets";
import { getExplanation } from "./explain";
import { checkFormula, runFormula } from "./formulas";
import { getIntervals } from "./intervals";
import { getKpis } from "./kpis";
import { applyPack, getPack, getPacks, pictureAddress } from "./packs";
import { getTemplate, undoUpgrade } from "./templates";

function answer(body: unknown, init: ResponseInit = {}): ReturnType<typeof vi.fn> {
  const mock = vi.fn(async () => new Response(JSON.stringify(body), init));
  vi.stubGlobal("fetch", mock);
  return mock;
}
const call = (mock: ReturnType<typeof vi.fn>) => mock.mock.calls[0] as [string, RequestInit];
afterEach(() => void vi.unstubAllGlobals());

describe("packs", () => {
  it("are listed with what they have, applied or not", async () => {
    answer({
      packs: [
        {
          name: "steel",
          version: "1.0.0",
          words: { en: "Iron and steel", zh: "钢铁" },
          description: { en: "From ore" },
          templates: 12,
          attributes: 300,
          kpis: 2,
          alarms: 4,
          intervals: 3,
          assets: 30,
          applied: { version: "0.9.0" },
          drawing: "/api/v1/packs/steel/mimic.svg",
        },
        { name: "mining", version: "1.0.0", words: {}, drawing: "https://elsewhere/x.svg" },
      ],
    });
    const packs = await getPacks();
    expect(packs[0]).toMatchObject({ kpis: 2, applied: { version: "0.9.0", time: "" } });
    expect(packs[0] && pictureAddress(packs[0])).toBe("/api/v1/packs/steel/mimic.svg");
    expect(packs[1]).toMatchObject({ applied: null, assets: 0, templates: 0 });
    expect(packs[1] && pictureAddress(packs[1])).toBeNull();
  });

  it("are read with their definitions", async () => {
    answer({
      name: "steel",
      version: "1.0.0",
      words: {},
      templates: 1,
      definitions: [
        {
          name: "converter",
          words: { en: "Converter" },
          attributes: { steel_mass: { measured: "double", unit: "t", normal: [180, 220] } },
          kpis: { yield: { ratio: { of: "a", by: "b" }, band: [90, 95], better: "more" } },
        },
      ],
    });
    const pack = await getPack("steel");
    expect(pack.definitions[0]).toMatchObject({
      name: "converter",
      attributes: [{ name: "steel_mass", formula: null, normal: [180, 220] }],
      kpis: [{ name: "yield", better: "more", ratio: { of: "a", by: "b" } }],
      alarms: [],
    });
  });

  it("are asked what would change before anything does", async () => {
    const mock = answer({ version: 3, changes_total: 1, changes: [{ kind: "added", path: "e/a" }], warnings: [] });
    expect((await applyPack("a/b", true, false)).changes[0]).toMatchObject({ kind: "added", path: "e/a", from: "" });
    expect(call(mock)[0]).toBe("/api/v1/packs/a%2Fb/apply?dry_run=true&plant=false");
    expect(call(mock)[1].method).toBe("POST");
  });

  it("name the field of an answer that is not understood", async () => {
    answer({ packs: [{ name: "steel", version: 1 }] });
    await expect(getPacks()).rejects.toMatchObject({ code: "BadAnswer" });
    answer({ packs: [{ name: "steel", version: "1", assets: "many" }] });
    await expect(getPacks()).rejects.toThrow(/packs\[0\]\.assets/);
  });
});

describe("assets", () => {
  it("stand in their level beside folders and tags", async () => {
    answer({
      under: "e",
      children: [
        {
          name: "bf1",
          path: "e/bf1",
          tags: 30,
          is_tag: false,
          asset: { id: 7, words: { en: "BF 1" }, template: "bf" },
        },
        { name: "loose", path: "e/loose", is_tag: false },
      ],
    });
    const { children } = await getAssets("e");
    expect(children[0]?.asset).toMatchObject({ id: 7, template: "bf" });
    expect(children[1]?.asset).toBeNull();
  });

  it("keep what is of their own when a formula is published", async () => {
    answer({
      id: 7,
      path: "e/bf1",
      words: {},
      template: "bf",
      version: 2,
      attributes: {
        drop: { formula: "a - b", type: "double", unit: "kPa", formula_version: 3, tag: null },
        volume: { constant: 2500, type: "double", unit: "m3", tag: null },
      },
      overrides: { drop: { unit: "kPa", normal: [1, 2] } },
    });
    const asset = await getAsset(7);
    expect(asset.attributes.map(({ name }) => name)).toEqual(["drop", "volume"]);
    expect(withFormula(asset.overrides, "drop", "b - a")).toEqual({
      attributes: { drop: { unit: "kPa", normal: [1, 2], formula: "b - a" } },
    });
    expect(withFormula(asset.overrides, "volume", "1")).toEqual({ attributes: { volume: { formula: "1" } } });
    const mock = answer({});
    await publishFormula(asset, "drop", "b - a", true);
    expect(call(mock)[0]).toBe("/api/v1/assets/7?dry_run=true");
    expect(call(mock)[1].method).toBe("PATCH");
  });

  it("have templates with their version, and an undo that first asks", async () => {
    const mock = answer({ version: 2, resolved: { kpis: { yield: { per: ["shift"] } } } });
    expect((await getTemplate("bf", 2)).resolved.kpis[0]).toMatchObject({ name: "yield", per: ["shift"] });
    expect(call(mock)[0]).toBe("/api/v1/templates/bf?version=2");
    const undo = answer({});
    await undoUpgrade(true);
    expect(call(undo)[0]).toBe("/api/v1/templates/undo?dry_run=true");
  });
});

describe("figures and formulas", () => {
  it("have no value rather than an invented one", async () => {
    const mock = answer({
      kpis: [
        {
          asset: "e/bf1",
          kpi: "rate",
          words: {},
          unit: "kg/t",
          band: [490, 540],
          better: "less",
          results: [
            {
              from: "2026-01-01T00:00:00Z",
              to: "2026-01-01T08:00:00Z",
              value: null,
              quality: "BadNoData",
              coverage: 0,
            },
          ],
        },
      ],
    });
    const [kpi] = await getKpis({ asset: "e/bf1", window: "shift", from: "a", to: "b", rollup: true });
    expect(kpi?.results[0]).toMatchObject({ value: null, percent_good: null, coverage: 0, so_far: null });
    expect(call(mock)[0]).toBe("/api/v1/kpis?asset=e%2Fbf1&window=shift&from=a&to=b&rollup=true");
  });

  it("tell the place of a mistake", async () => {
    answer(
      { code: "InvalidArgument", detail: "there is no window 'shfit'", line: 2, column: 14, nearest: "shift" },
      { status: 400 },
    );
    await expect(checkFormula({ asset: "e/a", formula: "x" })).rejects.toMatchObject({
      status: 400,
      mistake: { line: 2, column: 14, nearest: "shift" },
    });
    answer({ code: "InvalidArgument", detail: "no" }, { status: 400 });
    await expect(checkFormula({ asset: "e/a", formula: "x" })).rejects.toMatchObject({ mistake: null });
  });

  it("run beside the live one, or alone", async () => {
    const row = { time: "2026-01-01T00:00:00Z", value: "NaN", quality: "Bad", percent_good: 0, coverage: 0 };
    answer({ type: "number", unit: "t", results: [row], live: [row], live_unit: "kg", steps: "5", samples: 9 });
    expect(await runFormula({ asset: "e", formula: "a", from: "a", to: "b" })).toMatchObject({
      live_unit: "kg",
      steps: 5,
      results: [{ value: "NaN" }],
    });
    answer({ type: "number", unit: "t", results: [] });
    expect((await runFormula({ asset: "e", formula: "a", from: "a", to: "b" })).live).toBeNull();
  });

  it("are explained down to samples", async () => {
    answer({
      path: "e/bf1",
      kpi: "rate",
      formula: null,
      version: 4,
      time: "2026-01-01T00:00:00Z",
      value: null,
      quality: "BadNoData",
      parts: [
        {
          side: "of",
          text: "delta(coke, window)",
          value: 12.5,
          unit: "t",
          window: { from: "2026-01-01T00:00:00Z", to: "2026-01-01T08:00:00Z" },
          coverage: 60,
          inputs: [
            {
              path: "e/bf1/coke",
              tag: "e/bf1/coke",
              count: 500,
              before: null,
              samples: [{ time: "2026-01-01T00:00:00Z", value: 1, quality: "Good", out_of_range: true }],
              explain: "/api/v1/explain?tag=e/bf1/coke&time=T",
            },
          ],
        },
        { text: "a", value: true, window: null, inputs: [] },
      ],
    });
    const found = await getExplanation("tag=e");
    expect(found).toMatchObject({ formula: "", value: null, stored: null });
    expect(found.parts[0]?.inputs[0]).toMatchObject({ count: 500, samples: [{ out_of_range: true }], constant: null });
    expect(found.parts[1]).toMatchObject({ window: null, value: true });
  });
});

it("intervals have ids of 64 bits, and captured values of any kind", async () => {
  answer({
    intervals: [
      {
        id: "9007199254740993",
        asset: "e/ld1",
        kind: "heat",
        from: "2026-01-01T00:00:00Z",
        to: null,
        label: "H004711",
        captured: { steel: "212.4 t", blows: 2, grade: null, energy: { value: 5.5, unit: "MW.h" } },
        within: "campaign 12",
        annotations: [{ time: "2026-01-01T00:10:00Z", who: "mei", text: "slag" }],
      },
      { id: 3, kind: "heat", from: "2026-01-01T00:00:00Z", to: "2026-01-01T00:40:00Z" },
    ],
  });
  const { intervals: found } = await getIntervals({ asset: "e/ld1", kind: "heat", from: "a", to: "b" });
  expect(found[0]).toMatchObject({
    id: "9007199254740993",
    to: null,
    captured: { steel: "212.4 t", blows: "2", grade: "", energy: "5.5 MW.h" },
    within: "campaign 12",
  });
  expect(found[1]).toMatchObject({ id: "3", captured: {}, within: "", annotations: [] });
});
