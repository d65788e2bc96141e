// Downtimes and calendars in the console: a line that stood is made by the API, then told why, summed up, and its calendar edited.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { assertAccessible, eventually, launch, person, signInByLink } from "./browser.mjs";
import { startDemo } from "./demo.mjs";

const kLine = "steel-01/works/e2e_line";
const kHour = 3_600_000;

let browser;
let demo;
let who;
let lineId;

before(async () => {
  demo = await startDemo();
  browser = await launch();
  who = await person(browser, demo.origin);
  await signInByLink(who, demo.links["steel-01"]);
  const now = Math.floor(Date.now() / kHour) * kHour;
  const at = (hours) => new Date(now + hours * kHour).toISOString();
  const sample = (name, hours, value) => ({ tag: `${kLine}/${name}`, time: at(hours), value });
  await json(
    await who.api("POST", "/samples", {
      samples: [
        sample("running", -12, true),
        sample("running", -8, false),
        sample("running", -6, true),
        sample("running", -3, false),
        sample("running", -2, true),
        sample("made", -12, 0),
        sample("made", -8.1, 400),
        sample("made", -2.1, 700),
      ],
    }),
  );
  await json(
    await who.api("PUT", "/templates/e2e_line", {
      words: { en: "Line", zh: "产线" },
      attributes: {
        running: { measured: "bool" },
        made: { measured: "double", unit: "t" },
        nominal_rate: { constant: 100, unit: "t/h", words: { en: "Nominal rate", zh: "额定产量" } },
        margin: { constant: 10, unit: "{money}/t", words: { en: "Margin", zh: "毛利" } },
      },
      kpis: {
        ran: {
          value: "time_true(running, window)",
          unit: "h",
          per: ["day"],
          words: { en: "Hours run", zh: "运行时间" },
        },
      },
      intervals: {
        stop: {
          during: "not running",
          downtime: "unplanned",
          words: { en: "Stop", zh: "停机" },
          cost: { output: { rate: "nominal_rate", unit: "t", price: "margin" } },
        },
      },
    }),
  );
  const made = await json(
    await who.api("POST", "/assets", { assets: [{ path: kLine, template: "e2e_line", words: { en: "Line E" } }] }),
  );
  [lineId] = made.assets;
  await eventually(async () => (await stops()).filter(({ to }) => to !== null).length === 2, "two stops", 60_000);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

async function json(response) {
  assert.ok(response.ok(), `${response.url()}: ${response.status()} ${(await response.text()).slice(0, 400)}`);
  return response.json();
}
const stops = async () =>
  (await json(await who.api("GET", `/intervals?asset=${kLine}&kind=stop&from=now-1d&to=now&cost=true`))).intervals;

function onlyProvoked(...statuses) {
  const others = who.faults.splice(0).filter((fault) => !statuses.some((status) => fault.includes(String(status))));
  assert.deepEqual(others, []);
}

async function keep(name) {
  if (process.env.TUNDISH_SHOTS)
    await who.page.screenshot({ path: `${process.env.TUNDISH_SHOTS}/${name}.png`, fullPage: true });
}

describe("a downtime", () => {
  test("shows what it cost, and is told its reason", async () => {
    const { page } = who;
    await who.open(`#/plant/${lineId}/intervals?kind=stop`);
    const [first] = await stops();
    const row = page.locator(`tr[data-interval="${first.id}"]`);
    await row.getByText("200 t").waitFor();
    await row.getByText("CNY 2,000").waitFor();
    await row.getByRole("button", { name: /^Give reason/ }).click();
    const dialog = page.getByRole("dialog");
    const reason = dialog.getByLabel("Reason", { exact: true });
    await reason.selectOption("M01");
    await dialog.getByLabel("Remark").fill("stand 2, again");
    await assertAccessible(page, "the reason");
    await keep("reason");
    await dialog.getByRole("button", { name: "Save" }).click();
    await row.getByText("Bearing").waitFor();
    await row.getByText("stand 2, again").waitFor();
    const [told] = await stops();
    assert.equal(told.reason.reason, "M01");
    onlyProvoked();
  });

  test("stands beside others with its cost and KPIs", async () => {
    const { page } = who;
    const boxes = page.locator("tr[data-interval] input[type=checkbox]");
    await boxes.nth(0).check();
    await boxes.nth(1).check();
    const compare = page.locator("table.compare");
    await compare.locator('tr[data-kpi="ran"]').waitFor();
    assert.equal(await compare.locator("thead th").count(), 2);
    await compare.getByText("CNY 1,000").waitFor();
    await assertAccessible(page, "the comparison");
    await keep("compare");
    onlyProvoked();
  });

  test("is one bar of the sums by reason, of its asset and shift", async () => {
    const { page } = who;
    await who.open(`#/downtimes?asset=${kLine}&by=reason&span=24h`);
    const bars = page.locator("table.pareto tbody tr");
    await page.locator('tr[data-group="M01"]').waitFor();
    assert.equal(await bars.count(), 2);
    assert.match(await bars.first().innerText(), /Mechanical · Bearing\s+2 h\s+67 %\s+67 %\s+1|Bearing/);
    await page.getByLabel("Measured in").selectOption("money");
    await page.getByText("CNY 2,000").first().waitFor();
    await assertAccessible(page, "downtimes");
    await keep("pareto");
    await page.locator(".toolbar select").first().selectOption("shift");
    await eventually(async () => /by=shift/.test(page.url()), "the address follows");
    await bars.first().waitFor();
    onlyProvoked();
  });

  test("follows a price that is changed where it is shown", async () => {
    const { page } = who;
    await who.open(`#/plant/${lineId}`);
    const row = page.locator('tr[data-attribute="margin"]');
    await row.getByRole("button", { name: /^Change/ }).click();
    await page.getByRole("dialog").getByRole("textbox").fill("30");
    await page
      .getByRole("dialog")
      .getByRole("button", { name: /^Review/ })
      .click();
    await page.getByRole("dialog").locator("table.changes").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await eventually(async () => (await stops())[0].cost.money === 6000, "the new margin counts");
    onlyProvoked();
  });
});

describe("the calendar", () => {
  test("is edited with a preview of a day of 23 h, and shows what changes before it is saved", async () => {
    const { page } = who;
    await json(
      await who.api("POST", "/calendars", {
        name: "e2e",
        time_zone: "Europe/Berlin",
        day_starts: "06:00",
        shifts: { early: { from: "06:00", to: "14:00" }, night: { from: "22:00", to: "06:00" } },
      }),
    );
    await who.open("#/calendars/e2e");
    await page.locator('[data-row="shifts.1"]').waitFor();
    await page.locator(".section-head input[type=date]").fill("2026-03-20");
    const odd = page.locator('.band-day[data-hours="23"]');
    await odd.waitFor();
    assert.equal(await odd.getAttribute("data-day"), "2026-03-28");
    assert.equal(await page.locator(".band-day").count(), 14);
    await odd.getByText("23 h: the clock changes").waitFor();
    await assertAccessible(page, "the calendar");
    await keep("calendar");

    const from = page.getByLabel("night: From");
    await from.fill("12:00");
    await page.locator('[data-row="shifts.1"] .field-error').waitFor();
    await from.fill("25:00");
    await page.locator('[data-row="shifts.1"] .field-error', { hasText: /25:00/ }).waitFor();
    await keep("calendar-mistake");
    await from.fill("21:00");
    await page.getByRole("button", { name: /^Review/ }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("22:00–06:00").waitFor();
    await dialog.getByText("21:00–06:00").waitFor();
    await keep("calendar-diff");
    await dialog.getByRole("button", { name: "Save calendar" }).click();
    await eventually(async () => (await night()) === "21:00", "it is saved");
    onlyProvoked(400);
  });

  const night = async () => (await json(await who.api("GET", "/calendars/e2e"))).versions[0].calendar.shifts.night.from;

  test("goes to YAML and back, and is undone", async () => {
    const { page } = who;
    await who.open("#/calendars/e2e");
    await eventually(
      async () => (await page.getByLabel("night: From").inputValue()) === "21:00",
      "the saved one is shown",
    );
    await page.getByRole("button", { name: "YAML" }).click();
    const text = page.locator("textarea.calendar-yaml");
    await text.fill(`${await text.inputValue()}\ntargets: {oee: 0.9}\n`);
    const fields = page.getByRole("button", { name: "Fields" });
    await eventually(async () => fields.isEnabled(), "the text is read");
    await fields.click();
    assert.equal(await page.locator('[data-row="targets.0"] input').first().inputValue(), "oee");
    await page.getByRole("button", { name: "Discard changes" }).click();
    await page.getByRole("button", { name: "Undo the last change" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Undo the last change" }).click();
    await eventually(async () => (await night()) === "22:00", "it is as before");
    onlyProvoked();
  });

  test("and downtimes fit every size, in both themes and languages", async () => {
    const { page } = who;
    for (const [width, theme, language] of [
      [1280, "dark", "zh"],
      [390, "light", "en"],
    ]) {
      await page.setViewportSize({ width, height: 900 });
      await page.evaluate(
        ([colours, words]) => {
          localStorage.setItem("tundish.theme", colours);
          localStorage.setItem("tundish.language", words);
        },
        [theme, language],
      );
      await page.reload();
      for (const hash of [
        "#/calendars/e2e",
        `#/downtimes?asset=${kLine}&span=24h`,
        `#/plant/${lineId}/intervals?kind=stop`,
      ]) {
        await who.open(hash);
        await page.locator(".band-day, table.pareto, tr[data-interval]").first().waitFor();
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wider <= 0, `${hash} is ${wider} px wider than ${width}`);
        await assertAccessible(page, `${hash} ${theme} ${language} ${width}`);
        await keep(`${width}-${theme}-${language}${hash.split("?")[0].replace(/\W+/g, "-")}`);
      }
    }
    onlyProvoked();
  });
});
