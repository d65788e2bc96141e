import { describe, expect, it } from "vitest";
import { entryParser, nanoseconds, type Entry } from "../../api/entries";
import { entryAt } from "./HandMark";

const made = (fields: Record<string, unknown>): Entry =>
  entryParser({ id: 1, kind: "correction", who: "user:anna", received: "2026-11-27T09:00:00Z", why: "x", ...fields });

describe("entries", () => {
  it("keep all digits of a time", () => {
    expect(nanoseconds("1970-01-01T00:00:01Z")).toBe(1_000_000_000n);
    expect(nanoseconds("2026-11-27T08:15:00.123456789Z") % 1_000_000_000n).toBe(123_456_789n);
    expect(nanoseconds("1970-01-01T00:00:00.5Z")).toBe(500_000_000n);
  });

  it("are found at the sample that they wrote, the newest first", () => {
    const list = [
      made({ id: 3, kind: "removal", from: "2026-11-27T08:00:00Z", to: "2026-11-27T08:10:00Z", samples: 4 }),
      made({ id: 2, time: "2026-11-27T08:15:00.5Z", value: 2, before: { value: 1, quality: "Good" } }),
      made({ id: 1, time: "2026-11-27T08:15:00.5Z", value: 3 }),
    ];
    const at = (minute: number, ms = 0) => Date.UTC(2026, 10, 27, 8, minute, 0, ms);
    expect(entryAt(list, at(15, 500))?.id).toBe(2);
    expect(entryAt(list, at(15, 500))?.before?.value).toBe(1);
    expect(entryAt(list, at(15))).toBeUndefined();
    expect(entryAt(list, at(0))?.kind).toBe("removal");
    expect(entryAt(list, at(9, 999))?.kind).toBe("removal");
    expect(entryAt(list, at(10))).toBeUndefined();
  });
});
