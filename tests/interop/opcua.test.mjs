// A foreign server, signed and encrypted, user and password, 1,000 items at 100 ms: killed, cut off, restarted. Every
// item must resume. INTEROP_CUT_S: how long the cable is pulled. INTEROP_FORM: program (default) or probe.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { ForeignServer, Proxy, eventually, freePort, sleep } from "./processes.mjs";
import { Probe, Tundish } from "./systems.mjs";

const kItems = 1_000;
const kPeriodMs = 100;
const kAll = kItems + 2; // and the set point that nobody moves, and the uncertain sensor
const kLostAfterSeconds = 6; // connect/options.h: without an answer for so long a connection counts as lost
const cutSeconds = Number(process.env.INTEROP_CUT_S ?? 5);
const System = process.env.INTEROP_FORM === "probe" ? Probe : Tundish;

describe(`node-opcua, signed and encrypted, user and password, ${System.name}`, { skip: !System.available() }, () => {
  let folder, server, proxy, system, url;

  const running = (what) =>
    eventually(async () => {
      const now = await system.status();
      return now.state === "running" && now.items_resumed === kAll && now;
    }, `every item resumed ${what}`, 60_000);

  /** What has no good sample (uncertain for the shaky one) at or after `sinceMs`. */
  async function behind(sinceMs) {
    const samples = await system.newest();
    const late = samples.filter(({ path, timeMs, quality }) => {
      const wanted = path.endsWith("/Shaky") ? quality.startsWith("Uncertain") : quality === "Good";
      return !wanted || timeMs < sinceMs;
    });
    return { count: kAll - samples.length + late.length, examples: late.slice(0, 3) };
  }
  const allFresh = async (sinceMs, what) => {
    let last;
    await eventually(async () => {
      last = await behind(sinceMs);
      return last.count === 0;
    }, `fresh values ${what}`).catch((error) => assert.fail(`${error.message}: ${JSON.stringify(last)}`));
  };
  const failed = (what) => eventually(async () => (await system.status()).state === "failed", what);

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "tundish-interop-"));
    server = new ForeignServer(await freePort(), kItems, kPeriodMs, folder);
    await server.start();
    proxy = await Proxy.start(server.port);
    url = `opc.tcp://127.0.0.1:${proxy.port}/plant`;
    system = await System.start(join(folder, "data"));
  });

  after(async () => {
    await system?.stop();
    await proxy?.end();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("tells the endpoints", async () => {
    const endpoints = await system.endpoints(url);
    for (const policy of ["Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"])
      assert.ok(endpoints.some((each) => each.security_policy === policy && each.security_mode === "SignAndEncrypt"));
  });

  it("waits for a person to confirm the certificate, and takes no other fingerprint", async () => {
    const since = Date.now();
    await system.connectTo({
      url,
      policy: "Basic256Sha256",
      mode: "SignAndEncrypt",
      user: "anna",
      password: "plant-7",
      count: kItems,
      samplingMs: kPeriodMs,
    });
    const { presented_fingerprint: shown } = await eventually(async () => {
      const now = await system.status();
      return now.state === "untrusted" && now;
    }, "untrusted");
    assert.match(shown, /^[0-9a-f]{64}$/);
    assert.deepEqual(await system.newest(), []);
    await assert.rejects(system.trust("0".repeat(64)), /not the fingerprint/);
    await system.trust(shown);
    await running("after the first connect");
    await allFresh(since, "after the first connect");
  });

  it("receives what the server sends", async () => {
    const before = (await system.status()).values;
    await sleep(2_000);
    const rate = ((await system.status()).values - before) / 2;
    assert.ok(rate > 0.7 * kItems * (1_000 / kPeriodMs), `${rate} values a second`);
  });

  it("browses over the session", async () => {
    const nodes = await system.browse("urn:interop:plant", "s=Line");
    assert.equal(nodes.length, kAll);
    const seventh = nodes.find(({ identifier }) => identifier === "s=Item7");
    assert.equal(seventh.namespace_uri, "urn:interop:plant");
    assert.equal(seventh.type, "double");
  });

  it("resumes every item after the server was killed and came back with other namespace indexes", async () => {
    await server.kill();
    await failed("loss noticed");
    assert.equal((await system.unresumed()).length, kAll);
    await eventually(async () => (await system.marks())[0] === 1, "every item marked");
    await server.start({ shifted: true });
    const since = Date.now() - 1_000;
    await running("after the kill");
    await allFresh(since, "after the kill");
    assert.deepEqual(await system.marks(), [1, 1], "one mark an outage");
    assert.deepEqual(await system.unresumed(), []);
  });

  it(`resumes every item after ${cutSeconds} s without a cable`, async () => {
    await proxy.tell("stall");
    await sleep(cutSeconds * 1_000);
    const noticed = cutSeconds > kLostAfterSeconds + 4;
    if (noticed) assert.equal((await system.status()).state, "failed");
    await proxy.tell("resume");
    const since = Date.now();
    await running("after the cut");
    if (noticed) await allFresh(since, "after the cut");
    await eventually(async () => {
      const samples = await system.newest();
      return samples.filter(({ path, timeMs }) => path.includes("/Item") && timeMs >= since).length === kItems;
    }, "every moving item moves again");
  });

  it("resumes every item after the connection was reset", async () => {
    const { reconnects } = await system.status();
    await proxy.tell("cut");
    await eventually(async () => (await system.status()).reconnects > reconnects, "connected anew", 60_000);
    const since = Date.now();
    await running("after the reset");
    await eventually(async () => {
      const samples = await system.newest();
      return samples.filter(({ path, timeMs }) => path.includes("/Item") && timeMs >= since).length === kItems;
    }, "every moving item moves again");
    assert.equal((await system.status()).dropped, 0);
  });

  it("resumes every item after an orderly restart of the server", async () => {
    await server.stop();
    await failed("loss noticed");
    await server.start();
    const since = Date.now() - 1_000;
    await running("after the restart");
    await allFresh(since, "after the restart");
  });

  it("resumes every item after the program itself was killed", { skip: System === Probe }, async () => {
    await system.restart();
    const since = Date.now();
    await running("after the restart, with the certificate still trusted");
    await allFresh(since - 2_000, "after the restart");
  });

  it("says so when the password is wrong", async () => {
    await system.connectTo({
      url,
      policy: "Aes256_Sha256_RsaPss",
      mode: "SignAndEncrypt",
      user: "anna",
      password: "wrong",
      count: 0,
      samplingMs: 100,
    });
    const shown = await eventually(async () => (await system.status()).presented_fingerprint, "fingerprint");
    await system.trust(shown);
    await failed("failed");
    assert.match((await system.status()).message, /user name and password/);
  });
});
