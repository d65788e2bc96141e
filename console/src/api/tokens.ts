import { request } from "./http";
import { array, flag, nothing, nullable, number, object, text, withDefault, type Parsed } from "./parse";
import { role, type Role } from "./session";

const token = object({
  id: number,
  name: text,
  role,
  may_create_tags: withDefault(flag, false),
  created: nullable(text),
  expires: nullable(text),
  last_used: nullable(text),
});
export type Token = Parsed<typeof token>;

const list = object({ tokens: array(token) });
export const getTokens = async (signal?: AbortSignal): Promise<Token[]> =>
  (await request("GET", "/tokens", list, { signal })).tokens;

const made = object({ token, secret: text });
/** The secret is in this answer and nowhere else afterwards. */
export const createToken = (body: { name: string; role: Role; may_create_tags: boolean; expires?: string }) =>
  request("POST", "/tokens", made, { body });
export const deleteToken = (id: number) => request("DELETE", `/tokens/${id}`, nothing);
