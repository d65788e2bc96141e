import { useSyncExternalStore } from "react";

/** `#/connections/17?tab=items`: the names of the path, and the parameters. */
export interface Route {
  path: string[];
  search: URLSearchParams;
  hash: string;
}

export function parseHash(hash: string): Route {
  const [path = "", search = ""] = hash.replace(/^#?\/?/, "").split(/\?(.*)/s);
  return { path: path.split("/").filter(Boolean).map(safeDecode), search: new URLSearchParams(search), hash };
}

function safeDecode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

let current = typeof location === "undefined" ? parseHash("") : parseHash(location.hash);
const watchers = new Set<() => void>();

function update(): void {
  if (location.hash === current.hash) return;
  current = parseHash(location.hash);
  watchers.forEach((watcher) => watcher());
}

if (typeof window !== "undefined") {
  window.addEventListener("hashchange", update);
  window.addEventListener("popstate", update);
}

export function useRoute(): Route {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
    () => current,
  );
}

/** Goes to `#/...`; with `replace` the browser's history does not grow. */
export function navigate(hash: string, replace = false): void {
  if (hash === location.hash) return;
  if (replace) history.replaceState(history.state, "", hash);
  else history.pushState(null, "", hash);
  update();
}
