import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { WordsDraft } from "./calendar_draft";

/** One input of a table's cell; what is wrong with it stands below it. */
export function CellInput({
  label,
  value,
  onChange,
  mistake = null,
  size = 10,
  ...rest
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  mistake?: string | null;
  size?: number;
  placeholder?: string;
  type?: string;
  list?: string;
}) {
  const id = useId();
  return (
    <>
      <input
        type="text"
        spellCheck={false}
        size={size}
        {...rest}
        aria-label={label}
        aria-invalid={mistake ? true : undefined}
        aria-describedby={mistake ? `${id}-error` : undefined}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      {mistake && (
        <small className="field-error block" id={`${id}-error`}>
          <span aria-hidden="true">× </span>
          {mistake}
        </small>
      )}
    </>
  );
}

/** The two languages that every plant's words have; others stay as they are. */
export function WordsCells({
  words,
  label,
  onChange,
}: {
  words: WordsDraft;
  label: (what: string) => string;
  onChange: (words: WordsDraft) => void;
}) {
  const { t } = useTranslation();
  return (
    <>
      {(["en", "zh"] as const).map((language) => (
        <td key={language}>
          <CellInput
            label={label(t(language === "en" ? "calendar.english" : "calendar.chinese"))}
            value={words[language] ?? ""}
            onChange={(word) => onChange({ ...words, [language]: word })}
          />
        </td>
      ))}
    </>
  );
}
