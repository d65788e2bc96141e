import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { Age } from "../../components/Age";
import { SimulatedMark, State } from "../../components/State";
import { navigate } from "../../lib/route";
import { shownPath } from "../../lib/tag_path";
import { isFuture } from "../../lib/time_text";
import { treeKey, type TreeRow } from "../../lib/tree";
import { trendWith } from "../../lib/trend_url";
import { useLiveValues, type LiveValue } from "../../lib/use_live_values";
import { useNow } from "../../lib/use_now";
import { formatValue, severityOf, unitSymbol } from "../../lib/value";
import type { AssetEntry } from "./asset_tree";

const kRowPx = 30;
const kHeadPx = 32;
const kNothing: ReadonlySet<string> = new Set();
const kNoFailure: ReadonlyMap<string, string> = new Map();

/**
 * The rows of the tree as an ARIA treegrid. Only what is in view is in the document and subscribed. The grid has the focus;
 * its active row moves with the arrow keys.
 */
export function AssetGrid({
  rows,
  onToggle,
  loading = kNothing,
  failed = kNoFailure,
}: {
  rows: readonly TreeRow<AssetEntry>[];
  onToggle?: (path: string, open: boolean) => void;
  loading?: ReadonlySet<string>;
  failed?: ReadonlyMap<string, string>;
}) {
  const { t } = useTranslation();
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [activePath, setActivePath] = useState<string | null>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => kRowPx,
    overscan: 8,
    // The head stays on top of what scrolls below it.
    scrollMargin: kHeadPx,
    scrollPaddingStart: kHeadPx,
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items[items.length - 1]?.index ?? -1;
  const paths = useMemo(
    () =>
      rows
        .slice(first, last + 1)
        .filter((row) => row.node.tag !== null)
        .map((row) => row.node.path),
    [rows, first, last],
  );
  const values = useLiveValues(paths);
  const now = useNow();
  const active = Math.max(
    0,
    rows.findIndex((row) => row.node.path === activePath),
  );

  useEffect(() => {
    if (activePath !== null) virtual.scrollToIndex(active, { align: "auto" });
    // Only when the active row changes, not when the list above it grows.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [activePath]);

  const activate = (index: number) => {
    const node = rows[index]?.node;
    if (!node) return;
    if (node.tag) navigate(trendWith(node.path));
    else onToggle?.(node.path, !rows[index]?.expanded);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? kRowPx) / kRowPx) - 1);
    const action = treeKey(event.key, rows, active, page);
    if (!action) return;
    event.preventDefault();
    const node = rows[action.index]?.node;
    if (action.kind === "activate") activate(action.index);
    else if (action.kind === "focus") setActivePath(node?.path ?? null);
    else if (node) onToggle?.(node.path, action.kind === "open");
  };

  return (
    <div
      ref={scroller}
      className="asset-grid"
      role="treegrid"
      aria-label={t("page.assets")}
      aria-rowcount={rows.length + 1}
      aria-activedescendant={rows.length > 0 ? `${id}-${active}` : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <div role="rowgroup" className="asset-head-group">
        <div role="row" aria-rowindex={1} className="asset-row asset-head">
          <span role="columnheader">{t("assets.name")}</span>
          <span role="columnheader" className="number">
            {t("assets.value")}
          </span>
          <span role="columnheader">{t("assets.unit")}</span>
          <span role="columnheader">{t("assets.quality")}</span>
          <span role="columnheader" className="number">
            {t("assets.age")}
          </span>
        </div>
      </div>
      <div className="asset-space" role="rowgroup" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = rows[item.index];
          if (!row) return null;
          const { node } = row;
          return (
            // The grid handles the keys of all rows.
            // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
            <div
              key={node.path}
              id={`${id}-${item.index}`}
              role="row"
              aria-rowindex={item.index + 2}
              aria-level={row.level}
              aria-posinset={row.position}
              aria-setsize={row.siblings}
              aria-expanded={row.expanded ?? undefined}
              aria-selected={item.index === active}
              data-path={node.path}
              className={`asset-row${item.index === active ? " active" : ""}${node.tag ? " tag" : ""}${node.within ? " found" : ""}`}
              style={{ transform: `translateY(${item.start - kHeadPx}px)` }}
              onClick={() => {
                setActivePath(node.path);
                activate(item.index);
              }}
            >
              <span role="gridcell" className="asset-name" style={{ paddingLeft: (row.level - 1) * 18 }}>
                <span
                  className="twist"
                  aria-hidden="true"
                  onClick={(event) => {
                    if (row.expanded === null) return;
                    event.stopPropagation();
                    onToggle?.(node.path, !row.expanded);
                  }}
                >
                  {row.expanded === null ? "" : row.expanded ? "▾" : "▸"}
                </span>
                <span
                  className="asset-label"
                  title={[shownPath(node.path), node.tag?.description].filter(Boolean).join(" · ")}
                >
                  {node.name} {node.within && <small>{node.within}</small>}
                </span>
                {node.tag?.simulated && <SimulatedMark short />}
                {!node.tag && <small>{t("assets.tags", { count: node.tags })}</small>}
                {row.expanded && loading.has(node.path) && <small>{t("state.loading")}</small>}
                {failed.has(node.path) && <State tone="bad">{failed.get(node.path)}</State>}
              </span>
              {node.tag ? (
                <TagCells node={node} value={values.get(node.path)} now={now} />
              ) : (
                <>
                  <span role="gridcell" />
                  <span role="gridcell" />
                  <span role="gridcell" />
                  <span role="gridcell" />
                </>
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function TagCells({ node, value, now }: { node: AssetEntry; value: LiveValue | undefined; now: number }) {
  const { t, i18n } = useTranslation();
  const severity = severityOf(value?.quality);
  const none = value === undefined || value.timeMs === null;
  const doubtful = !none && (severity !== "good" || isFuture(now - (value.timeMs ?? now)));
  const text = none ? "–" : formatValue(value.value, value.type, i18n.language);
  return (
    <>
      <span
        role="gridcell"
        title={none ? undefined : severity === "good" ? undefined : value.quality}
        className={`number asset-value ${none ? "" : severity}`}
      >
        {none ? (
          "–"
        ) : doubtful ? (
          // The columns of quality and age are not there on a narrow screen.
          <State tone={severity === "bad" ? "bad" : "warning"}>
            {text} <span className="hidden-label">{severity === "good" ? t("state.future") : value.quality}</span>
          </State>
        ) : (
          text
        )}
      </span>
      <span role="gridcell" title={unitSymbol(node.tag?.unit ?? "")}>
        {unitSymbol(node.tag?.unit ?? "")}
      </span>
      <span role="gridcell">
        {none ? (
          value === undefined ? (
            ""
          ) : (
            t("assets.never")
          )
        ) : severity === "good" ? (
          value.quality
        ) : (
          <State tone={severity === "bad" ? "bad" : "warning"}>{value.quality}</State>
        )}
      </span>
      <span role="gridcell" className="number">
        {none || value.timeMs === null ? "" : <Age ms={now - value.timeMs} />}
      </span>
    </>
  );
}
