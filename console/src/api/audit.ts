import { queryString, request } from "./http";
import { array, nullable, number, object, text, withDefault, type Parsed } from "./parse";

const entry = object({
  number,
  time: text,
  actor: withDefault(text, ""),
  action: text,
  object: withDefault(text, ""),
  outcome: withDefault(text, ""),
  detail: withDefault(text, ""),
});
export type AuditEntry = Parsed<typeof entry>;

const page = object({ entries: array(entry), next: nullable(number) });
export const getAudit = (before: number | undefined, limit: number, signal?: AbortSignal) =>
  request("GET", `/audit${queryString({ before, limit })}`, page, { signal });
