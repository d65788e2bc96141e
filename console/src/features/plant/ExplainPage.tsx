import { useTranslation } from "react-i18next";
import { getExplanation, type ExplainedInput, type ExplainedPart, type Explanation } from "../../api/explain";
import { Loaded } from "../../components/Loaded";
import { State } from "../../components/State";
import { kFullPercent, percentText } from "../../lib/figure_state";
import { limitsText } from "../../lib/limits_text";
import { explainHashOf } from "../../lib/plant_url";
import { usePreference } from "../../lib/preferences";
import { browserZone, localText, parseTime, zoneText } from "../../lib/time_text";
import { trendHash } from "../../lib/trend_url";
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
  const { i18n } = useTranslation();
  const text = `${formatValue(value, typeOf(value), i18n.language)} ${unitSymbol(unit)}`.trim();
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
        <dt>{t("plant.formula")}</dt>
        <dd>
          <code className="formula">{data.formula}</code>
        </dd>
        {data.version !== null && (
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
      {input.samples.length === 0 ? (
        <p>{t("explain.noSamples")}</p>
      ) : (
        <details className="fold">
          <summary>
            {input.samples.length < input.count
              ? t("explain.samplesOf", { shown: input.samples.length, total: input.count })
              : t("explain.samples", { count: input.samples.length })}
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
                {input.samples.map((sample, index) => (
                  <tr key={`${index} ${sample.time}`}>
                    <td className="nowrap">{localText(parseTime(sample.time), zone, true)}</td>
                    <td className="number">
                      {`${formatValue(sample.value, typeOf(sample.value), i18n.language)} ${unitSymbol(input.unit)}`.trim()}
                    </td>
                    <td>
                      {severityOf(sample.quality) === "good" ? (
                        sample.quality
                      ) : (
                        <State tone={severityOf(sample.quality) === "bad" ? "bad" : "warning"}>{sample.quality}</State>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </details>
      )}
    </div>
  );
}
