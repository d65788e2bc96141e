import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./Button";

/** Text to take away, such as a link or a secret that shows once. */
export function Copyable({ label, text }: { label: string; text: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      setCopied(false);
    }
  };
  return (
    <div className="copyable">
      <input readOnly aria-label={label} value={text} onFocus={(event) => event.target.select()} />
      <Button onPress={() => void copy()}>{t("action.copy")}</Button>
      <span role="status">{copied ? t("action.copied") : ""}</span>
    </div>
  );
}
