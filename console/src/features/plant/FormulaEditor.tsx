import { useEffect, useId, useRef } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, type TextMistake } from "../../api/http";
import type { CheckedFormula } from "../../api/formulas";
import { Button } from "../../components/Button";
import { indexOfPlace, replaceAt, wordAt } from "../../lib/text_place";
import { unitSymbol } from "../../lib/value";

const kTypes = ["number", "condition", "text"] as const;

/**
 * A formula to be written, with the mistake marked where it is. The mark lies in a copy of the text behind the field, which has
 * the same font and scrolls along; the sentence below the field says the same in words.
 */
export function FormulaEditor({
  label,
  value,
  onChange,
  checked,
  error,
  checking,
}: {
  label: string;
  value: string;
  onChange: (text: string) => void;
  checked: CheckedFormula | null;
  error: Error | null;
  checking: boolean;
}) {
  const { t } = useTranslation();
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const behind = useRef<HTMLDivElement>(null);
  const mistake = error instanceof ApiError ? error.mistake : null;

  const typeName = (name: string) => {
    const known = kTypes.find((type) => type === name);
    return known ? t(`formula.types.${known}`) : name;
  };

  const follow = () => {
    if (!field.current || !behind.current) return;
    behind.current.scrollTop = field.current.scrollTop;
    behind.current.scrollLeft = field.current.scrollLeft;
  };
  useEffect(follow, [value, mistake]);

  const toPlace = (found: TextMistake) => {
    const { from, to } = wordAt(value, indexOfPlace(value, found.line, found.column));
    field.current?.focus();
    field.current?.setSelectionRange(from, to);
  };

  return (
    <div className="field formula-field">
      <label htmlFor={id}>{label}</label>
      <div className="formula-box">
        <div ref={behind} className="formula-behind" aria-hidden="true">
          <Marked text={value} mistake={mistake} />
        </div>
        <textarea
          ref={field}
          id={id}
          rows={Math.min(12, Math.max(3, value.split("\n").length + 1))}
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          value={value}
          aria-describedby={`${id}-said`}
          aria-invalid={error ? true : undefined}
          onChange={(event) => onChange(event.target.value)}
          onScroll={follow}
        />
      </div>
      <div id={`${id}-said`} role="status" className="formula-said">
        {error && (
          <p className="field-error">
            <span aria-hidden="true">× </span>
            {mistake && `${t("formula.place", { line: mistake.line, column: mistake.column })} `}
            {error.message}
          </p>
        )}
        {!error && checked && (
          <p className="hint">
            {t("formula.right", {
              unit: unitSymbol(checked.unit) || t("formula.noUnit"),
              type: typeName(checked.type),
            })}
            {checked.inputs.length > 0 && ` ${t("formula.reads", { inputs: checked.inputs.join(", ") })}`}
          </p>
        )}
        {!error &&
          checked?.warnings.map((warning) => (
            <p key={warning} className="hint">
              <span aria-hidden="true">▲ </span>
              {warning}
            </p>
          ))}
        {!error && !checked && <p className="hint">{checking ? t("formula.checking") : t("formula.help")}</p>}
      </div>
      {mistake && (
        <p className="formula-fixes">
          <Button kind="quiet" onPress={() => toPlace(mistake)}>
            {t("formula.toPlace")}
          </Button>
          {mistake.nearest && (
            <Button onPress={() => onChange(replaceAt(value, mistake.line, mistake.column, mistake.nearest))}>
              {t("formula.nearest", { word: mistake.nearest })}
            </Button>
          )}
        </p>
      )}
      {!error && checked && checked.formula !== "" && checked.formula !== value.trim() && (
        <p className="formula-fixes">
          <Button kind="quiet" onPress={() => onChange(checked.formula)}>
            {t("formula.tidy")}
          </Button>
        </p>
      )}
    </div>
  );
}

function Marked({ text, mistake }: { text: string; mistake: TextMistake | null }) {
  if (!mistake) return text;
  const { from, to } = wordAt(text, indexOfPlace(text, mistake.line, mistake.column));
  return (
    <>
      {text.slice(0, from)}
      {/* At the end of the text there is nothing to mark: a blank stands for what is missing. */}
      <mark>{from === to || text.slice(from, to).trim() === "" ? "\u00a0" : text.slice(from, to)}</mark>
      {text.slice(to)}
    </>
  );
}
