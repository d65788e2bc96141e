import { afterEach, describe, expect, it, vi } from "vitest";
import { browse, createConnection, getConnection } from "./connections";
import { ApiError, queryString, request, setCsrf, whenSignedOut } from "./http";
import { array, number, object, ParseError, text, tuple, withDefault, word } from "./parse";
import { getPlatform } from "./platform";
import { queryPlot } from "./query";
import { getSession, signIn } from "./session";
import { getAllTags } from "./tags";

function answer(body: unknown, init: ResponseInit = {}): ReturnType<typeof vi.fn> {
  const mock = vi.fn(
    async () => new Response(body === null ? null : typeof body === "string" ? body : JSON.stringify(body), init),
  );
  vi.stubGlobal("fetch", mock);
  return mock;
}
const call = (mock: ReturnType<typeof vi.fn>, index = 0) =>
  mock.mock.calls[index] as [string, RequestInit & { headers: Record<string, string> }];
afterEach(() => void vi.unstubAllGlobals());

describe("parsers", () => {
  it("name the field that is wrong", () => {
    const shape = object({ list: array(object({ id: number })) });
    expect(() => shape({ list: [{ id: 1 }, { id: "x" }] })).toThrow(new ParseError("list[1].id", "a number", "x"));
    expect(() => shape([])).toThrow(ParseError);
    expect(() => shape(null)).toThrow("expected an object, got null");
  });
  it("take digits for 64-bit numbers, ignore what is not asked for, fill in what may be absent", () => {
    const shape = object({
      n: number,
      word: word(["a", "b"], "a"),
      more: withDefault(text, "-"),
      pair: tuple(number, text),
    });
    expect(shape({ n: "9007199254740993", word: "new in a later version", pair: [1, "x"], extra: {} })).toEqual({
      n: 9007199254740992,
      word: "a",
      more: "-",
      pair: [1, "x"],
    });
    expect(() => tuple(number, text)([1])).toThrow(ParseError);
  });
});

describe("request", () => {
  it("shows the CSRF token to requests that change something, and only to them", async () => {
    setCsrf("token");
    const mock = answer({ id: 3 }, { status: 201 });
    await createConnection({
      name: "",
      kind: "opcua",
      endpoint: "",
      security_policy: "None",
      security_mode: "None",
      user: "",
      publishing_ms: 1,
      enabled: true,
      items: [],
    });
    await request("GET", "/x", object({}));
    expect(call(mock)[1].headers["X-CSRF-Token"]).toBe("token");
    expect(call(mock)[1].method).toBe("POST");
    expect(call(mock, 1)[1].headers["X-CSRF-Token"]).toBeUndefined();
    setCsrf("");
  });

  it("turns problem documents into typed errors", async () => {
    answer({ code: "NotFound", status: 404, detail: "There is no tag 'x'.", where: "tag" }, { status: 404 });
    await expect(request("GET", "/tags/1", object({}))).rejects.toMatchObject({
      status: 404,
      code: "NotFound",
      message: "There is no tag 'x'.",
      where: "tag",
    });
    answer("<html>gateway</html>", { status: 502, statusText: "Bad Gateway", headers: { "Retry-After": "7" } });
    await expect(request("GET", "/x", object({}))).rejects.toMatchObject({
      status: 502,
      message: "Bad Gateway",
      retryAfterSeconds: 7,
    });
  });

  it("says when the server is away or answers nonsense", async () => {
    vi.stubGlobal(
      "fetch",
      vi.fn(async () => Promise.reject(new TypeError("fetch failed"))),
    );
    await expect(getPlatform()).rejects.toMatchObject({ code: "Network" });
    answer("{");
    await expect(getPlatform()).rejects.toMatchObject({ code: "BadAnswer" });
    answer({ enterprises: 3 });
    await expect(getPlatform()).rejects.toThrow(/enterprises: expected a list/);
  });

  it("leaves an abort an abort", async () => {
    const abort = new AbortController();
    vi.stubGlobal(
      "fetch",
      vi.fn(async () => Promise.reject(new DOMException("", "AbortError"))),
    );
    abort.abort();
    await expect(getPlatform(abort.signal)).rejects.not.toBeInstanceOf(ApiError);
  });

  it("reports a lost session, but not a wrong password", async () => {
    const lost = vi.fn();
    whenSignedOut(lost);
    answer({ code: "Unauthenticated", detail: "" }, { status: 401 });
    await expect(signIn("a", "b")).rejects.toBeInstanceOf(ApiError);
    await expect(getSession()).rejects.toBeInstanceOf(ApiError);
    expect(lost).not.toHaveBeenCalled();
    await expect(getPlatform()).rejects.toBeInstanceOf(ApiError);
    expect(lost).toHaveBeenCalledOnce();
  });

  it("takes 204 for done", async () => {
    answer(null, { status: 204 });
    await expect(request("DELETE", "/x", () => undefined)).resolves.toBeUndefined();
  });
});

describe("resources", () => {
  it("encodes what goes into addresses", async () => {
    expect(queryString({ tag: ["a b", "c&d"], after: undefined, limit: 5, on: true })).toBe(
      "?tag=a+b&tag=c%26d&limit=5&on=true",
    );
    expect(queryString({})).toBe("");
    const mock = answer({ nodes: [] });
    await browse(4, { namespace_uri: "urn:a/b?c", identifier: "s=Line 1&2" });
    expect(call(mock)[0]).toBe("/api/v1/connections/4/browse?namespace_uri=urn%3Aa%2Fb%3Fc&identifier=s%3DLine+1%262");
  });

  it("reads a plot with NaN, bounds and quality runs", async () => {
    answer({
      position: "81723",
      complete: true,
      series: [
        {
          tag: "e/a",
          id: 17,
          type: "double",
          unit: "Cel",
          step: false,
          simulated: true,
          times: ["2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"],
          values: [1.5, "NaN"],
          qualities: [
            [0, "Good"],
            [1, "BadNoCommunication"],
          ],
          before: { time: "2025-12-31T23:59:59Z", value: 1 },
          after: null,
          truncated: false,
        },
      ],
    });
    const found = await queryPlot(["e/a"], { from: "a", to: "b" }, 100);
    expect(found.series[0]).toMatchObject({ before: { quality: "Good" }, after: null, values: [1.5, "NaN"] });
  });

  it("reads a connection that has no state yet", async () => {
    answer({ id: 1, name: "x", endpoint: "opc.tcp://h", items: [] });
    expect(await getConnection(1)).toMatchObject({ status: { state: "disabled" }, items: [] });
  });

  it("follows pages of tags to the end", async () => {
    const tag = (id: number) => ({
      id,
      path: `e/${id}`,
      type: "double",
      step: false,
      unit: "",
      description: "",
      simulated: false,
    });
    const pages = [
      { tags: [tag(1), tag(2)], next: "e/2" },
      { tags: [tag(3)], next: null },
    ];
    const mock = vi.fn(async (_address: string) => new Response(JSON.stringify(pages.shift())));
    vi.stubGlobal("fetch", mock);
    expect((await getAllTags("e/**", 100)).map(({ id }) => id)).toEqual([1, 2, 3]);
    expect(mock.mock.calls[1]?.[0]).toContain("after=e%2F2");
  });
});
