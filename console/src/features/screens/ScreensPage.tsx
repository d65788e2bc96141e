import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { getScreens, type Screen, type Screens } from "../../api/screens";
import { hasRole, useUser } from "../../app/session";
import { Button } from "../../components/Button";
import { EmptyState } from "../../components/EmptyState";
import { Loaded } from "../../components/Loaded";
import { Notice } from "../../components/Notice";
import { SimulatedMark } from "../../components/State";
import { usePreference } from "../../lib/preferences";
import { navigate, useRoute } from "../../lib/route";
import { browserZone, localText } from "../../lib/time_text";
import { useNow } from "../../lib/use_now";
import { useResource } from "../../lib/use_resource";
import { assetHash } from "../../lib/plant_url";
import { inWords } from "../../lib/words";
import { MimicView } from "./MimicView";
import { useScreenValues } from "./screen_values";
import { kSigns, type Look } from "./shown_state";
import { ShownTable } from "./ShownTable";
import { TilesView } from "./TilesView";

/** A rename shows within this time. */
const kRenewMs = 5_000;

export const screenId = (screen: Pick<Screen, "pack" | "name">) => `${screen.pack}.${screen.name}`;
export const screenHash = (id: string, wall = false) => `#/screens/${encodeURIComponent(id)}${wall ? "?wall=1" : ""}`;

/** `#/screens`, `#/screens/PACK`, `#/screens/PACK.NAME`, and with `?wall=1` nothing else on the page: the screens of the installed packs. */
export default function ScreensPage() {
  const { t } = useTranslation();
  const { path, search } = useRoute();
  const wall = search.get("wall") === "1";
  const screens = useResource("screens", getScreens, kRenewMs);
  return (
    <div className={wall ? "screens wall" : "screens"}>
      <Loaded
        resource={screens}
        isEmpty={(data) => data.screens.length === 0}
        empty={
          <>
            <h1>{t("page.screens")}</h1>
            <NoPack />
          </>
        }
      >
        {(data) => <ScreensBody data={data} wanted={path[1] ?? ""} wall={wall} />}
      </Loaded>
    </div>
  );
}

const isSimulated = (screen: Screen) => screen.shown.some(({ simulated }) => simulated);

function NoPack() {
  const { t } = useTranslation();
  const mayInstall = hasRole(useUser(), "engineer");
  return (
    <EmptyState title={t("screens.emptyTitle")}>
      <p>{t("screens.empty")}</p>
      {mayInstall ? (
        <p>
          <a href="#/solutions">{t("screens.toSolutions")}</a>
        </p>
      ) : (
        <p>{t("screens.emptyAsk")}</p>
      )}
    </EmptyState>
  );
}

/** The drawing with the most behind it: it says the most at a glance, and another pack may be there for its templates only. */
export function firstOf(screens: readonly Screen[]): Screen | undefined {
  const found = (screen: Screen) => screen.shown.filter(({ problem }) => problem === "").length;
  return [...screens].sort((a, b) => Number(b.drawing !== null) - Number(a.drawing !== null) || found(b) - found(a))[0];
}

function ScreensBody({ data, wanted, wall }: { data: Screens; wanted: string; wall: boolean }) {
  const { t, i18n } = useTranslation();
  const screen =
    data.screens.find((one) => screenId(one) === wanted) ??
    // A pack alone: its first screen.
    firstOf(wanted === "" ? data.screens : data.screens.filter(({ pack }) => pack === wanted));
  if (!screen) {
    return (
      <EmptyState title={t("screens.unknownTitle")} level={1}>
        <p>{t("screens.unknown", { name: wanted })}</p>
        <p>
          <a href="#/screens">{t("screens.toAll")}</a>
        </p>
      </EmptyState>
    );
  }
  const packs = [...new Set(data.screens.map(({ pack }) => pack))];
  const packName = (pack: string) =>
    inWords(data.screens.find((one) => one.pack === pack)?.pack_words ?? {}, i18n.language, pack);
  const title = (one: Screen) => inWords(one.words, i18n.language, one.name);
  const ordered = [...data.screens].sort((a, b) => Number(b.drawing !== null) - Number(a.drawing !== null));
  return (
    <>
      {wall ? (
        <WallHead screen={screen} />
      ) : (
        <>
          <div className="page-head">
            <h1>{title(screen)}</h1>
            {isSimulated(screen) && <SimulatedMark />}
            <span className="subtitle">{inWords(screen.pack_words, i18n.language, screen.pack)}</span>
            <Button onPress={() => navigate(screenHash(screenId(screen), true))}>{t("screens.toWall")}</Button>
          </div>
          {packs.map((pack) => (
            <nav key={pack} className="tabs" aria-label={t("screens.of", { name: packName(pack) })}>
              {packs.length > 1 && <span className="tabs-of">{packName(pack)}</span>}
              {ordered
                .filter((one) => one.pack === pack)
                .map((one) => (
                  <a key={one.name} href={screenHash(screenId(one))} aria-current={one === screen ? "page" : undefined}>
                    {title(one)}
                  </a>
                ))}
            </nav>
          ))}
        </>
      )}
      <OneScreen key={screenId(screen)} screen={screen} wall={wall} />
    </>
  );
}

function OneScreen({ screen, wall }: { screen: Screen; wall: boolean }) {
  const { t, i18n } = useTranslation();
  const values = useScreenValues(screen);
  const missing = screen.shown.filter(({ problem }) => problem !== "");
  return (
    <>
      {!wall && missing.length > 0 && <Missing screen={screen} />}
      {values.alarms.length > 0 && (
        <ul className="screen-alarms" aria-label={t("screens.alarms")}>
          {values.alarms.map((alarm) => (
            <li key={`${alarm.asset} ${alarm.alarm}`} data-priority={alarm.priority}>
              <span aria-hidden="true">{kSigns.alarm}</span>{" "}
              <a href={assetHash(alarm.asset)}>{inWords(alarm.words, i18n.language, alarm.alarm)}</a>{" "}
              <small>
                {alarm.path.split("/").slice(-1)[0]} · {t(`alarm.priorities.${alarm.priority}`)}
              </small>
            </li>
          ))}
        </ul>
      )}
      {screen.drawing === null ? (
        <TilesView screen={screen} values={values} />
      ) : (
        <MimicView screen={screen} values={values} />
      )}
      <Legend drawing={screen.drawing !== null} />
      {!wall && screen.drawing !== null && <ShownTable screen={screen} values={values} />}
    </>
  );
}

/** Elements without an asset: how many, and what to do about it. */
function Missing({ screen }: { screen: Screen }) {
  const { t } = useTranslation();
  const missing = screen.shown.filter(({ problem }) => problem !== "");
  const places = [...new Set(missing.map(({ problem }) => problem))];
  return (
    <Notice
      kind="warning"
      title={
        missing.length === screen.shown.length
          ? t("screens.noAssets")
          : t("screens.someMissing", { count: missing.length, total: screen.shown.length })
      }
    >
      <p>
        {t("screens.missingHelp")} <a href={`#/solutions/${encodeURIComponent(screen.pack)}`}>{t("screens.toPack")}</a>
      </p>
      <details>
        <summary>{t("screens.which")}</summary>
        <ul>
          {places.slice(0, 50).map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </ul>
      </details>
    </Notice>
  );
}

const kLegend: readonly {
  look: Look;
  text: "on" | "off" | "outside" | "alarm" | "bad" | "uncertain" | "stale" | "never";
}[] = [
  { look: "on", text: "on" },
  { look: "off", text: "off" },
  { look: "high", text: "outside" },
  { look: "alarm", text: "alarm" },
  { look: "bad", text: "bad" },
  { look: "uncertain", text: "uncertain" },
  { look: "stale", text: "stale" },
  { look: "never", text: "never" },
];

function Legend({ drawing }: { drawing: boolean }) {
  const { t } = useTranslation();
  return (
    <ul className="screen-legend" aria-label={t("screens.legendTitle")}>
      {kLegend
        .filter(({ look }) => drawing || (look !== "on" && look !== "off"))
        .map(({ look, text }) => (
          <li key={look}>
            <span className="look" data-look={look} aria-hidden="true">
              {kSigns[look]}
            </span>
            {t(`screens.legend.${text}`)}
          </li>
        ))}
    </ul>
  );
}

/** Over a wall's screen: what it is, when it is, and the way back. */
function WallHead({ screen }: { screen: Screen }) {
  const { t, i18n } = useTranslation();
  const user = useUser();
  const zone = usePreference("zone") ?? browserZone();
  const nowMs = useNow();
  useEffect(() => {
    const leave = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented && !document.fullscreenElement) {
        navigate(screenHash(screenId(screen)));
      }
    };
    window.addEventListener("keydown", leave);
    return () => window.removeEventListener("keydown", leave);
  }, [screen]);
  return (
    <header className="wall-head">
      <h1>{inWords(screen.words, i18n.language, screen.name)}</h1>
      <span>{user.enterprise}</span>
      {isSimulated(screen) && <SimulatedMark />}
      <span className="bar-space" />
      <time className="number">{localText(nowMs, zone).slice(0, 19)}</time>
      {document.fullscreenEnabled && (
        <Button kind="quiet" onPress={() => void toggleFullscreen()}>
          {t("screens.fullscreen")}
        </Button>
      )}
      <a href={screenHash(screenId(screen))}>{t("screens.leaveWall")}</a>
    </header>
  );
}

async function toggleFullscreen(): Promise<void> {
  if (document.fullscreenElement) await document.exitFullscreen();
  else await document.documentElement.requestFullscreen();
}
