import { describe, expect, it } from "vitest";
import { treeKey, visibleRows } from "./tree";

const node = (path: string, hasChildren = false) => ({ path, hasChildren });
const children: Record<string, ReturnType<typeof node>[]> = {
  a: [node("a/1"), node("a/2", true)],
  "a/2": [node("a/2/x")],
};
const rows = (open: string[]) =>
  visibleRows(
    [node("a", true), node("b")],
    (path) => children[path],
    (path) => open.includes(path),
  );

describe("visibleRows", () => {
  it("walks what is open, with level, position and siblings", () => {
    expect(
      rows(["a", "a/2"]).map((row) => [row.node.path, row.level, row.position, row.siblings, row.expanded]),
    ).toEqual([
      ["a", 1, 1, 2, true],
      ["a/1", 2, 1, 2, null],
      ["a/2", 2, 2, 2, true],
      ["a/2/x", 3, 1, 1, null],
      ["b", 1, 2, 2, null],
    ]);
    expect(rows([]).map((row) => row.node.path)).toEqual(["a", "b"]);
  });
});

describe("treeKey", () => {
  it("moves, opens and closes as the ARIA tree pattern says", () => {
    const open = rows(["a"]);
    expect(treeKey("ArrowDown", open, 0, 5)).toEqual({ kind: "focus", index: 1 });
    expect(treeKey("ArrowUp", open, 0, 5)).toEqual({ kind: "focus", index: 0 });
    expect(treeKey("End", open, 0, 5)).toEqual({ kind: "focus", index: 3 });
    expect(treeKey("Home", open, 3, 5)).toEqual({ kind: "focus", index: 0 });
    expect(treeKey("PageDown", open, 0, 2)).toEqual({ kind: "focus", index: 2 });
    expect(treeKey("ArrowRight", open, 0, 5)).toEqual({ kind: "focus", index: 1 });
    expect(treeKey("ArrowRight", open, 1, 5)).toBeNull();
    expect(treeKey("ArrowRight", open, 2, 5)).toEqual({ kind: "open", index: 2 });
    expect(treeKey("ArrowLeft", open, 2, 5)).toEqual({ kind: "focus", index: 0 });
    expect(treeKey("ArrowLeft", open, 0, 5)).toEqual({ kind: "close", index: 0 });
    expect(treeKey("Enter", open, 1, 5)).toEqual({ kind: "activate", index: 1 });
    expect(treeKey("x", open, 1, 5)).toBeNull();
    expect(treeKey("ArrowDown", [], 0, 5)).toBeNull();
  });
});
