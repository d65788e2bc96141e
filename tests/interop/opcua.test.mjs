// A foreign server, signed and encrypted, user and password, 1,000 items at 100 ms: killed, cut off, restarted. Every
// item must resume. INTEROP_CUT_S: how long the cable is pulled.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { ForeignServer, Probe, Proxy, eventually, freePort, sleep } from "./processes.mjs";

const kItems = 1_000;
const kPeriodMs = 100;
const kAll = kItems + 2; // and the set point, and the shaky sensor
const cutSeconds = Number(process.env.INTEROP_CUT_S ?? 5);

describe("node-opcua, Basic256Sha256 SignAndEncrypt, user and password", () => {
  let folder, server, proxy, probe;

  const status = () => probe.ask("status");
  const running = (what) =>
    eventually(async () => {
      const now = await status();
      return now.state === "running" && now.items_resumed === kAll && now;
    }, `every item resumed ${what}`);

  /** Paths whose newest sample is not good, or is older than `since` (wall time, ms). */
  async function behind(since) {
    const { samples } = await probe.ask("newest");
    assert.equal(samples.length, kAll);
    return samples
      .filter(([path, time, , quality]) => {
        const fresh = BigInt(time) >= BigInt(since) * 1_000_000n;
        const good = path.endsWith("/Shaky") ? quality.startsWith("Uncertain") : quality === "Good";
        return !fresh || !good;
      })
      .map(([path, time, value, quality]) => `${path} ${time} ${value} ${quality}`);
  }
  const allFresh = async (since, what) => {
    await eventually(async () => (await behind(since)).length === 0, `fresh values ${what}`);
    assert.deepEqual(await behind(since), []);
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "tundish-interop-"));
    server = new ForeignServer(await freePort(), kItems, kPeriodMs, folder);
    await server.start();
    proxy = await Proxy.start(server.port);
    probe = new Probe(join(folder, "data"));
  });

  after(async () => {
    await probe?.end();
    await proxy?.end();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("tells the endpoints", async () => {
    const { endpoints } = await probe.ask("endpoints", `opc.tcp://127.0.0.1:${proxy.port}/plant`);
    assert.ok(endpoints.some(([policy, mode]) => policy === "Basic256Sha256" && mode === "SignAndEncrypt"));
  });

  it("waits for a person to confirm the certificate, and takes no other fingerprint", async () => {
    await probe.ask("connect", `opc.tcp://127.0.0.1:${proxy.port}/plant`, "Basic256Sha256", "SignAndEncrypt",
      "anna", "plant-7", kItems, kPeriodMs);
    const { presented_fingerprint: shown } = await eventually(async () => {
      const now = await status();
      return now.state === "untrusted" && now;
    }, "untrusted");
    assert.match(shown, /^[0-9a-f]{64}$/);
    assert.deepEqual((await probe.ask("newest")).samples, []);
    await assert.rejects(probe.ask("trust", "0".repeat(64)), /not the fingerprint/);
    await probe.ask("trust", shown);
    await running("after the first connect");
    await allFresh(Date.now(), "after the first connect").catch(async () => {
      // Only the set point keeps its old time, as its server says.
      assert.deepEqual(await behind(0), []);
    });
  });

  it("receives what the server sends", async () => {
    const earlier = (await status()).values;
    await sleep(2_000);
    const rate = ((await status()).values - earlier) / 2;
    assert.ok(rate > 0.8 * kItems * (1_000 / kPeriodMs), `${rate} values a second`);
  });

  it("browses over the session", async () => {
    const { nodes } = await probe.ask("browse", "urn:interop:plant", "s=Line");
    assert.equal(nodes.length, kAll);
    assert.ok(nodes.some(([uri, id, , type]) => uri === "urn:interop:plant" && id === "s=Item7" && type === "double"));
  });

  it("resumes every item after the server was killed and came back with other namespace indexes", async () => {
    await server.kill();
    await eventually(async () => (await status()).state === "failed", "loss noticed");
    await eventually(async () => (await probe.ask("marks")).least >= 1, "every item marked");
    assert.equal((await probe.ask("unresumed")).items.length, kAll);
    await server.start({ shifted: true });
    const since = Date.now();
    await running("after the kill");
    await allFresh(since - 1_000, "after the kill");
    assert.deepEqual(await probe.ask("marks"), { least: 1, most: 1 });
  });

  it(`resumes every item after ${cutSeconds} s without a cable`, async () => {
    await proxy.tell("stall");
    await sleep(cutSeconds * 1_000);
    const noticed = cutSeconds > 8;
    if (noticed) assert.equal((await status()).state, "failed");
    await proxy.tell("resume");
    const since = Date.now();
    await running("after the cut");
    await allFresh(noticed ? since : 0, "after the cut");
    const { samples } = await probe.ask("newest");
    const late = samples.filter(([path, time]) => path.includes("/Item") && BigInt(time) < BigInt(since) * 1_000_000n);
    if (late.length > 0) await sleep(1_000);
  });

  it("resumes every item after the connection was reset", async () => {
    await proxy.tell("cut");
    await eventually(async () => (await status()).reconnects >= 2, "connected anew");
    const since = Date.now();
    await running("after the reset");
    await sleep(500);
    const { samples } = await probe.ask("newest");
    const moving = samples.filter(([path, time]) => path.includes("/Item") && BigInt(time) >= BigInt(since) * 1_000_000n);
    assert.equal(moving.length, kItems);
    assert.equal((await status()).dropped, 0);
  });

  it("resumes every item after an orderly restart of the server", async () => {
    await server.stop();
    await eventually(async () => (await status()).state === "failed", "loss noticed");
    await server.start();
    const since = Date.now();
    await running("after the restart");
    await allFresh(since - 1_000, "after the restart");
  });

  it("says so when the password is wrong", async () => {
    const other = new Probe(join(folder, "other"));
    try {
      await other.ask("connect", `opc.tcp://127.0.0.1:${proxy.port}/plant`, "Aes256_Sha256_RsaPss", "SignAndEncrypt",
        "anna", "wrong", 1, 100);
      const shown = await eventually(async () => (await other.ask("status")).presented_fingerprint, "fingerprint");
      await other.ask("trust", shown);
      const failed = await eventually(async () => {
        const now = await other.ask("status");
        return now.state === "failed" && now;
      }, "failed");
      assert.match(failed.message, /user name and password/);
    } finally {
      await other.end();
    }
  });
});
