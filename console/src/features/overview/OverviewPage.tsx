import { useTranslation } from "react-i18next";
import { getOverview, type Overview } from "../../api/overview";
import { getScreens } from "../../api/screens";
import { hasRole, useUser } from "../../app/session";
import { EmptyState } from "../../components/EmptyState";
import { Figure } from "../../components/Figure";
import { FirstData } from "../../components/FirstData";
import { Loaded } from "../../components/Loaded";
import { ConnectionState, SimulatedMark, State } from "../../components/State";
import { formatCount, formatRate } from "../../lib/numbers";
import { browserZone, localText, parseTime } from "../../lib/time_text";
import { useIndustry } from "../../lib/use_industry";
import { useResource } from "../../lib/use_resource";
import { inWords } from "../../lib/words";

/** The ways to the screens of the installed packs; what to do where there are none. */
function ScreensHere() {
  const { t, i18n } = useTranslation();
  const mayInstall = hasRole(useUser(), "engineer");
  const screens = useResource("screens", getScreens);
  if (screens.data === null) return null;
  const list = screens.data.screens;
  if (list.length === 0) {
    return (
      <p>
        {t("overview.noScreens")} {mayInstall && <a href="#/solutions">{t("screens.toSolutions")}</a>}
      </p>
    );
  }
  return (
    <p className="ways">
      {[...list]
        .sort((a, b) => Number(b.drawing !== null) - Number(a.drawing !== null))
        .map((one) => (
          <a key={`${one.pack}.${one.name}`} href={`#/screens/${encodeURIComponent(`${one.pack}.${one.name}`)}`}>
            {inWords(one.words, i18n.language, one.name)}
          </a>
        ))}
    </p>
  );
}

/** What is connected and alive. */
export default function OverviewPage() {
  const { t } = useTranslation();
  const overview = useResource("overview", getOverview, 2_000);
  return (
    <>
      <div className="page-head">
        <h1>{overview.data?.enterprise.name ?? t("page.overview")}</h1>
        {overview.data?.enterprise.simulated && <SimulatedMark />}
      </div>
      <Loaded
        resource={overview}
        isEmpty={(data) => data.tags === 0 && data.connections.length === 0 && data.sources.length === 0}
        empty={
          <EmptyState title={t("overview.emptyTitle")}>
            <FirstData />
          </EmptyState>
        }
      >
        {(data) => <OverviewFigures data={data} />}
      </Loaded>
    </>
  );
}

function OverviewFigures({ data }: { data: Overview }) {
  const { t, i18n } = useTranslation();
  const industryName = useIndustry();
  const user = useUser();
  const silent = data.tags - data.tags_fresh;
  return (
    <>
      <p className="subtitle">
        {[industryName(data.enterprise.industry), data.enterprise.region].filter(Boolean).join(" · ")}
      </p>
      <dl className="figures">
        <Figure label={t("figure.rate")} value={formatRate(data.samples_per_second, i18n.language)} />
        <Figure label={t("figure.tags")} value={formatCount(data.tags, i18n.language)} />
        <Figure
          label={t("overview.fresh")}
          value={formatCount(data.tags_fresh, i18n.language)}
          note={silent > 0 ? t("overview.silent", { count: silent }) : null}
        />
        <Figure
          label={t("overview.bad")}
          value={formatCount(data.tags_bad, i18n.language)}
          tone={data.tags_bad > 0 ? "bad" : "normal"}
        />
      </dl>
      <section aria-labelledby="overview-screens">
        <h2 id="overview-screens">{t("page.screens")}</h2>
        <ScreensHere />
      </section>
      <section aria-labelledby="overview-connections">
        <h2 id="overview-connections">{t("page.connections")}</h2>
        {data.connections.length === 0 ? (
          <p>
            {t("overview.noConnections")}{" "}
            {hasRole(user, "engineer") && <a href="#/connections/new">{t("overview.emptyConnect")}</a>}
          </p>
        ) : (
          <div className="table-scroll">
            <table>
              <thead>
                <tr>
                  <th scope="col">{t("connection.name")}</th>
                  <th scope="col">{t("connection.stateTitle")}</th>
                  <th scope="col" className="number">
                    {t("connection.resumed")}
                  </th>
                  <th scope="col">{t("connection.message")}</th>
                </tr>
              </thead>
              <tbody>
                {data.connections.map((connection) => (
                  <tr key={connection.id}>
                    <th scope="row">
                      <a href={`#/connections/${connection.id}`}>{connection.name}</a>
                    </th>
                    <td>
                      <ConnectionState state={connection.state} />
                    </td>
                    <td className="number">
                      {connection.items_resumed} / {connection.items_total}
                    </td>
                    <td>{connection.message}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
      <section aria-labelledby="overview-sources">
        <h2 id="overview-sources">{t("overview.sources")}</h2>
        {data.sources.length === 0 ? (
          <p>{t("overview.noSources")}</p>
        ) : (
          <div className="table-scroll">
            <table>
              <thead>
                <tr>
                  <th scope="col">{t("overview.source")}</th>
                  <th scope="col" className="number">
                    {t("overview.accepted")}
                  </th>
                  <th scope="col" className="number">
                    {t("overview.refused")}
                  </th>
                  <th scope="col" className="number">
                    {t("overview.lastHour")}
                  </th>
                </tr>
              </thead>
              <tbody>
                {data.sources.map((source) => (
                  <tr key={source.source}>
                    <th scope="row">{source.source}</th>
                    <td className="number">{formatCount(source.accepted, i18n.language)}</td>
                    <td className="number">
                      {source.refused > 0 ? (
                        <State tone="warning">{formatCount(source.refused, i18n.language)}</State>
                      ) : (
                        "0"
                      )}
                    </td>
                    <td className="number">
                      {source.last_hour === null
                        ? "–"
                        : localText(parseTime(source.last_hour), browserZone()).slice(0, 16)}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
    </>
  );
}
