import { request } from "./http";
import { array, flag, nothing, nullable, number, object, text, withDefault, type Parsed } from "./parse";
import { role, type Role } from "./session";

const user = object({
  id: number,
  name: text,
  display_name: withDefault(text, ""),
  role,
  enterprise: nullable(text),
  disabled: withDefault(flag, false),
  has_password: withDefault(flag, false),
  created: nullable(text),
  last_login: nullable(text),
});
export type User = Parsed<typeof user>;

const list = object({ users: array(user) });
export const getUsers = async (signal?: AbortSignal): Promise<User[]> =>
  (await request("GET", "/users", list, { signal })).users;
export const createUser = (body: { name: string; display_name: string; role: Role; password?: string }) =>
  request("POST", "/users", nothing, { body });
export const changeUser = (id: number, body: { role?: Role; disabled?: boolean; display_name?: string }) =>
  request("PATCH", `/users/${id}`, nothing, { body });
export const deleteUser = (id: number) => request("DELETE", `/users/${id}`, nothing);
