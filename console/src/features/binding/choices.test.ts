import { describe, expect, test } from "vitest";
import type { BindingPoint, Proposal } from "../../api/bindings";
import { acceptAbove, confirmed, counts, decodeList, doubled, missingPacks, rowsOf } from "./choices";

const proposal = (attribute: string, confidence: number, asset = "w/bf1"): Proposal => ({
  template: "blast_furnace",
  attribute,
  asset,
  unit: "Cel",
  range: [0, 1400],
  confidence,
  reasons: [],
});
const point = (name: string, proposals: Proposal[], tag = ""): BindingPoint => ({
  name,
  path: [name],
  address: "",
  description: "",
  unit: "",
  tag,
  node: null,
  proposals,
});

describe("choices", () => {
  const rows = rowsOf([
    point("A", [proposal("top_temp", 0.93)]),
    point("B", [proposal("top_temp", 0.95)]),
    point("C", [proposal("hot_blast_temp", 0.5)]),
    point("D", []),
  ]);

  test("all above a confidence are accepted, the surest of two that are the same", () => {
    const next = acceptAbove(rows, 0.9);
    expect(next.map((row) => row.decision)).toEqual(["open", "accepted", "open", "open"]);
    expect(acceptAbove(next, 0.4).map((row) => row.decision)).toEqual(["open", "accepted", "accepted", "open"]);
    expect(counts(next)).toEqual({ open: 3, accepted: 1, skipped: 0 });
  });

  test("what a person skipped stays skipped", () => {
    const skipped = rows.map((row) => ({ ...row, decision: "skipped" as const }));
    expect(acceptAbove(skipped, 0)).toEqual(skipped);
  });

  test("two accepted points of one attribute are told", () => {
    const both = rows.map((row) => ({ ...row, decision: "accepted" as const }));
    expect([...doubled(both)]).toEqual(["w/bf1\ntop_temp"]);
  });

  test("what is sent names tag or node, and nothing for a point without a proposal", () => {
    const all = rowsOf([point("A", [proposal("top_temp", 1)], "w/raw/a"), point("D", [])]).map((row) => ({
      ...row,
      decision: "accepted" as const,
    }));
    expect(confirmed(all)).toEqual([
      {
        asset: "w/bf1",
        template: "blast_furnace",
        attribute: "top_temp",
        unit: "Cel",
        range: [0, 1400],
        tag: "w/raw/a",
        description: "A",
      },
    ]);
  });

  test("packs that are not installed are named once", () => {
    const template = { name: "blast_furnace", pack: "steel", installed: false, words: {}, attributes: [] };
    expect(missingPacks(acceptAbove(rows, 0), [template])).toEqual(["steel"]);
    expect(missingPacks(rows, [template])).toEqual([]);
  });

  test("a list of a spreadsheet in China is read too", () => {
    expect(decodeList(new TextEncoder().encode("炉温").buffer as ArrayBuffer)).toBe("炉温");
    expect(decodeList(new Uint8Array([0xc2, 0xaf, 0xce, 0xc2]).buffer)).toBe("炉温");
  });
});
