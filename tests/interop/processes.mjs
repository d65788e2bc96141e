// The processes that the tests start and stop: foreign server, proxy between, and what is tested.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until `holds` gives something true, and returns it. */
export async function eventually(holds, what, timeoutMs = 30_000) {
  const until = Date.now() + timeoutMs;
  let last;
  while (Date.now() < until) {
    last = await holds();
    if (last) return last;
    await sleep(100);
  }
  throw new Error(`not within ${timeoutMs} ms: ${what}`);
}

export async function freePort() {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** A child whose answers are lines, one for each line it is sent. */
export class LineChild {
  constructor(command, args, options = {}) {
    this.child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"], ...options });
    this.waiting = [];
    this.lines = [];
    this.ended = once(this.child, "exit");
    createInterface({ input: this.child.stdout }).on("line", (line) => {
      const waiter = this.waiting.shift();
      if (waiter) waiter.resolve(line);
      else this.lines.push(line);
    });
    this.child.on("exit", (code, signal) => {
      for (const waiter of this.waiting) waiter.reject(new Error(`${command} ended: ${code ?? signal}`));
      this.waiting = [];
    });
    this.child.on("error", (error) => {
      for (const waiter of this.waiting) waiter.reject(error);
      this.waiting = [];
    });
    this.child.stdin.on("error", () => {});
  }

  line() {
    if (this.lines.length > 0) return Promise.resolve(this.lines.shift());
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  ask(text) {
    this.child.stdin.write(`${text}\n`);
    return this.line();
  }

  async end() {
    this.child.stdin.end();
    await Promise.race([this.ended, sleep(5_000).then(() => this.child.kill("SIGKILL"))]);
    await this.ended;
  }

  async kill() {
    this.child.kill("SIGKILL");
    await this.ended;
  }
}

/** node-opcua with COUNT variables; `shifted` gives its namespace another index. */
export class ForeignServer {
  constructor(port, count, periodMs, folder) {
    this.arguments = [String(port), String(count), String(periodMs), folder];
    this.port = port;
  }

  async start({ shifted = false } = {}) {
    const script = fileURLToPath(new URL("./server.mjs", import.meta.url));
    const more = shifted ? ["--shift-namespace"] : [];
    this.child = new LineChild(process.execPath, [script, ...this.arguments, ...more], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    let line;
    do line = await this.child.line();
    while (line !== "ready");
  }

  kill() {
    return this.child.kill();
  }

  stop() {
    return this.child.end();
  }
}

/** The TCP proxy that pulls the cable: stall, resume, cut, refuse, accept. */
export class Proxy {
  static async start(targetPort) {
    const proxy = new Proxy();
    proxy.child = new LineChild(process.env.CHAOS_PROXY, [`127.0.0.1:${targetPort}`]);
    proxy.port = Number(await proxy.child.line());
    return proxy;
  }

  async tell(command) {
    const answer = await this.child.ask(command);
    if (answer !== "ok") throw new Error(answer);
  }

  end() {
    return this.child.end();
  }
}

