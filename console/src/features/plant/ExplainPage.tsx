import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import {
  getExplanation,
  type ExplainedInput,
  type ExplainedPart,
  type ExplainedSample,
  type Explanation,
} from "../../api/explain";
import { Loaded } from "../../components/Loaded";
import { State } from "../../components/State";
import { kFullPercent, percentText } from "../../lib/figure_state";
import { limitsText } from "../../lib/limits_text";
import { explainHashOf } from "../../lib/plant_url";
import { usePreference } from "../../lib/preferences";
import { browserZone, localText, parseTime, zoneText } from "../../lib/time_text";
import { trendHash } from "../../lib/trend_url";
import { EntryTable } from "../entries/EntryTable";
import { HandMark } from "../entries/HandMark";
import { useResource } from "../../lib/use_resource";
import { formatValue, severityOf, unitSymbol, type ValueType, type WireValue } from "../../lib/value";
import { shownPath } from "../../lib/tag_path";

const kAroundMs = 1_800_000;

/** `#/plant/explain?...`: where a computed number comes from, down to the samples as they were received. */
export function ExplainPage({ search }: { search: URLSearchParams }) {
  const { t } = useTranslation();
  const question = search.toString();
  const found = useResource(`explain/${question}`, (signal) => getExplanation(question, signal));
  return (
    <>
      <p>
        <a
          href="#/plant"
          onClick={(event) => {
            if (history.length < 2) return;
            event.preventDefault();
            history.back();
          }}
        >
          {t("explain.back")}
        </a>
      </p>
      <h1>{t("explain.title")}</h1>
      <Loaded resource={found}>{(data) => <Body data={data} />}</Loaded>
    </>
  );
}

/** The type that a value on its own has; the answer does not say more. */
function typeOf(value: WireValue): ValueType {
  return typeof value === "boolean" ? "bool" : typeof value === "number" || value === "NaN" ? "double" : "string";
}

function Valued({ value, unit, quality }: { value: WireValue; unit: string; quality: string }) {
  const { t, i18n } = useTranslation();
  const text =
    value === null
      ? t("explain.noSample")
      : `${formatValue(value, typeOf(value), i18n.language)} ${unitSymbol(unit)}`.trim();
  const severity = severityOf(quality);
  if (severity === "good") return text;
  return (
    <State tone={severity === "bad" ? "bad" : "warning"}>
      {text} <small>{quality}</small>
    </State>
  );
}

function Body({ data }: { data: Explanation }) {
  const { t } = useTranslation();
  const zone = usePreference("zone") ?? browserZone();
  const timeMs = parseTime(data.time);
  return (
    <>
      <p className="subtitle">{shownPath(data.path) || data.path}</p>
      <dl className="details">
        <dt>{t("assets.value")}</dt>
        <dd className="explained">
          <Valued value={data.value} unit={data.unit} quality={data.quality} />
        </dd>
        <dt>{t("assets.quality")}</dt>
        <dd>{data.quality}</dd>
        {Number.isFinite(timeMs) && (
          <>
            <dt>{t("explain.time")}</dt>
            <dd>
              {localText(timeMs, zone, true)} <small>{zoneText(zone, timeMs)}</small>
            </dd>
          </>
        )}
        <Shares percentGood={data.percent_good} coverage={data.coverage} />
        {data.stored !== null && (
          <>
            <dt>{t("explain.stored")}</dt>
            <dd>
              <Valued value={data.stored.value} unit={data.unit} quality={data.stored.quality} />
            </dd>
          </>
        )}
        {data.formula !== "" && (
          <>
            <dt>{t("plant.formula")}</dt>
            <dd>
              <code className="formula">{data.formula}</code>
            </dd>
          </>
        )}
        {data.version !== null && data.version > 0 && (
          <>
            <dt>{t("explain.version")}</dt>
            <dd>{data.version}</dd>
          </>
        )}
      </dl>
      <h2>{t("explain.parts")}</h2>
      {data.parts.length === 0 && <p>{t("explain.noParts")}</p>}
      <ol className="parts">
        {data.parts.map((part, index) => (
          <li key={`${index} ${part.text}`}>
            <Part part={part} timeMs={timeMs} zone={zone} />
          </li>
        ))}
      </ol>
    </>
  );
}

function Shares({ percentGood, coverage }: { percentGood: number | null; coverage: number | null }) {
  const { t, i18n } = useTranslation();
  const shares = [
    { name: t("kpi.percentGood"), percent: percentGood },
    { name: t("kpi.coverage"), percent: coverage },
  ];
  return shares.map(({ name, percent }) =>
    percent === null ? null : (
      <Fragment key={name}>
        <dt>{name}</dt>
        <dd>
          {percent < kFullPercent ? (
            <State tone="warning">{percentText(percent, i18n.language)}</State>
          ) : (
            percentText(percent, i18n.language)
          )}
        </dd>
      </Fragment>
    ),
  );
}

function Part({ part, timeMs, zone }: { part: ExplainedPart; timeMs: number; zone: string }) {
  const { t, i18n } = useTranslation();
  const share = (percent: number | null, label: string) => {
    if (percent === null) return null;
    const text = `${label} ${percentText(percent, i18n.language)}`;
    return percent < kFullPercent ? <State tone="warning">{text}</State> : <span>{text}</span>;
  };
  const range = part.window
    ? { fromMs: parseTime(part.window.from), toMs: parseTime(part.window.to) }
    : { fromMs: timeMs - kAroundMs, toMs: timeMs + kAroundMs };
  return (
    <>
      <p className="part-head">
        {part.side === "of" && <small>{t("explain.divided")}</small>}
        {part.side === "by" && <small>{t("explain.divisor")}</small>}
        <code className="formula">{part.text}</code>
        <span className="part-value">
          = <Valued value={part.value} unit={part.unit} quality={part.quality} />
        </span>
      </p>
      <p className="part-facts">
        {part.window && (
          <span>
            {t("explain.window")} {localText(range.fromMs, zone)} – {localText(range.toMs, zone)}
          </span>
        )}
        {share(part.percent_good, t("kpi.percentGood"))}
        {share(part.coverage, t("kpi.coverage"))}
      </p>
      {part.inputs.map((input, index) => (
        <Input key={`${index} ${input.path}`} input={input} range={range} zone={zone} />
      ))}
      {part.inputs_left_out > 0 && <p className="hint">{t("explain.moreInputs", { count: part.inputs_left_out })}</p>}
    </>
  );
}

function Input({
  input,
  range,
  zone,
}: {
  input: ExplainedInput;
  range: { fromMs: number; toMs: number };
  zone: string;
}) {
  const { t, i18n } = useTranslation();
  const tag = input.tag ?? input.path;
  const deeper = input.explain === null ? null : explainHashOf(input.explain);
  const usable = Number.isFinite(range.fromMs) && range.fromMs < range.toMs;
  return (
    <div className="part-input">
      <p>
        <strong>{shownPath(input.path) || input.path}</strong>{" "}
        <small>
          {unitSymbol(input.unit)}
          {input.valid !== null && ` · ${t("plant.valid")} ${limitsText(input.valid, i18n.language)}`}
        </small>{" "}
        {usable && (
          <a
            href={trendHash({
              pens: [tag],
              range: { live: false, ...range },
              limits: {},
              lanes: false,
              robust: false,
              compareMs: 0,
            })}
          >
            {t("explain.trend")}
          </a>
        )}{" "}
        {deeper && <a href={deeper}>{t("explain.deeper")}</a>}
      </p>
      {input.constant !== null ? (
        <p>{t("explain.constant", { value: formatValue(input.constant, typeOf(input.constant), i18n.language) })}</p>
      ) : (
        <Samples input={input} zone={zone} />
      )}
      {input.corrections.length > 0 && (
        <details className="fold" open data-corrections={input.path}>
          <summary>
            ✎ {t("explain.corrections", { count: input.corrections.length + input.corrections_left_out })}
          </summary>
          <EntryTable
            entries={input.corrections.map((one) => ({ ...one, unit: input.unit }))}
            zone={zone}
            label={t("entry.history")}
          />
        </details>
      )}
    </div>
  );
}

function Samples({ input, zone }: { input: ExplainedInput; zone: string }) {
  const { t } = useTranslation();
  const shown = input.samples.length;
  if (shown === 0 && input.before === null) return <p>{t("explain.noSamples")}</p>;
  // Between the first and the last ones there are more, which are not listed.
  const gapAt = shown < input.count ? Math.ceil(shown / 2) : -1;
  return (
    <details className="fold">
      <summary>
        {shown < input.count
          ? t("explain.samplesOf", { shown, total: input.count })
          : t("explain.samples", { count: shown })}
        {input.out_of_range > 0 && (
          <>
            {", "}
            <State tone="warning">{t("explain.outOfRangeCount", { count: input.out_of_range })}</State>
          </>
        )}
      </summary>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="table-scroll short" tabIndex={0} role="region" aria-label={input.path}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t("explain.time")}</th>
              <th scope="col" className="number">
                {t("assets.value")}
              </th>
              <th scope="col">{t("assets.quality")}</th>
            </tr>
          </thead>
          <tbody>
            {input.before !== null && (
              <SampleRow sample={input.before} unit={input.unit} zone={zone} note={t("explain.before")} />
            )}
            {input.samples.map((sample, index) => (
              <Fragment key={`${index} ${sample.time}`}>
                {index === gapAt && (
                  <tr>
                    <td colSpan={3}>…</td>
                  </tr>
                )}
                <SampleRow sample={sample} unit={input.unit} zone={zone} note="" />
              </Fragment>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function SampleRow({
  sample,
  unit,
  zone,
  note,
}: {
  sample: ExplainedSample;
  unit: string;
  zone: string;
  note: string;
}) {
  const { t, i18n } = useTranslation();
  const severity = severityOf(sample.quality);
  return (
    <tr>
      <td className="nowrap">
        {localText(parseTime(sample.time), zone, true)} {note && <small>{note}</small>}
      </td>
      <td className="number">
        {`${formatValue(sample.value, typeOf(sample.value), i18n.language)} ${unitSymbol(unit)}`.trim()}
      </td>
      <td>
        {severity === "good" ? (
          sample.quality
        ) : (
          <State tone={severity === "bad" ? "bad" : "warning"}>{sample.quality}</State>
        )}{" "}
        {sample.out_of_range && <State tone="warning">{t("explain.outOfRange")}</State>}
        {sample.corrected !== null && <HandMark made={sample.corrected} unit={unit} />}
      </td>
    </tr>
  );
}
