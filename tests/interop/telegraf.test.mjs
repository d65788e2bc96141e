// Posts as Telegraf sends them: outputs.influxdb (v1) asks for its database and writes to /write, outputs.influxdb_v2
// writes to /api/v2/write; both in gzipped batches of 1,000 lines, and both repeat a batch whose answer got lost.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { Tundish } from "./systems.mjs";

const kLines = 1_000;

describe("posts like Telegraf's", { skip: !Tundish.available() }, () => {
  let folder, system, start;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "tundish-telegraf-"));
    system = await Tundish.start(join(folder, "data"));
    start = Math.floor(Date.now() / 1_000) - kLines;
  });
  after(async () => {
    await system?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const post = (path, lines, headers = {}) =>
    fetch(`${system.base}${path}`, {
      method: "POST",
      headers: {
        "content-type": "text/plain; charset=utf-8",
        "content-encoding": "gzip",
        "user-agent": "Telegraf/1.33.1 Go/1.23.4",
        authorization: `Token ${system.token}`,
        ...headers,
      },
      body: gzipSync(`${lines.join("\n")}\n`),
    });

  /** Samples of one tag over the time of the test, in order. */
  async function stored(path) {
    const { series } = await system.api("POST", "/query", { tags: [path], from: "now-1h", to: "now+1h", mode: "raw" });
    return series[0];
  }

  it("answers a ping without credentials", async () => {
    const answer = await fetch(`${system.base}/ping`);
    assert.equal(answer.status, 204);
  });

  it("lets Telegraf create its database", async () => {
    const answer = await fetch(`${system.base}/query?q=${encodeURIComponent('CREATE DATABASE "telegraf"')}`, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(`telegraf:${system.token}`).toString("base64")}` },
    });
    assert.equal(answer.status, 200);
    assert.deepEqual((await answer.json()).results[0].statement_id, 0);
  });

  it("keeps a gzipped batch of 1,000 lines in nanoseconds, v2", async () => {
    const lines = [...Array(kLines).keys()].map(
      (number) => `cpu,cpu=cpu-total,host=edge-1 usage_idle=${90 + number / 1_000},usage_user=${number}i ${start + number}000000000`,
    );
    for (let repeat = 0; repeat < 2; repeat += 1) {
      const answer = await post("/api/v2/write?bucket=works&org=plant&precision=ns", lines);
      assert.equal(answer.status, 204, await answer.text());
    }
    const idle = await stored("works/cpu/cpu-total/edge-1/usage_idle");
    assert.equal(idle.values.length, kLines, "a repeated batch is kept once");
    assert.equal(idle.type, "double");
    assert.equal(idle.values[999], 90.999);
    assert.equal(Date.parse(idle.times[0]), start * 1_000);
    const user = await stored("works/cpu/cpu-total/edge-1/usage_user");
    assert.equal(user.type, "int64");
    assert.deepEqual(user.values.slice(0, 3), [0, 1, 2]);
  });

  it("keeps a batch in seconds with every kind of field, v1", async () => {
    const lines = [...Array(kLines).keys()].map(
      (number) => `modbus,slave=Mixer\\ 1 speed=${number}.5,running=${number % 2 === 0},state="run \\"${number}\\"" ${start + number}`,
    );
    const answer = await post("/write?db=telegraf&precision=s&rp=", lines);
    assert.equal(answer.status, 204, await answer.text());
    const running = await stored("works/modbus/Mixer 1/running");
    assert.equal(running.type, "bool");
    assert.equal(running.values.length, kLines);
    const state = await stored("works/modbus/Mixer 1/state");
    assert.equal(state.values[7], 'run "7"');
  });

  it("keeps the rest of a batch with bad lines, and names them", async () => {
    const lines = [`good value=1 ${start}`, "no fields at all", `good value=2 ${start + 1}`, `good value=oops ${start}`];
    const answer = await post("/api/v2/write?bucket=works&precision=s", lines);
    assert.equal(answer.status, 400);
    const told = await answer.json();
    assert.equal(told.accepted, 2);
    assert.deepEqual(told.errors.map(({ line }) => line), [2, 4]);
    assert.deepEqual((await stored("works/good/value")).values, [1, 2]);
  });

  it("refuses a wrong token, and bytes that are not gzip", async () => {
    assert.equal((await post("/write?db=x", ["a b=1"], { authorization: "Token tnd_wrong" })).status, 401);
    const answer = await fetch(`${system.base}/write?db=x`, {
      method: "POST",
      headers: { authorization: `Token ${system.token}`, "content-encoding": "gzip" },
      body: "not gzip",
    });
    assert.equal(answer.status, 400);
  });

  it("counts it all in the ledger", async () => {
    const { rows } = await system.api("GET", "/ledger?from=now-2h&to=now%2B2h");
    const accepted = rows.reduce((sum, row) => sum + row.accepted, 0);
    assert.ok(accepted >= 2 * kLines + 3 * kLines + 2, `${accepted} accepted`);
  });
});
