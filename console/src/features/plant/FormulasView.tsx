import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { publishFormula, type Asset } from "../../api/assets";
import { kindOf } from "../../api/definitions";
import { checkFormula, runFormula, type FormulaRun } from "../../api/formulas";
import { Button } from "../../components/Button";
import { EditDialog } from "../../components/EditDialog";
import { Notice } from "../../components/Notice";
import { formatCount } from "../../lib/numbers";
import { assetHash } from "../../lib/plant_url";
import { usePreference } from "../../lib/preferences";
import { kSpanNames, kSpans, lastSpan, type Span } from "../../lib/ranges";
import { navigate } from "../../lib/route";
import { browserZone, localText, parseTime } from "../../lib/time_text";
import { useDebounced } from "../../lib/use_debounced";
import { useResource } from "../../lib/use_resource";
import { useSubmit } from "../../lib/use_submit";
import { formatNumber, unitSymbol } from "../../lib/value";
import { inWords } from "../../lib/words";
import { SeriesChart } from "../trend/SeriesChart";
import { FormulaEditor } from "./FormulaEditor";
import { differenceOf, everyFor, seriesOfRows, valueTypeOf } from "./what_if";

const kCheckRestMs = 300;

/** The workbench: change a formula, see what it would have said, and publish it or drop it. */
export default function FormulasView({
  asset,
  search,
  mayEdit,
  onPublished,
}: {
  asset: Asset;
  search: URLSearchParams;
  mayEdit: boolean;
  onPublished: () => void;
}) {
  const { t, i18n } = useTranslation();
  const formulas = asset.attributes.filter((one) => kindOf(one) === "formula");
  const asked = search.get("attribute");
  // Beside the workbench, which begins anew with the formula that was published.
  const [published, setPublished] = useState<string | null>(null);
  const chosen = formulas.find(({ name }) => name === asked) ?? (asked === "" ? null : (formulas[0] ?? null));
  return (
    <>
      <p className="subtitle">{t("formula.explain")}</p>
      <p className="toolbar">
        <label className="inline-choice">
          {t("formula.of")}
          <select
            value={chosen?.name ?? ""}
            onChange={(event) => navigate(assetHash(asset.id, "formulas", { attribute: event.target.value }), true)}
          >
            {formulas.map((one) => (
              <option key={one.name} value={one.name}>
                {inWords(one.words, i18n.language, one.name)}
              </option>
            ))}
            <option value="">{t("formula.new")}</option>
          </select>
        </label>
      </p>
      <Workbench
        key={`${chosen?.name ?? ""} ${chosen?.formula ?? ""}`}
        asset={asset}
        attribute={chosen}
        mayEdit={mayEdit}
        onPublished={() => {
          setPublished(chosen?.name ?? null);
          onPublished();
        }}
        onEdited={() => setPublished(null)}
      />
      {published !== null && published === chosen?.name && <Notice kind="done" title={t("formula.published")} />}
    </>
  );
}

interface Trial {
  run: FormulaRun;
  formula: string;
  range: { from: string; to: string };
}

function Workbench({
  asset,
  attribute,
  mayEdit,
  onPublished,
  onEdited,
}: {
  asset: Asset;
  attribute: Asset["attributes"][number] | null;
  mayEdit: boolean;
  onPublished: () => void;
  onEdited: () => void;
}) {
  const { t, i18n } = useTranslation();
  const live = attribute?.formula ?? "";
  const [formula, setFormula] = useState(live);
  const [span, setSpan] = useState<Span>("24h");
  const [trial, setTrial] = useState<Trial | null>(null);
  const [publishing, setPublishing] = useState(false);
  const rested = useDebounced(formula, kCheckRestMs);
  const unit = attribute?.unit ?? "";
  const check = useResource(rested.trim() === "" ? null : `check/${rested}`, (signal) =>
    checkFormula({ asset: asset.path, formula: rested, ...(unit === "" ? {} : { unit }) }, signal),
  );
  // What the server said of another text says nothing of this one.
  const current = rested === formula;
  const checked = current ? check.data : null;
  const mistake = current && rested.trim() !== "" ? check.error : null;
  const changed = formula.trim() !== live.trim();

  const run = useSubmit(async () => {
    const range = lastSpan(span);
    const found = await runFormula({
      asset: asset.path,
      formula,
      ...range,
      every: everyFor(kSpans[span], attribute?.every ?? ""),
      ...(attribute === null ? {} : { compare: attribute.name }),
    });
    setTrial({ run: found, formula, range });
  });

  return (
    <>
      <FormulaEditor
        label={t("formula.text")}
        value={formula}
        onChange={(text) => {
          setFormula(text);
          onEdited();
        }}
        checked={checked}
        error={mistake}
        checking={!current || check.loading}
      />
      <div className="toolbar">
        <label className="inline-choice">
          {t("formula.range")}
          <select value={span} onChange={(event) => setSpan(event.target.value as Span)}>
            {kSpanNames.map((name) => (
              <option key={name} value={name}>
                {t(`spans.${name}`)}
              </option>
            ))}
          </select>
        </label>
        <Button kind="primary" isDisabled={run.busy || checked === null} onPress={() => run.submit()}>
          {run.busy ? t("formula.running") : t("formula.run")}
        </Button>
        {changed && attribute !== null && (
          <Button
            onPress={() => {
              setFormula(live);
              setTrial(null);
            }}
          >
            {t("formula.drop")}
          </Button>
        )}
        {mayEdit && attribute !== null && (
          <Button isDisabled={!changed || checked === null} onPress={() => setPublishing(true)}>
            {t("formula.publish")}
          </Button>
        )}
      </div>
      {run.error && <Notice kind="error" title={run.error} />}
      {attribute === null && <p className="hint">{t("formula.newHint")}</p>}
      {attribute !== null && !mayEdit && <p className="hint">{t("formula.askEngineer")}</p>}
      {trial && (
        <TrialResult
          trial={trial}
          outdated={trial.formula !== formula}
          name={attribute === null ? null : inWords(attribute.words, i18n.language, attribute.name)}
        />
      )}
      {publishing && attribute !== null && (
        <EditDialog
          title={t("formula.publishTitle", { name: inWords(attribute.words, i18n.language, attribute.name) })}
          action={t("formula.publish")}
          edit={(dryRun) => publishFormula(asset, attribute.name, formula, dryRun)}
          onDone={onPublished}
          onClose={() => setPublishing(false)}
        >
          <p>{t("formula.publishText")}</p>
        </EditDialog>
      )}
    </>
  );
}

function TrialResult({ trial, outdated, name }: { trial: Trial; outdated: boolean; name: string | null }) {
  const { t, i18n } = useTranslation();
  const zone = usePreference("zone") ?? browserZone();
  const { run, range } = trial;
  const home = useMemo(() => ({ from: parseTime(range.from), to: parseTime(range.to) }), [range]);
  const type = valueTypeOf(run.type);
  const list = useMemo(() => {
    const line = (rows: FormulaRun["results"], label: string, unit = run.unit) => ({
      name: label,
      series: seriesOfRows(rows, label, unit, type),
      endMs: home.to,
    });
    const live =
      run.live === null ? [] : [line(run.live, t("formula.liveLine", { name: name ?? "" }), run.live_unit ?? run.unit)];
    return [line(run.results, t("formula.newLine")), ...live];
  }, [run, type, home, name, t]);
  const difference = useMemo(
    () =>
      run.live === null || (run.live_unit ?? run.unit) !== run.unit ? null : differenceOf(run.results, run.live, type),
    [run, type],
  );
  const count = (value: number) => formatCount(value, i18n.language);
  return (
    <section aria-labelledby="trial">
      <h2 id="trial">{t("formula.result")}</h2>
      {outdated && <Notice kind="warning" title={t("formula.outdated")} />}
      <p role="status">
        {t("formula.worked", {
          count: run.results.length,
          results: count(run.results.length),
          samples: count(run.samples),
          steps: count(run.steps),
        })}{" "}
        {difference &&
          (difference.compared === 0
            ? t("formula.notCompared")
            : t("formula.differs", {
                differing: count(difference.differing),
                compared: count(difference.compared),
              }))}{" "}
        {difference?.greatest != null &&
          difference.differing > 0 &&
          t("formula.greatest", {
            by: `${formatNumber(difference.greatest, i18n.language)} ${unitSymbol(run.unit)}`.trim(),
            time: localText(difference.atMs ?? 0, zone),
          })}
      </p>
      {run.results.length === 0 ? (
        <p>{t("formula.noResults")}</p>
      ) : (
        <SeriesChart list={list} home={home} zone={zone} label={t("formula.chart")} />
      )}
    </section>
  );
}
