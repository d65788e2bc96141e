/** Addresses of the plant pages: `#/plant/17/kpis?window=day`. Ids and not paths: a rename breaks no link. */
export const kAssetViews = ["attributes", "kpis", "formulas", "intervals", "entries"] as const;
export type AssetView = (typeof kAssetViews)[number];

export function assetHash(id: number, view: AssetView = "attributes", search: Record<string, string> = {}): string {
  const parameters = new URLSearchParams(search).toString();
  return `#/plant/${id}${view === "attributes" ? "" : `/${view}`}${parameters ? `?${parameters}` : ""}`;
}

/** The whole enterprise. */
export function plantHash(window: string): string {
  return `#/plant?${new URLSearchParams({ window }).toString()}`;
}

export function viewOf(name: string | undefined): AssetView {
  return kAssetViews.find((view) => view === name) ?? "attributes";
}

/** Where a derived value is explained: of a tag at a time, or of a KPI over a window. */
export function explainHash(
  what: { tag: string; time: string } | { asset: string; kpi: string; from: string; to: string },
): string {
  return `#/plant/explain?${new URLSearchParams(what).toString()}`;
}

/** The page for the address of the API that an explanation names for an input; null for one that is not of that kind. */
export function explainHashOf(address: string): string | null {
  const search = /^(?:\/api\/v1)?\/explain\?([^#]*)$/.exec(address)?.[1];
  return search ? `#/plant/explain?${search}` : null;
}

/** Sums of downtimes: `#/downtimes?asset=works-01/mill&by=shift`. */
export function downtimesHash(search: Record<string, string>): string {
  const parameters = new URLSearchParams(search).toString();
  return `#/downtimes${parameters ? `?${parameters}` : ""}`;
}
