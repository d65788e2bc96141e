import { useState } from "react";
import { useTranslation } from "react-i18next";
import { createConnection, getEndpoints, type Endpoint } from "../../api/connections";
import { Button } from "../../components/Button";
import { TextField } from "../../components/Field";
import { Notice } from "../../components/Notice";
import { byStrength, groupFingerprint } from "../../lib/connection_items";
import { navigate } from "../../lib/route";
import { useSubmit } from "../../lib/use_submit";

/** An OPC UA server: ask it for its endpoints, choose one, save. What to read is ticked on the next page. */
export function NewConnection() {
  const { t } = useTranslation();
  const [url, setUrl] = useState("opc.tcp://");
  const [endpoints, setEndpoints] = useState<Endpoint[] | null>(null);
  const [chosen, setChosen] = useState(0);
  const [name, setName] = useState("");
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const endpoint = endpoints?.[chosen];

  const search = useSubmit(async () => {
    const found = await getEndpoints(url.trim());
    setEndpoints(found.sort(byStrength));
    setChosen(0);
    setName(
      (old) =>
        old ||
        url
          .trim()
          .replace(/^opc\.tcp:\/\//, "")
          .replace(/\/.*$/, ""),
    );
  });
  const save = useSubmit(async () => {
    if (!endpoint) return;
    const made = await createConnection({
      name: name.trim(),
      kind: "opcua",
      // The address that the person reached: servers often name themselves by a host that is not known here.
      endpoint: url.trim(),
      security_policy: endpoint.security_policy,
      security_mode: endpoint.security_mode,
      user,
      ...(password === "" ? {} : { password }),
      publishing_ms: 250,
      enabled: true,
      items: [],
    });
    navigate(`#/connections/${made.id}`);
  });

  return (
    <>
      <div className="page-head">
        <h1>{t("connection.add")}</h1>
        <a href="#/connections">{t("connection.toList")}</a>
      </div>
      <form className="narrow" onSubmit={search.submit}>
        <h2>{t("connection.step1")}</h2>
        <TextField
          label={t("connection.endpoint")}
          value={url}
          onChange={(next) => {
            setUrl(next);
            setEndpoints(null);
          }}
          required
          pattern="opc\.tcp://.+"
          hint={t("connection.endpointHint")}
          inputMode="url"
        />
        {search.error && <Notice kind="error" title={search.error} />}
        <Button kind={endpoints ? "plain" : "primary"} type="submit" isDisabled={search.busy}>
          {search.busy ? t("connection.searching") : t("connection.search")}
        </Button>
      </form>
      {endpoints && endpoints.length === 0 && <Notice kind="warning" title={t("connection.noEndpoints")} />}
      {endpoint && endpoints && (
        <form className="narrow" onSubmit={save.submit}>
          <h2>{t("connection.step2")}</h2>
          <fieldset>
            <legend>{t("connection.security")}</legend>
            {endpoints.map((candidate, index) => (
              <label className="choice" key={`${candidate.security_policy} ${candidate.security_mode}`}>
                <input type="radio" name="endpoint" checked={index === chosen} onChange={() => setChosen(index)} />
                <span>
                  <strong>
                    {candidate.security_mode === "None"
                      ? t("connection.open")
                      : `${candidate.security_mode} · ${candidate.security_policy}`}
                  </strong>
                  {candidate.security_mode === "None" && <small>{t("connection.openHint")}</small>}
                  {candidate.fingerprint && (
                    <small>
                      {candidate.subject} · {groupFingerprint(candidate.fingerprint).slice(0, 19)}…
                    </small>
                  )}
                </span>
              </label>
            ))}
          </fieldset>
          <TextField label={t("connection.name")} value={name} onChange={setName} required />
          {endpoint.user_tokens.includes("username") && (
            <>
              <TextField
                label={t("connection.user")}
                value={user}
                onChange={setUser}
                autoComplete="off"
                hint={endpoint.user_tokens.includes("anonymous") ? t("connection.userHint") : null}
                required={!endpoint.user_tokens.includes("anonymous")}
              />
              <TextField
                label={t("login.password")}
                type="password"
                value={password}
                onChange={setPassword}
                autoComplete="new-password"
              />
            </>
          )}
          {save.error && <Notice kind="error" title={save.error} />}
          <Button kind="primary" type="submit" isDisabled={save.busy}>
            {t("connection.saveAndTick")}
          </Button>
        </form>
      )}
    </>
  );
}
