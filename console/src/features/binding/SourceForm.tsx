import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { BindingSource } from "../../api/bindings";
import { getConnections } from "../../api/connections";
import { getPacks } from "../../api/packs";
import { useUser } from "../../app/session";
import { Button } from "../../components/Button";
import { Field, SelectField, TextField } from "../../components/Field";
import { useRoute } from "../../lib/route";
import { useResource } from "../../lib/use_resource";
import { packName } from "../solutions/pack_text";
import { decodeList } from "./choices";

const kExample = `name,address,type,unit,description,low,high
BF1_HBT,DB12.DBD4,REAL,℃,1#高炉热风温度,0,1400
BF1_HBP,DB12.DBD8,REAL,kPa,1#高炉热风压力,0,600
BF1_TOP_PRESS,DB12.DBD12,REAL,kPa,BF1 top pressure,0,350
`;

export interface Asked {
  source: BindingSource;
  pack: string;
  under: string;
}

/** Where the points come from, and what they may be. */
export function SourceForm({ busy, onAsk }: { busy: boolean; onAsk: (asked: Asked) => void }) {
  const { t, i18n } = useTranslation();
  const enterprise = useUser().enterprise ?? "";
  const route = useRoute();
  const from = route.search.get("connection");
  const [kind, setKind] = useState<BindingSource["kind"]>(
    from !== null ? "connection" : route.search.has("tags") ? "tags" : "list",
  );
  const [csv, setCsv] = useState("");
  const [connection, setConnection] = useState(from ?? "");
  const [tags, setTags] = useState(route.search.get("tags") ?? `${enterprise}/**`);
  const [under, setUnder] = useState(enterprise);
  const [pack, setPack] = useState("");
  const packs = useResource("packs", getPacks);
  const connections = useResource("connections", getConnections);
  const chosen = connection || String(connections.data?.[0]?.id ?? "");
  const ready = kind === "list" ? csv.trim() !== "" : kind === "tags" ? tags.trim() !== "" : chosen !== "";

  const ask = () => {
    const source: BindingSource =
      kind === "list"
        ? { kind, csv }
        : kind === "tags"
          ? { kind, tags: tags.trim() }
          : { kind, connection: Number(chosen) };
    onAsk({ source, pack, under: under.trim() });
  };

  return (
    <form
      className="panel binding-source"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready && !busy) ask();
      }}
    >
      <fieldset className="binding-kinds">
        <legend>{t("binding.from")}</legend>
        {(["list", "connection", "tags"] as const).map((one) => (
          <label key={one} className="check">
            <input type="radio" name="kind" checked={kind === one} onChange={() => setKind(one)} />
            {t(`binding.sources.${one}`)}
          </label>
        ))}
      </fieldset>
      {kind === "list" && (
        <>
          <Field label={t("binding.file")} hint={t("binding.listHelp")}>
            {(ids) => (
              <input
                {...ids}
                type="file"
                accept=".csv,.txt,text/csv"
                onChange={(event) => {
                  const file = event.target.files?.[0];
                  if (file) void file.arrayBuffer().then((bytes) => setCsv(decodeList(bytes)));
                }}
              />
            )}
          </Field>
          <p className="hint">
            {t("binding.or")}{" "}
            <Button kind="quiet" onPress={() => setCsv(kExample)}>
              {t("binding.example")}
            </Button>
          </p>
          <textarea
            className="binding-list"
            aria-label={t("binding.pasteLabel")}
            rows={6}
            spellCheck={false}
            value={csv}
            onChange={(event) => setCsv(event.target.value)}
          />
        </>
      )}
      {kind === "connection" &&
        (connections.data?.length === 0 ? (
          <p>
            {t("binding.noConnections")} <a href="#/connections">{t("binding.addConnection")}</a>
          </p>
        ) : (
          <SelectField
            label={t("binding.connectionLabel")}
            hint={t("binding.connectionHelp")}
            value={chosen}
            onChange={setConnection}
            options={(connections.data ?? []).map((one) => ({ value: String(one.id), label: one.name }))}
          />
        ))}
      {kind === "tags" && (
        <TextField label={t("binding.tagsLabel")} hint={t("binding.tagsHelp")} value={tags} onChange={setTags} />
      )}
      <div className="binding-options">
        {kind !== "tags" && <TextField label={t("binding.under")} value={under} onChange={setUnder} />}
        <SelectField
          label={t("binding.pack")}
          value={pack}
          onChange={setPack}
          options={[
            { value: "", label: t("binding.packDefault") },
            ...(packs.data ?? []).map((one) => ({ value: one.name, label: packName(one, i18n.language) })),
          ]}
        />
      </div>
      <div className="actions">
        <Button kind="primary" type="submit" isDisabled={!ready || busy}>
          {busy ? t("binding.proposing") : t("binding.propose")}
        </Button>
      </div>
    </form>
  );
}
