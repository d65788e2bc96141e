import { useState } from "react";
import { useTranslation } from "react-i18next";
import {
  deleteConnection,
  getConnection,
  getConnections,
  getUnresumedItems,
  replaceConnection,
  specOf,
  type Connection,
  type ConnectionDetail,
} from "../../api/connections";
import { hasRole, useUser } from "../../app/session";
import { Button } from "../../components/Button";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { Loaded } from "../../components/Loaded";
import { Notice } from "../../components/Notice";
import { ConnectionState, SimulatedMark, State } from "../../components/State";
import { formatCount } from "../../lib/numbers";
import { navigate } from "../../lib/route";
import { shownPath } from "../../lib/tag_path";
import { browserZone, formatAge, localText, parseTime } from "../../lib/time_text";
import { useNow } from "../../lib/use_now";
import { useResource } from "../../lib/use_resource";
import { useSubmit } from "../../lib/use_submit";
import { EditConnection } from "./EditConnection";
import { ItemEditor } from "./ItemEditor";
import { TrustPanel } from "./TrustPanel";

/** One connection: its state as it changes, what it reads, and everything that can be changed about it. */
export function ConnectionPage({ id }: { id: number }) {
  const { t } = useTranslation();
  const user = useUser();
  const mayEdit = hasRole(user, "engineer");
  const detail = useResource(`connection/${id}`, (signal) => getConnection(id, signal));
  // The list is small; the detail with all of its items is only asked for when it was changed.
  const states = useResource("connections", getConnections, 2_000);
  const current = states.data?.find((connection) => connection.id === id) ?? detail.data;
  const [dialog, setDialog] = useState<"edit" | "delete" | null>(null);
  const refresh = () => {
    detail.refresh();
    states.refresh();
  };
  const toggle = useSubmit(async () => {
    if (!detail.data) return;
    await replaceConnection(id, { ...specOf(detail.data), enabled: !detail.data.enabled });
    refresh();
  });

  return (
    <>
      <div className="page-head">
        <h1>{detail.data?.name ?? t("page.connections")}</h1>
        {detail.data?.simulated && <SimulatedMark />}
        <a href="#/connections">{t("connection.toList")}</a>
        {mayEdit && detail.data && (
          <>
            <a href={`#/binding?connection=${id}`}>{t("binding.fromConnection")}</a>
            <Button onPress={() => setDialog("edit")}>{t("action.edit")}</Button>
            <Button isDisabled={toggle.busy} onPress={() => toggle.submit()}>
              {detail.data.enabled ? t("connection.disable") : t("connection.enable")}
            </Button>
            <Button onPress={() => setDialog("delete")}>{t("action.delete")}</Button>
          </>
        )}
      </div>
      {toggle.error && <Notice kind="error" title={toggle.error} />}
      <Loaded resource={detail}>
        {(data) => (
          <>
            <StatePanel connection={current ?? data} />
            {mayEdit && <TrustPanel connection={current ?? data} onTrusted={refresh} />}
            <UnresumedItems connection={current ?? data} />
            <ItemEditor
              key={data.items.length === 0 ? "none" : "some"}
              connection={data}
              state={current?.status.state ?? ""}
              mayEdit={mayEdit}
              onSaved={refresh}
            />
            {dialog === "edit" && (
              <EditConnection connection={data} onClose={() => setDialog(null)} onSaved={refresh} />
            )}
            {dialog === "delete" && <DeleteDialog connection={data} onClose={() => setDialog(null)} />}
          </>
        )}
      </Loaded>
    </>
  );
}

function StatePanel({ connection }: { connection: Connection }) {
  const { t, i18n } = useTranslation();
  const now = useNow();
  const { status } = connection;
  const count = (value: number) => formatCount(value, i18n.language);
  return (
    <dl className="details" aria-label={t("connection.stateTitle")}>
      <dt>{t("connection.stateTitle")}</dt>
      <dd>
        <ConnectionState state={connection.enabled ? status.state : "disabled"} />{" "}
        {status.since !== null && <small>{formatAge(now - parseTime(status.since), i18n.language)}</small>}{" "}
        {status.message}
      </dd>
      <dt>{t("connection.endpoint")}</dt>
      <dd>{connection.endpoint}</dd>
      <dt>{t("connection.security")}</dt>
      <dd>
        {connection.security_mode === "None"
          ? t("connection.open")
          : `${connection.security_policy}, ${connection.security_mode}`}
        {connection.user && ` · ${connection.user}`}
      </dd>
      <dt>{t("connection.resumed")}</dt>
      <dd>
        {status.items_resumed} / {connection.items_total}
      </dd>
      <dt>{t("connection.counts")}</dt>
      <dd>
        {t("connection.values", { text: count(status.values) })} ·{" "}
        {t("connection.reconnects", { text: count(status.reconnects) })}
        {status.dropped > 0 && (
          <>
            {" · "}
            <State tone="bad">{t("connection.dropped", { text: count(status.dropped) })}</State>
          </>
        )}
      </dd>
    </dl>
  );
}

/** The items that have had no value since the last connect, with their status code. */
function UnresumedItems({ connection }: { connection: Connection }) {
  const { t } = useTranslation();
  const { status } = connection;
  const some = connection.enabled && connection.items_total > 0 && status.items_resumed < connection.items_total;
  const items = useResource(
    some ? `unresumed/${connection.id}` : null,
    (signal) => getUnresumedItems(connection.id, signal),
    2_000,
  );
  if (!some || !items.data || items.data.length === 0) return null;
  const shown = items.data.slice(0, 200);
  return (
    <section aria-labelledby="unresumed">
      <h2 id="unresumed">{t("connection.unresumed", { count: items.data.length })}</h2>
      <div className="table-scroll short">
        <table>
          <thead>
            <tr>
              <th scope="col">{t("connection.path")}</th>
              <th scope="col">{t("connection.statusCode")}</th>
              <th scope="col">{t("connection.lastValue")}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((item) => (
              <tr key={item.path}>
                <th scope="row">{shownPath(item.path)}</th>
                <td>
                  <State tone="warning">{item.status}</State>
                </td>
                <td>{item.last_value ? localText(parseTime(item.last_value), browserZone()) : t("assets.never")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function DeleteDialog({ connection, onClose }: { connection: ConnectionDetail; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <ConfirmDialog
      title={t("connection.deleteTitle", { name: connection.name })}
      action={t("action.delete")}
      onClose={onClose}
      onConfirm={async () => {
        await deleteConnection(connection.id);
        navigate("#/connections", true);
      }}
    >
      <p>{t("connection.deleteText")}</p>
    </ConfirmDialog>
  );
}
