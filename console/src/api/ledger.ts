import { queryString, request } from "./http";
import { array, number, object, text, withDefault, type Parsed } from "./parse";

const row = object({
  source: text,
  hour: text,
  batches: withDefault(number, 0),
  sent: withDefault(number, 0),
  accepted: withDefault(number, 0),
  refused: withDefault(number, 0),
  repeated: withDefault(number, 0),
});
export type LedgerRow = Parsed<typeof row>;

export const getLedger = async (from: string, to: string, signal?: AbortSignal): Promise<LedgerRow[]> =>
  (await request("GET", `/ledger${queryString({ from, to })}`, object({ rows: array(row) }), { signal })).rows;
