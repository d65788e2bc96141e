// What readings mean, in the console: a small plant is made over tags of the demo, then read, tried, published and explained.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { assertAccessible, eventually, launch, person, signInByLink } from "./browser.mjs";
import { startDemo } from "./demo.mjs";

const kBench = "steel-01/e2e/bench";
const kSizes = [
  { width: 1400, height: 900 },
  { width: 820, height: 1180 },
  { width: 390, height: 844 },
];

let browser;
let demo;
let who;
/** A measured tag of the demo that the plant is built on. */
let source;
let benchId;
/** An asset whose values people enter. */
let labId;

before(async () => {
  demo = await startDemo();
  browser = await launch();
  who = await person(browser, demo.origin);
  await signInByLink(who, demo.links["steel-01"]);
  const { tags } = await json(await who.api("GET", "/tags?pattern=steel-01/**&limit=10000"));
  // One that moves by itself and is more than a ratio of nothing.
  source = tags.find((tag) => tag.type === "double" && !tag.step && tag.unit !== "" && /temp/i.test(tag.path));
  assert.ok(source, "the demo has a sloped temperature");
  await json(
    await who.api("PUT", "/templates/e2e_bench", {
      words: { en: "Test bench", zh: "试验台" },
      attributes: {
        level: { measured: "double", unit: source.unit, normal: [-1e6, 1e6], words: { en: "Level", zh: "液位" } },
        hotter: {
          formula: "max(level, 1min)",
          unit: source.unit,
          every: "1s",
          words: { en: "Hottest minute", zh: "最热一分钟" },
        },
        size: { constant: 12.5, unit: "m3", words: { en: "Size", zh: "容积" } },
      },
      kpis: {
        mean_level: {
          value: "avg(level, window)",
          unit: source.unit,
          per: ["hour", "day"],
          band: [-1e6, 1e6],
          better: "less",
          words: { en: "Mean level", zh: "平均液位" },
        },
      },
      intervals: { warm: { during: "good(level)", words: { en: "Warm", zh: "热态" } } },
    }),
  );
  const made = await json(
    await who.api("POST", "/assets", {
      assets: [
        {
          path: kBench,
          template: "e2e_bench",
          words: { en: "Bench one", zh: "一号试验台" },
          attributes: { level: { tag: source.path } },
        },
      ],
    }),
  );
  [benchId] = made.assets;
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

async function json(response) {
  assert.ok(response.ok(), `${response.url()}: ${response.status()} ${(await response.text()).slice(0, 400)}`);
  return response.json();
}

/** Faults but those that a test provoked: the browser itself reports answers of 400 and above. */
function onlyProvoked(...statuses) {
  const others = who.faults.splice(0).filter((fault) => !statuses.some((status) => fault.includes(String(status))));
  assert.deepEqual(others, []);
}

const formulaField = () => who.page.getByRole("textbox", { name: "Formula" });

describe("the plant", () => {
  test("the tree leads to an asset by keyboard, and opens to the one of the address", async () => {
    const { page } = who;
    await who.open("#/plant");
    const tree = page.getByRole("tree");
    await tree.focus();
    const area = page.locator('[data-asset="steel-01/e2e"]');
    await area.waitFor();
    await page.keyboard.press("Home");
    await eventually(async () => {
      const active = await tree.getAttribute("aria-activedescendant");
      if ((await area.getAttribute("id")) === active) return true;
      await page.keyboard.press("ArrowDown");
      return false;
    }, "the cursor on the area");
    if ((await area.getAttribute("aria-expanded")) === "false") await page.keyboard.press("ArrowRight");
    await page.locator(`[data-asset="${kBench}"]`).waitFor();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Bench one" }).waitFor();
    assert.match(page.url(), new RegExp(`#/plant/${benchId}$`));
    await page.reload();
    await page.locator(`[data-asset="${kBench}"][aria-selected="true"]`).waitFor();
    await assertAccessible(page, "an asset");
  });

  test("shows measured, computed and constant attributes, and follows the live values", async () => {
    const { page } = who;
    const row = (name) => page.locator(`tr[data-attribute="${name}"]`);
    assert.match(await row("size").innerText(), /12\.5\s+m³\s+constant/);
    const value = row("level").locator("td").first();
    const first = await eventually(
      async () => /\d/.exec(await value.innerText()) && (await value.innerText()),
      "a level",
    );
    await eventually(async () => (await value.innerText()) !== first, "a level that changes", 60_000);
    assert.match(await row("hotter").innerText(), /max\(level, 1min\)/);
    await row("hotter")
      .getByRole("link", { name: /where it comes from/ })
      .waitFor({ timeout: 60_000 });
  });

  test("a computed number leads to its formula, windows and raw samples, and on into the trend", async () => {
    const { page } = who;
    await page
      .locator('tr[data-attribute="hotter"]')
      .getByRole("link", { name: /where it comes from/ })
      .click();
    await page.getByRole("heading", { name: "Where this number comes from" }).waitFor();
    await page.getByText("max(level, 1min)").first().waitFor();
    const input = page.locator(".part-input").first();
    await input.locator("summary").click();
    assert.ok((await input.locator("tbody tr").count()) > 5, "samples of a minute");
    await assertAccessible(page, "an explanation");
    await input.getByRole("link", { name: "In the trend" }).click();
    await page.locator(`tr[data-pen=${JSON.stringify(source.path)}]`).waitFor();
    await page.goBack();
    await page.getByRole("link", { name: "Back" }).click();
    await page.getByRole("heading", { name: "Bench one" }).waitFor();
    onlyProvoked();
  });

  test("KPIs come by window with what they are worth, and are explained", async () => {
    const { page } = who;
    await who.open(`#/plant/${benchId}/kpis?window=hour`);
    const row = page.locator('tr[data-kpi="mean_level"]');
    await row.getByRole("link").waitFor();
    const figures = await json(
      await who.api("GET", `/kpis?asset=${encodeURIComponent(kBench)}&window=hour&from=now-2h&to=now`),
    );
    const known = figures.kpis[0].results.filter(({ value }) => value !== null);
    assert.ok(known.length > 0, "hours with a value");
    await row.locator("svg[role=img] .kpi-mark").first().waitFor();
    await page.locator("details.fold summary").first().click();
    const rows = page.locator("details.fold tbody tr");
    assert.ok((await rows.count()) >= known.length);
    // A first hour that began before the demo did is told as the part that it is.
    const partial = figures.kpis[0].results.find(({ coverage, value }) => value !== null && coverage < 95);
    if (partial) await page.locator(".derived.partial").first().waitFor();
    await assertAccessible(page, "KPIs");
    await row.getByRole("link").first().click();
    await page.getByText("avg(level, window)").first().waitFor();
    await page.locator(".part-input").first().waitFor();
    onlyProvoked();
  });

  test("without an asset the page tells the KPIs of the whole enterprise, each by its site's days", async () => {
    const { page } = who;
    await who.open("#/plant");
    await page.getByRole("heading", { name: "KPIs of the whole enterprise" }).waitFor();
    const row = page.locator('tr[data-kpi="caster_yield"]');
    await row.locator(".derived").first().waitFor();
    const { kpis } = await json(await who.api("GET", "/kpis?asset=steel-01&kpi=caster_yield&window=day"));
    const [newest] = kpis[0].results.slice(-1);
    assert.ok(newest.sites.length > 0 && newest.value !== null, JSON.stringify(newest));
    assert.ok(Math.abs(newest.value - newest.of / newest.by / 0.01) < 1e-6 * newest.value, JSON.stringify(newest));
    await page.getByLabel("Window").selectOption("month");
    await eventually(() => page.url().includes("window=month"), "the window is in the address");
    await row.locator(".derived").first().waitFor();
    await assertAccessible(page, "KPIs of the enterprise");
    await keep("enterprise-kpis");
    onlyProvoked();
  });

  test("says what it could not load, and tries again", async () => {
    const { page } = who;
    await page.route("**/api/v1/kpis*", (route) =>
      route.fulfill({
        status: 503,
        contentType: "application/problem+json",
        body: JSON.stringify({ code: "Unavailable", detail: "The figures are being computed." }),
      }),
    );
    await who.open(`#/plant/${benchId}/kpis?window=day`);
    await page.getByRole("alert").getByText("The figures are being computed.").waitFor();
    await page.unroute("**/api/v1/kpis*");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.locator('tr[data-kpi="mean_level"]').waitFor();
    onlyProvoked(503);
  });
});

describe("the workbench of formulas", () => {
  test("marks a mistake at its place and takes the nearest word", async () => {
    const { page } = who;
    await who.open(`#/plant/${benchId}/formulas?attribute=hotter`);
    await formulaField().fill("max(level, 1min)\n  + 2 * stddev(levle, 1min)");
    const mark = page.locator(".formula-behind mark");
    await eventually(async () => (await mark.count()) === 1 && (await mark.innerText()) === "levle", "the mark");
    await page.getByText(/^× Line 2, column 16/).waitFor();
    assert.ok(await page.getByRole("button", { name: "Try it" }).isDisabled());
    // The mark stands under the word of the field above it: both have the same lines.
    const [box, behind] = await Promise.all([
      formulaField().boundingBox(),
      page.locator(".formula-behind").boundingBox(),
    ]);
    assert.ok(
      Math.abs(box.x - behind.x) < 1 && Math.abs(box.y - behind.y) < 1 && Math.abs(box.width - behind.width) < 1,
    );
    await assertAccessible(page, "a formula with a mistake");
    await page.getByRole("button", { name: "Take “level”" }).click();
    await page.getByText(/^Right\./).waitFor();
    assert.equal(await mark.count(), 0);
    onlyProvoked(400);
  });

  test("draws the new formula beside the live one, and writes nothing", async () => {
    const { page } = who;
    await formulaField().fill("max(level, 1min) + 2 * stddev(level, 1min)");
    await page.getByText(/^Right\./).waitFor();
    await page.getByLabel("Over the last").selectOption("1h");
    await page.getByRole("button", { name: "Try it" }).click();
    await page.getByRole("heading", { name: "What it would have said" }).waitFor();
    await page.locator(".chart canvas").waitFor();
    await page.getByRole("rowheader", { name: "New" }).waitFor();
    await page.getByRole("rowheader", { name: "Live: Hottest minute" }).waitFor();
    await page.getByText(/differ from the live ones|no results at the same times/).waitFor();
    await assertAccessible(page, "a trial");
    const asset = await json(await who.api("GET", `/assets/${benchId}`));
    assert.equal(asset.attributes.hotter.formula, "max(level, 1min)");
    onlyProvoked();
  });

  test("publishes only what a person has seen and confirmed", async () => {
    const { page } = who;
    const formulaOf = async () => (await json(await who.api("GET", `/assets/${benchId}`))).attributes.hotter.formula;
    await page.getByRole("button", { name: "Publish" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.locator(".changes tbody tr").first().waitFor();
    await assertAccessible(page, "publish");
    await dialog.getByRole("button", { name: "Cancel" }).click();
    assert.equal(await formulaOf(), "max(level, 1min)");
    await page.getByRole("button", { name: "Publish" }).click();
    await dialog.locator(".changes tbody tr").first().waitFor();
    await dialog.getByRole("button", { name: "Publish" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByText("The formula is published.").waitFor();
    await eventually(async () => (await formulaOf()).includes("stddev"), "the published formula");
    await eventually(
      async () => (await formulaField().inputValue()).includes("stddev"),
      "the formula in the workbench",
    );
    await page.getByRole("link", { name: "Values" }).click();
    await page.locator('tr[data-attribute="hotter"]').getByText("its own, not the template's").waitFor();
    onlyProvoked();
  });

  test("a viewer may try, and is not asked to publish", async () => {
    const { link } = await json(
      await who.api("POST", "/enterprises/steel-01/link", { role: "viewer", user: "e2e.viewer" }),
    );
    const viewer = await person(browser, demo.origin);
    await signInByLink(viewer, new URL(link, demo.origin).href);
    await viewer.open(`#/plant/${benchId}/formulas`);
    await viewer.page.getByRole("button", { name: "Try it" }).waitFor();
    assert.equal(await viewer.page.getByRole("button", { name: "Publish" }).count(), 0);
    assert.deepEqual(viewer.faults, []);
    await viewer.context.close();
  });
});

describe("intervals", () => {
  let converter;

  test("heats of the converter are listed with what was captured, and lead into the trend", async () => {
    const { page } = who;
    const level = await json(await who.api("GET", "/assets?under=steel-01/works/steelmaking"));
    converter = level.children.find(({ asset }) => asset?.template === "converter");
    assert.ok(converter, "the demo has a converter");
    // The demo's history is worked through after its start.
    const heats = async () =>
      (
        await json(
          await who.api("GET", `/intervals?asset=${encodeURIComponent(converter.path)}&kind=heat&from=now-1d&to=now`),
        )
      ).intervals.filter(({ to }) => to !== null);
    await eventually(async () => (await heats()).length >= 3, "heats", 180_000);
    await who.open(`#/plant/${converter.asset.id}/intervals?kind=heat`);
    const rows = page.locator("tr[data-interval]");
    await rows.nth(2).waitFor();
    const [heat] = (await heats()).slice(-1);
    const row = page.locator(`tr[data-interval="${heat.id}"]`);
    for (const value of Object.values(heat.captured)) assert.ok((await row.innerText()).includes(value), value);
    await assertAccessible(page, "intervals");
    await row.getByRole("link").first().click();
    await page.locator("tr[data-pen]").waitFor();
    await page.goBack();
    await rows.nth(2).waitFor();
    onlyProvoked();
  });

  test("several are laid over each other from their starts", async () => {
    const { page } = who;
    const boxes = page.locator("tr[data-interval] input[type=checkbox]");
    await boxes.nth(1).check();
    await boxes.nth(2).check();
    await page.locator(".chart canvas").waitFor();
    await page.locator(".chart-foot", { hasText: /^\+0:00:00 – \+\d+:\d\d:\d\d/ }).waitFor();
    assert.equal(await page.locator(".pen-table tbody tr").count(), 2);
    const chart = page.locator(".chart");
    await chart.focus();
    await page.keyboard.press("ArrowRight");
    await page.locator(".pen-table .cursor-column small", { hasText: /^\+/ }).waitFor();
    await assertAccessible(page, "an overlay");
    await keep("overlay");
    onlyProvoked();
  });

  test("a note stays with its interval", async () => {
    const { page } = who;
    const row = page.locator("tr[data-interval]").nth(1);
    const id = await row.getAttribute("data-interval");
    await row.getByRole("button", { name: /^Note to / }).click();
    await page.getByRole("dialog").getByLabel("Note").fill("Slag carried over <b>& 渣");
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await page.locator(`tr[data-interval="${id}"]`).getByText("Slag carried over <b>& 渣").waitFor();
    onlyProvoked();
  });
});

describe("values by hand", () => {
  const kLab = "steel-01/e2e/laboratory";
  const at = new Date(Math.floor(Date.now() / 60_000) * 60_000 - 1_800_000);
  const iso = at.toISOString();
  /** As somebody in Shanghai types it. */
  const typed = new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 19).replace("T", " ");
  const dialog = () => who.page.getByRole("dialog");
  const row = (name) => who.page.locator(`tr[data-attribute="${name}"]`);

  before(async () => {
    await json(
      await who.api("POST", "/samples", {
        samples: [{ tag: `${kLab}/weight`, time: iso, value: 200, type: "double" }],
      }),
    );
    await json(
      await who.api("PUT", "/templates/e2e_laboratory", {
        words: { en: "Laboratory" },
        attributes: {
          weight: { measured: "double", step: true, unit: "t", words: { en: "Weight" } },
          carbon: { measured: "double", step: true, unit: "%", valid: [0, 5], words: { en: "Carbon" } },
          carbon_weight: { formula: "weight * carbon", unit: "t", words: { en: "Carbon weight" } },
        },
      }),
    );
    const made = await json(await who.api("POST", "/assets", { assets: [{ path: kLab, template: "e2e_laboratory" }] }));
    [labId] = made.assets;
  });

  test("a laboratory's value is entered", async () => {
    const { page } = who;
    await who.open(`#/plant/${labId}/entries`);
    await page.getByText("Nothing entered by hand yet").waitFor();
    await page.getByRole("link", { name: "Values" }).click();
    await row("carbon").getByRole("button").click();
    await dialog().getByRole("textbox", { name: /^Time/ }).fill(typed);
    await dialog().getByText("There is no value at this time yet.").waitFor();
    await dialog()
      .getByRole("textbox", { name: /^Value/ })
      .fill("40");
    await dialog().getByRole("textbox", { name: "Why" }).fill("sample 4711");
    await dialog().getByRole("button", { name: "Enter", exact: true }).click();
    await dialog()
      .getByText(/outside the valid range/)
      .first()
      .waitFor();
    onlyProvoked(400);
    await dialog()
      .getByRole("textbox", { name: /^Value/ })
      .fill("4");
    await dialog().getByRole("button", { name: "Enter", exact: true }).click();
    await dialog().locator('tr[data-entry="entry"]', { hasText: "sample 4711" }).waitFor();
    await assertAccessible(page, "the dialog of entries");
    await keep("entry-dialog");
    await dialog().getByRole("button", { name: "Close" }).click();
  });

  test("a measured value is corrected with a reason, and the one before stays readable", async () => {
    const { page } = who;
    await row("weight").getByRole("button").click();
    await dialog().getByRole("textbox", { name: /^Time/ }).fill(typed);
    await dialog().getByText("At this time there is 200 t. It stays readable.").waitFor();
    await dialog()
      .getByRole("textbox", { name: /^Value/ })
      .fill("250");
    const correct = dialog().getByRole("button", { name: "Correct", exact: true });
    assert.ok(await correct.isDisabled(), "a correction needs a reason");
    await dialog().getByRole("textbox", { name: "Why" }).fill("scale not tared");
    await correct.click();
    const listed = dialog().locator('tr[data-entry="correction"]');
    await listed.waitFor();
    assert.match(await listed.innerText(), /200[\s\S]*250[\s\S]*scale not tared/);
    await dialog().getByRole("button", { name: "Close" }).click();
    await page.getByRole("link", { name: "Entries" }).click();
    await page.locator('tr[data-entry="correction"]').waitFor();
    assert.equal(await page.locator("tr[data-entry]").count(), 2);
    await assertAccessible(page, "entries of an asset");
    await keep("entry-list");
  });

  test("the explanation names the person and the reason", async () => {
    const { page } = who;
    const { user } = await json(await who.api("GET", "/session"));
    await who.open(`#/plant/explain?${new URLSearchParams({ tag: `${kLab}/carbon_weight`, time: iso })}`);
    const corrections = page.locator(`[data-corrections="${kLab}/weight"]`);
    await corrections.waitFor();
    assert.match(await corrections.innerText(), new RegExp(`${user.name}[\\s\\S]*scale not tared`));
    const input = page.locator(".part-input").filter({ has: corrections });
    await input.locator("summary").first().click();
    assert.match(
      await input.locator(".by-hand").first().innerText(),
      new RegExp(`Corrected by ${user.name}: scale not tared · before 200 t`),
    );
    await assertAccessible(page, "an explanation with corrections");
    await keep("entry-explained");
  });

  test("the points below a trend show what was corrected, and put it back", async () => {
    const { page } = who;
    await who.open(
      `#/trend?${new URLSearchParams({ pen: `${kLab}/weight`, from: new Date(at.getTime() - 60_000).toISOString(), to: new Date(at.getTime() + 60_000).toISOString() })}`,
    );
    await page.locator("details.points summary").click();
    const marked = page.locator('tr[data-by-hand="correction"]');
    await marked.waitFor();
    assert.match(await marked.innerText(), /scale not tared/);
    await marked.getByRole("button").click();
    await dialog().getByRole("textbox", { name: "Why" }).fill("it was tared after all");
    await dialog().getByRole("button", { name: "Back to what was measured" }).click();
    await dialog().locator('tr[data-entry="restoration"]').waitFor();
    await dialog().getByRole("button", { name: "Close" }).click();
    await page.locator('tr[data-by-hand="restoration"]', { hasText: "200" }).waitFor();
    await keep("entry-points");
    onlyProvoked();
  });
});

describe("every size, theme and language", () => {
  test("the pages fit, and pass axe", async () => {
    const { page } = who;
    const views = [
      `#/plant/${benchId}`,
      `#/plant/${benchId}/kpis?window=hour`,
      `#/plant/${benchId}/formulas`,
      `#/plant/${benchId}/entries`,
    ];
    for (const [index, size] of kSizes.entries()) {
      const [theme, language] = index % 2 === 0 ? ["light", "zh"] : ["dark", "en"];
      await page.setViewportSize(size);
      await page.evaluate(
        ([colours, words]) => {
          localStorage.setItem("tundish.theme", colours);
          localStorage.setItem("tundish.language", words);
        },
        [theme, language],
      );
      await page.reload();
      for (const hash of views) {
        await who.open(hash);
        await page.getByRole("heading", { name: language === "zh" ? "一号试验台" : "Bench one" }).waitFor();
        await page.locator("table, textarea, .empty").first().waitFor();
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wider <= 0, `${hash} is ${wider} px wider than ${size.width}`);
        await assertAccessible(page, `${hash} ${theme} ${language} ${size.width}`);
        await keep(`${index}-${theme}-${language}-${size.width}${hash.replace(/\W+/g, "-")}`);
      }
      await who.open(`#/plant/${labId}`);
      await page.locator('tr[data-attribute="weight"]').getByRole("button").click();
      await page.locator('[role="dialog"] tr[data-entry]').first().waitFor();
      await assertAccessible(page, `entering ${theme} ${language} ${size.width}`);
      await keep(`${index}-${theme}-${language}-${size.width}-entering`);
      await page.keyboard.press("Escape");
    }
    onlyProvoked();
  });
});

/** Pictures for a person to look at, where TUNDISH_SHOTS names a folder. */
async function keep(name) {
  if (process.env.TUNDISH_SHOTS) await who.page.screenshot({ path: `${process.env.TUNDISH_SHOTS}/${name}.png` });
}
