import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../components/Button";

/** What the parts of the editor have in common. */
export interface PartProps {
  mistakeAt: (field: string) => string | null;
  disabled: boolean;
}

interface CellsOf<Row> {
  row: Row;
  name: string;
  /** From 1: for the label of the cell that names the row, which would change with every key otherwise. */
  number: number;
  /** What mistakes call it. */
  field: string;
  change: (part: Partial<Row>) => void;
}

interface Props<Row> {
  part: "shifts" | "breaks" | "holidays" | "targets" | "reasons";
  rows: readonly Row[];
  columns: readonly string[];
  /** What a new row has. */
  fresh: Row;
  /** How a row is called; its number where it has no name yet. */
  nameOf: (row: Row) => string;
  onChange: (rows: Row[]) => void;
  disabled: boolean;
  hint?: string | undefined;
  /** A long list scrolls in itself. */
  short?: boolean;
  /** The cells of a row but for the last, which deletes it. */
  cells: (at: CellsOf<Row>) => ReactNode;
}

/** A part of a calendar that is a list of rows: add one, change its cells, delete it. */
export function RowsPart<Row>({
  part,
  rows,
  columns,
  fresh,
  nameOf,
  onChange,
  disabled,
  hint,
  short,
  cells,
}: Props<Row>) {
  const { t } = useTranslation();
  const change = (index: number, changed: Partial<Row>) =>
    onChange(rows.map((row, at) => (at === index ? { ...row, ...changed } : row)));
  return (
    <fieldset className="calendar-part" disabled={disabled}>
      <legend>{t(`calendar.${part}`)}</legend>
      {rows.length > 0 && (
        <div className={short ? "table-scroll short" : "table-scroll"}>
          <table>
            <thead>
              <tr>
                {columns.map((column) => (
                  <th key={column} scope="col">
                    {column}
                  </th>
                ))}
                <th scope="col" />
              </tr>
            </thead>
            <tbody>
              {rows.map((row, index) => {
                const name = nameOf(row) || String(index + 1);
                const field = `${part}.${index}`;
                return (
                  // Rows have no other identity than their place.
                  // oxlint-disable-next-line react/no-array-index-key
                  <tr key={index} data-row={field}>
                    {cells({ row, name, number: index + 1, field, change: (changed) => change(index, changed) })}
                    <td>
                      <Button
                        kind="quiet"
                        aria-label={`${name}: ${t("action.delete")}`}
                        onPress={() => onChange(rows.filter((_, at) => at !== index))}
                      >
                        ×
                      </Button>
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
      <Button isDisabled={disabled} onPress={() => onChange([...rows, fresh])}>
        {t(`calendar.add.${part}`)}
      </Button>
      {hint !== undefined && <p className="hint">{hint}</p>}
    </fieldset>
  );
}
