import { useCallback, useState, type FormEvent } from "react";

/** A form's one request at a time, and the sentence to show when it failed. */
export function useSubmit(act: () => Promise<void>): {
  busy: boolean;
  error: string | null;
  submit: (event?: FormEvent) => void;
} {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const submit = useCallback(
    (event?: FormEvent) => {
      event?.preventDefault();
      setBusy(true);
      setError(null);
      act()
        .catch((cause: unknown) => setError(cause instanceof Error ? cause.message : String(cause)))
        .finally(() => setBusy(false));
    },
    [act],
  );
  return { busy, error, submit };
}
