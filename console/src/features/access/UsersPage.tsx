import { useState } from "react";
import { useTranslation } from "react-i18next";
import { createLink } from "../../api/enterprises";
import { changeUser, createUser, deleteUser, getUsers, type User } from "../../api/users";
import type { Role } from "../../api/session";
import { useUser } from "../../app/session";
import { Button } from "../../components/Button";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { SelectField, TextField } from "../../components/Field";
import { FormDialog } from "../../components/FormDialog";
import { Loaded } from "../../components/Loaded";
import { Notice } from "../../components/Notice";
import { State } from "../../components/State";
import { localText, parseTime, browserZone } from "../../lib/time_text";
import { useResource } from "../../lib/use_resource";
import { useSubmit } from "../../lib/use_submit";
import { MadeLink } from "../platform/LinkDialog";

/** Who may sign in. People get a one-time link and choose their password themselves. */
export default function UsersPage() {
  const { t } = useTranslation();
  const me = useUser();
  const users = useResource("users", getUsers);
  const [dialog, setDialog] = useState<"new" | { remove: User } | null>(null);
  const [error, setError] = useState<string | null>(null);

  const toggle = async (user: User) => {
    setError(null);
    try {
      await changeUser(user.id, { disabled: !user.disabled });
      users.refresh();
    } catch (cause) {
      setError(cause instanceof Error ? cause.message : String(cause));
    }
  };

  return (
    <>
      <div className="page-head">
        <h1>{t("page.users")}</h1>
        <Button kind="primary" onPress={() => setDialog("new")}>
          {t("users.add")}
        </Button>
      </div>
      {error && <Notice kind="error" title={error} />}
      <Loaded resource={users} isEmpty={(data) => data.length === 0} empty={<p>{t("users.empty")}</p>}>
        {(data) => (
          <div className="table-scroll">
            <table>
              <thead>
                <tr>
                  <th scope="col">{t("users.name")}</th>
                  <th scope="col">{t("users.role")}</th>
                  <th scope="col">{t("users.state")}</th>
                  <th scope="col">{t("users.lastLogin")}</th>
                  <th scope="col">
                    <span className="hidden-label">{t("action.actions")}</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {data.map((user) => (
                  <tr key={user.id}>
                    <th scope="row">
                      {user.name} {user.display_name && <small>{user.display_name}</small>}
                    </th>
                    <td>{t(`role.${user.role}`)}</td>
                    <td>
                      <State tone={user.disabled ? "off" : "normal"}>
                        {user.disabled
                          ? t("users.disabled")
                          : user.has_password
                            ? t("users.active")
                            : t("users.noPassword")}
                      </State>
                    </td>
                    <td>{user.last_login ? localText(parseTime(user.last_login), browserZone()) : "–"}</td>
                    <td className="row-actions">
                      {user.id !== me.id && (
                        <>
                          <Button kind="quiet" onPress={() => void toggle(user)}>
                            {user.disabled ? t("users.enable") : t("users.disable")}
                            <span className="hidden-label"> {user.name}</span>
                          </Button>
                          <Button kind="quiet" onPress={() => setDialog({ remove: user })}>
                            {t("action.delete")}
                            <span className="hidden-label"> {user.name}</span>
                          </Button>
                        </>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Loaded>
      {dialog === "new" && <NewUserDialog onClose={() => setDialog(null)} onCreated={users.refresh} />}
      {dialog !== null && dialog !== "new" && (
        <ConfirmDialog
          title={t("users.deleteTitle", { name: dialog.remove.name })}
          action={t("action.delete")}
          onClose={() => setDialog(null)}
          onConfirm={async () => {
            await deleteUser(dialog.remove.id);
            users.refresh();
          }}
        >
          <p>{t("users.deleteText")}</p>
        </ConfirmDialog>
      )}
    </>
  );
}

const kEnterpriseRoles = ["viewer", "operator", "engineer", "administrator"] as const;

/** In an enterprise: a one-time link. For the installation: an account with a first password. */
function NewUserDialog({ onClose, onCreated }: { onClose: () => void; onCreated: () => void }) {
  const { t } = useTranslation();
  const me = useUser();
  const roles: readonly Role[] = me.enterprise === null ? ["platform-operator"] : kEnterpriseRoles;
  const [name, setName] = useState("");
  const [displayName, setDisplayName] = useState("");
  const [role, setRole] = useState<Role>(roles[0] ?? "viewer");
  const [password, setPassword] = useState("");
  const [link, setLink] = useState<string | null>(null);
  const { busy, error, submit } = useSubmit(async () => {
    if (me.enterprise !== null && password === "") {
      setLink((await createLink(me.enterprise, role, name)).link);
      onCreated();
      return;
    }
    await createUser({ name, display_name: displayName, role, password });
    onCreated();
    onClose();
  });

  return (
    <FormDialog title={t("users.add")} onClose={onClose}>
      {link ? (
        <MadeLink link={link} onClose={onClose} />
      ) : (
        <form onSubmit={submit}>
          <TextField
            label={t("users.name")}
            value={name}
            onChange={setName}
            required
            pattern="[a-z0-9._@\-]+"
            autoComplete="off"
            hint={t("users.nameHint")}
          />
          <TextField label={t("users.displayName")} value={displayName} onChange={setDisplayName} autoComplete="off" />
          <SelectField
            label={t("users.role")}
            value={role}
            onChange={setRole}
            options={roles.map((value) => ({ value, label: t(`role.${value}`) }))}
          />
          <TextField
            label={t("users.firstPassword")}
            type="password"
            value={password}
            onChange={setPassword}
            autoComplete="new-password"
            required={me.enterprise === null}
            hint={me.enterprise === null ? null : t("users.firstPasswordHint")}
          />
          {error && <Notice kind="error" title={error} />}
          <div className="actions">
            <Button onPress={onClose}>{t("action.cancel")}</Button>
            <Button kind="primary" type="submit" isDisabled={busy}>
              {t("users.add")}
            </Button>
          </div>
        </form>
      )}
    </FormDialog>
  );
}
