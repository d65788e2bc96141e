import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { setCsrf, whenSignedOut } from "../api/http";
import { live } from "../api/live";
import { getSession, signOut as requestSignOut, type Role, type Session, type SessionUser } from "../api/session";
import { getPreference, setPreference } from "../lib/preferences";

interface SessionState {
  user: SessionUser | null;
  /** Until the first answer about a session that may still be there. */
  checking: boolean;
  adopt: (session: Session) => void;
  signOut: () => Promise<void>;
}

const Context = createContext<SessionState | null>(null);

/** Set while a session may exist, so that a visitor without one does not ask for it in vain. */
const kHint = "signed-in";

export function SessionProvider({ children }: { children: ReactNode }) {
  const [user, setUser] = useState<SessionUser | null>(null);
  const [checking, setChecking] = useState(() => getPreference(kHint) !== null);

  const adopt = useCallback((session: Session) => {
    live.stop();
    setCsrf(session.csrf);
    setUser(session.user);
    setPreference(kHint, "1");
  }, []);

  const forget = useCallback(() => {
    live.stop();
    setCsrf("");
    setUser(null);
    setPreference(kHint, null);
  }, []);

  useEffect(() => whenSignedOut(forget), [forget]);

  useEffect(() => {
    if (getPreference(kHint) === null) return;
    const abort = new AbortController();
    getSession(abort.signal)
      .then(adopt)
      .catch(() => {
        if (!abort.signal.aborted) forget();
      })
      .finally(() => {
        if (!abort.signal.aborted) setChecking(false);
      });
    return () => abort.abort();
  }, [adopt, forget]);

  const signOut = useCallback(async () => {
    try {
      await requestSignOut();
    } finally {
      forget();
    }
  }, [forget]);

  const state = useMemo(() => ({ user, checking, adopt, signOut }), [user, checking, adopt, signOut]);
  return <Context.Provider value={state}>{children}</Context.Provider>;
}

export function useSession(): SessionState {
  const state = useContext(Context);
  if (!state) throw new Error("useSession outside of SessionProvider");
  return state;
}

/** The user of a view that only shows when somebody is signed in. */
export function useUser(): SessionUser {
  const { user } = useSession();
  if (!user) throw new Error("useUser without a session");
  return user;
}

const kRank: Record<Role, number> = { viewer: 0, operator: 1, engineer: 2, administrator: 3, "platform-operator": -1 };

/** True for that role of an enterprise and those above it. */
export function hasRole(user: SessionUser, least: Exclude<Role, "platform-operator">): boolean {
  return kRank[user.role] >= kRank[least];
}
