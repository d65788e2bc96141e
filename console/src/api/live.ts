/**
 * The live feed: one WebSocket for the page, any number of subscriptions on it.
 *
 * 1. The socket opens with the first subscription and closes a while after the last one ended.
 * 2. Each subscription gets a snapshot, then changes. After a lost connection every subscription is asked for again and
 *    gets a new snapshot; what was missed in between is not replayed, so holders of history ask for it again then.
 * 3. Reconnecting backs off from 0.5 s to 10 s, and tries at once when the browser comes back online.
 */
import { kValueTypes } from "../lib/value";
import { array, flag, nullable, number, object, ParseError, text, withDefault, word, type Parsed } from "./parse";
import { wireValue } from "./query";

const snapshotSample = object({
  tag: text,
  id: number,
  time: nullable(text),
  value: wireValue,
  quality: withDefault(text, "Good"),
  type: withDefault(word(kValueTypes, "double"), "double"),
  unit: withDefault(text, ""),
  step: withDefault(flag, false),
  simulated: withDefault(flag, false),
});
export type SnapshotSample = Parsed<typeof snapshotSample>;

const changedSample = object({ time: text, value: wireValue, quality: withDefault(text, "Good") });
export type ChangedSample = Parsed<typeof changedSample>;

/** What a subscription is told of a tag the first time that it meets it; later messages have its number only. */
const tagFacts = object({
  id: number,
  tag: text,
  type: withDefault(word(kValueTypes, "double"), "double"),
  unit: withDefault(text, ""),
  step: withDefault(flag, false),
  simulated: withDefault(flag, false),
});
export type TagFacts = Omit<Parsed<typeof tagFacts>, "id">;

const changes = object({
  tags: withDefault(array(tagFacts), []),
  samples: array(object({ id: number, time: text, value: wireValue, quality: withDefault(text, "Good") })),
  skipped: withDefault(array(number), []),
});

const message = object({
  id: number,
  snapshot: nullable(object({ samples: array(snapshotSample) })),
  changes: nullable(changes),
  error: nullable(object({ code: text, message: withDefault(text, "") })),
});

/** The changes of one tag, by time. `skipped`: others were left out, before the newest of `samples`; a query has them. */
export interface TagChange extends TagFacts {
  id: number;
  samples: ChangedSample[];
  skipped: boolean;
}

export interface LiveHandlers {
  onSnapshot(samples: SnapshotSample[]): void;
  /** Also of tags that were made after the snapshot. */
  onChanges(changes: TagChange[]): void;
  onError?(code: string, message: string): void;
}

interface Subscription {
  patterns: readonly string[];
  handlers: LiveHandlers;
  /** By number: what the server has told of each tag. It tells it anew with each snapshot. */
  facts: Map<number, TagFacts>;
}

export type LiveState = "idle" | "connecting" | "open" | "waiting";

/** What LiveClient needs of a WebSocket; tests give a simulated one. */
export interface LiveSocket {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
}

const kBackoffFirstMs = 500;
const kBackoffMaxMs = 10_000;
const kIdleCloseMs = 5_000;

export class LiveClient {
  private socket: LiveSocket | null = null;
  private isOpen = false;
  private nextId = 1;
  private failures = 0;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private idleTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly subscriptions = new Map<number, Subscription>();
  private readonly watchers = new Set<() => void>();
  private currentState: LiveState = "idle";

  constructor(private readonly connect: () => LiveSocket) {}

  get state(): LiveState {
    return this.currentState;
  }

  /** Calls back when `state` changes; returns what ends it. */
  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  }

  /** Subscribes to paths and globs; returns what ends the subscription. */
  subscribe(patterns: readonly string[], handlers: LiveHandlers): () => void {
    const id = this.nextId++;
    this.subscriptions.set(id, { patterns, handlers, facts: new Map() });
    clearTimeout(this.idleTimer);
    if (this.isOpen) this.send({ subscribe: patterns, id });
    else if (!this.socket && this.retryTimer === undefined) this.open();
    return () => {
      if (!this.subscriptions.delete(id)) return;
      if (this.isOpen) this.send({ unsubscribe: id });
      if (this.subscriptions.size === 0) this.idleTimer = setTimeout(() => this.stop(), kIdleCloseMs);
    };
  }

  /** Tries again now instead of at the end of the back-off. */
  retryNow(): void {
    if (this.retryTimer === undefined) return;
    clearTimeout(this.retryTimer);
    this.retryTimer = undefined;
    this.open();
  }

  /** Ends the connection; a later subscription opens a new one. */
  stop(): void {
    clearTimeout(this.retryTimer);
    clearTimeout(this.idleTimer);
    this.retryTimer = undefined;
    const socket = this.socket;
    this.socket = null;
    this.isOpen = false;
    this.setState("idle");
    if (socket) {
      socket.onclose = null;
      socket.close();
    }
  }

  private open(): void {
    if (this.subscriptions.size === 0) {
      this.setState("idle");
      return;
    }
    this.setState("connecting");
    const socket = this.connect();
    this.socket = socket;
    socket.onopen = () => {
      if (this.socket !== socket) return;
      this.isOpen = true;
      this.setState("open");
      for (const [id, { patterns }] of this.subscriptions) this.send({ subscribe: patterns, id });
    };
    socket.onmessage = (event) => this.receive(event.data);
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.socket = null;
      this.isOpen = false;
      this.setState("waiting");
      const delay = Math.min(kBackoffMaxMs, kBackoffFirstMs * 2 ** this.failures);
      this.failures += 1;
      // Up to a fifth more, so that many consoles do not come back in the same instant.
      this.retryTimer = setTimeout(() => this.retryNow(), delay * (1 + Math.random() / 5));
    };
  }

  private receive(data: unknown): void {
    let received: Parsed<typeof message>;
    try {
      received = message(JSON.parse(String(data)));
    } catch (cause) {
      if (cause instanceof ParseError || cause instanceof SyntaxError) return;
      throw cause;
    }
    this.failures = 0;
    const subscription = this.subscriptions.get(received.id);
    if (!subscription) return;
    const { handlers, facts } = subscription;
    if (received.snapshot) {
      facts.clear();
      for (const { id, tag, type, unit, step, simulated } of received.snapshot.samples) {
        facts.set(id, { tag, type, unit, step, simulated });
      }
      handlers.onSnapshot(received.snapshot.samples);
    }
    if (received.changes) handlers.onChanges(withFacts(received.changes, facts));
    if (received.error) handlers.onError?.(received.error.code, received.error.message);
  }

  private send(body: unknown): void {
    this.socket?.send(JSON.stringify(body));
  }

  private setState(state: LiveState): void {
    if (state === this.currentState) return;
    this.currentState = state;
    this.watchers.forEach((watcher) => watcher());
  }
}

/** One entry a tag, with what is known of it; samples of a tag that nothing was told of cannot be placed. */
function withFacts({ tags, samples, skipped }: Parsed<typeof changes>, facts: Map<number, TagFacts>): TagChange[] {
  for (const { id, ...about } of tags) facts.set(id, about);
  const found = new Map<number, TagChange>();
  const entry = (id: number) => {
    const about = facts.get(id);
    if (about && !found.has(id)) found.set(id, { ...about, id, samples: [], skipped: false });
    return found.get(id);
  };
  for (const { id, ...sample } of samples) entry(id)?.samples.push(sample);
  for (const id of skipped) {
    const change = entry(id);
    if (change) change.skipped = true;
  }
  return [...found.values()];
}

/** The page's own client, by the session cookie. */
export const live = new LiveClient(() => {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  return new WebSocket(`${scheme}//${location.host}/api/v1/live`) as unknown as LiveSocket;
});

if (typeof window !== "undefined") window.addEventListener("online", () => live.retryNow());
