import { useSyncExternalStore } from "react";

/** Small choices that stay in this browser. Storage may be refused (private windows): then they last for the page. */
const memory = new Map<string, string>();
const watchers = new Set<() => void>();

export function getPreference(name: string): string | null {
  if (memory.has(name)) return memory.get(name) ?? null;
  try {
    return localStorage.getItem(`tundish.${name}`);
  } catch {
    return null;
  }
}

export function setPreference(name: string, value: string | null): void {
  if (value === null) memory.delete(name);
  else memory.set(name, value);
  try {
    if (value === null) localStorage.removeItem(`tundish.${name}`);
    else localStorage.setItem(`tundish.${name}`, value);
  } catch {
    // Kept in memory above.
  }
  watchers.forEach((watcher) => watcher());
}

export function usePreference(name: string): string | null {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
    () => getPreference(name),
  );
}
