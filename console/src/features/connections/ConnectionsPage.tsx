import { useState } from "react";
import { useTranslation } from "react-i18next";
import { getConnections } from "../../api/connections";
import { hasRole, useUser } from "../../app/session";
import { EmptyState } from "../../components/EmptyState";
import { Loaded } from "../../components/Loaded";
import { ConnectionState, SimulatedMark, State } from "../../components/State";
import { useRoute } from "../../lib/route";
import { formatAge, parseTime } from "../../lib/time_text";
import { useNow } from "../../lib/use_now";
import { useResource } from "../../lib/use_resource";
import { ConnectionPage } from "./ConnectionPage";
import { NewConnection } from "./NewConnection";

/** `#/connections`, `#/connections/new`, `#/connections/ID`. */
export default function ConnectionsPage() {
  const id = useRoute().path[1];
  if (id === undefined) return <ConnectionList />;
  if (id === "new") return <NewConnection />;
  return <ConnectionPage key={id} id={Number(id)} />;
}

function ConnectionList() {
  const { t, i18n } = useTranslation();
  const user = useUser();
  const now = useNow();
  const connections = useResource("connections", getConnections, 2_000);
  const [mayEdit] = useState(() => hasRole(user, "engineer"));

  return (
    <>
      <div className="page-head">
        <h1>{t("page.connections")}</h1>
        {mayEdit && (
          <a className="button primary" href="#/connections/new">
            {t("connection.add")}
          </a>
        )}
      </div>
      <Loaded
        resource={connections}
        isEmpty={(data) => data.length === 0}
        empty={
          <EmptyState title={t("connection.emptyTitle")}>
            <p>{t("connection.empty")}</p>
            {mayEdit ? (
              <a className="button primary" href="#/connections/new">
                {t("connection.add")}
              </a>
            ) : (
              <p>{t("overview.emptyAsk")}</p>
            )}
          </EmptyState>
        }
      >
        {(data) => (
          <div className="table-scroll">
            <table>
              <thead>
                <tr>
                  <th scope="col">{t("connection.name")}</th>
                  <th scope="col">{t("connection.endpoint")}</th>
                  <th scope="col">{t("connection.security")}</th>
                  <th scope="col">{t("connection.stateTitle")}</th>
                  <th scope="col" className="number">
                    {t("connection.since")}
                  </th>
                  <th scope="col" className="number">
                    {t("connection.resumed")}
                  </th>
                  <th scope="col">{t("connection.message")}</th>
                </tr>
              </thead>
              <tbody>
                {data.map((connection) => {
                  const { status } = connection;
                  const all = status.items_resumed >= connection.items_total;
                  const resumed = `${status.items_resumed} / ${connection.items_total}`;
                  return (
                    <tr key={connection.id} data-connection={connection.name}>
                      <th scope="row">
                        <a href={`#/connections/${connection.id}`}>{connection.name}</a>{" "}
                        {connection.simulated && <SimulatedMark short />}
                      </th>
                      <td className="nowrap">{connection.endpoint}</td>
                      <td>
                        {connection.security_mode === "None"
                          ? t("connection.open")
                          : `${connection.security_policy}, ${connection.security_mode}`}
                      </td>
                      <td>
                        <ConnectionState state={connection.enabled ? status.state : "disabled"} />
                      </td>
                      <td className="number">
                        {status.since === null ? "" : formatAge(now - parseTime(status.since), i18n.language)}
                      </td>
                      <td className="number">
                        {all || !connection.enabled ? resumed : <State tone="warning">{resumed}</State>}
                      </td>
                      <td className="wrap">{status.message}</td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </div>
        )}
      </Loaded>
    </>
  );
}
