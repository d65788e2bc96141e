import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import type { ConnectionItem } from "../../api/connections";
import { Button } from "../../components/Button";
import type { itemFaults } from "../../lib/connection_items";
import { unitSymbol } from "../../lib/value";

const kRowPx = 34;

/** The items with their paths and samplings to change; thousands scroll. */
export function ItemTable({
  items,
  faults,
  readOnly,
  onChange,
}: {
  items: readonly ConnectionItem[];
  faults: ReturnType<typeof itemFaults>;
  readOnly: boolean;
  onChange: (items: ConnectionItem[]) => void;
}) {
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => kRowPx,
    overscan: 6,
  });
  const change = (index: number, part: Partial<ConnectionItem>) =>
    onChange(items.map((item, at) => (at === index ? { ...item, ...part } : item)));

  return (
    <div className="item-grid" role="table" aria-label={t("items.table")} aria-rowcount={items.length + 1}>
      <div role="rowgroup">
        <div role="row" aria-rowindex={1} className="item-row item-head">
          <span role="columnheader">{t("connection.path")}</span>
          <span role="columnheader">{t("items.samplingShort")}</span>
          <span role="columnheader">{t("assets.unit")}</span>
          <span role="columnheader">
            <span className="hidden-label">{t("action.actions")}</span>
          </span>
        </div>
      </div>
      {/* A scrolling region takes the focus, so that the keyboard reaches its end. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div ref={scroller} className="item-scroll" role="rowgroup" tabIndex={0} aria-label={t("items.table")}>
        <div role="presentation" className="asset-space" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const item = items[index];
            if (!item) return null;
            const fault = faults.get(index);
            return (
              <div
                key={`${item.namespace_uri} ${item.identifier}`}
                role="row"
                aria-rowindex={index + 2}
                className="item-row"
                style={{ transform: `translateY(${start}px)` }}
              >
                <span role="cell" title={`${item.namespace_uri} ${item.identifier}`}>
                  <input
                    aria-label={`${t("connection.path")} ${item.identifier}`}
                    value={item.path}
                    readOnly={readOnly}
                    aria-invalid={fault ? true : undefined}
                    title={fault ? t(`items.fault.${fault}`) : item.path}
                    onChange={(event) => change(index, { path: event.target.value })}
                    spellCheck={false}
                  />
                </span>
                <span role="cell">
                  <input
                    type="number"
                    aria-label={`${t("items.samplingShort")} ${item.identifier}`}
                    min={0}
                    value={item.sampling_ms}
                    readOnly={readOnly}
                    onChange={(event) => change(index, { sampling_ms: Math.max(0, Number(event.target.value)) })}
                  />
                </span>
                <span role="cell">{unitSymbol(item.unit)}</span>
                <span role="cell">
                  {!readOnly && (
                    <Button
                      kind="quiet"
                      aria-label={t("items.remove", { name: item.path })}
                      onPress={() => onChange(items.filter((_, at) => at !== index))}
                    >
                      ×
                    </Button>
                  )}
                </span>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
