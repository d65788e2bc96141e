import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { ApiError, setCsrf, whenSignedOut } from "../api/http";
import { live } from "../api/live";
import { getSession, signOut as requestSignOut, type Role, type Session, type SessionUser } from "../api/session";
import { getPreference, setPreference } from "../lib/preferences";

interface SessionState {
  user: SessionUser | null;
  /** Until the first answer about a session that may still be there. */
  checking: boolean;
  /** While checking: the server gave no answer about it, and is asked again. */
  unreachable: boolean;
  /** The session that was here ended by itself: it ran out, or was ended elsewhere. */
  ended: boolean;
  adopt: (session: Session) => void;
  signOut: () => Promise<void>;
}

const Context = createContext<SessionState | null>(null);

/** Set while a session may exist, so that a visitor without one does not ask for it in vain. */
const kHint = "signed-in";
const kAskAgainMs = 2_000;

/** True when the server said that there is no session; not when it said nothing, as while it restarts. */
const isSignedOut = (cause: unknown) => cause instanceof ApiError && cause.status === 401;

export function SessionProvider({ children }: { children: ReactNode }) {
  const [user, setUser] = useState<SessionUser | null>(null);
  const [checking, setChecking] = useState(() => getPreference(kHint) !== null);
  const [unreachable, setUnreachable] = useState(false);
  const [ended, setEnded] = useState(false);

  const adopt = useCallback((session: Session) => {
    live.stop();
    setCsrf(session.csrf);
    setUser(session.user);
    setEnded(false);
    setPreference(kHint, "1");
  }, []);

  const forget = useCallback(() => {
    live.stop();
    setCsrf("");
    setUser(null);
    setPreference(kHint, null);
  }, []);

  const end = useCallback(() => {
    forget();
    setEnded(true);
  }, [forget]);

  useEffect(() => whenSignedOut(end), [end]);

  // The feed is refused like anything else when the session has ended, but a WebSocket cannot say why it was closed.
  useEffect(() => {
    if (!user) return;
    return live.watch(() => {
      if (live.state !== "waiting") return;
      getSession().catch((cause: unknown) => {
        if (isSignedOut(cause)) end();
      });
    });
  }, [user, end]);

  useEffect(() => {
    if (getPreference(kHint) === null) return;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const done = () => {
      setUnreachable(false);
      setChecking(false);
    };
    const ask = () =>
      void getSession(abort.signal).then(
        (session) => {
          adopt(session);
          done();
        },
        (cause: unknown) => {
          if (abort.signal.aborted) return;
          if (isSignedOut(cause)) {
            end();
            done();
          } else {
            setUnreachable(true);
            timer = setTimeout(ask, kAskAgainMs);
          }
        },
      );
    ask();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [adopt, end]);

  const signOut = useCallback(async () => {
    try {
      await requestSignOut();
    } finally {
      forget();
    }
  }, [forget]);

  const state = useMemo(
    () => ({ user, checking, unreachable, ended, adopt, signOut }),
    [user, checking, unreachable, ended, adopt, signOut],
  );
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
