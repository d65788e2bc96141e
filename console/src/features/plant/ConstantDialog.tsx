import { useState } from "react";
import { useTranslation } from "react-i18next";
import { setConstant, type Asset, type AssetAttribute } from "../../api/assets";
import { Button } from "../../components/Button";
import { EditDialog } from "../../components/EditDialog";
import { TextField } from "../../components/Field";
import { FormDialog } from "../../components/FormDialog";
import { unitSymbol } from "../../lib/value";
import { inWords } from "../../lib/words";

/** Changes one constant of one asset; what that changes is shown before it is done. */
export function ConstantDialog({
  asset,
  attribute,
  onClose,
  onDone,
}: {
  asset: Asset;
  attribute: AssetAttribute;
  onClose: () => void;
  onDone: () => void;
}) {
  const { t, i18n } = useTranslation();
  const [text, setText] = useState(String(attribute.constant ?? ""));
  const [isShown, setShown] = useState(false);
  const name = inWords(attribute.words, i18n.language, attribute.name);
  const isNumber = typeof attribute.constant === "number";
  const number = Number(text);
  const isRight = text.trim() !== "" && (!isNumber || Number.isFinite(number));
  const title = t("plant.constantOf", { name });
  if (isShown) {
    return (
      <EditDialog
        title={title}
        action={t("action.save")}
        edit={(dryRun) => setConstant(asset, attribute.name, isNumber ? number : text, dryRun)}
        onDone={onDone}
        onClose={onClose}
      />
    );
  }
  return (
    <FormDialog title={title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isRight) setShown(true);
        }}
      >
        <TextField
          label={`${name} ${unitSymbol(attribute.unit)}`.trim()}
          value={text}
          onChange={setText}
          inputMode={isNumber ? "decimal" : "text"}
          error={isRight ? null : t("plant.constantWrong")}
          hint={t("plant.constantHint")}
          autoFocus
        />
        <div className="actions">
          <Button onPress={onClose}>{t("action.cancel")}</Button>
          <Button kind="primary" type="submit" isDisabled={!isRight || text === String(attribute.constant)}>
            {t("calendar.review")}
          </Button>
        </div>
      </form>
    </FormDialog>
  );
}
