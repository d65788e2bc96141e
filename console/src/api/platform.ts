import { request } from "./http";
import { array, flag, nullable, number, object, text, withDefault, word, type Parsed } from "./parse";

const enterprise = object({
  code: text,
  name: text,
  industry: withDefault(text, ""),
  region: withDefault(text, ""),
  /** Of its sites. */
  regions: withDefault(array(text), []),
  sites: withDefault(number, 0),
  state: word(["online", "degraded", "offline", "new"], "offline"),
  simulated: withDefault(flag, false),
  tags: number,
  connections: number,
  connections_running: number,
  online: flag,
  samples_per_second: number,
  last_sample: nullable(text),
});
export type PlatformEnterprise = Parsed<typeof enterprise>;

const platform = object({
  enterprises: array(enterprise),
  totals: object({
    enterprises: number,
    online: number,
    tags: number,
    samples_per_second: number,
    head_samples: withDefault(number, 0),
    block_bytes: withDefault(number, 0),
    journal_bytes: withDefault(number, 0),
    disk_free_bytes: nullable(number),
    disk_full: withDefault(flag, false),
    damage: withDefault(number, 0),
  }),
});
export type Platform = Parsed<typeof platform>;

export const getPlatform = (signal?: AbortSignal) => request("GET", "/platform", platform, { signal });
