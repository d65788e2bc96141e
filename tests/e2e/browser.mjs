// A real Chromium, and pages that notice what must never happen: a console error, a request to a foreign host, a dialog.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

// The console's own dependencies hold the tools.
const require = createRequire(resolve(import.meta.dirname, "../../console/package.json"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export async function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A person at a browser of their own. `faults` fills with what must not happen. */
export async function person(browser, origin, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1400, height: 900 },
    locale: "en-GB",
    timezoneId: "Asia/Shanghai",
    acceptDownloads: true,
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const faults = [];
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => faults.push(`uncaught: ${error.stack}`));
  page.on("dialog", (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  context.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol !== "blob:" && protocol !== "data:" && `http://${host}` !== origin) {
      faults.push(`foreign host: ${request.url()}`);
    }
  });
  return {
    context,
    page,
    faults,
    open: (hash) => page.goto(`${origin}/${hash}`),
    /** The API as this person, beside the page. */
    async api(method, path, body, headers = {}) {
      const session = method === "GET" ? null : await (await context.request.get(`${origin}/api/v1/session`)).json();
      return context.request.fetch(`${origin}/api/v1${path}`, {
        method,
        headers: {
          "Content-Type": "application/json",
          Origin: origin,
          ...(session ? { "X-CSRF-Token": session.csrf } : {}),
          ...headers,
        },
        ...(body === undefined ? {} : { data: JSON.stringify(body) }),
      });
    },
  };
}

/** Signs in by a one-time link, and leaves the password for later. */
export async function signInByLink(who, link) {
  await who.page.goto(link);
  await who.page.getByRole("button", { name: "Later" }).click();
  await who.page.getByRole("navigation").waitFor();
}

/** Nothing serious or critical by axe in the page as it shows now. */
export async function assertAccessible(page, what) {
  // Through the debugger: the page's own policy lets no script in, as it should.
  await page.evaluate(axe);
  // A colour on its way from one to another is neither; what turns for ever is not waited for.
  await page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter((one) => one.effect?.getComputedTiming().iterations !== Infinity)
        .map((one) => one.finished.catch(() => {})),
    ),
  );
  const violations = await page.evaluate(async () => {
    const result = await window.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    });
    return result.violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
  });
  assert.deepEqual(violations, [], `axe on ${what}`);
}

/** Until `probe` gives something true; what it gave. */
export async function eventually(probe, what, timeoutMs = 20_000) {
  const end = Date.now() + timeoutMs;
  let last;
  for (;;) {
    last = await probe();
    if (last) return last;
    if (Date.now() > end) throw new Error(`not within ${timeoutMs / 1_000} s: ${what}`);
    await new Promise((again) => setTimeout(again, 200));
  }
}
