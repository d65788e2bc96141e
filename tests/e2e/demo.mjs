// Starts the demo on ports and a folder of its own, and stops it again with everything that it started.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const kStartMs = 120_000;
const kStopMs = 15_000;
const root = resolve(import.meta.dirname, "../..");

/** A port that was free a moment ago; `count` of them in a row. */
export async function freePorts(count) {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const first = 20_000 + Math.floor(Math.random() * 30_000);
    const servers = [];
    try {
      for (let port = first; port < first + count; port += 1) {
        servers.push(
          await new Promise((open, fail) => {
            const server = createServer();
            server.once("error", fail);
            server.listen(port, "127.0.0.1", () => open(server));
          }),
        );
      }
      return first;
    } catch {
      // One of them is taken: elsewhere, then.
    } finally {
      await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
    }
  }
  throw new Error("no free ports");
}

/**
 * `tundish demo`; resolves when it has printed its links and is ready. `halt` ends the program and keeps its data, `resume`
 * starts it again at the same address.
 */
export async function startDemo() {
  const program = process.env.TUNDISH_BIN;
  if (!program) throw new Error("TUNDISH_BIN names the program to test");
  const data = mkdtempSync(join(tmpdir(), "tundish-e2e-"));
  const port = await freePorts(1);
  let output = "";
  let child;
  let gone;
  const start = () => {
    child = spawn(
      program,
      [
        "demo",
        "--data",
        data,
        "--listen",
        `127.0.0.1:${port}`,
        "--enterprises",
        "2",
        "--opcua-port",
        "0",
        "--console",
        process.env.TUNDISH_CONSOLE ?? join(root, "console/dist"),
      ],
      { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NO_COLOR: "1" } },
    );
    child.stdout.on("data", (text) => (output += text));
    child.stderr.on("data", (text) => (output += text));
    gone = new Promise((done) => child.once("exit", (code, signal) => done(code ?? signal)));
  };
  const halt = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), kStopMs);
    await gone;
    clearTimeout(timer);
  };
  const stop = async () => {
    await halt();
    rmSync(data, { recursive: true, force: true });
  };
  const untilReady = async (isUp) => {
    const started = Date.now();
    while (!(await isUp())) {
      const ended = await Promise.race([gone, new Promise((again) => setTimeout(() => again(null), 200))]);
      if (ended === null && Date.now() - started <= kStartMs) continue;
      await stop();
      throw new Error(`the demo did not start (${ended ?? "too slow"}):\n${output.slice(-4_000)}`);
    }
  };

  const origin = `http://127.0.0.1:${port}`;
  start();
  await untilReady(async () => {
    const links = linksOf(output);
    return links.operator && links["steel-01"] && links["chem-01"] && (await isReady(origin));
  });
  const resume = async () => {
    start();
    await untilReady(() => isReady(origin));
  };
  return { origin, data, links: linksOf(output), halt, resume, stop, output: () => output };
}

/** Whose link it is stands on its line or the one above. */
function linksOf(output) {
  const links = {};
  const lines = output.split("\n");
  lines.forEach((line, index) => {
    const link = /https?:\/\/\S*#\/welcome\/\S+/.exec(line)?.[0];
    if (!link) return;
    const about = `${lines[index - 1] ?? ""} ${line.replace(link, "")}`;
    const own = /(steel|chem)-01/.exec(line.replace(link, ""))?.[0] ?? /(steel|chem)-01/.exec(about)?.[0];
    links[own ?? "operator"] ??= link;
  });
  return links;
}

async function isReady(origin) {
  try {
    return (await fetch(`${origin}/readyz`)).ok;
  } catch {
    return false;
  }
}
