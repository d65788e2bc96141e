import { useInsertionEffect, useSyncExternalStore } from "react";
import { getPreference, usePreference } from "./preferences";

export type Theme = "light" | "dark";

const dark = typeof matchMedia === "undefined" ? null : matchMedia("(prefers-color-scheme: dark)");

/** The theme chosen, else the system's. */
export function currentTheme(): Theme {
  const chosen = getPreference("theme");
  if (chosen === "light" || chosen === "dark") return chosen;
  return dark?.matches ? "dark" : "light";
}

export function useTheme(): Theme {
  usePreference("theme");
  const theme = useSyncExternalStore((watcher) => {
    dark?.addEventListener("change", watcher);
    return () => dark?.removeEventListener("change", watcher);
  }, currentTheme);
  // Before any layout effect: a chart that is made anew for the theme reads its colours from the style of the page.
  useInsertionEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  return theme;
}
