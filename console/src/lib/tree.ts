/** The rows of a tree as they stand below each other, and what the arrow keys do there: pure, so that both are tested. */
export interface TreeNode {
  path: string;
  hasChildren: boolean;
}

export interface TreeRow<Node extends TreeNode> {
  node: Node;
  level: number; // from 1
  position: number; // from 1, among its siblings
  siblings: number;
  expanded: boolean | null; // null: it has no children
}

/** Depth first through what is open and loaded. */
export function visibleRows<Node extends TreeNode>(
  roots: readonly Node[],
  childrenOf: (path: string) => readonly Node[] | undefined,
  isOpen: (path: string) => boolean,
): TreeRow<Node>[] {
  const rows: TreeRow<Node>[] = [];
  const add = (nodes: readonly Node[], level: number): void => {
    nodes.forEach((node, index) => {
      // Once its level is loaded and empty there is nothing to open.
      const expanded = node.hasChildren && childrenOf(node.path)?.length !== 0 ? isOpen(node.path) : null;
      rows.push({ node, level, position: index + 1, siblings: nodes.length, expanded });
      if (expanded) add(childrenOf(node.path) ?? [], level + 1);
    });
  };
  add(roots, 1);
  return rows;
}

export type TreeAction =
  | { kind: "focus"; index: number }
  | { kind: "open" | "close"; index: number }
  | { kind: "activate"; index: number }
  | null;

/** The ARIA tree pattern's keys; `page` rows for PageUp and PageDown. */
export function treeKey<Node extends TreeNode>(
  key: string,
  rows: readonly TreeRow<Node>[],
  index: number,
  page: number,
): TreeAction {
  const row = rows[index];
  const last = rows.length - 1;
  if (!row) return last >= 0 ? { kind: "focus", index: 0 } : null;
  const focus = (to: number): TreeAction => ({ kind: "focus", index: Math.max(0, Math.min(last, to)) });
  switch (key) {
    case "ArrowDown":
      return focus(index + 1);
    case "ArrowUp":
      return focus(index - 1);
    case "PageDown":
      return focus(index + page);
    case "PageUp":
      return focus(index - page);
    case "Home":
      return focus(0);
    case "End":
      return focus(last);
    case "ArrowRight": {
      if (row.expanded === false) return { kind: "open", index };
      const next = rows[index + 1];
      return row.expanded && next && next.level > row.level ? focus(index + 1) : null;
    }
    case "ArrowLeft": {
      if (row.expanded) return { kind: "close", index };
      for (let parent = index - 1; parent >= 0; parent -= 1) {
        if ((rows[parent]?.level ?? 0) < row.level) return focus(parent);
      }
      return null;
    }
    case "Enter":
    case " ":
      return { kind: "activate", index };
    default:
      return null;
  }
}
