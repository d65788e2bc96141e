import { useState } from "react";
import { useTranslation } from "react-i18next";
import { getCalendar, getCalendars, setSiteCalendar, undoCalendar, type NamedCalendar } from "../../api/calendars";
import { getSites, type Site } from "../../api/sites";
import { hasRole, useUser } from "../../app/session";
import { Button } from "../../components/Button";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { EmptyState } from "../../components/EmptyState";
import { Loaded } from "../../components/Loaded";
import { Notice } from "../../components/Notice";
import { navigate, useRoute } from "../../lib/route";
import { browserZone } from "../../lib/time_text";
import { useResource } from "../../lib/use_resource";
import { CalendarEditor } from "./CalendarEditor";
import { draftOf, newDraft } from "./calendar_draft";

const kNew = "+";
const calendarHash = (name: string, version = "") =>
  `#/calendars/${encodeURIComponent(name)}${version ? `?version=${version}` : ""}`;

/** The calendars of an enterprise: which sites have them, their versions, and the editor of one. */
export default function CalendarsPage() {
  const { t } = useTranslation();
  const { path, search } = useRoute();
  const mayEdit = hasRole(useUser(), "engineer");
  const list = useResource("calendars", getCalendars);
  const sites = useResource("sites", getSites);
  const name = path[1] ?? list.data?.[0]?.name ?? null;
  return (
    <>
      <div className="page-head">
        <h1>{t("page.calendars")}</h1>
        {mayEdit && name !== kNew && (
          <Button onPress={() => navigate(calendarHash(kNew))}>{t("calendar.create")}</Button>
        )}
      </div>
      <Loaded resource={list}>
        {(calendars) => (
          <>
            {calendars.length > 0 && (
              <nav className="tabs" aria-label={t("page.calendars")}>
                {calendars.map((one) => (
                  <a key={one.name} href={calendarHash(one.name)} aria-current={one.name === name ? "page" : undefined}>
                    {one.name}
                  </a>
                ))}
              </nav>
            )}
            {name === kNew ? (
              <CalendarEditor
                key={kNew}
                before={null}
                start={newDraft("", sites.data?.[0]?.time_zone || browserZone())}
                startText=""
                isNew
                mayEdit={mayEdit}
                onSaved={(made) => {
                  list.refresh();
                  navigate(calendarHash(made));
                }}
              />
            ) : name === null ? (
              <EmptyState title={t("calendar.emptyTitle")}>
                <p>{t("calendar.empty")}</p>
              </EmptyState>
            ) : (
              <OneCalendar
                key={name}
                name={name}
                version={search.get("version")}
                sites={sites.data ?? []}
                mayEdit={mayEdit}
                onChanged={list.refresh}
              />
            )}
          </>
        )}
      </Loaded>
    </>
  );
}

function OneCalendar({
  name,
  version,
  sites,
  mayEdit,
  onChanged,
}: {
  name: string;
  version: string | null;
  sites: readonly Site[];
  mayEdit: boolean;
  onChanged: () => void;
}) {
  const { t } = useTranslation();
  const [undoing, setUndoing] = useState(false);
  /** Grows with each change that was saved, so that the editor begins anew from what is there then. */
  const [round, setRound] = useState(0);
  const found = useResource(`calendar/${name}/${round}`, (signal) => getCalendar(name, signal));
  const changed = () => {
    setRound((old) => old + 1);
    onChanged();
  };
  return (
    <Loaded resource={found}>
      {(data) => {
        const shown =
          data.versions.find((one) => (one.valid_from ?? "") === (version ?? "")) ??
          data.versions[data.versions.length - 1];
        return (
          <>
            {data.problem !== null && <Notice kind="error" title={data.problem} />}
            <p className="toolbar">
              <label className="inline-choice">
                {t("calendar.version")}
                <select
                  value={shown?.valid_from ?? ""}
                  onChange={(event) => navigate(calendarHash(name, event.target.value), true)}
                >
                  {data.versions.map((one) => (
                    <option key={one.valid_from ?? ""} value={one.valid_from ?? ""}>
                      {one.valid_from === null
                        ? t("calendar.firstVersion")
                        : t("calendar.from", { day: one.valid_from })}
                    </option>
                  ))}
                </select>
              </label>
              {mayEdit && <Button onPress={() => setUndoing(true)}>{t("calendar.undo")}</Button>}
            </p>
            <SitesOf calendar={data} sites={sites} mayEdit={mayEdit} onChanged={changed} />
            {shown?.calendar ? (
              <CalendarEditor
                key={`${round} ${shown.valid_from ?? ""}`}
                before={shown.calendar}
                start={draftOf(shown.calendar)}
                startText={shown.text}
                isNew={false}
                mayEdit={mayEdit}
                onSaved={changed}
              />
            ) : (
              <Notice kind="warning" title={t("calendar.unreadable")} />
            )}
            {undoing && (
              <ConfirmDialog
                title={t("calendar.undo")}
                action={t("calendar.undo")}
                onConfirm={async () => {
                  await undoCalendar(name);
                  changed();
                }}
                onClose={() => setUndoing(false)}
              >
                <p>{t("calendar.undoExplain")}</p>
              </ConfirmDialog>
            )}
          </>
        );
      }}
    </Loaded>
  );
}

/** Which sites go by this calendar. */
function SitesOf({
  calendar,
  sites,
  mayEdit,
  onChanged,
}: {
  calendar: NamedCalendar;
  sites: readonly Site[];
  mayEdit: boolean;
  onChanged: () => void;
}) {
  const { t } = useTranslation();
  const [error, setError] = useState<string | null>(null);
  if (sites.length === 0) return <p className="hint">{t("calendar.noSites")}</p>;
  const give = (site: Site, has: boolean) => {
    setError(null);
    setSiteCalendar(site.id, has ? calendar.name : null).then(onChanged, (cause: unknown) =>
      setError(cause instanceof Error ? cause.message : String(cause)),
    );
  };
  return (
    <fieldset className="calendar-part" disabled={!mayEdit}>
      <legend>{t("calendar.sites")}</legend>
      {sites.map((site) => (
        <label key={site.id} className="check">
          <input
            type="checkbox"
            checked={calendar.sites.includes(site.id)}
            onChange={(event) => give(site, event.target.checked)}
          />
          {site.name}
        </label>
      ))}
      {error && <Notice kind="error" title={error} />}
    </fieldset>
  );
}
