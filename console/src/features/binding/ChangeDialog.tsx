import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { OfferedTemplate } from "../../api/bindings";
import { Button } from "../../components/Button";
import { SelectField, TextField } from "../../components/Field";
import { FormDialog } from "../../components/FormDialog";
import { inWords } from "../../lib/words";
import type { Choice, Row } from "./choices";

/** A person says what a point is. */
export function ChangeDialog({
  row,
  templates,
  under,
  onUse,
  onClose,
}: {
  row: Row;
  templates: readonly OfferedTemplate[];
  under: string;
  onUse: (choice: Choice) => void;
  onClose: () => void;
}) {
  const { t, i18n } = useTranslation();
  const [template, setTemplate] = useState(row.choice?.template ?? templates[0]?.name ?? "");
  const attributes = templates.find((one) => one.name === template)?.attributes ?? [];
  const [attribute, setAttribute] = useState(row.choice?.attribute ?? attributes[0]?.name ?? "");
  const [asset, setAsset] = useState(row.choice?.asset ?? `${under}/`);
  const [unit, setUnit] = useState(row.choice?.unit ?? attributes[0]?.unit ?? "");
  const named = (name: string, words: Record<string, string>) => inWords(words, i18n.language, name);

  const pickTemplate = (name: string) => {
    setTemplate(name);
    const first = templates.find((one) => one.name === name)?.attributes[0];
    setAttribute(first?.name ?? "");
    setUnit(first?.unit ?? "");
  };
  const pickAttribute = (name: string) => {
    setAttribute(name);
    setUnit(attributes.find((one) => one.name === name)?.unit ?? "");
  };

  return (
    <FormDialog title={t("binding.changeTitle", { name: row.point.name })} onClose={onClose}>
      <SelectField
        label={t("binding.template")}
        value={template}
        onChange={pickTemplate}
        options={templates.map((one) => ({ value: one.name, label: named(one.name, one.words) }))}
      />
      <SelectField
        label={t("binding.attribute")}
        value={attribute}
        onChange={pickAttribute}
        options={attributes.map((one) => ({
          value: one.name,
          label: `${named(one.name, one.words)}${one.unit ? ` (${one.unit})` : ""}`,
        }))}
      />
      <TextField label={t("binding.assetPath")} value={asset} onChange={setAsset} />
      <TextField label={t("binding.unit")} hint={t("binding.unitHelp")} value={unit} onChange={setUnit} />
      <div className="actions">
        <Button onPress={onClose}>{t("action.cancel")}</Button>
        <Button
          kind="primary"
          isDisabled={attribute === "" || asset.trim() === "" || asset.endsWith("/")}
          onPress={() => {
            const same = row.choice?.template === template && row.choice.attribute === attribute;
            const range = same && row.choice?.unit === unit.trim() ? row.choice.range : null;
            onUse({ template, attribute, asset: asset.trim(), unit: unit.trim(), range });
            onClose();
          }}
        >
          {t("binding.use")}
        </Button>
      </div>
    </FormDialog>
  );
}
