import { useCallback, useEffect, useRef, useState } from "react";

/** What a view knows about what it asked for. `stale`: there is data, but the last attempt to renew it failed. */
export interface Resource<T> {
  data: T | null;
  error: Error | null;
  loading: boolean;
  stale: boolean;
  refresh: () => void;
}

/**
 * Loads when `key` changes, again every `pollMs` while the page is visible, and on `refresh()`. A null key loads nothing.
 * Data of another key never shows under the new one.
 */
export function useResource<T>(
  key: string | null,
  load: (signal: AbortSignal) => Promise<T>,
  pollMs?: number,
): Resource<T> {
  const [state, setState] = useState<{ key: string | null; data: T | null; error: Error | null; loading: boolean }>({
    key,
    data: null,
    error: null,
    loading: key !== null,
  });
  const [round, setRound] = useState(0);
  const loadRef = useRef(load);
  useEffect(() => {
    loadRef.current = load;
  });

  useEffect(() => {
    if (key === null) return;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const run = async (): Promise<void> => {
      if (!document.hidden) {
        try {
          const data = await loadRef.current(abort.signal);
          if (!abort.signal.aborted) setState({ key, data, error: null, loading: false });
        } catch (cause) {
          if (abort.signal.aborted) return;
          const error = cause instanceof Error ? cause : new Error(String(cause));
          setState((old) => ({ key, data: old.key === key ? old.data : null, error, loading: false }));
        }
      }
      if (pollMs !== undefined && !abort.signal.aborted) timer = setTimeout(() => void run(), pollMs);
    };
    setState((old) => (old.key === key ? { ...old, loading: true } : { key, data: null, error: null, loading: true }));
    void run();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [key, pollMs, round]);

  const refresh = useCallback(() => setRound((old) => old + 1), []);
  const mine = state.key === key;
  const data = mine ? state.data : null;
  const error = mine ? state.error : null;
  return {
    data,
    error,
    loading: key !== null && (mine ? state.loading : true),
    stale: data !== null && error !== null,
    refresh,
  };
}
