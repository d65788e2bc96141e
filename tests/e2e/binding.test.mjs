// From a register list to an asset with live values, as an engineer does it, and back again; and from a connection.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { assertAccessible, eventually, launch, person, signInByLink } from "./browser.mjs";
import { startDemo } from "./demo.mjs";

const kList = `name,address,type,unit,description,low,high
BF9_HBT,DB1.DBD0,REAL,℃,9#高炉热风温度,0,1400
BF9_HBP,DB1.DBD4,REAL,kPa,BF9 hot blast pressure,0,600
BF9_TOPP,DB1.DBD8,REAL,kPa,BF9 top pressure,0,350
BF9_DOOR,DB1.DBX12.0,BOOL,,Cabinet door open,,
`;

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

const send = async (values) =>
  json(
    await who.api("POST", "/samples", {
      samples: Object.entries(values).map(([name, value]) => ({
        tag: `steel-01/e2e-raw/${name}`,
        time: new Date().toISOString(),
        value,
      })),
    }),
  );

describe("binding", () => {
  test("a register list becomes an asset with live values", async () => {
    const { page } = who;
    await send({ BF9_HBT: 1181, BF9_HBP: 391, BF9_TOPP: 233 });
    await who.open("#/binding");
    await page.getByRole("heading", { name: "How it goes" }).waitFor();
    await assertAccessible(page, "the choice of a source");
    await page
      .getByLabel("File")
      .setInputFiles({ name: "bf9.csv", mimeType: "text/csv", buffer: Buffer.from(kList, "utf8") });
    await page.getByRole("button", { name: "Propose" }).click();
    const row = (name) => page.locator(`tr[data-point="${name}"]`);
    await row("BF9_HBT").waitFor();
    assert.match(await row("BF9_HBT").innerText(), /Hot blast temperature/);
    assert.match(await row("BF9_TOPP").innerText(), /Top pressure/);
    await assertAccessible(page, "proposals");

    await page.getByLabel("Accept all from").selectOption("0.8");
    await page.getByRole("button", { name: "Accept", exact: true }).first().click();
    for (const name of ["BF9_HBT", "BF9_HBP", "BF9_TOPP"]) {
      await page.locator(`tr[data-point="${name}"][data-decision="accepted"]`).waitFor();
    }
    await row("BF9_DOOR").getByRole("button", { name: "Skip" }).click();
    await page.getByRole("button", { name: "Preview and apply" }).click();
    await page.getByRole("dialog").getByRole("cell", { name: "new" }).first().waitFor();
    await page.getByRole("button", { name: "Apply", exact: true }).click();
    await page.getByText(/^Applied: /).waitFor();

    const { tags } = await json(await who.api("GET", "/tags?pattern=steel-01/e2e-raw/**"));
    assert.equal(tags.length, 3, "nothing was copied: the attributes are bound to the tags that were there");
    await page.getByRole("link", { name: "See the plant" }).click();
    await page.getByRole("tree").waitFor();
    const { children } = await json(await who.api("GET", "/assets?under=steel-01"));
    const made = children.find((child) => child.asset?.template === "blast_furnace");
    assert.ok(made, `a furnace among ${children.map((child) => child.path).join(", ")}`);
    await page.locator(`[data-asset=${JSON.stringify(made.path)}]`).click();
    const value = page.locator('tr[data-attribute="hot_blast_temp"] td').first();
    await eventually(async () => /1,?181/.test(await value.innerText()), "the value that was sent");
    await send({ BF9_HBT: 1193 });
    await eventually(async () => /1,?193/.test(await value.innerText()), "the next one, live");
    assert.deepEqual(who.faults, []);
  });

  test("what was bound is taken back", async () => {
    const { page } = who;
    await send({ BF8_HBT: 1150 });
    await who.open("#/binding?tags=steel-01/e2e-raw/**");
    await page.getByRole("button", { name: "Propose" }).click();
    const row = page.locator('tr[data-point="BF8_HBT"]');
    await row.waitFor();
    assert.equal(await page.locator("tr[data-point]").count(), 1, "those bound above are left out");
    await row.getByRole("button", { name: "Accept" }).click();
    await page.getByRole("button", { name: "Preview and apply" }).click();
    await page.getByRole("button", { name: "Apply", exact: true }).click();
    await page.getByText(/^Applied: /).waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("dialog").getByRole("cell", { name: "removed" }).first().waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Undo" }).click();
    await page.getByText("Taken back.").waitFor();
    await page.getByRole("button", { name: "Propose" }).click();
    await row.waitFor();
    assert.deepEqual(who.faults, []);
  });

  test("a connection's tree is proposed for", async () => {
    const { page } = who;
    const { connections } = await json(await who.api("GET", "/connections"));
    const running = connections.find((one) => one.status.state === "running") ?? connections[0];
    const answer = await json(await who.api("POST", "/bindings/propose", { connection: running.id }));
    const found = answer.points.filter((point) => point.node !== null && point.proposals.length > 0);
    assert.ok(found.length > 10, `${answer.points.length} points, ${found.length} with a proposal`);
    await who.open(`#/connections/${running.id}`);
    await page.getByRole("link", { name: "Bind points" }).click();
    await page.getByRole("button", { name: "Propose" }).waitFor();
    assert.deepEqual(who.faults, []);
  });
});
