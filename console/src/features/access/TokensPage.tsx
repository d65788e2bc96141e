import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Role } from "../../api/session";
import { createToken, deleteToken, getTokens, type Token } from "../../api/tokens";
import { useUser } from "../../app/session";
import { Button } from "../../components/Button";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { Copyable } from "../../components/Copyable";
import { EmptyState } from "../../components/EmptyState";
import { SelectField, TextField } from "../../components/Field";
import { FormDialog } from "../../components/FormDialog";
import { Loaded } from "../../components/Loaded";
import { Notice } from "../../components/Notice";
import { browserZone, localText, parseTime } from "../../lib/time_text";
import { useResource } from "../../lib/use_resource";
import { useSubmit } from "../../lib/use_submit";

/** What programs sign in with. */
export default function TokensPage() {
  const { t } = useTranslation();
  const me = useUser();
  const tokens = useResource("tokens", getTokens);
  const [dialog, setDialog] = useState<"new" | { remove: Token } | null>(null);
  const time = (iso: string | null) => (iso === null ? "–" : localText(parseTime(iso), browserZone()));

  return (
    <>
      <div className="page-head">
        <h1>{t("page.tokens")}</h1>
        <Button kind="primary" onPress={() => setDialog("new")}>
          {t("tokens.add")}
        </Button>
      </div>
      <Loaded
        resource={tokens}
        isEmpty={(data) => data.length === 0}
        empty={
          <EmptyState title={t("tokens.emptyTitle")}>
            <p>{t("tokens.empty")}</p>
            <p>{t("tokens.example")}</p>
            <pre className="wrap">{exampleOf(me.enterprise ?? "")}</pre>
          </EmptyState>
        }
      >
        {(data) => (
          <div className="table-scroll">
            <table>
              <thead>
                <tr>
                  <th scope="col">{t("tokens.name")}</th>
                  <th scope="col">{t("users.role")}</th>
                  <th scope="col">{t("tokens.mayCreate")}</th>
                  <th scope="col">{t("tokens.expires")}</th>
                  <th scope="col">{t("tokens.lastUsed")}</th>
                  <th scope="col">
                    <span className="hidden-label">{t("action.actions")}</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {data.map((token) => (
                  <tr key={token.id}>
                    <th scope="row">{token.name}</th>
                    <td>{t(`role.${token.role}`)}</td>
                    <td>{token.may_create_tags ? t("action.yes") : t("action.no")}</td>
                    <td>{time(token.expires)}</td>
                    <td>{time(token.last_used)}</td>
                    <td className="row-actions">
                      <Button kind="quiet" onPress={() => setDialog({ remove: token })}>
                        {t("action.delete")}
                        <span className="hidden-label"> {token.name}</span>
                      </Button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Loaded>
      {dialog === "new" && <NewTokenDialog onClose={() => setDialog(null)} onCreated={tokens.refresh} />}
      {dialog !== null && dialog !== "new" && (
        <ConfirmDialog
          title={t("tokens.deleteTitle", { name: dialog.remove.name })}
          action={t("action.delete")}
          onClose={() => setDialog(null)}
          onConfirm={async () => {
            await deleteToken(dialog.remove.id);
            tokens.refresh();
          }}
        >
          <p>{t("tokens.deleteText")}</p>
        </ConfirmDialog>
      )}
    </>
  );
}

const kRoles = ["viewer", "operator", "engineer", "administrator"] as const;
const kLifetimesDays = { never: null, "30": 30, "365": 365 } as const;

function NewTokenDialog({ onClose, onCreated }: { onClose: () => void; onCreated: () => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("operator");
  const [mayCreate, setMayCreate] = useState(false);
  // A viewer's token sends nothing, so there is nothing that it could make.
  const canSend = role !== "viewer";
  const [lifetime, setLifetime] = useState<keyof typeof kLifetimesDays>("365");
  const [secret, setSecret] = useState<string | null>(null);
  const { busy, error, submit } = useSubmit(async () => {
    const days = kLifetimesDays[lifetime];
    const made = await createToken({
      name,
      role,
      may_create_tags: mayCreate && canSend,
      ...(days === null ? {} : { expires: new Date(Date.now() + days * 86_400_000).toISOString() }),
    });
    setSecret(made.secret);
    onCreated();
  });

  if (secret) {
    return (
      <FormDialog title={t("tokens.madeTitle")} onClose={onClose}>
        <p>{t("tokens.made")}</p>
        <Copyable label={t("tokens.secret")} text={secret} />
        <div className="actions">
          <Button kind="primary" onPress={onClose}>
            {t("action.close")}
          </Button>
        </div>
      </FormDialog>
    );
  }
  return (
    <FormDialog title={t("tokens.add")} onClose={onClose}>
      <form onSubmit={submit}>
        <TextField label={t("tokens.name")} value={name} onChange={setName} required hint={t("tokens.nameHint")} />
        <SelectField
          label={t("users.role")}
          value={role}
          onChange={setRole}
          options={kRoles.map((value) => ({ value, label: t(`role.${value}`) }))}
        />
        <label className="check">
          <input
            type="checkbox"
            checked={mayCreate && canSend}
            disabled={!canSend}
            onChange={(event) => setMayCreate(event.target.checked)}
          />
          {t("tokens.mayCreate")}
        </label>
        <SelectField
          label={t("tokens.lifetime")}
          value={lifetime}
          onChange={setLifetime}
          options={[
            { value: "30", label: t("tokens.days", { count: 30 }) },
            { value: "365", label: t("tokens.days", { count: 365 }) },
            { value: "never", label: t("tokens.forever") },
          ]}
        />
        {error && <Notice kind="error" title={error} />}
        <div className="actions">
          <Button onPress={onClose}>{t("action.cancel")}</Button>
          <Button kind="primary" type="submit" isDisabled={busy}>
            {t("tokens.add")}
          </Button>
        </div>
      </form>
    </FormDialog>
  );
}

/** A command that stores one value now; the shell puts the time in. */
function exampleOf(enterprise: string): string {
  const sample = `{"samples":[{"tag":"${enterprise}/site/area/asset/power","time":"'$(date -u +%FT%TZ)'","value":1.5}]}`;
  return `curl -H 'Authorization: Bearer tnd_…' -H 'Content-Type: application/json' \\\n  -d '${sample}' \\\n  ${location.origin}/api/v1/samples`;
}
