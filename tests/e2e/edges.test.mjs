// What people meet beside the good days: another theme, links that are wrong, values of doubtful quality or time.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { assertAccessible, eventually, launch, person, signInByLink } from "./browser.mjs";
import { startDemo } from "./demo.mjs";
import { trendHash } from "./trend.mjs";

let browser;
let demo;
let steel;
let sloped;

before(async () => {
  // One after the other: a browser beside a demo that did not start would never be closed.
  demo = await startDemo();
  browser = await launch();
  steel = await person(browser, demo.origin);
  await signInByLink(steel, demo.links["steel-01"]);
  const { tags } = await (await steel.api("GET", "/tags?pattern=steel-01/**&limit=10000")).json();
  sloped = tags.find((tag) => tag.type === "double" && !tag.step);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

describe("theme", () => {
  /** How many pixels of the chart's canvas have the colour that the page's style gives to axis labels. */
  const labelPixels = (page) =>
    page.evaluate(() => {
      const chart = document.querySelector(".chart:has(canvas)");
      if (!chart) return 0;
      const hex = getComputedStyle(chart).getPropertyValue("--text-quiet").trim();
      const wanted = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
      const canvas = chart.querySelector("canvas");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let found = 0;
      for (let at = 0; at < data.length; at += 4) {
        if (data[at + 3] > 200 && wanted.every((part, index) => Math.abs(data[at + index] - part) < 12)) found += 1;
      }
      return found;
    });

  test("the chart changes its colours with the page", async () => {
    const { page } = steel;
    await steel.open(trendHash([sloped.path], "now-1h", "now"));
    await eventually(async () => (await labelPixels(page)) > 50, "axis labels in the colour of the light theme");
    await page.getByRole("button", { name: "Dark theme" }).click();
    await eventually(async () => (await labelPixels(page)) > 50, "axis labels in the colour of the dark theme", 5_000);
    await page.getByRole("button", { name: "Light theme" }).click();
    await eventually(async () => (await labelPixels(page)) > 50, "axis labels as they were", 5_000);
  });
});

describe("links", () => {
  test("a range that is not one gets a word, until the range is another", async () => {
    const { page } = steel;
    const notice = page.getByText("is not one; the last hour is shown");
    await steel.open(trendHash([sloped.path], "2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z"));
    await notice.waitFor();
    assert.match(await notice.innerText(), /2026-01-02T00:00:00Z – 2026-01-01T00:00:00Z/);
    await page.getByRole("button", { name: "8 h", exact: true }).click();
    await notice.waitFor({ state: "detached" });
    await steel.open(trendHash([sloped.path], "now-8x", "now"));
    await notice.waitFor();
  });
});

describe("values of doubtful quality or time", () => {
  const kDoubtful = "steel-01/edges/doubtful";
  const kAhead = "steel-01/edges/clock ahead";

  before(async () => {
    const paths = [kDoubtful, kAhead].map((path) => ({ path, type: "double", unit: "kW" }));
    assert.ok((await steel.api("POST", "/tags", { tags: paths })).ok());
    const now = Date.now();
    const samples = [{ tag: kAhead, time: new Date(now + 2 * 3_600_000).toISOString(), value: 7 }];
    for (let minute = 30; minute >= 0; minute -= 1) {
      const time = new Date(now - minute * 60_000).toISOString();
      samples.push({
        tag: kDoubtful,
        time,
        value: 40 + (minute % 5),
        ...(minute < 15 ? { quality: "UncertainDataSubNormal" } : {}),
      });
      if (minute > 0) samples.push({ tag: kAhead, time, value: 5 });
    }
    const answer = await steel.api("POST", "/samples", { samples });
    assert.equal((await answer.json()).refused, 0);
  });

  test("an average of doubtful samples says so in words, and so does the cursor", async () => {
    const { page } = steel;
    await steel.open(trendHash([kDoubtful], "now-1h", "now"));
    const row = page.locator(`tr[data-pen="${kDoubtful}"]`);
    const average = row.locator('[data-statistic="average"]');
    await average.getByText("UncertainDataSubNormal").waitFor();
    assert.match(
      await average.locator("[title]").getAttribute("title"),
      /^UncertainDataSubNormal · .* % of the time good$/,
    );
    assert.match(await average.innerText(), /▲[\s\S]*\d/, "the value and a sign beside it");
    await row.locator(".live-value").getByText("UncertainDataSubNormal").waitFor();
    assert.equal(await row.locator(".pen-swatch").innerText(), "1?");
    await page.locator(".chart").focus();
    await page.keyboard.press("End");
    await row.locator(".cursor-column").getByText("UncertainDataSubNormal").waitFor();
    await assertAccessible(page, "a trend of doubtful quality");
  });

  test("a value of tomorrow is not fresh", async () => {
    const { page } = steel;
    await steel.open("#/assets");
    await page.getByRole("searchbox").fill("clock ahead");
    const row = page.locator(`[data-path="${kAhead}"]`);
    await row.getByRole("gridcell").nth(4).getByText("in the future").waitFor();
    await assertAccessible(page, "an asset of tomorrow");
    await steel.open(trendHash([kAhead], "now-1h", "now"));
    await page.locator(`tr[data-pen="${kAhead}"] .live-value`).getByText("in the future").waitFor();
    await page.getByLabel("Language").selectOption("zh");
    await page.locator(`tr[data-pen="${kAhead}"] .live-value`).getByText("时间在未来").waitFor();
    await page.getByLabel("语言").selectOption("en");
  });
});

describe("what is not there, or not there any more", () => {
  /** The browser itself reports what was provoked here. */
  const noOtherFaults = (who, expected) =>
    assert.deepEqual(
      who.faults.splice(0).filter((fault) => !expected.test(fault)),
      [],
    );

  test("an unknown page says so and shows the way", async () => {
    const { page } = steel;
    for (const name of ["alarms/7", "platform"]) {
      await steel.open(`#/${name}`);
      await page.getByRole("heading", { level: 1, name: "There is no such page" }).waitFor();
      await page.getByText(`“${name}”`).waitFor();
      await assertAccessible(page, "an unknown page");
    }
    await page.getByRole("link", { name: "Go to Overview" }).click();
    await page.waitForURL(/#\/overview$/);
    await steel.open("");
    await page.waitForURL(/#\/overview$/);
    await steel.open("#/connections/424242");
    await page.getByRole("alert").waitFor();
    await page.getByRole("link", { name: "All connections" }).waitFor();
    noOtherFaults(steel, /404/);
  });

  test("a deleted tag of a saved trend is named, and can be taken out", async () => {
    const { page } = steel;
    const path = "steel-01/edges/soon gone";
    const { tags } = await (await steel.api("POST", "/tags", { tags: [{ path, type: "double" }] })).json();
    const link = trendHash([sloped.path, path], "now-1h", "now");
    await steel.open(link);
    const row = page.locator(`tr[data-pen="${path}"]`);
    await row.waitFor();
    const made = tags?.[0]?.id ?? (await (await steel.api("GET", `/tags?pattern=${path}&limit=1`)).json()).tags[0].id;
    assert.ok((await steel.api("DELETE", `/tags/${made}`)).ok());
    await page.reload();
    await row.getByText("it was deleted, renamed").waitFor();
    await page.locator(`tr[data-pen="${sloped.path}"] .live-value`).getByText(/\d/).waitFor();
    await assertAccessible(page, "a trend with a deleted tag");
    await row.getByRole("button", { name: "Remove soon gone" }).click();
    await row.waitFor({ state: "detached" });
    noOtherFaults(steel, /404/);
  });

  test("a server that restarts is waited for, and all goes on without a reload", async () => {
    const { page } = steel;
    await steel.open(trendHash([sloped.path], "now-15min", "now"));
    const live = page.locator(`tr[data-pen="${sloped.path}"] .live-value`);
    await live.getByText(/\d/).waitFor();
    const overview = await steel.context.newPage();
    await overview.goto(`${demo.origin}/#/overview`);
    await overview.locator(".figure").first().waitFor();
    await page.evaluate(() => (window.sameLoad = true));

    await demo.halt();
    await page.getByText("Live values interrupted, reconnecting").waitFor();
    await overview.getByText("Not renewed: what shows here is older").waitFor();
    await overview.locator(".figure").first().waitFor();

    await demo.resume();
    await page.getByText("Live values interrupted, reconnecting").waitFor({ state: "detached", timeout: 30_000 });
    const first = await live.innerText();
    await eventually(async () => (await live.innerText()) !== first, "a live value that changes", 60_000);
    await overview.getByText("Not renewed: what shows here is older").waitFor({ state: "detached", timeout: 30_000 });
    assert.equal(await page.evaluate(() => window.sameLoad), true);
    await overview.close();
    noOtherFaults(steel, /ERR_CONNECTION|WebSocket|50\d/);
  });

  test("a page that is loaded while the server has no answer about the session asks again", async () => {
    const { page } = steel;
    let refusals = 2;
    await page.route("**/api/v1/session", (route) =>
      refusals-- > 0 ? route.abort("connectionrefused") : route.continue(),
    );
    await steel.open("#/overview");
    await page.reload();
    await page.getByText("The server does not answer. Trying again").waitFor();
    await page.locator(".figure").first().waitFor();
    await page.unroute("**/api/v1/session");
    noOtherFaults(steel, /ERR_CONNECTION_REFUSED/);
  });

  test("a session that ended in an open page leads to the sign-in and back", async () => {
    const { page } = steel;
    const password = "correct horse battery";
    const { user } = await (await steel.api("GET", "/session")).json();
    await steel.open(trendHash([sloped.path], "now-1h", "now"));
    await page.locator(`tr[data-pen="${sloped.path}"] .live-value`).getByText(/\d/).waitFor();
    assert.ok((await steel.api("PUT", "/session/password", { new_password: password })).ok());
    // Signed out in another tab of the same browser.
    assert.ok((await steel.api("DELETE", "/session")).ok());
    await page.getByText("Your session has ended").waitFor();
    await assertAccessible(page, "an ended session");
    await page.getByLabel("Name").fill(user.name);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.locator(`tr[data-pen="${sloped.path}"] .live-value`).getByText(/\d/).waitFor();
    noOtherFaults(steel, /401|WebSocket/);
  });
});
