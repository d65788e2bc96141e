import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { browse, type BrowseNode } from "../../api/connections";
import { Button } from "../../components/Button";
import { Notice } from "../../components/Notice";
import { browseName, nodeKey } from "../../lib/connection_items";
import { treeKey, visibleRows } from "../../lib/tree";
import type { Ticked } from "./ItemEditor";

const kRowPx = 28;
/** Ticking a folder stops after that many nodes: then one below it is the better place to tick. */
const kTickNodesMax = 5_000;

interface Entry {
  /** The keys from the top, joined: a node can be below several others. */
  path: string;
  node: BrowseNode;
  names: string[];
  hasChildren: boolean;
}

function entriesOf(nodes: readonly BrowseNode[], parent: Entry | null): Entry[] {
  return nodes.map((node) => ({
    path: `${parent?.path ?? ""}\t${nodeKey(node)}`,
    node,
    names: [...(parent?.names ?? []), browseName(node)],
    hasChildren: node.has_children,
  }));
}

/** The server's address space, a level at a time. Space ticks a variable, or all variables below a folder. */
export function BrowseTree({
  connectionId,
  ticked,
  onTick,
}: {
  connectionId: number;
  ticked: ReadonlySet<string>;
  onTick: (nodes: readonly Ticked[], on: boolean) => void;
}) {
  const { t } = useTranslation();
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [levels, setLevels] = useState<ReadonlyMap<string, Entry[]>>(new Map());
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [activePath, setActivePath] = useState<string | null>(null);
  const [busy, setBusy] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);

  const load = useCallback(
    async (parent: Entry | null): Promise<Entry[]> => {
      const entries = entriesOf(await browse(connectionId, parent?.node ?? null), parent);
      setLevels((old) => new Map(old).set(parent?.path ?? "", entries));
      return entries;
    },
    [connectionId],
  );
  const guard = useCallback(async (act: () => Promise<void>) => {
    setError(null);
    try {
      await act();
    } catch (cause) {
      setError(cause instanceof Error ? cause.message : String(cause));
    } finally {
      setBusy(null);
    }
  }, []);

  useEffect(() => {
    void guard(async () => void (await load(null)));
  }, [guard, load]);

  const rows = useMemo(
    () =>
      visibleRows(
        levels.get("") ?? [],
        (path) => levels.get(path),
        (path) => open.has(path),
      ),
    [levels, open],
  );
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => kRowPx,
    overscan: 8,
  });
  const active = Math.max(
    0,
    rows.findIndex((row) => row.node.path === activePath),
  );

  const setExpanded = (entry: Entry, expanded: boolean) => {
    setOpen((old) => {
      const next = new Set(old);
      if (expanded) next.add(entry.path);
      else next.delete(entry.path);
      return next;
    });
    if (expanded && !levels.has(entry.path)) {
      setBusy(entry.path);
      void guard(async () => void (await load(entry)));
    }
  };

  /** All variables below a folder, asked for level by level. */
  const collect = async (top: Entry): Promise<Ticked[]> => {
    const found: Ticked[] = [];
    const waiting = [top];
    let seen = 0;
    while (waiting.length > 0) {
      const entry = waiting.shift() as Entry;
      for (const child of levels.get(entry.path) ?? (await load(entry))) {
        seen += 1;
        if (seen > kTickNodesMax) throw new Error(t("items.tooMany", { count: kTickNodesMax }));
        if (child.node.is_variable) {
          if (child.node.type !== null) found.push({ node: child.node, names: child.names });
        } else if (child.hasChildren) waiting.push(child);
      }
    }
    return found;
  };

  const toggle = (entry: Entry) => {
    const { node } = entry;
    if (node.is_variable) {
      if (node.type !== null) onTick([{ node, names: entry.names }], !ticked.has(nodeKey(node)));
      return;
    }
    setBusy(entry.path);
    void guard(async () => {
      const found = await collect(entry);
      const all = found.length > 0 && found.every((one) => ticked.has(nodeKey(one.node)));
      onTick(found, !all);
      setOpen((old) => new Set(old).add(entry.path));
    });
  };

  /** Of a folder: what is known of the variables below it. */
  const checkedOf = (entry: Entry): boolean | "mixed" => {
    if (entry.node.is_variable) return ticked.has(nodeKey(entry.node));
    let on = 0;
    let off = 0;
    const visit = (path: string) => {
      for (const child of levels.get(path) ?? []) {
        if (child.node.is_variable) {
          if (child.node.type === null) continue;
          if (ticked.has(nodeKey(child.node))) on += 1;
          else off += 1;
        } else visit(child.path);
      }
    };
    visit(entry.path);
    return on > 0 ? (off > 0 ? "mixed" : true) : false;
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? kRowPx) / kRowPx) - 1);
    const action = treeKey(event.key, rows, active, page);
    const entry = action ? rows[action.index]?.node : undefined;
    if (!action || !entry) return;
    event.preventDefault();
    if (action.kind === "activate") toggle(entry);
    else if (action.kind === "focus") {
      setActivePath(entry.path);
      virtual.scrollToIndex(action.index, { align: "auto" });
    } else setExpanded(entry, action.kind === "open");
  };

  return (
    <>
      {error && (
        <Notice kind="error" title={error}>
          <Button onPress={() => void guard(async () => void (await load(null)))}>{t("state.retry")}</Button>
        </Notice>
      )}
      <p className="hint">{t("items.treeHelp")}</p>
      <div
        ref={scroller}
        className="browse-tree"
        role="tree"
        aria-multiselectable="true"
        aria-label={t("items.tree")}
        aria-busy={busy !== null}
        aria-activedescendant={rows.length > 0 ? `${id}-${active}` : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <div role="presentation" className="asset-space" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const row = rows[index];
            if (!row) return null;
            const entry = row.node;
            const checked = checkedOf(entry);
            const tickable = !entry.node.is_variable || entry.node.type !== null;
            return (
              // The tree handles the keys of all of its items.
              // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
              <div
                key={entry.path}
                id={`${id}-${index}`}
                role="treeitem"
                aria-level={row.level}
                aria-posinset={row.position}
                aria-setsize={row.siblings}
                aria-expanded={row.expanded ?? undefined}
                aria-checked={checked}
                aria-selected={index === active}
                aria-disabled={!tickable || undefined}
                data-name={entry.names.join("/")}
                className={`browse-row${index === active ? " active" : ""}`}
                style={{ transform: `translateY(${start}px)`, paddingLeft: (row.level - 1) * 18 }}
                onClick={() => setActivePath(entry.path)}
                onDoubleClick={() => row.expanded !== null && setExpanded(entry, !row.expanded)}
              >
                <span
                  className="twist"
                  aria-hidden="true"
                  onClick={() => row.expanded !== null && setExpanded(entry, !row.expanded)}
                >
                  {row.expanded === null ? "" : busy === entry.path ? "…" : row.expanded ? "▾" : "▸"}
                </span>
                <span
                  className={`tick${tickable ? "" : " off"}`}
                  aria-hidden="true"
                  onClick={() => tickable && toggle(entry)}
                >
                  {checked === "mixed" ? "–" : checked ? "✓" : ""}
                </span>
                <span className="asset-label">{entry.node.display_name || entry.names[entry.names.length - 1]}</span>
                {entry.node.is_variable && (
                  <small>
                    {entry.node.type ?? t("items.notKept")} {entry.node.unit}
                  </small>
                )}
              </div>
            );
          })}
        </div>
      </div>
    </>
  );
}
