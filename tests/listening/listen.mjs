// What a visitor does on the listening page; test_browser.py says what should come of it.

import { loudness } from "../oracles/loudness.mjs";

const title = (item) => item.querySelector("h2").textContent;
const shown = (page) => page.$$eval("#cards > li h2", (all) => all.map((each) => each.textContent));

const time = (page) => page.evaluate(() => textmusic.player.seconds);

async function playOne(page, kind) {
  const card = page.locator(`.card:has(.${kind})`).first();
  await card.scrollIntoViewIfNeeded();
  await card.locator(".score svg").first().waitFor();
  await card.locator(".play").click();
  await page.waitForFunction(() => textmusic.player.playing && textmusic.player.seconds > 0.3);
  const before = await time(page);
  const loud = await loudness(page, 600);
  const after = await time(page);
  const marked = await card.locator(".cursor:not([hidden]), .sounding").count();
  await card.locator(".play").click();
  await page.waitForFunction(() => !textmusic.player.playing);
  const stopped = await time(page);
  await page.waitForTimeout(400);
  return { before, after, loud, marked, moved: (await time(page)) - stopped };
}

async function controls(page) {
  const found = {};
  await page.locator(".card .play").first().click();
  await page.waitForFunction(() => textmusic.player.playing && textmusic.player.seconds > 0.1);
  await page.locator(".transport .seek").fill("500");
  found.half = (await page.evaluate(() => textmusic.player.seconds / textmusic.player.total));
  await page.locator(".transport .tempo").fill("150");
  found.speed = await page.evaluate(() => textmusic.player.speed);
  await page.locator(".transport .toggle").first().click();
  await page.evaluate(() => textmusic.player.seek(textmusic.player.total - 0.4));
  await page.waitForFunction(() => textmusic.player.seconds < textmusic.player.total / 2);
  found.looped = await page.evaluate(() => textmusic.player.playing);
  await page.locator(".transport .toggle").first().click();
  await page.evaluate(() => textmusic.player.seek(textmusic.player.total - 0.4));
  await page.waitForFunction(() => !textmusic.player.playing);
  found.ended = true;
  return found;
}

/** Sound files and the player fall silent for each other. */
async function soundFiles(page) {
  const audio = page.locator("audio").first();
  const heard = () => audio.evaluate((each) => each.currentTime);
  await audio.evaluate((each) => each.play());
  await page.waitForFunction(() => document.querySelector("audio").currentTime > 0.2);
  const found = { name: await audio.getAttribute("aria-label"), heard: await heard() };
  await page.locator(".card .play").first().click();
  await page.waitForFunction(() => textmusic.player.playing);
  found.hushed = await audio.evaluate((each) => each.paused);
  await audio.evaluate((each) => each.play());
  await page.waitForFunction(() => !textmusic.player.playing);
  await audio.evaluate((each) => each.pause());
  return found;
}

/** A click on a note plays from there. */
async function pointing(page) {
  const card = page.locator(".card:has(.tablature)").first();
  const surface = card.locator(".surface");
  await card.locator(".score").scrollIntoViewIfNeeded();
  await surface.locator("svg").first().waitFor();
  await surface.click({ position: { x: (await surface.boundingBox()).width - 40, y: 60 } });
  await page.waitForFunction(() => textmusic.player.playing && textmusic.player.seconds > 0.5);
  const found = await time(page);
  await card.locator(".play").click();
  await page.waitForFunction(() => !textmusic.player.playing);
  return found;
}

async function keyboard(page) {
  const found = {};
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press(" ");
  await page.waitForFunction(() => textmusic.player.playing);
  await page.evaluate(() => textmusic.player.seek(0));
  await page.keyboard.press("ArrowRight");
  found.seeked = await time(page);
  await page.keyboard.press(" ");
  await page.waitForFunction(() => !textmusic.player.playing);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  found.focused = await page.evaluate(() => document.activeElement.getAttribute("aria-label"));
  found.live = await page.locator("#live").textContent();
  return found;
}

async function finding(page) {
  const found = { all: (await shown(page)).length };
  await page.locator("select[name=sort]").selectOption("shortest");
  found.shortest = await page.$$eval("#cards > li", (all) => all.map((item) => item.card.seconds));
  await page.locator("select[name=codec]").selectOption("abc");
  found.codecs = await page.$$eval("#cards > li", (all) => all.map((item) => item.card.codec));
  found.count = await page.locator("#count").textContent();
  await page.locator("input[name=words]").fill("no such piece");
  found.none = await page.locator("#nothing").isVisible();
  await page.locator("#reset").click();
  found.again = (await shown(page)).length;
  return found;
}

export default async function steps(open) {
  const page = await open();
  await page.waitForSelector("#cards > li");
  const fold = [await page.locator(".fold").isVisible()];
  const found = { finding: await finding(page), played: {}, fold };
  for (const kind of ["tablature", "abc"]) found.played[kind] = await playOne(page, kind);
  await page.locator("select[name=codec]").selectOption("noteevents");
  found.played.score = await playOne(page, "score");
  await page.locator("select[name=codec]").selectOption("pianoroll");
  found.played.roll = await playOne(page, "score");
  await page.locator("select[name=codec]").selectOption("");
  found.controls = await controls(page);
  found.sound = await soundFiles(page);
  found.pointed = await pointing(page);
  found.keyboard = await keyboard(page);

  await page.locator("select[name=sort]").selectOption("issues");
  const odd = page.locator("#cards > li").first();
  await odd.locator("summary").click();
  await odd.locator("pre").waitFor();
  found.marks = await odd.locator("mark").allTextContents();
  found.issues = await odd.locator(".issues li").count();
  await odd.locator(".issues button").first().click();
  found.focusedMark = await page.evaluate(() => document.activeElement.tagName);
  const [download] = await Promise.all([
    page.waitForEvent("download"), odd.locator(".downloads a").first().click(),
  ]);
  found.download = download.suggestedFilename();

  found.names = await page.$$eval("button, a, input, select, [role]", (all) => all
    .filter((each) => !(each.textContent.trim() || each.getAttribute("aria-label") || each.labels?.length))
    .map((each) => each.outerHTML.slice(0, 120)));
  found.theme = [await page.evaluate(() => document.documentElement.dataset.theme)];
  await page.locator("#theme").click();
  found.theme.push(await page.evaluate(() => document.documentElement.dataset.theme));
  for (const item of await page.locator("#cards > li").all()) {
    await item.scrollIntoViewIfNeeded();
    await item.locator(".score svg").first().waitFor();
  }
  found.stops = await page.locator(".score [tabindex]").count();
  await page.close();

  const phone = await open({ viewport: { width: 360, height: 740 }, colorScheme: "dark" });
  await phone.waitForSelector(".score svg");
  fold.push(await phone.locator(".fold").isVisible(), await phone.locator("select").first().isVisible());
  await phone.locator(".fold").click();
  fold.push(await phone.locator("select").first().isVisible());
  await phone.locator(".play").first().click();
  await phone.waitForFunction(() => textmusic.player.playing);
  found.phone = await phone.evaluate(() => ({
    wide: document.documentElement.scrollWidth, dark: document.documentElement.dataset.theme,
  }));
  await phone.close();
  return found;
}
