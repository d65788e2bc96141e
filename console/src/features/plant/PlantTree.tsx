import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "../../components/EmptyState";
import { Loaded } from "../../components/Loaded";
import { State } from "../../components/State";
import { assetHash, type AssetView } from "../../lib/plant_url";
import { navigate } from "../../lib/route";
import { treeKey } from "../../lib/tree";
import { inWords } from "../../lib/words";
import { useAssetTree, type AssetEntry } from "../assets/asset_tree";

const isAsset = (entry: AssetEntry) => entry.asset !== null;
const kPageRows = 10;
const kRowPx = 30;

/** The assets of the model, each with its template. Going from one to another keeps the view that is open. */
export function PlantTree({
  current,
  path,
  view,
}: {
  current: number | null;
  /** Of the current asset, once it is known: what lies above it opens. */
  path: string | null;
  view: AssetView;
}) {
  const { t, i18n } = useTranslation();
  const id = useId();
  const tree = useAssetTree(isAsset);
  const [activePath, setActivePath] = useState<string | null>(null);
  const list = useRef<HTMLDivElement>(null);
  const { rows, toggle } = tree;
  const ready = tree.root.data !== null;
  const wanted = activePath ?? rows.find((row) => row.node.asset?.id === current)?.node.path;
  const active = Math.max(
    0,
    rows.findIndex((row) => row.node.path === wanted),
  );

  // An area may hold thousands of vehicles: only what is in view is in the document.
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => list.current,
    estimateSize: () => kRowPx,
    overscan: 8,
  });

  useEffect(() => {
    if (rows.length > 0) virtual.scrollToIndex(active, { align: "auto" });
    // Only when the active row changes, not when the list above it grows.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [active]);

  useEffect(() => {
    if (path === null || !ready) return;
    const names = path.split("/");
    // The enterprise itself is no row.
    for (let depth = 2; depth < names.length; depth += 1) toggle(names.slice(0, depth).join("/"), true);
    setActivePath(null);
  }, [path, ready, toggle]);

  const open = (entry: AssetEntry | undefined) => {
    if (!entry?.asset) return;
    setActivePath(entry.path);
    navigate(assetHash(entry.asset.id, view));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const action = treeKey(event.key, rows, active, kPageRows);
    if (!action) return;
    event.preventDefault();
    const node = rows[action.index]?.node;
    if (action.kind === "activate") open(node);
    else if (action.kind === "focus") setActivePath(node?.path ?? null);
    else if (node) toggle(node.path, action.kind === "open");
  };

  return (
    <Loaded
      resource={tree.root}
      isEmpty={() => rows.length === 0}
      empty={
        <EmptyState title={t("plant.emptyTitle")}>
          <p>{t("plant.empty")}</p>
          <ol>
            <li>
              <a href="#/solutions">{t("plant.emptyPack")}</a>
            </li>
            <li>{t("plant.emptyImport")}</li>
          </ol>
        </EmptyState>
      }
    >
      {() => (
        <div
          ref={list}
          className="plant-tree"
          role="tree"
          aria-label={t("plant.tree")}
          aria-activedescendant={`${id}-${active}`}
          tabIndex={0}
          onKeyDown={onKeyDown}
        >
          <div className="asset-space" role="presentation" style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map(({ index, start }) => {
              const row = rows[index];
              if (!row) return null;
              const { node } = row;
              const asset = node.asset;
              return (
                // The tree handles the keys of all rows.
                // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
                <div
                  key={node.path}
                  id={`${id}-${index}`}
                  data-asset={node.path}
                  role="treeitem"
                  aria-level={row.level}
                  aria-posinset={row.position}
                  aria-setsize={row.siblings}
                  aria-expanded={row.expanded ?? undefined}
                  aria-selected={asset?.id === current}
                  className={`plant-row${index === active ? " active" : ""}${asset?.id === current ? " current" : ""}`}
                  style={{ paddingLeft: (row.level - 1) * 16, transform: `translateY(${start}px)` }}
                  onClick={() => open(node)}
                >
                  <span
                    className="twist"
                    aria-hidden="true"
                    onClick={(event) => {
                      if (row.expanded === null) return;
                      event.stopPropagation();
                      toggle(node.path, !row.expanded);
                    }}
                  >
                    {row.expanded === null ? "" : row.expanded ? "▾" : "▸"}
                  </span>
                  <span className="plant-name" title={node.name}>
                    {inWords(asset?.words ?? {}, i18n.language, node.name)}{" "}
                    {asset?.template && <small>{asset.template}</small>}
                    {tree.failed.has(node.path) && <State tone="bad">{tree.failed.get(node.path)}</State>}
                  </span>
                </div>
              );
            })}
          </div>
        </div>
      )}
    </Loaded>
  );
}
