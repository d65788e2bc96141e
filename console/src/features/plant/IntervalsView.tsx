import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Asset } from "../../api/assets";
import { kindOf, type IntervalDefinition } from "../../api/definitions";
import { getCauses } from "../../api/downtimes";
import { annotate, getIntervals, type Interval } from "../../api/intervals";
import { hasRole, useUser } from "../../app/session";
import { Button } from "../../components/Button";
import { EmptyState } from "../../components/EmptyState";
import { TextField } from "../../components/Field";
import { FormDialog } from "../../components/FormDialog";
import { Loaded } from "../../components/Loaded";
import { Notice } from "../../components/Notice";
import { State } from "../../components/State";
import { assetHash, downtimesHash } from "../../lib/plant_url";
import { usePreference } from "../../lib/preferences";
import { kSpanNames, lastSpan, type Span } from "../../lib/ranges";
import { navigate } from "../../lib/route";
import { browserZone, endText, formatAge, localText, parseTime } from "../../lib/time_text";
import { trendHash } from "../../lib/trend_url";
import { useNow } from "../../lib/use_now";
import { useResource } from "../../lib/use_resource";
import { useSubmit } from "../../lib/use_submit";
import { inWords } from "../../lib/words";
import { CostCells } from "./CostCells";
import { IntervalCompare } from "./IntervalCompare";
import { IntervalOverlay, kOverlayMax } from "./IntervalOverlay";
import { ReasonDialog } from "./ReasonDialog";
import { ReasonCell } from "./ReasonCell";

const kRenewMs = 15_000;
const kShownMax = 500;

/** The intervals of one kind at an asset; those that are ticked are laid over each other from their starts. */
export default function IntervalsView({
  asset,
  kinds,
  search,
}: {
  asset: Asset;
  kinds: readonly IntervalDefinition[];
  search: URLSearchParams;
}) {
  const { t, i18n } = useTranslation();
  const kind = search.get("kind") ?? asset.intervals[0] ?? null;
  const [span, setSpan] = useState<Span>("24h");
  if (kind === null) {
    return (
      <EmptyState title={t("interval.noKindsTitle")}>
        <p>{t("interval.noKinds")}</p>
      </EmptyState>
    );
  }
  const nameOf = (name: string) => inWords(kinds.find((one) => one.name === name)?.words ?? {}, i18n.language, name);
  return (
    <>
      <p className="toolbar">
        <label className="inline-choice">
          {t("interval.kind")}
          <select
            value={kind}
            onChange={(event) => navigate(assetHash(asset.id, "intervals", { kind: event.target.value }), true)}
          >
            {[...new Set([...asset.intervals, kind])].map((name) => (
              <option key={name} value={name}>
                {nameOf(name)}
              </option>
            ))}
          </select>
        </label>
        <label className="inline-choice">
          {t("ledger.range")}
          <select value={span} onChange={(event) => setSpan(event.target.value as Span)}>
            {kSpanNames.map((name) => (
              <option key={name} value={name}>
                {t(`spans.${name}`)}
              </option>
            ))}
          </select>
        </label>
        <a href={downtimesHash({ asset: asset.path })}>{t("downtime.sumsHere")}</a>
      </p>
      <IntervalList key={`${kind} ${span}`} asset={asset} kind={kind} kindName={nameOf(kind)} span={span} />
    </>
  );
}

function IntervalList({ asset, kind, kindName, span }: { asset: Asset; kind: string; kindName: string; span: Span }) {
  const { t } = useTranslation();
  const found = useResource(
    `intervals/${asset.path}/${kind}/${span}`,
    (signal) => getIntervals({ asset: asset.path, kind, ...lastSpan(span), limit: kShownMax, cost: true }, signal),
    kRenewMs,
  );
  const [ticked, setTicked] = useState<readonly string[]>([]);
  const trendTags = useMemo(
    () => asset.attributes.filter((one) => one.tag !== null && one.tag.type !== "string" && kindOf(one) !== "constant"),
    [asset],
  );
  const toggle = (id: string) =>
    setTicked((old) => (old.includes(id) ? old.filter((one) => one !== id) : [...old, id].slice(-kOverlayMax)));
  return (
    <Loaded
      resource={found}
      isEmpty={(data) => data.intervals.length === 0}
      empty={<p>{t("interval.none", { kind: kindName })}</p>}
    >
      {(data) => (
        <>
          <p className="hint">
            {data.cut ? t("interval.cut", { count: kShownMax }) : t("interval.help", { count: kOverlayMax })}
          </p>
          <IntervalTable
            list={data.intervals}
            kindName={kindName}
            ticked={ticked}
            onToggle={toggle}
            pen={trendTags[0]?.tag?.path ?? null}
            onNoted={found.refresh}
          />
          {ticked.length > 0 && (
            <>
              <IntervalCompare
                asset={asset}
                kind={kind}
                intervals={ticked.flatMap((id) => data.intervals.find((one) => one.id === id) ?? [])}
              />
              <IntervalOverlay
                intervals={ticked.flatMap((id) => data.intervals.find((one) => one.id === id) ?? [])}
                attributes={trendTags}
              />
            </>
          )}
        </>
      )}
    </Loaded>
  );
}

function IntervalTable({
  list,
  kindName,
  ticked,
  onToggle,
  pen,
  onNoted,
}: {
  list: readonly Interval[];
  kindName: string;
  ticked: readonly string[];
  onToggle: (id: string) => void;
  pen: string | null;
  onNoted: () => void;
}) {
  const { t, i18n } = useTranslation();
  const zone = usePreference("zone") ?? browserZone();
  const now = useNow();
  const mayNote = hasRole(useUser(), "operator");
  const [noting, setNoting] = useState<Interval | null>(null);
  const [telling, setTelling] = useState<Interval | null>(null);
  const isDowntime = list.some(({ downtime }) => downtime !== null);
  const nameOf = (one: Interval) => one.label || localText(parseTime(one.from), zone);
  const newest = list[list.length - 1];
  // Words of the reasons, as the calendar has them at the end of the list.
  const causes = useResource(isDowntime && newest ? `causes/${newest.asset}/${newest.from}` : null, (signal) =>
    getCauses(newest?.asset ?? "", newest?.from ?? "now", signal),
  ).data;
  const columns = useMemo(() => [...new Set(list.flatMap(({ captured }) => Object.keys(captured)))], [list]);
  const newestFirst = useMemo(() => [...list].sort((a, b) => parseTime(b.from) - parseTime(a.from)), [list]);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="table-scroll tall" tabIndex={0} role="region" aria-label={kindName}>
      <table>
        <thead>
          <tr>
            <th scope="col">
              <span className="hidden-label">{t("interval.overlay")}</span>
            </th>
            <th scope="col">{kindName}</th>
            <th scope="col">{t("kpi.from")}</th>
            <th scope="col">{t("kpi.to")}</th>
            <th scope="col" className="number">
              {t("interval.length")}
            </th>
            {isDowntime && (
              <>
                <th scope="col">{t("downtime.reason")}</th>
                <th scope="col" className="number">
                  {t("downtime.output")}
                </th>
                <th scope="col" className="number">
                  {t("downtime.energy")}
                </th>
                <th scope="col" className="number">
                  {t("downtime.money")}
                </th>
              </>
            )}
            {columns.map((name) => (
              <th key={name} scope="col" className="number">
                {name}
              </th>
            ))}
            <th scope="col">{t("interval.annotations")}</th>
          </tr>
        </thead>
        <tbody>
          {newestFirst.map((one) => {
            const fromMs = parseTime(one.from);
            const toMs = one.to === null ? now : parseTime(one.to);
            const name = nameOf(one);
            return (
              <tr key={one.id} data-interval={one.id}>
                <td>
                  <input
                    type="checkbox"
                    checked={ticked.includes(one.id)}
                    onChange={() => onToggle(one.id)}
                    aria-label={t("interval.tick", { name })}
                  />
                </td>
                <th scope="row">
                  {pen !== null && fromMs < toMs ? (
                    <a
                      aria-label={t("interval.inTrend", { name })}
                      href={trendHash({
                        pens: [pen],
                        range: { live: false, fromMs, toMs },
                        limits: {},
                        lanes: false,
                        robust: false,
                        compareMs: 0,
                      })}
                    >
                      {one.label || "–"}
                    </a>
                  ) : (
                    one.label || "–"
                  )}{" "}
                  {one.doubtful && (
                    <span title={t("interval.doubtfulExplain")}>
                      <State tone="warning">{t("interval.doubtful")}</State>
                    </span>
                  )}
                  {one.withdrawn && (
                    <span title={t("interval.withdrawnExplain")}>
                      <State tone="off">{t("interval.withdrawn")}</State>
                    </span>
                  )}
                </th>
                <td className="nowrap">{localText(fromMs, zone)}</td>
                <td className="nowrap">{one.to === null ? t("interval.running") : endText(fromMs, toMs, zone)}</td>
                <td className="number">{formatAge(toMs - fromMs, i18n.language)}</td>
                {isDowntime && (
                  <>
                    <ReasonCell interval={one} causes={causes} mayTell={mayNote} name={name} onTell={setTelling} />
                    <CostCells cost={one.cost} problem={one.problem} />
                  </>
                )}
                {columns.map((column) => (
                  <td key={column} className="number">
                    {one.captured[column] ?? ""}
                  </td>
                ))}
                <td className="notes">
                  {one.within !== "" && <small className="block">{t("interval.within", { name: one.within })}</small>}
                  {one.annotations.map((note) => (
                    <span key={`${note.time} ${note.who}`} className="block" title={note.time}>
                      {note.text} {note.who && <small>{note.who}</small>}
                    </span>
                  ))}
                  {mayNote && (
                    <Button kind="quiet" aria-label={t("interval.noteOf", { name })} onPress={() => setNoting(one)}>
                      {t("interval.note")}
                    </Button>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {telling && (
        <ReasonDialog interval={telling} name={nameOf(telling)} onClose={() => setTelling(null)} onTold={onNoted} />
      )}
      {noting && <NoteDialog interval={noting} onClose={() => setNoting(null)} onNoted={onNoted} />}
    </div>
  );
}

function NoteDialog({ interval, onClose, onNoted }: { interval: Interval; onClose: () => void; onNoted: () => void }) {
  const { t } = useTranslation();
  const [note, setNote] = useState("");
  const { busy, error, submit } = useSubmit(async () => {
    await annotate(interval.id, note.trim());
    onNoted();
    onClose();
  });
  return (
    <FormDialog title={t("interval.noteOf", { name: interval.label || interval.id })} onClose={onClose}>
      <form onSubmit={submit}>
        <TextField label={t("interval.note")} value={note} onChange={setNote} maxLength={2_000} autoFocus />
        <p className="hint">{t("interval.noteHint")}</p>
        {error && <Notice kind="error" title={error} />}
        <div className="actions">
          <Button onPress={onClose}>{t("action.cancel")}</Button>
          <Button kind="primary" type="submit" isDisabled={busy || note.trim() === ""}>
            {t("action.save")}
          </Button>
        </div>
      </form>
    </FormDialog>
  );
}
