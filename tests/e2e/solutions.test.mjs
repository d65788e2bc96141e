// The catalogue of packs in the console: looked at, installed after its preview, and the last upgrade undone.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { assertAccessible, eventually, launch, person, signInByLink } from "./browser.mjs";
import { startDemo } from "./demo.mjs";

let browser;
let demo;
let who;

before(async () => {
  demo = await startDemo();
  browser = await launch();
  who = await person(browser, demo.origin);
  await signInByLink(who, demo.links["steel-01"]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

async function json(response) {
  assert.ok(response.ok(), `${response.url()}: ${response.status()} ${(await response.text()).slice(0, 400)}`);
  return response.json();
}

const card = (name) => who.page.locator(`[data-pack="${name}"]`);

async function keep(name) {
  if (process.env.TUNDISH_SHOTS) await who.page.screenshot({ path: `${process.env.TUNDISH_SHOTS}/${name}.png` });
}

/** Runs `tundish demo fault ...` as whoever runs the demo does. */
function fault(...words) {
  return execFileSync(process.env.TUNDISH_BIN, ["demo", "fault", ...words, "--data", demo.data], { encoding: "utf8" });
}

describe("a fault of a running plant", () => {
  test("raises the alarm's condition and moves the KPI, until it is switched off", async () => {
    const raised = async () => {
      const { alarms } = await json(await who.api("GET", "/screens/alarms?pack=steel"));
      return alarms.some(({ alarm, path }) => alarm === "superheat_probe_lost" && path.endsWith("/casting/caster1"));
    };
    const figure = async (from) => {
      const search = new URLSearchParams({
        asset: "steel-01/works/casting/caster1",
        kpi: "superheat_in_range",
        window: "window",
        from,
        to: "now",
      });
      const { kpis } = await json(await who.api("GET", `/kpis?${search}`));
      return kpis[0].results[0];
    };
    assert.match(fault("steel-01"), /^off {2}superheat_probe/m);
    assert.equal(await raised(), false);
    const before = await figure("now-2min");
    assert.ok(before.coverage > 90 && before.percent_good > 90, JSON.stringify(before));

    assert.match(fault("steel-01", "superheat_probe", "on"), /superheat_probe on at steel-01/);
    const since = new Date().toISOString();
    assert.match(fault("steel"), /^on {3}superheat_probe/m);
    await eventually(raised, "the condition of superheat_probe_lost holds", 60_000);
    const during = await figure(since);
    assert.ok(during.percent_good < before.percent_good - 20, `${JSON.stringify(before)} ${JSON.stringify(during)}`);

    fault("steel-01", "superheat_probe", "off");
    await eventually(async () => !(await raised()), "the condition is over", 60_000);
    assert.deepEqual(who.faults, []);
  });
});

describe("solutions", () => {
  test("each pack has a card with its picture, what it measures, and the version applied here", async () => {
    const { page } = who;
    await who.open("#/solutions");
    const { packs } = await json(await who.api("GET", "/packs"));
    assert.ok(packs.length >= 5);
    await eventually(async () => (await page.locator("[data-pack]").count()) === packs.length, "a card a pack");
    for (const pack of packs) {
      const text = await card(pack.name).innerText();
      assert.ok(text.includes(pack.words.en), text);
      assert.ok(text.includes(`${pack.kpis} KPI`), text);
      if (!pack.drawing) continue;
      const picture = card(pack.name).getByRole("img");
      await picture.scrollIntoViewIfNeeded();
      await eventually(() => picture.evaluate((image) => image.naturalWidth > 0), `the picture of ${pack.name}`);
    }
    assert.match(await card("steel").innerText(), /Version \S+ is applied/);
    assert.equal(await card("steel").getByRole("button", { name: "Install" }).count(), 0);
    // Drawings are images: nothing of them is in the page.
    assert.equal(await page.locator("main svg").count(), 0);
    await assertAccessible(page, "solutions");
    await keep("solutions");
    assert.deepEqual(who.faults, []);
  });

  test("a pack's page says in words what it holds", async () => {
    const { page } = who;
    const pack = await json(await who.api("GET", "/packs/steel"));
    await card("steel").getByRole("link", { name: "What it holds" }).click();
    await page.getByRole("heading", { name: pack.words.en, level: 1 }).waitFor();
    const template = pack.definitions.find(({ name }) => name === "blast_furnace");
    await page.locator("summary", { hasText: template.words.en }).first().click();
    await page.getByRole("rowheader", { name: template.attributes.hot_blast_temp.words.en }).first().waitFor();
    const alarm = pack.definitions
      .flatMap(({ alarms }) => Object.values(alarms ?? {}))
      .find(({ advice }) => advice?.en);
    await page.getByText(alarm.advice.en).first().waitFor();
    await assertAccessible(page, "a pack");
    await keep("pack");
    for (const [width, height] of [
      [820, 1180],
      [390, 844],
    ]) {
      await page.setViewportSize({ width, height });
      for (const hash of ["#/solutions", "#/solutions/steel"]) {
        await who.open(hash);
        await page.getByRole("heading", { level: 1 }).waitFor();
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wider <= 0, `${hash} is ${wider} px wider than ${width}`);
        await keep(`${hash.replace(/\W+/g, "-")}-${width}`);
      }
    }
    await page.setViewportSize({ width: 1400, height: 900 });
    assert.deepEqual(who.faults, []);
  });

  test("a pack is installed only when its preview was confirmed", async () => {
    const { page } = who;
    const applied = async () => (await json(await who.api("GET", "/packs/mining"))).applied;
    await who.open("#/solutions");
    await card("mining").getByRole("button", { name: "Install" }).click();
    const dialog = page.getByRole("dialog");
    const confirm = dialog.getByRole("button", { name: "Install" });
    await eventually(() => confirm.isEnabled(), "the preview");
    await assertAccessible(page, "the preview");
    await keep("install");
    await dialog.getByRole("button", { name: "Cancel" }).click();
    assert.equal(await applied(), undefined);
    await card("mining").getByRole("button", { name: "Install" }).click();
    await eventually(() => confirm.isEnabled(), "the preview");
    await confirm.click();
    await page.getByText(/^Mining.* is applied\.$/).waitFor();
    assert.ok(await applied());
    await card("mining")
      .getByText(/Version \S+ is applied/)
      .waitFor();
    assert.deepEqual(who.faults, []);
  });

  test("says what the catalogue could not load", async () => {
    const { page } = who;
    await page.route("**/api/v1/packs", (route) =>
      route.fulfill({
        status: 503,
        contentType: "application/problem+json",
        body: JSON.stringify({ code: "Unavailable", detail: "The packs are being read." }),
      }),
    );
    await page.reload();
    await page.getByRole("alert").getByText("The packs are being read.").waitFor();
    await page.unroute("**/api/v1/packs");
    await page.getByRole("button", { name: "Try again" }).click();
    await card("steel").waitFor();
    who.faults.splice(0);
  });
});

/** An element of the drawing that shows now. */
const bound = (page, element) => page.locator(`.mimic [id$="-mimic-${element}"]`);
const look = (page, element) => bound(page, element).getAttribute("data-look");

/** How many texts of the drawing have become others since `before`. */
async function changed(page, before) {
  const now = await page.locator(".mimic .bound-text").allTextContents();
  return now.filter((text, index) => text !== before[index]).length;
}

async function atLeastTenChange(page) {
  await page.locator(".mimic").waitFor();
  await eventually(async () => (await page.locator('.mimic .bound[data-look="waiting"]').count()) === 0, "all values");
  const before = await page.locator(".mimic .bound-text").allTextContents();
  await eventually(async () => (await changed(page, before)) >= 10, "ten values that change", 40_000);
}

describe("screens", () => {
  test("the drawing of an installed pack is live, and reads by keyboard", async () => {
    const { page } = who;
    await who.open("#/overview");
    await page.getByRole("link", { name: "Flow of the works" }).click();
    await atLeastTenChange(page);
    assert.match(await bound(page, "hot_blast_temp").textContent(), /^\d{4}.°C$/);
    assert.ok(["on", "off"].includes(await look(page, "stove1")));
    await assertAccessible(page, "a drawing");
    await page.getByText("Simulated plant").waitFor();
    await keep("screens-steel");
    await bound(page, "hot_blast_temp").focus();
    const said = await bound(page, "hot_blast_temp").getAttribute("aria-label");
    assert.match(said, /^Blast furnace 1, Hot blast temperature: \d{4}.°C/);
    await page.keyboard.press("Enter");
    const card = page.getByRole("dialog", { name: /Hot blast temperature/ });
    await card.getByRole("link", { name: "Open Blast furnace 1" }).waitFor();
    await assertAccessible(page, "an element's card");
    await page.keyboard.press("Escape");
    await card.waitFor({ state: "detached" });
    assert.equal(await page.evaluate(() => document.activeElement?.id.endsWith("hot_blast_temp")), true);
    await page.keyboard.press("Enter");
    await card.getByRole("link", { name: "Trend of the last hour" }).click();
    await page.waitForURL(/#\/trend\?pen=steel-01\/works\/ironmaking\/bf1\/hot_blast_temp/);
    assert.deepEqual(who.faults, []);
  });

  test("a renamed asset stays in the drawing", async () => {
    const { page } = who;
    const { screens } = await json(await who.api("GET", "/screens"));
    const { asset } = screens.flatMap((one) => one.shown).find((one) => one.element === "hot_blast_temp");
    await who.open("#/screens/steel.mimic");
    await page.locator(".mimic").waitFor();
    await json(await who.api("PATCH", `/assets/${asset.id}`, { path: "steel-01/works/iron/furnace_a" }));
    const renamed = async () =>
      (await json(await who.api("GET", "/screens"))).screens
        .flatMap((one) => one.shown)
        .find((one) => one.element === "hot_blast_temp");
    const now = await renamed();
    assert.equal(now.found_by, "former_name");
    assert.equal(now.tag, "steel-01/works/iron/furnace_a/hot_blast_temp");
    // The page takes the new name by itself, and the values go on.
    const values = async () => [
      await bound(page, "hot_blast_temp").textContent(),
      await bound(page, "blast_volume").textContent(),
    ];
    await bound(page, "hot_blast_temp").hover();
    await page.locator(".shown-card").getByText("Found by its former name").waitFor();
    const before = await values();
    await eventually(async () => (await values()).some((text, index) => text !== before[index]), "live", 40_000);
    assert.equal(await look(page, "hot_blast_temp"), "normal");
    await json(await who.api("PATCH", `/assets/${asset.id}`, { path: asset.path }));
    assert.deepEqual(who.faults, []);
  });

  test("colour, sign and words follow normal range, alarm and quality", async () => {
    const { page } = who;
    await json(await who.api("POST", "/packs/mining/apply?dry_run=false&plant=true"));
    const tag = "steel-01/mine/concentrator/sag1/mill_bearing_temp";
    await json(await who.api("POST", "/tags", { tags: [{ path: tag, type: "double", unit: "Cel" }] }));
    const send = async (secondsAgo, value, quality = "Good") => {
      const time = new Date(Date.now() - secondsAgo * 1_000).toISOString();
      await json(await who.api("POST", "/samples", { samples: [{ tag, time, value, quality }] }));
    };
    await who.open("#/screens/mining.mimic");
    await page.locator(".mimic").waitFor();
    const becomes = (wanted) =>
      eventually(async () => (await look(page, "sag-bearing")) === wanted, `the look ${wanted}`);
    await becomes("never");
    await send(60, 45);
    await becomes("normal");
    const fill = () =>
      bound(page, "sag-bearing").evaluate((text) => getComputedStyle(text.previousElementSibling).fill);
    const quiet = await fill();
    await send(50, 68);
    await becomes("high");
    assert.match(await bound(page, "sag-bearing").getAttribute("aria-label"), /above normal 35 – 60.°C/);
    const warm = await fill();
    await send(30, 80);
    await becomes("alarm");
    await page
      .getByRole("list", { name: "Alarm conditions" })
      .getByText(/bearing/i)
      .waitFor();
    const alarming = await fill();
    assert.equal(new Set([quiet, warm, alarming]).size, 3);
    await assertAccessible(page, "a drawing with an alarm");
    await keep("screens-alarm");
    await send(4, 500);
    await becomes("bad");
    assert.match(await bound(page, "sag-bearing").getAttribute("aria-label"), /outside the valid range -20 – 130/);
    await send(2, 50, "BadSensorFailure");
    await eventually(
      async () => /BadSensorFailure/.test(await bound(page, "sag-bearing").getAttribute("aria-label")),
      "the reason",
    );
    assert.deepEqual(who.faults, []);
  });

  test("a wall shows a screen and nothing else; figures have band and history", async () => {
    const { page } = who;
    await who.open("#/screens/steel.overview?wall=1");
    await page.locator('.tile[data-what="fuel_ratio"] .tile-value').waitFor();
    assert.equal(await page.getByRole("navigation").count(), 0);
    const tile = page.locator('.tile[data-what="fuel_ratio"]');
    await eventually(async () => /\d+.kg\/t/.test(await tile.innerText()), "the figure");
    assert.match(await tile.innerText(), /less is better/);
    await assertAccessible(page, "a wall");
    await keep("screens-wall");
    await page.getByRole("link", { name: "Leave the wall view" }).click();
    await page.getByRole("navigation", { name: "Pages" }).waitFor();
    for (const width of [390, 820, 1400]) {
      await page.setViewportSize({ width, height: 900 });
      for (const screen of ["steel.mimic", "steel.overview"]) {
        await who.open(`#/screens/${screen}`);
        await page.locator(".mimic, .tile").first().waitFor();
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wider <= 0, `${screen} is ${wider} px wider than ${width}`);
      }
    }
    await page.setViewportSize({ width: 1400, height: 900 });
    assert.deepEqual(who.faults, []);
  });

  test("another plant is live as well; without a pack the page says what to do", async () => {
    const chemist = await person(browser, demo.origin);
    await signInByLink(chemist, demo.links["chem-01"]);
    await chemist.open("#/screens");
    await atLeastTenChange(chemist.page);
    // What a drawing must not have does not come into the page, whoever let it through.
    await chemist.page.route("**/mimic.svg", (route) =>
      route.fulfill({
        contentType: "image/svg+xml",
        body:
          '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 90" onload="window.ran=1"><script>window.ran=1</script>' +
          '<foreignObject><b xmlns="http://www.w3.org/1999/xhtml">b</b></foreignObject><image href="https://example.com/a.png"/>' +
          '<style>*{display:none}</style><a href="https://example.com"><text id="bed1" x="9" y="40" onclick="window.ran=1">-</text></a>' +
          '<text id="feed_gas" x="9" y="60" onclick="window.ran=1" style="fill:red">-</text></svg>',
      }),
    );
    await chemist.page.reload();
    await eventually(async () => /m³/.test(await bound(chemist.page, "feed_gas").textContent()), "the value");
    const inside = await chemist.page.locator(".mimic").evaluate((svg) => ({
      foreign: svg.querySelectorAll("script, foreignObject, image, style, a, b").length,
      handlers: [...svg.querySelectorAll("*"), svg].filter((one) => one.hasAttribute("onclick") || one.onload).length,
      styled: svg.querySelectorAll("[style]").length,
      ran: window.ran ?? 0,
    }));
    assert.deepEqual(inside, { foreign: 0, handlers: 0, styled: 0, ran: 0 });
    // The browser tells what its policy refused while the text was read; nothing else may have gone wrong.
    const others = chemist.faults.splice(0).filter((fault) => !/Content Security Policy/.test(fault));
    assert.deepEqual(others, []);
    await chemist.page.unroute("**/mimic.svg");
    await chemist.page.route("**/api/v1/screens", (route) =>
      route.fulfill({ contentType: "application/json", body: JSON.stringify({ version: 1, screens: [] }) }),
    );
    await chemist.page.reload();
    await chemist.page.getByRole("heading", { name: "There are no screens yet" }).waitFor();
    await chemist.page.getByRole("link", { name: "See the packs" }).waitFor();
    await assertAccessible(chemist.page, "no screens");
    assert.deepEqual(chemist.faults, []);
    await chemist.context.close();
  });
});
