import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Asset, AssetAttribute } from "../../api/assets";
import { kindOf } from "../../api/definitions";
import { hasRole, useUser } from "../../app/session";
import { Age } from "../../components/Age";
import { Button } from "../../components/Button";
import { State } from "../../components/State";
import { limitsText } from "../../lib/limits_text";
import { assetHash, explainHash } from "../../lib/plant_url";
import { encodeName } from "../../lib/tag_path";
import { usePreference } from "../../lib/preferences";
import { browserZone, isoUtc } from "../../lib/time_text";
import { trendWith } from "../../lib/trend_url";
import { useLiveValues, type LiveValue } from "../../lib/use_live_values";
import { useNow } from "../../lib/use_now";
import { formatNumber, formatValue, severityOf, toNumber, unitSymbol } from "../../lib/value";
import { inWords, valueInWords } from "../../lib/words";
import { ConstantDialog } from "./ConstantDialog";
import { EntryDialog, type EntryStart } from "../entries/EntryDialog";

/** The attributes of an asset with their newest values. A value that was computed leads to its explanation. */
export function AttributesView({ asset, onChanged }: { asset: Asset; onChanged: () => void }) {
  const { t } = useTranslation();
  const mayEdit = hasRole(useUser(), "engineer");
  const [editing, setEditing] = useState<AssetAttribute | null>(null);
  const now = useNow();
  const paths = useMemo(() => asset.attributes.flatMap(({ tag }) => (tag ? [tag.path] : [])), [asset]);
  const values = useLiveValues(paths);
  const zone = usePreference("zone") ?? browserZone();
  const [entering, setEntering] = useState<EntryStart | null>(null);
  if (asset.attributes.length === 0) return <p>{t("plant.noAttributes")}</p>;
  return (
    <>
      <div className="table-scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">{t("plant.attribute")}</th>
              <th scope="col" className="number">
                {t("assets.value")}
              </th>
              <th scope="col">{t("assets.unit")}</th>
              <th scope="col">{t("plant.normal")}</th>
              <th scope="col">{t("plant.source")}</th>
              <th scope="col" className="number">
                {t("assets.age")}
              </th>
              <th scope="col">
                <span className="hidden-label">{t("action.actions")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {asset.attributes.map((attribute) => (
              <AttributeRow
                key={attribute.name}
                asset={asset}
                attribute={attribute}
                value={attribute.tag ? values.get(attribute.tag.path) : undefined}
                now={now}
                onEnter={setEntering}
                onEdit={mayEdit ? setEditing : null}
              />
            ))}
          </tbody>
        </table>
      </div>
      {editing && (
        <ConstantDialog asset={asset} attribute={editing} onClose={() => setEditing(null)} onDone={onChanged} />
      )}
      {entering !== null && <EntryDialog start={entering} zone={zone} onClose={() => setEntering(null)} />}
    </>
  );
}

function AttributeRow({
  asset,
  attribute,
  value,
  now,
  onEnter,
  onEdit,
}: {
  asset: Asset;
  attribute: AssetAttribute;
  value: LiveValue | undefined;
  now: number;
  onEnter: (start: EntryStart) => void;
  onEdit: ((attribute: AssetAttribute) => void) | null;
}) {
  const { t, i18n } = useTranslation();
  const mayEnter = hasRole(useUser(), "operator");
  const kind = kindOf(attribute);
  const name = inWords(attribute.words, i18n.language, attribute.name);
  const { tag } = attribute;
  return (
    <tr data-attribute={attribute.name}>
      <th scope="row">
        {tag ? (
          <a href={trendWith(tag.path)} title={t("explain.trend")}>
            {name}
          </a>
        ) : (
          name
        )}{" "}
        {name !== attribute.name && <small className="code">{attribute.name}</small>}
      </th>
      <td className="number">
        {kind === "constant" ? (
          formatValue(attribute.constant, typeof attribute.constant === "number" ? "double" : "string", i18n.language)
        ) : (
          <AttributeValue asset={asset} attribute={attribute} value={value} />
        )}
      </td>
      <td>{unitSymbol(attribute.unit)}</td>
      <td className="nowrap">{limitsText(attribute.normal, i18n.language)}</td>
      <td className="wrap source">
        {kind === "formula" ? (
          <>
            <a href={assetHash(asset.id, "formulas", { attribute: attribute.name })} title={t("formula.edit")}>
              <code>{attribute.formula}</code>
            </a>
            {asset.overrides[attribute.name]?.formula != null && (
              <small className="block">{t("plant.ownFormula")}</small>
            )}
          </>
        ) : (
          t(kind === "constant" ? "plant.constant" : "plant.measured")
        )}
        {kind === "constant" && onEdit && typeof attribute.constant !== "boolean" && (
          <>
            {" "}
            <Button kind="quiet" aria-label={t("plant.constantOf", { name })} onPress={() => onEdit(attribute)}>
              {t("plant.constantEdit")}
            </Button>
          </>
        )}
      </td>
      <td className="number">{value?.timeMs == null ? "" : <Age ms={now - value.timeMs} />}</td>
      <td>
        {kind === "measured" && (
          <Button
            kind="quiet"
            aria-label={t(mayEnter ? "entry.openOf" : "entry.historyOf", { name })}
            onPress={() =>
              // A laboratory's attribute has no tag before its first value.
              onEnter({ tag: tag?.path ?? `${asset.path}/${encodeName(attribute.name)}`, unit: attribute.unit })
            }
          >
            {t(mayEnter ? "entry.open" : "entry.history")}
          </Button>
        )}
      </td>
    </tr>
  );
}

function AttributeValue({
  asset,
  attribute,
  value,
}: {
  asset: Asset;
  attribute: AssetAttribute;
  value: LiveValue | undefined;
}) {
  const { t, i18n } = useTranslation();
  const none = value === undefined || value.timeMs === null;
  const words =
    !none && value.type === "string" && Object.hasOwn(attribute.values, String(value.value))
      ? valueInWords(attribute.values, String(value.value), i18n.language)
      : null;
  const text = none ? "–" : (words ?? formatValue(value.value, value.type, i18n.language));
  const shown =
    kindOf(attribute) === "formula" ? (
      // Also where nothing has been computed yet: the explanation says why.
      <a
        href={explainHash({
          tag: `${asset.path}/${encodeName(attribute.name)}`,
          time: none || value.timeMs === null ? "now" : isoUtc(value.timeMs),
        })}
        aria-label={t("explain.of", { value: none ? t("kpi.none") : `${text} ${unitSymbol(attribute.unit)}`.trim() })}
      >
        {text}
      </a>
    ) : (
      text
    );
  if (none) return shown;
  const severity = severityOf(value.quality);
  if (severity !== "good") {
    return (
      <State tone={severity === "bad" ? "bad" : "warning"}>
        {shown}{" "}
        <small title={value.quality}>
          {value.quality === "BadOutOfRange" && attribute.valid !== null
            ? t("plant.outOfRange", { range: limitsText(attribute.valid, i18n.language) })
            : value.quality}
        </small>
      </State>
    );
  }
  const number = toNumber(value.value, value.type);
  const { normal } = attribute;
  if (normal === null || Number.isNaN(number) || (number >= normal[0] && number <= normal[1])) return shown;
  const below = number < normal[0];
  return (
    <State tone="warning">
      {shown}{" "}
      <small>
        {t(below ? "plant.belowNormal" : "plant.aboveNormal", {
          limit: formatNumber(below ? normal[0] : normal[1], i18n.language),
        })}
      </small>
    </State>
  );
}
