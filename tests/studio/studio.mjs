// What people do in the studio; test_studio_browser.py says what should come of it.
//   STUDIO_FILES is a folder with large.mid, random.gp5 and riff.gp5; the export is saved there.
import { loudness } from "../oracles/loudness.mjs";

const FILES = process.env.STUDIO_FILES;
const OPENING = "@4/4 E2 A2 D3 G3 B3 E4 t100\nE0q A2q D2q G2q\n";

const ready = (page) => page.waitForSelector("body.ready");
const title = (page) => page.locator("#desk h2").textContent();
const text = (page) => page.evaluate(() => JSON.parse(sessionStorage.getItem("textmusic-studio")).desk.piece?.text);
const idle = (page) => page.waitForFunction(() => !document.querySelector("#desk").classList.contains("busy"));

async function write(page) {
  await page.locator("#wish .go").click();
  await page.locator("#desk .writing").waitFor();
  await idle(page);
  await page.locator("#desk .cards .score svg").first().waitFor();
}

async function play(page) {
  await page.locator("#desk .play").click();
  await page.waitForFunction(() => textmusic.player.playing && textmusic.player.seconds > 0.3);
  const loud = await loudness(page, 600);
  await page.locator("#desk .play").click();
  await page.waitForFunction(() => !textmusic.player.playing);
  return { loud, marked: await page.locator("#desk .cursor:not([hidden])").count() };
}

async function refused(page, name) {
  await page.locator("[name=way][value=file]").check();
  await page.locator("#file").setInputFiles(`${FILES}/${name}`);
  const complaint = page.locator("#wish .complaint", { hasText: name });
  await complaint.waitFor();
  return complaint.textContent();
}

const names = (page) => page.$$eval("button, a, input, textarea, select, summary", (all) => all
  .filter((each) => !(each.getAttribute("aria-label") || each.textContent.trim() || each.labels?.length || each.title))
  .map((each) => each.outerHTML));

export default async function steps(open) {
  const found = {};
  const page = await open();
  await ready(page);
  found.empty = await page.locator("#desk .empty").isVisible();

  await page.locator("[name=way][value=text]").check();
  await page.locator("[name=prime]").fill(OPENING);
  await page.locator("[name=bars]").fill("8");
  await page.locator("#wish summary").click();
  await page.locator("[name=seed]").fill("5");
  await write(page);
  found.primed = await text(page);
  found.opening = OPENING;
  await page.locator("#desk .meter").waitFor();
  found.judged = await page.locator("#desk .cards .card").evaluate((card) => [".figures", ".shared"].map((part) => card.querySelector(part).textContent));
  found.played = await play(page);

  await page.locator("#desk .bar").nth(2).click();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press(" ");
  found.pressed = await page.$$eval("#desk .bar[aria-pressed=true]", (all) => all.map((each) => each.textContent));
  const live = page.waitForFunction(() => document.querySelector("#desk .writing pre").textContent || false);
  await page.getByRole("button", { name: "Write these bars anew" }).press("Enter");
  found.live = await (await live).jsonValue();
  await idle(page);
  found.focus = [await page.evaluate(() => document.activeElement.getAttribute("aria-label"))];
  found.filled = await text(page);
  await page.keyboard.press("Control+z");
  await page.waitForFunction((before) => JSON.parse(sessionStorage.getItem("textmusic-studio")).desk.piece.text === before, found.primed);
  await page.getByRole("button", { name: "Redo" }).click();
  found.redone = await text(page);
  await page.locator("#name").fill("<img src=x onerror=alert(1)>");
  await page.getByRole("button", { name: "Keep", exact: true }).press("Enter");
  await page.locator("#shelf .card .score svg").first().waitFor();
  found.focus.push(await page.evaluate(() => document.activeElement.textContent));
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  found.apart = await page.evaluate(() => document.querySelector("#shelf").getBoundingClientRect().top
    - document.querySelector("#wish").getBoundingClientRect().bottom);
  found.kept = await page.locator("#shelf .card h2").first().textContent();

  const other = await open();
  await ready(other);
  found.otherEmpty = await other.locator("#desk .empty").isVisible();
  found.otherShelf = await other.locator("#shelf .card").count();
  await page.locator("[name=way][value=nothing]").check();
  await Promise.all([write(page), write(other)]);
  found.two = [await text(page), await text(other)];
  await page.reload();
  await ready(page);
  await page.locator("#desk .cards .score svg").first().waitFor();
  found.reloaded = [await text(page), await title(page)];

  await page.locator("#desk .bar").nth(0).click();
  await page.getByRole("button", { name: "Go on from them" }).press("Enter");
  found.goesOn = [await page.locator("#wish .hint").textContent()];
  await write(page);
  found.goesOn.push(await text(page));
  await page.getByRole("button", { name: "Discard" }).press("Enter");
  found.discarded = await page.locator("#desk .empty").isVisible();
  await page.getByRole("button", { name: "Undo" }).press("Enter");
  await page.locator("#desk .cards .score svg").first().waitFor();
  found.discarded = [found.discarded, await text(page)];

  found.large = await refused(page, "large.mid");
  found.random = await refused(page, "random.gp5");
  await page.locator("#file").setInputFiles(`${FILES}/riff.gp5`);
  await page.locator(".told-file .bar").first().waitFor();
  found.riff = await page.locator(".told-file .bar[aria-pressed=true]").count();
  await write(page);
  found.fromFile = await text(page);

  const wait = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export all" }).click();
  await (await wait).saveAs(`${FILES}/export.zip`);
  found.names = await names(page);

  const phone = await open({ viewport: { width: 360, height: 740 }, colorScheme: "dark" });
  await ready(phone);
  found.phone = await phone.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.dataset.theme]);
  return found;
}
