// What is tested, in two forms with the same questions: the whole program over HTTP, and the connect stage alone.
import assert from "node:assert/strict";
import { LineChild, eventually, freePort } from "./processes.mjs";

/** Names of the foreign server's variables, as node identifiers and as the last part of paths. */
function itemNames(count) {
  return [...Array(count).keys()].map((number) => `Item${number}`).concat("SetPoint", "Shaky");
}

/** The connect stage alone: tests/interop/connect_probe.cc. */
export class Probe {
  static available() {
    return Boolean(process.env.CONNECT_PROBE);
  }

  static async start(folder) {
    const probe = new Probe();
    probe.child = new LineChild(process.env.CONNECT_PROBE, [folder]);
    return probe;
  }

  async ask(...words) {
    const answer = JSON.parse(await this.child.ask(words.join("\t")));
    if (answer.error) throw new Error(answer.error);
    return answer;
  }

  async connectTo({ url, policy, mode, user, password, count, samplingMs }) {
    await this.ask("connect", url, policy, mode, user, password, count, samplingMs);
  }
  async trust(fingerprint) {
    await this.ask("trust", fingerprint);
  }
  status() {
    return this.ask("status");
  }
  async unresumed() {
    return (await this.ask("unresumed")).items.map(([path, status]) => ({ path, status }));
  }
  async newest() {
    return (await this.ask("newest")).samples.map(([path, time, value, quality]) => ({
      path,
      timeMs: Number(BigInt(time) / 1_000_000n),
      value,
      quality,
    }));
  }
  /** How many marks of a loss an item has. */
  async marks() {
    const { least, most } = await this.ask("marks");
    return [least, most];
  }
  async browse(namespaceUri, identifier) {
    return (await this.ask("browse", namespaceUri, identifier)).nodes.map(
      ([namespace_uri, id, display_name, type]) => ({ namespace_uri, identifier: id, display_name, type }),
    );
  }
  async endpoints(url) {
    return (await this.ask("endpoints", url)).endpoints.map(([security_policy, security_mode, fingerprint]) => ({
      security_policy,
      security_mode,
      fingerprint,
    }));
  }
  stop() {
    return this.child.end();
  }
}

/** `tundish serve` with one enterprise, `works`, as an engineer sees it. */
export class Tundish {
  static available() {
    return Boolean(process.env.TUNDISH_BIN);
  }

  static async start(folder) {
    const tundish = new Tundish();
    tundish.folder = folder;
    tundish.port = await freePort();
    await tundish.launch();
    await tundish.signIn();
    return tundish;
  }

  async launch() {
    this.base = `http://127.0.0.1:${this.port}`;
    this.child = new LineChild(
      process.env.TUNDISH_BIN,
      ["serve", "--data", this.folder, "--listen", `127.0.0.1:${this.port}`],
      { stdio: ["pipe", "pipe", "pipe"] },
    );
    this.log = "";
    this.child.child.stderr.on("data", (text) => (this.log += text));
    await eventually(async () => {
      assert.equal(this.child.child.exitCode, null, `tundish serve ended:\n${this.log}`);
      return fetch(`${this.base}/readyz`).then((answer) => answer.ok, () => false);
    }, "tundish is ready");
  }

  /** The printed link makes the platform operator, who makes the enterprise, whose administrator makes a token. */
  async signIn() {
    const [, secret] = await eventually(() => this.log.match(/#\/welcome\/(\S+)/), "the one-time link");
    const operator = await this.redeem(secret);
    await this.as(operator, "POST", "/enterprises", { code: "works", name: "Works", industry: "steel", region: "" });
    const made = await this.as(operator, "POST", "/enterprises/works/link", { role: "administrator", user: "tester" });
    const administrator = await this.redeem(made.link.split("/").at(-1));
    const token = await this.as(administrator, "POST", "/tokens", {
      name: "interop",
      role: "engineer",
      may_create_tags: true,
    });
    this.token = token.secret;
  }

  async redeem(secret) {
    const answer = await fetch(`${this.base}/api/v1/session/link`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ secret }),
    });
    assert.equal(answer.status, 200, await answer.clone().text());
    const cookie = answer.headers.getSetCookie()[0].split(";")[0];
    return { cookie, "x-csrf-token": (await answer.json()).csrf };
  }

  async as(headers, method, path, body) {
    const answer = await fetch(`${this.base}/api/v1${path}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  api(method, path, body) {
    return this.as({ authorization: `Bearer ${this.token}` }, method, path, body);
  }

  /** In place of the connection before: its tags are free for this one. */
  async connectTo({ url, policy, mode, user, password, count, samplingMs }) {
    if (this.id) await this.api("DELETE", `/connections/${this.id}`);
    this.names = itemNames(count);
    const made = await this.api("POST", "/connections", {
      name: `interop as ${user} by ${policy}${password === "plant-7" ? "" : ", wrongly"}`,
      kind: "opcua",
      endpoint: url,
      security_policy: policy,
      security_mode: mode,
      user,
      password,
      publishing_ms: 250,
      enabled: true,
      items: this.names.map((name) => ({
        namespace_uri: "urn:interop:plant",
        identifier: `s=${name}`,
        path: `works/interop/${name}`,
        sampling_ms: samplingMs,
      })),
    });
    this.id = (made.connection ?? made).id;
  }
  async trust(fingerprint) {
    await this.api("POST", `/connections/${this.id}/trust`, { fingerprint });
  }
  async status() {
    const answer = await this.api("GET", `/connections/${this.id}`);
    return (answer.connection ?? answer).status;
  }
  async unresumed() {
    return (await this.api("GET", `/connections/${this.id}/items?unresumed=true`)).items;
  }
  async newest() {
    const { samples } = await this.api("GET", `/latest?tag=${encodeURIComponent("works/interop/*")}&limit=10000`);
    return samples
      .filter(({ time }) => time !== null)
      .map(({ tag, time, value, quality }) => ({
        path: tag,
        timeMs: Date.parse(time),
        value,
        quality: quality ?? "Good",
      }));
  }
  async marks() {
    const tags = ["Item0", "Item500", "SetPoint", "Shaky"].map((name) => `works/interop/${name}`);
    const { series } = await this.api("POST", "/query", { tags, from: "now-1h", to: "now+1min", mode: "raw", limit: 100_000 });
    const counts = series.map(({ times, qualities }) =>
      qualities.reduce((sum, [from, quality], index) => {
        const to = qualities[index + 1]?.[0] ?? times.length;
        return quality === "BadNoCommunication" ? sum + to - from : sum;
      }, 0),
    );
    return [Math.min(...counts), Math.max(...counts)];
  }
  async browse(namespaceUri, identifier) {
    const query = new URLSearchParams({ namespace_uri: namespaceUri, identifier });
    return (await this.api("GET", `/connections/${this.id}/browse?${query}`)).nodes;
  }
  async endpoints(url) {
    return (await this.api("POST", "/connections/endpoints", { url })).endpoints;
  }
  /** kill -9, and started again on the same folder. */
  async restart() {
    await this.child.kill();
    await this.launch();
  }
  async stop() {
    this.child.child.kill("SIGTERM");
    await this.child.end();
  }
}
