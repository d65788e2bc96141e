// The catalogue of packs in the console: looked at, installed after its preview, and the last upgrade undone.
import assert from "node:assert/strict";
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
