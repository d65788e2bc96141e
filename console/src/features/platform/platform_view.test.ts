import { describe, expect, it } from "vitest";
import type { PlatformEnterprise } from "../../api/platform";
import { choicesOf, groupsOf, isShown, kNoFilter, totalsOf } from "./platform_view";

const enterprise = (code: string, more: Partial<PlatformEnterprise>): PlatformEnterprise => ({
  code,
  name: `${code} Works`,
  industry: "",
  region: "",
  regions: [],
  sites: 0,
  state: "new",
  simulated: false,
  tags: 0,
  connections: 0,
  connections_running: 0,
  online: false,
  samples_per_second: 0,
  last_sample: null,
  ...more,
});

const kAll = [
  enterprise("steel-01", {
    industry: "steel",
    region: "Hebei",
    regions: ["Hebei", "Shandong"],
    sites: 2,
    state: "online",
    online: true,
    samples_per_second: 10,
    tags: 5,
  }),
  enterprise("steel-02", { industry: "steel", region: "Shandong", state: "offline", tags: 7 }),
  enterprise("new-01", {}),
];

describe("groups of enterprises", () => {
  it("stand by industry, those without one last", () => {
    const groups = groupsOf(kAll, "industry");
    expect(groups.map(({ key, members }) => [key, members.map((one) => one.code)])).toEqual([
      ["steel", ["steel-01", "steel-02"]],
      ["", ["new-01"]],
    ]);
    expect(groups[0]?.totals).toMatchObject({ enterprises: 2, online: 1, rate: 10, tags: 12, sites: 2 });
  });

  it("an enterprise stands in each region that it has a site in, and is counted once in the totals", () => {
    expect(groupsOf(kAll, "region").map(({ key, members }) => [key, members.map((one) => one.code)])).toEqual([
      ["Hebei", ["steel-01"]],
      ["Shandong", ["steel-01", "steel-02"]],
      ["", ["new-01"]],
    ]);
    expect(totalsOf(kAll)).toMatchObject({ enterprises: 3, online: 1, tags: 12 });
  });

  it("offer what there is to choose from", () => {
    expect(choicesOf(kAll, "region")).toEqual(["Hebei", "Shandong"]);
    expect(choicesOf(kAll, "industry")).toEqual(["steel"]);
  });
});

describe("a filter of enterprises", () => {
  const shown = (filter: Partial<typeof kNoFilter>) =>
    kAll.filter((one) => isShown(one, { ...kNoFilter, ...filter })).map((one) => one.code);

  it("goes by name or code, industry, region of any site, and state", () => {
    expect(shown({})).toEqual(["steel-01", "steel-02", "new-01"]);
    expect(shown({ text: " STEEL-02 " })).toEqual(["steel-02"]);
    expect(shown({ industry: "steel", state: "offline" })).toEqual(["steel-02"]);
    expect(shown({ region: "Shandong" })).toEqual(["steel-01", "steel-02"]);
    expect(shown({ state: "degraded" })).toEqual([]);
  });
});
