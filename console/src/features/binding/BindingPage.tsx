import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { applyBindings, proposeBindings, undoBindings, type BindingUndo, type Proposals } from "../../api/bindings";
import { applyPack } from "../../api/packs";
import { useUser } from "../../app/session";
import { Button } from "../../components/Button";
import { EditDialog } from "../../components/EditDialog";
import { EmptyState } from "../../components/EmptyState";
import { Notice } from "../../components/Notice";
import { formatCount } from "../../lib/numbers";
import { BindingTable } from "./BindingTable";
import { ChangeDialog } from "./ChangeDialog";
import { acceptAbove, confirmed, counts, doubled, missingPacks, rowsOf, type Decision, type Row } from "./choices";
import { SourceForm, type Asked } from "./SourceForm";

const kPage = 100;
const kSure = ["0.9", "0.8", "0.7", "0.5", "0.3"] as const;

/** From points that equipment offers to attributes of assets: `#/binding`, `#/binding?connection=3`. */
export default function BindingPage() {
  const { t, i18n } = useTranslation();
  const enterprise = useUser().enterprise ?? "";
  const [asked, setAsked] = useState<Asked | null>(null);
  const [found, setFound] = useState<Proposals | null>(null);
  const [rows, setRows] = useState<readonly Row[]>([]);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [done, setDone] = useState<{ sentence: string; undo: BindingUndo | null } | null>(null);
  const [undoing, setUndoing] = useState<BindingUndo | null>(null);

  const ask = async (next: Asked) => {
    setBusy(true);
    setError(null);
    try {
      const answer = await proposeBindings(next.source, { ...next, language: i18n.language });
      setAsked(next);
      setFound(answer);
      setRows(rowsOf(answer.points));
    } catch (cause) {
      setError(cause instanceof Error ? cause.message : String(cause));
    } finally {
      setBusy(false);
    }
  };
  const restart = () => {
    setFound(null);
    setRows([]);
  };

  return (
    <>
      <div className="page-head">
        <h1>{t("page.binding")}</h1>
        {found && <Button onPress={restart}>{t("binding.again")}</Button>}
      </div>
      <p className="subtitle">{t("binding.explain")}</p>
      {error && <Notice kind="error" title={error} />}
      {done && (
        <Notice kind="done" title={done.sentence}>
          <p className="row-actions">
            <a href="#/plant">{t("binding.toPlant")}</a>
            {done.undo && <Button onPress={() => setUndoing(done.undo)}>{t("binding.undo")}</Button>}
          </p>
        </Notice>
      )}
      {!found && (
        <>
          <SourceForm busy={busy} onAsk={(next) => void ask(next)} />
          <EmptyState title={t("binding.emptyTitle")}>
            <ol>
              <li>{t("binding.emptyOne")}</li>
              <li>{t("binding.emptyTwo")}</li>
              <li>{t("binding.emptyThree")}</li>
            </ol>
          </EmptyState>
        </>
      )}
      {found && asked && (
        <Work
          found={found}
          rows={rows}
          under={asked.under || enterprise}
          connection={asked.source.kind === "connection" ? asked.source.connection : null}
          onRows={setRows}
          onInstalled={() => void ask(asked)}
          onApplied={(sentence, undo) => {
            setDone({ sentence, undo });
            restart();
          }}
        />
      )}
      {undoing && (
        <EditDialog
          title={t("binding.undoTitle")}
          action={t("binding.undo")}
          edit={(dryRun) => undoBindings(undoing, dryRun)}
          onDone={() => setDone({ sentence: t("binding.undone"), undo: null })}
          onClose={() => setUndoing(null)}
        >
          <p>{t("binding.undoText")}</p>
        </EditDialog>
      )}
    </>
  );
}

/** The list that a person works through. */
function Work({
  found,
  rows,
  under,
  connection,
  onRows,
  onInstalled,
  onApplied,
}: {
  found: Proposals;
  rows: readonly Row[];
  under: string;
  connection: number | null;
  onRows: (rows: readonly Row[]) => void;
  onInstalled: () => void;
  onApplied: (sentence: string, undo: BindingUndo | null) => void;
}) {
  const { t, i18n } = useTranslation();
  const [filter, setFilter] = useState<Decision | "all">("all");
  const [least, setLeast] = useState<string>("0.9");
  const [text, setText] = useState("");
  const [page, setPage] = useState(0);
  const [changing, setChanging] = useState<Row | null>(null);
  const [installing, setInstalling] = useState<string | null>(null);
  const [applying, setApplying] = useState(false);
  const sum = counts(rows);
  const twice = useMemo(() => doubled(rows), [rows]);
  const missing = useMemo(() => missingPacks(rows, found.templates), [rows, found.templates]);
  const shown = useMemo(() => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    return rows.filter(({ decision, point }) => {
      if (filter !== "all" && decision !== filter) return false;
      const hay = `${point.path.join("/")} ${point.name} ${point.description}`.toLowerCase();
      return words.every((word) => hay.includes(word));
    });
  }, [rows, filter, text]);
  const first = Math.min(page, Math.max(0, Math.ceil(shown.length / kPage) - 1)) * kPage;
  const onPage = shown.slice(first, first + kPage);
  const set = (index: number, what: Partial<Row>) =>
    onRows(rows.map((row) => (row.index === index ? { ...row, ...what } : row)));
  const number = (value: number) => formatCount(value, i18n.language);

  if (rows.length === 0) return <p role="status">{t("binding.nothingFound")}</p>;
  return (
    <>
      {!found.whole && <Notice kind="warning" title={t("binding.notWhole")} />}
      {missing.length > 0 && (
        <Notice kind="warning" title={t("binding.notInstalled", { packs: missing.join(", ") })}>
          <p className="row-actions">
            {missing.map((pack) => (
              <Button key={pack} onPress={() => setInstalling(pack)}>
                {t("binding.install", { pack })}
              </Button>
            ))}
          </p>
        </Notice>
      )}
      <p role="status">
        {t("binding.sum", {
          points: number(rows.length),
          accepted: number(sum.accepted),
          skipped: number(sum.skipped),
          open: number(sum.open),
        })}
      </p>
      <div className="toolbar binding-toolbar">
        <label>
          {t("binding.acceptAbove")}{" "}
          <select value={least} onChange={(event) => setLeast(event.target.value)}>
            {kSure.map((one) => (
              <option key={one} value={one}>
                {Number(one) * 100} %
              </option>
            ))}
          </select>
        </label>
        <Button onPress={() => onRows(acceptAbove(rows, Number(least)))}>{t("binding.acceptAll")}</Button>
        <label>
          {t("binding.show")}{" "}
          <select
            value={filter}
            onChange={(event) => {
              setFilter(event.target.value as Decision | "all");
              setPage(0);
            }}
          >
            {(["all", "open", "accepted", "skipped"] as const).map((one) => (
              <option key={one} value={one}>
                {t(`binding.filters.${one}`)}
              </option>
            ))}
          </select>
        </label>
        <label className="search">
          <span className="hidden-label">{t("binding.find")}</span>
          <input
            type="search"
            value={text}
            placeholder={t("binding.find")}
            spellCheck={false}
            onChange={(event) => {
              setText(event.target.value);
              setPage(0);
            }}
          />
        </label>
        <Button
          kind="primary"
          isDisabled={sum.accepted === 0 || missing.length > 0 || twice.size > 0}
          onPress={() => setApplying(true)}
        >
          {t("binding.preview")}
        </Button>
      </div>
      {onPage.length === 0 ? (
        <p>{t("binding.noneHere")}</p>
      ) : (
        <BindingTable rows={onPage} templates={found.templates} twice={twice} onSet={set} onChange={setChanging} />
      )}
      {shown.length > kPage && (
        <p className="row-actions">
          <Button isDisabled={first === 0} onPress={() => setPage(first / kPage - 1)}>
            {t("binding.earlier")}
          </Button>
          <span>
            {t("binding.page", {
              from: number(first + 1),
              to: number(first + onPage.length),
              all: number(shown.length),
            })}
          </span>
          <Button isDisabled={first + kPage >= shown.length} onPress={() => setPage(first / kPage + 1)}>
            {t("binding.later")}
          </Button>
        </p>
      )}
      {changing && (
        <ChangeDialog
          row={changing}
          templates={found.templates}
          under={under}
          onUse={(choice) => set(changing.index, { choice, confidence: null, decision: "accepted" })}
          onClose={() => setChanging(null)}
        />
      )}
      {installing && (
        <EditDialog
          title={t("binding.install", { pack: installing })}
          action={t("solutions.install")}
          nothing={t("solutions.nothing")}
          edit={(dryRun) => applyPack(installing, dryRun, false)}
          onDone={onInstalled}
          onClose={() => setInstalling(null)}
        />
      )}
      {applying && (
        <ApplyDialog rows={rows} connection={connection} onApplied={onApplied} onClose={() => setApplying(false)} />
      )}
    </>
  );
}

function ApplyDialog({
  rows,
  connection,
  onApplied,
  onClose,
}: {
  rows: readonly Row[];
  connection: number | null;
  onApplied: (sentence: string, undo: BindingUndo | null) => void;
  onClose: () => void;
}) {
  const { t, i18n } = useTranslation();
  const bindings = useMemo(() => confirmed(rows), [rows]);
  // The dialog closes in the same breath in which the edit is done: no render lies between.
  const result = useRef<{ sentence: string; undo: BindingUndo | null } | null>(null);
  return (
    <EditDialog
      title={t("binding.previewTitle", { text: formatCount(bindings.length, i18n.language) })}
      action={t("binding.apply")}
      nothing={t("binding.nothing")}
      edit={async (dryRun) => {
        const edit = await applyBindings(bindings, connection, dryRun);
        if (!dryRun) {
          const waiting = edit.waiting > 0 ? ` ${t("binding.waiting", { count: edit.waiting })}` : "";
          const sentence = t("binding.applied", { changes: formatCount(edit.changes_total, i18n.language) });
          result.current = { sentence: sentence + waiting, undo: edit.undo };
        }
        return edit;
      }}
      onDone={() => undefined}
      onClose={() => (result.current ? onApplied(result.current.sentence, result.current.undo) : onClose())}
    >
      <p>{t("binding.previewText")}</p>
    </EditDialog>
  );
}
