import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import {
  replaceConnection,
  specOf,
  type BrowseNode,
  type ConnectionDetail,
  type ConnectionItem,
} from "../../api/connections";
import { useUser } from "../../app/session";
import { Button } from "../../components/Button";
import { SelectField, TextField } from "../../components/Field";
import { Notice } from "../../components/Notice";
import { itemFaults, itemOf, nodeKey } from "../../lib/connection_items";
import { useSubmit } from "../../lib/use_submit";
import { BrowseTree } from "./BrowseTree";
import { ItemTable } from "./ItemTable";

const kSamplings = ["100", "250", "500", "1000", "5000", "60000"] as const;

/** A node that was ticked, with the names that lead to it. */
export interface Ticked {
  node: BrowseNode;
  names: string[];
}

/** What the connection reads: tick on the left, names and sampling on the right, then save. */
export function ItemEditor({
  connection,
  state,
  mayEdit,
  onSaved,
}: {
  connection: ConnectionDetail;
  state: string;
  mayEdit: boolean;
  onSaved: () => void;
}) {
  const { t } = useTranslation();
  const enterprise = useUser().enterprise ?? "";
  const [draft, setDraft] = useState<ConnectionItem[] | null>(null);
  const [prefix, setPrefix] = useState(enterprise);
  const [sampling, setSampling] = useState<(typeof kSamplings)[number]>("1000");
  const [browsing, setBrowsing] = useState(connection.items.length === 0);
  const items = draft ?? connection.items;
  const ticked = useMemo(() => new Set(items.map(nodeKey)), [items]);
  const faults = useMemo(() => itemFaults(items, enterprise), [items, enterprise]);
  const ready = connection.enabled && (state === "connected" || state === "running");
  const save = useSubmit(async () => {
    await replaceConnection(connection.id, { ...specOf(connection), items });
    setDraft(null);
    onSaved();
  });

  const tick = (nodes: readonly Ticked[], on: boolean) => {
    setDraft((old) => {
      const current = old ?? connection.items;
      if (!on) {
        const gone = new Set(nodes.map(({ node }) => nodeKey(node)));
        return current.filter((item) => !gone.has(nodeKey(item)));
      }
      const known = new Set(current.map(nodeKey));
      const taken = new Set(current.map((item) => item.path));
      const added: ConnectionItem[] = [];
      for (const { node, names } of nodes) {
        if (known.has(nodeKey(node))) continue;
        const item = itemOf(node, names, prefix || enterprise, Number(sampling), taken);
        known.add(nodeKey(node));
        taken.add(item.path);
        added.push(item);
      }
      return [...current, ...added];
    });
  };

  return (
    <section aria-labelledby="items-title">
      <div className="section-head">
        <h2 id="items-title">{t("items.title", { count: items.length })}</h2>
        {mayEdit && connection.items.length > 0 && (
          <Button onPress={() => setBrowsing((old) => !old)}>
            {browsing ? t("items.stopBrowsing") : t("items.browse")}
          </Button>
        )}
      </div>
      {mayEdit && browsing && !ready && <Notice kind="info" title={t("items.notReady")} />}
      <div className={mayEdit && browsing && ready ? "two-columns" : ""}>
        {mayEdit && browsing && ready && (
          <div>
            <div className="field-row">
              <TextField
                label={t("items.prefix")}
                value={prefix}
                onChange={setPrefix}
                hint={t("items.prefixHint", { example: `${enterprise}/works/mill` })}
                error={prefix === enterprise || prefix.startsWith(`${enterprise}/`) ? null : t("items.fault.foreign")}
              />
              <SelectField
                label={t("items.sampling")}
                value={sampling}
                onChange={setSampling}
                options={kSamplings.map((value) => ({ value, label: `${value} ms` }))}
              />
            </div>
            <BrowseTree connectionId={connection.id} ticked={ticked} onTick={tick} />
          </div>
        )}
        <div>
          {items.length === 0 ? (
            <p>{t("items.none")}</p>
          ) : (
            <ItemTable items={items} faults={faults} readOnly={!mayEdit} onChange={setDraft} />
          )}
          {faults.size > 0 && <Notice kind="error" title={t("items.faults", { count: faults.size })} />}
          {save.error && <Notice kind="error" title={save.error} />}
          {mayEdit && draft !== null && (
            <div className="actions">
              <Button onPress={() => setDraft(null)}>{t("action.discard")}</Button>
              <Button kind="primary" isDisabled={save.busy || faults.size > 0} onPress={() => save.submit()}>
                {t("items.save", { count: items.length })}
              </Button>
            </div>
          )}
        </div>
      </div>
    </section>
  );
}
