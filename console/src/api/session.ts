import { request } from "./http";
import { flag, nothing, nullable, number, object, text, withDefault, word, type Parsed } from "./parse";

export const kRoles = ["viewer", "operator", "engineer", "administrator", "platform-operator"] as const;
export type Role = (typeof kRoles)[number];
export const role = word(kRoles, "viewer");

const user = object({
  id: number,
  name: text,
  display_name: withDefault(text, ""),
  role,
  enterprise: nullable(text),
  has_password: withDefault(flag, true),
});
export type SessionUser = Parsed<typeof user>;

const session = object({ user, csrf: withDefault(text, "") });
export type Session = Parsed<typeof session>;

const status = object({
  version: text,
  needs_first_operator: withDefault(flag, false),
  ready: withDefault(flag, true),
});
export type Status = Parsed<typeof status>;

export const getStatus = (signal?: AbortSignal) => request("GET", "/status", status, { signal });
export const getSession = (signal?: AbortSignal) => request("GET", "/session", session, { signal });
export const signIn = (name: string, password: string) =>
  request("POST", "/session", session, { body: { name, password } });
export const signInByLink = (secret: string) => request("POST", "/session/link", session, { body: { secret } });
export const signOut = () => request("DELETE", "/session", nothing);
export const setPassword = (newPassword: string, oldPassword?: string) =>
  request("PUT", "/session/password", nothing, {
    body: { new_password: newPassword, ...(oldPassword === undefined ? {} : { old_password: oldPassword }) },
  });
