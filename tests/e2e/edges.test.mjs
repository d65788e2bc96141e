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
  [demo, browser] = await Promise.all([startDemo(), launch()]);
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
