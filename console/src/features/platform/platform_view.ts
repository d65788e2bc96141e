import type { PlatformEnterprise } from "../../api/platform";

export type Grouping = "industry" | "region";
export type EnterpriseState = PlatformEnterprise["state"];

export interface Filter {
  /** Part of a name or code. */
  text: string;
  /** Empty: all. */
  industry: string;
  region: string;
  state: EnterpriseState | "";
}

export const kNoFilter: Filter = { text: "", industry: "", region: "", state: "" };

export interface Totals {
  enterprises: number;
  online: number;
  rate: number;
  tags: number;
  sites: number;
  connections: number;
  connectionsRunning: number;
}

export interface Group {
  key: string;
  members: PlatformEnterprise[];
  totals: Totals;
}

export function isShown(enterprise: PlatformEnterprise, filter: Filter): boolean {
  const text = filter.text.trim().toLowerCase();
  return (
    (text === "" || enterprise.name.toLowerCase().includes(text) || enterprise.code.includes(text)) &&
    (filter.industry === "" || enterprise.industry === filter.industry) &&
    (filter.region === "" || regionsOf(enterprise).includes(filter.region)) &&
    (filter.state === "" || enterprise.state === filter.state)
  );
}

/** Where its sites are; its own region when none says one. */
export function regionsOf(enterprise: PlatformEnterprise): string[] {
  return enterprise.regions.length > 0 ? enterprise.regions : [enterprise.region];
}

export function totalsOf(enterprises: readonly PlatformEnterprise[]): Totals {
  const sum = (of: (one: PlatformEnterprise) => number) => enterprises.reduce((total, one) => total + of(one), 0);
  return {
    enterprises: enterprises.length,
    online: sum((one) => (one.online ? 1 : 0)),
    rate: sum((one) => one.samples_per_second),
    tags: sum((one) => one.tags),
    sites: sum((one) => one.sites),
    connections: sum((one) => one.connections),
    connectionsRunning: sum((one) => one.connections_running),
  };
}

/** By industry or region, those without one last. An enterprise with sites in several regions stands in each of them. */
export function groupsOf(enterprises: readonly PlatformEnterprise[], grouping: Grouping): Group[] {
  const found = new Map<string, PlatformEnterprise[]>();
  for (const enterprise of enterprises) {
    const keys = grouping === "industry" ? [enterprise.industry] : regionsOf(enterprise);
    for (const key of keys) found.set(key, [...(found.get(key) ?? []), enterprise]);
  }
  return [...found]
    .sort(([a], [b]) => Number(a === "") - Number(b === "") || a.localeCompare(b))
    .map(([key, members]) => ({ key, members, totals: totalsOf(members) }));
}

/** What a filter can be set to: each once, sorted, without the empty one. */
export function choicesOf(enterprises: readonly PlatformEnterprise[], grouping: Grouping): string[] {
  return groupsOf(enterprises, grouping)
    .map((group) => group.key)
    .filter((key) => key !== "");
}
