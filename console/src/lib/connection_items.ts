/** Ticked nodes become items: where their values go in the asset tree, and what is wrong with a list of items. */
import type { BrowseNode, ConnectionItem } from "../api/connections";
import { joinPath } from "./tag_path";

export interface NodeId {
  namespace_uri: string;
  identifier: string;
}

export function nodeKey(node: NodeId): string {
  return `${node.namespace_uri}\n${node.identifier}`;
}

/** The name of a node without the index that a browse name carries (`2:Temperature`). */
export function browseName(node: Pick<BrowseNode, "browse_name" | "display_name">): string {
  return node.browse_name.replace(/^\d+:/, "") || node.display_name;
}

/** A node's item under `prefix`, named as the browse went to it. `taken` paths get a number behind. */
export function itemOf(
  node: BrowseNode,
  names: readonly string[],
  prefix: string,
  samplingMs: number,
  taken: ReadonlySet<string>,
): ConnectionItem {
  const wanted = joinPath(prefix, names);
  let path = wanted;
  for (let count = 2; taken.has(path); count += 1) path = `${wanted} ${count}`;
  return {
    namespace_uri: node.namespace_uri,
    identifier: node.identifier,
    path,
    sampling_ms: samplingMs,
    type: node.type,
    step: node.step || node.type === "bool" || node.type === "string",
    unit: node.unit,
    description: node.display_name === browseName(node) ? "" : node.display_name,
  };
}

/** By index: what a person must put right before the list can be saved. */
export function itemFaults(
  items: readonly ConnectionItem[],
  enterprise: string,
): Map<number, "foreign" | "empty" | "double"> {
  const faults = new Map<number, "foreign" | "empty" | "double">();
  const seen = new Map<string, number>();
  items.forEach((item, index) => {
    if (!item.path.startsWith(`${enterprise}/`)) faults.set(index, "foreign");
    else if (item.path.split("/").some((name) => name === "")) faults.set(index, "empty");
    else if (seen.has(item.path)) faults.set(index, "double");
    seen.set(item.path, index);
  });
  return faults;
}

/** A SHA-256 as people compare it: `AB12 CD34 ...`, groups of four. */
export function groupFingerprint(hex: string): string {
  return hex
    .replace(/[^0-9a-fA-F]/g, "")
    .toUpperCase()
    .replace(/(.{4})(?=.)/g, "$1 ");
}

const kPolicyRank: Record<string, number> = {
  None: 0,
  Aes128_Sha256_RsaOaep: 2,
  Basic256Sha256: 3,
  Aes256_Sha256_RsaPss: 4,
};
const kModeRank: Record<string, number> = { None: 0, Sign: 1, SignAndEncrypt: 2 };

/** Orders endpoints from the safest down. Policies that are no longer safe or not known come last. */
export function byStrength(
  a: { security_policy: string; security_mode: string },
  b: { security_policy: string; security_mode: string },
): number {
  const rank = (end: typeof a) => (kModeRank[end.security_mode] ?? -1) * 10 + (kPolicyRank[end.security_policy] ?? -20);
  return rank(b) - rank(a);
}
