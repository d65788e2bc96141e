import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LiveClient, type LiveSocket } from "./live";

class SimulatedSocket implements LiveSocket {
  sent: unknown[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.closed = true;
  }
  receive(message: unknown) {
    this.onmessage?.({ data: typeof message === "string" ? message : JSON.stringify(message) });
  }
}

const sockets: SimulatedSocket[] = [];
const last = () => sockets[sockets.length - 1] as SimulatedSocket;
let client: LiveClient;
const handlers = () => ({ onSnapshot: vi.fn(), onChanges: vi.fn(), onError: vi.fn() });
const sample = {
  tag: "e/a",
  id: 7,
  time: "2026-01-01T00:00:00Z",
  value: 1,
  type: "double",
  unit: "",
  step: false,
  simulated: false,
};

const facts = { tag: "e/a", type: "double", unit: "", step: false, simulated: false };

beforeEach(() => {
  vi.useFakeTimers();
  sockets.length = 0;
  client = new LiveClient(() => {
    const socket = new SimulatedSocket();
    sockets.push(socket);
    return socket;
  });
});
afterEach(() => void vi.useRealTimers());

describe("LiveClient", () => {
  it("opens with the first subscription and asks once it is open", () => {
    client.subscribe(["e/**"], handlers());
    expect(sockets).toHaveLength(1);
    expect(last().sent).toEqual([]);
    last().onopen?.();
    expect(last().sent).toEqual([{ subscribe: ["e/**"], id: 1 }]);
    client.subscribe(["e/b"], handlers());
    expect(sockets).toHaveLength(1);
    expect(last().sent[1]).toEqual({ subscribe: ["e/b"], id: 2 });
    expect(client.state).toBe("open");
  });

  it("hands snapshot, changes and errors to their subscription", () => {
    const [one, two] = [handlers(), handlers()];
    client.subscribe(["e/a"], one);
    client.subscribe(["e/b"], two);
    last().onopen?.();
    last().receive({ id: 1, snapshot: { position: "1", samples: [sample] } });
    last().receive({
      id: 1,
      changes: {
        position: "2",
        samples: [{ id: 7, time: "2026-01-01T00:00:01Z", value: "NaN", quality: "BadNoData" }],
      },
    });
    last().receive({ id: 2, error: { code: "NotFound", message: "There is no tag 'e/b'." } });
    expect(one.onSnapshot).toHaveBeenCalledWith([expect.objectContaining({ tag: "e/a", quality: "Good" })]);
    expect(one.onChanges).toHaveBeenCalledWith([
      {
        ...facts,
        id: 7,
        samples: [{ time: "2026-01-01T00:00:01Z", value: "NaN", quality: "BadNoData" }],
        skipped: false,
      },
    ]);
    expect(two.onError).toHaveBeenCalledWith("NotFound", "There is no tag 'e/b'.");
    expect(two.onSnapshot).not.toHaveBeenCalled();
  });

  it("says of which tags something was skipped", () => {
    const mine = handlers();
    client.subscribe(["e/**"], mine);
    last().onopen?.();
    last().receive({ id: 1, snapshot: { position: "1", samples: [sample, { ...sample, tag: "e/b", id: 8 }] } });
    const at = (id: number, second: number) => ({ id, time: `2026-01-01T00:00:0${second}Z`, value: second });
    last().receive({ id: 1, changes: { position: "2", samples: [at(7, 1), at(7, 2), at(8, 1)], skipped: [8] } });
    expect(mine.onChanges.mock.calls[0]?.[0]).toMatchObject([
      { tag: "e/a", samples: [{ value: 1 }, { value: 2 }], skipped: false },
      { tag: "e/b", samples: [{ value: 1 }], skipped: true },
    ]);
  });

  it("knows a tag that was made after the snapshot by its first changes, and forgets it with the next snapshot", () => {
    const mine = handlers();
    client.subscribe(["e/**"], mine);
    last().onopen?.();
    last().receive({ id: 1, snapshot: { position: "1", samples: [] } });
    const made = { id: 9, tag: "e/new", type: "bool", unit: "", step: true, simulated: true };
    const samples = [{ time: "2026-01-01T00:00:01Z", value: true, quality: "Good" }];
    const wire = samples.map((one) => ({ id: 9, ...one }));
    last().receive({ id: 1, changes: { position: "2", tags: [made], samples: wire } });
    last().receive({ id: 1, changes: { position: "3", samples: wire } });
    expect(mine.onChanges).toHaveBeenCalledTimes(2);
    for (const [changes] of mine.onChanges.mock.calls) expect(changes).toEqual([{ ...made, samples, skipped: false }]);
    last().receive({ id: 1, snapshot: { position: "4", samples: [] } });
    last().receive({ id: 1, changes: { position: "5", samples: wire } });
    expect(mine.onChanges).toHaveBeenLastCalledWith([]);
  });

  it("survives what it does not understand", () => {
    const mine = handlers();
    client.subscribe(["e/a"], mine);
    last().onopen?.();
    last().receive("not json");
    last().receive({ id: "x" });
    last().receive({ id: 1, changes: { position: "2", samples: [{ id: 1 }] } });
    last().receive({ id: 1, changes: [{ id: 1 }, null] });
    last().receive({ id: 99, snapshot: { position: "1", samples: [] } });
    expect(mine.onChanges).not.toHaveBeenCalled();
  });

  it("comes back with back-off and subscribes again", () => {
    client.subscribe(["e/a"], handlers());
    const waits: number[] = [];
    for (let round = 0; round < 7; round += 1) {
      const before = sockets.length;
      last().onclose?.();
      expect(client.state).toBe("waiting");
      let waited = 0;
      while (sockets.length === before) {
        vi.advanceTimersByTime(100);
        waited += 100;
      }
      waits.push(waited);
    }
    expect(waits[0]).toBeLessThanOrEqual(700);
    expect(waits[6]).toBeGreaterThanOrEqual(10_000);
    expect(waits[6]).toBeLessThanOrEqual(12_100);
    last().onopen?.();
    expect(last().sent).toEqual([{ subscribe: ["e/a"], id: 1 }]);
    last().receive({ id: 1, snapshot: { position: "1", samples: [] } });
    const before = sockets.length;
    last().onclose?.();
    vi.advanceTimersByTime(700);
    expect(sockets).toHaveLength(before + 1);
  });

  it("tries at once when told to", () => {
    client.subscribe(["e/a"], handlers());
    last().onclose?.();
    client.retryNow();
    expect(sockets).toHaveLength(2);
    vi.advanceTimersByTime(20_000);
    expect(sockets).toHaveLength(2);
  });

  it("unsubscribes, closes a while after the last one, and is silent then", () => {
    const states: string[] = [];
    client.watch(() => states.push(client.state));
    const end = client.subscribe(["e/a"], handlers());
    last().onopen?.();
    end();
    end();
    expect(last().sent).toEqual([{ subscribe: ["e/a"], id: 1 }, { unsubscribe: 1 }]);
    expect(last().closed).toBe(false);
    vi.advanceTimersByTime(6_000);
    expect(last().closed).toBe(true);
    expect(states).toEqual(["connecting", "open", "idle"]);
    vi.advanceTimersByTime(60_000);
    expect(sockets).toHaveLength(1);
  });

  it("does not reopen for a subscription that ended while it waited", () => {
    const end = client.subscribe(["e/a"], handlers());
    last().onclose?.();
    end();
    vi.advanceTimersByTime(20_000);
    expect(sockets).toHaveLength(1);
    expect(client.state).toBe("idle");
  });
});
