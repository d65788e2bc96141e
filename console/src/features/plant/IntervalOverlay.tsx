import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { AssetAttribute } from "../../api/assets";
import type { Interval } from "../../api/intervals";
import { queryPlot } from "../../api/query";
import { Loaded } from "../../components/Loaded";
import { alignSeries } from "../../lib/align";
import { usePreference } from "../../lib/preferences";
import { seriesOf } from "../../lib/series";
import { serverNow } from "../../lib/server_clock";
import { browserZone, isoUtc, localText, parseTime } from "../../lib/time_text";
import { useResource } from "../../lib/use_resource";
import { inWords } from "../../lib/words";
import { SeriesChart } from "../trend/SeriesChart";

export const kOverlayMax = 12;
/** Four points a column: of an interval of up to an hour and a half at 1 s every sample, of a longer one every peak. */
const kColumns = 1_400;

/** One attribute during several intervals, each from its own start. */
export function IntervalOverlay({
  intervals,
  attributes,
}: {
  intervals: readonly Interval[];
  attributes: readonly AssetAttribute[];
}) {
  const { t, i18n } = useTranslation();
  const zone = usePreference("zone") ?? browserZone();
  const [wanted, setWanted] = useState<string | null>(null);
  const attribute = attributes.find(({ name }) => name === wanted) ?? attributes[0] ?? null;
  const path = attribute?.tag?.path ?? null;
  const key = intervals.map(({ id, to }) => `${id} ${to ?? ""}`).join();
  const found = useResource(path === null ? null : `overlay/${path}/${key}`, (signal) =>
    Promise.all(
      intervals.map(async (one) => {
        const range = { from: one.from, to: one.to ?? isoUtc(serverNow()) };
        const answer = await queryPlot([path ?? ""], range, kColumns, signal);
        return { interval: one, range, wire: answer.series[0] ?? null };
      }),
    ),
  );
  const list = useMemo(
    () =>
      (found.data ?? []).flatMap(({ interval, range, wire }) => {
        if (wire === null) return [];
        const startMs = parseTime(range.from);
        const endMs = parseTime(range.to);
        return [
          {
            name: [interval.label, localText(startMs, zone)].filter(Boolean).join(" · "),
            series: alignSeries(seriesOf(wire), startMs, endMs),
            endMs: endMs - startMs,
          },
        ];
      }),
    [found.data, zone],
  );
  const home = useMemo(() => ({ from: 0, to: Math.max(1_000, ...list.map(({ endMs }) => endMs)) }), [list]);

  return (
    <section aria-labelledby="overlay">
      <h2 id="overlay">{t("interval.overlayTitle")}</h2>
      {attribute === null ? (
        <p>{t("interval.noTags")}</p>
      ) : (
        <>
          <p className="toolbar">
            <label className="inline-choice">
              {t("plant.attribute")}
              <select value={attribute.name} onChange={(event) => setWanted(event.target.value)}>
                {attributes.map((one) => (
                  <option key={one.name} value={one.name}>
                    {inWords(one.words, i18n.language, one.name)}
                  </option>
                ))}
              </select>
            </label>
          </p>
          <Loaded resource={found}>
            {() => (
              <SeriesChart
                list={list}
                home={home}
                zone={zone}
                elapsed
                label={t("interval.chart", {
                  count: list.length,
                  name: inWords(attribute.words, i18n.language, attribute.name),
                })}
              />
            )}
          </Loaded>
        </>
      )}
    </section>
  );
}
