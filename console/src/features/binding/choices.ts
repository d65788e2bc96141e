import type { BindingPoint, ConfirmedBinding, OfferedTemplate, Proposal } from "../../api/bindings";

export type Decision = "open" | "accepted" | "skipped";

/** What a point is to be, as it stands: a proposal, or what a person chose instead. */
export type Choice = Pick<Proposal, "template" | "attribute" | "asset" | "unit" | "range">;

/** One point and what a person has decided about it so far. */
export interface Row {
  index: number;
  point: BindingPoint;
  choice: Choice | null;
  /** Of the choice; null: a person's own. */
  confidence: number | null;
  decision: Decision;
}

export const rowsOf = (points: readonly BindingPoint[]): Row[] =>
  points.map((point, index) => {
    const first = point.proposals[0];
    return { index, point, choice: first ?? null, confidence: first?.confidence ?? null, decision: "open" };
  });

export const keyOf = (choice: Choice): string => `${choice.asset}\n${choice.attribute}`;

/** Accepts all that are open and at least so sure, but never two points as the same attribute of an asset. */
export function acceptAbove(rows: readonly Row[], least: number): Row[] {
  const taken = new Set<string>();
  for (const row of rows) if (row.decision === "accepted" && row.choice) taken.add(keyOf(row.choice));
  const order = [...rows].sort((a, b) => (b.confidence ?? 0) - (a.confidence ?? 0) || a.index - b.index);
  const accepted = new Set<number>();
  for (const row of order) {
    if (row.decision !== "open" || !row.choice || (row.confidence ?? 0) < least) continue;
    const key = keyOf(row.choice);
    if (taken.has(key)) continue;
    taken.add(key);
    accepted.add(row.index);
  }
  return rows.map((row) => (accepted.has(row.index) ? { ...row, decision: "accepted" } : row));
}

/** Keys that more than one accepted point has. */
export function doubled(rows: readonly Row[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const row of rows) {
    if (row.decision !== "accepted" || !row.choice) continue;
    const key = keyOf(row.choice);
    if (seen.has(key)) twice.add(key);
    seen.add(key);
  }
  return twice;
}

export function counts(rows: readonly Row[]): Record<Decision, number> {
  const sum = { open: 0, accepted: 0, skipped: 0 };
  for (const row of rows) sum[row.decision] += 1;
  return sum;
}

/** What is sent of the accepted ones. A tag is bound to; else the connection reads the node. */
export function confirmed(rows: readonly Row[]): ConfirmedBinding[] {
  const all: ConfirmedBinding[] = [];
  for (const { decision, choice, point } of rows) {
    if (decision !== "accepted" || !choice) continue;
    const one: ConfirmedBinding = {
      asset: choice.asset,
      template: choice.template,
      attribute: choice.attribute,
      unit: choice.unit,
      description: point.description || point.path.join("/") || point.name,
    };
    if (choice.range) one.range = choice.range;
    if (point.tag) one.tag = point.tag;
    else if (point.node) one.node = point.node;
    all.push(one);
  }
  return all;
}

/** Packs of accepted templates that have to be installed first. */
export function missingPacks(rows: readonly Row[], templates: readonly OfferedTemplate[]): string[] {
  const by = new Map(templates.map((template) => [template.name, template]));
  const packs = new Set<string>();
  for (const { decision, choice } of rows) {
    const template = decision === "accepted" && choice ? by.get(choice.template) : undefined;
    if (template && !template.installed && template.pack) packs.add(template.pack);
  }
  return [...packs].sort();
}

/** Text of a file that a plant's engineer saved: UTF-8, else what spreadsheets in China write. */
export function decodeList(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("gb18030").decode(bytes);
  }
}
