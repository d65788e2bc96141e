import { kValueTypes, type ValueType } from "../lib/value";
import { queryString, request } from "./http";
import { array, flag, nothing, nullable, number, object, text, withDefault, word, type Parsed } from "./parse";

const status = object({
  state: text,
  message: withDefault(text, ""),
  since: nullable(text),
  presented_fingerprint: withDefault(text, ""),
  server_subject: withDefault(text, ""),
  reconnects: withDefault(number, 0),
  values: withDefault(number, 0),
  dropped: withDefault(number, 0),
  items_total: withDefault(number, 0),
  items_resumed: withDefault(number, 0),
});
export type ConnectionStatus = Parsed<typeof status>;

const item = object({
  namespace_uri: text,
  identifier: text,
  path: text,
  sampling_ms: withDefault(number, 1_000),
  type: nullable(word(kValueTypes, "double")),
  step: withDefault(flag, false),
  unit: withDefault(text, ""),
  description: withDefault(text, ""),
});
export type ConnectionItem = Parsed<typeof item>;

const kSummary = {
  id: number,
  name: text,
  kind: withDefault(text, "opcua"),
  endpoint: text,
  security_policy: withDefault(text, "None"),
  security_mode: withDefault(text, "None"),
  user: withDefault(text, ""),
  has_password: withDefault(flag, false),
  trusted_fingerprint: withDefault(text, ""),
  publishing_ms: withDefault(number, 500),
  enabled: withDefault(flag, true),
  simulated: withDefault(flag, false),
  items_total: withDefault(number, 0),
  status: withDefault(status, {
    state: "disabled",
    message: "",
    since: null,
    presented_fingerprint: "",
    server_subject: "",
    reconnects: 0,
    values: 0,
    dropped: 0,
    items_total: 0,
    items_resumed: 0,
  }),
} as const;

const summary = object(kSummary);
export type Connection = Parsed<typeof summary>;
const detail = object({ ...kSummary, items: withDefault(array(item), []) });
export type ConnectionDetail = Parsed<typeof detail>;

/** What is written. `password` absent leaves the stored one as it is. */
export interface ConnectionSpec {
  name: string;
  kind: string;
  endpoint: string;
  security_policy: string;
  security_mode: string;
  user: string;
  password?: string;
  publishing_ms: number;
  enabled: boolean;
  items: ConnectionItem[];
}

const list = object({ connections: array(summary) });
export const getConnections = async (signal?: AbortSignal): Promise<Connection[]> =>
  (await request("GET", "/connections", list, { signal })).connections;
export const getConnection = (id: number, signal?: AbortSignal) =>
  request("GET", `/connections/${id}`, detail, { signal });
export const createConnection = (body: ConnectionSpec) =>
  request("POST", "/connections", object({ id: number }), { body });
export const replaceConnection = (id: number, body: ConnectionSpec) =>
  request("PUT", `/connections/${id}`, nothing, { body });
export const deleteConnection = (id: number) => request("DELETE", `/connections/${id}`, nothing);

/** The stored connection as what PUT takes. */
export function specOf(stored: ConnectionDetail): ConnectionSpec {
  const { name, kind, endpoint, security_policy, security_mode, user, publishing_ms, enabled, items } = stored;
  return { name, kind, endpoint, security_policy, security_mode, user, publishing_ms, enabled, items };
}

const itemState = object({
  path: text,
  resumed: flag,
  status: withDefault(text, ""),
  last_value: nullable(text),
});
export type ItemState = Parsed<typeof itemState>;
export const getUnresumedItems = async (id: number, signal?: AbortSignal): Promise<ItemState[]> =>
  (await request("GET", `/connections/${id}/items?unresumed=true`, object({ items: array(itemState) }), { signal }))
    .items;

export const trustFingerprint = (id: number, fingerprint: string) =>
  request("POST", `/connections/${id}/trust`, nothing, { body: { fingerprint } });

const node = object({
  namespace_uri: text,
  identifier: text,
  browse_name: text,
  display_name: withDefault(text, ""),
  has_children: withDefault(flag, false),
  is_variable: withDefault(flag, false),
  type: nullable(word(kValueTypes, "double")),
  unit: withDefault(text, ""),
  step: withDefault(flag, false),
});
export type BrowseNode = Omit<Parsed<typeof node>, "type"> & { type: ValueType | null };

/** The nodes below one node; without one the Objects folder of the server. */
export const browse = async (
  id: number,
  parent: { namespace_uri: string; identifier: string } | null,
  signal?: AbortSignal,
): Promise<BrowseNode[]> => {
  const search = parent ? queryString({ namespace_uri: parent.namespace_uri, identifier: parent.identifier }) : "";
  return (await request("GET", `/connections/${id}/browse${search}`, object({ nodes: array(node) }), { signal })).nodes;
};

const endpoint = object({
  url: text,
  security_policy: text,
  security_mode: text,
  fingerprint: withDefault(text, ""),
  subject: withDefault(text, ""),
  user_tokens: withDefault(array(text), []),
});
export type Endpoint = Parsed<typeof endpoint>;
export const getEndpoints = async (url: string): Promise<Endpoint[]> =>
  (await request("POST", "/connections/endpoints", object({ endpoints: array(endpoint) }), { body: { url } }))
    .endpoints;
