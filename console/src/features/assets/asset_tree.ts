import { useCallback, useEffect, useMemo, useState } from "react";
import { getAssets, type AssetNode, type AssetSummary } from "../../api/assets";
import type { Tag } from "../../api/tags";
import { decodeName, leafName, shownPath } from "../../lib/tag_path";
import { visibleRows, type TreeRow } from "../../lib/tree";
import { useResource } from "../../lib/use_resource";

/** One row's node: a folder, a tag, or a tag that has others below it. */
export interface AssetEntry {
  path: string;
  name: string;
  /** Where it is, for one that stands outside of its tree. */
  within: string;
  tags: number;
  tag: Tag | null;
  hasChildren: boolean;
  /** What the model says of it; null for a folder of tags only, and for a tag. */
  asset: AssetSummary | null;
}

function entryOf(node: AssetNode): AssetEntry {
  return {
    path: node.path,
    name: decodeName(node.name),
    within: "",
    tags: node.tags,
    tag: node.is_tag ? node.tag : null,
    hasChildren: node.is_tag ? node.tags > 1 : true,
    asset: node.asset,
  };
}

/** A tag found by search: its name first, because a narrow screen cuts off what comes after. */
export function nodeOfTag(tag: Tag): AssetEntry {
  const within = shownPath(tag.path.slice(0, tag.path.lastIndexOf("/")));
  return { path: tag.path, name: leafName(tag.path), within, tags: 1, tag, hasChildren: false, asset: null };
}

/** What is open stays open while the console is: going to a trend and back loses nothing. */
const openPaths = new Map<string, Set<string>>();

const kEverything = () => true;

/** Levels are asked for when they are opened for the first time. Only entries that `keep`, a constant, accepts are there. */
export function useAssetTree(keep: (entry: AssetEntry) => boolean = kEverything): {
  root: ReturnType<typeof useResource<Awaited<ReturnType<typeof getAssets>>>>;
  rows: TreeRow<AssetEntry>[];
  toggle: (path: string, open: boolean) => void;
  loading: ReadonlySet<string>;
  failed: ReadonlyMap<string, string>;
} {
  const root = useResource("assets", (signal) => getAssets(undefined, signal));
  const enterprise = root.data?.under ?? "";
  const [levels, setLevels] = useState<ReadonlyMap<string, AssetEntry[]>>(new Map());
  const [failed, setFailed] = useState<ReadonlyMap<string, string>>(new Map());
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());

  useEffect(() => {
    if (enterprise !== "") setOpen(openPaths.get(enterprise) ?? new Set());
  }, [enterprise]);

  const roots = useMemo(() => (root.data?.children ?? []).map(entryOf).filter(keep), [root.data, keep]);
  const wanted = useMemo(
    () => [...open].filter((path) => !levels.has(path) && !failed.has(path)),
    [open, levels, failed],
  );

  const toggle = useCallback(
    (path: string, opened: boolean) => {
      setFailed((old) => {
        const next = new Map(old);
        next.delete(path);
        return next;
      });
      setOpen((old) => {
        const next = new Set(old);
        if (opened) next.add(path);
        else next.delete(path);
        openPaths.set(enterprise, next);
        return next;
      });
    },
    [enterprise],
  );

  // A plant with a single site opens by itself, down to the first choice there is.
  useEffect(() => {
    if (open.size === 0 && roots.length > 0 && roots.length <= 3 && !openPaths.has(enterprise)) {
      for (const node of roots) if (node.hasChildren) toggle(node.path, true);
    }
  }, [roots, open, enterprise, toggle]);

  useEffect(() => {
    if (wanted.length === 0) return;
    const abort = new AbortController();
    for (const path of wanted) {
      getAssets(path, abort.signal)
        .then((level) => setLevels((old) => new Map(old).set(path, level.children.map(entryOf).filter(keep))))
        .catch((cause: unknown) => {
          if (abort.signal.aborted) return;
          setFailed((old) => new Map(old).set(path, cause instanceof Error ? cause.message : String(cause)));
        });
    }
    return () => abort.abort();
  }, [wanted, keep]);

  const rows = useMemo(
    () =>
      visibleRows(
        roots,
        (path) => levels.get(path),
        (path) => open.has(path),
      ),
    [roots, levels, open],
  );
  const loading = useMemo(() => new Set(wanted), [wanted]);
  return { root, rows, toggle, loading, failed };
}
