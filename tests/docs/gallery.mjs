// What a visitor does on a page of the gallery; test_gallery.py says what should come of it.

import { loudness } from "../oracles/loudness.mjs";

export default async function steps(open) {
  const page = await open();
  const frames = await page.locator(".listening iframe").elementHandles();
  const [frame, second] = await Promise.all(frames.map((each) => each.contentFrame()));
  await frame.locator(".score svg").first().waitFor();
  await second.locator(".score svg").first().waitFor();
  await frame.locator(".play").first().click();
  await frame.waitForFunction(() => textmusic.player.playing && textmusic.player.seconds > 0.3);
  const found = { loud: await loudness(frame, 600) };
  found.seconds = await frame.evaluate(() => textmusic.player.seconds);
  found.controls = await frame.locator(".card.current .transport").isVisible();
  found.heights = await page.$$eval(".listening iframe", (all) => all.map((each) => each.clientHeight));
  found.inside = await frame.evaluate(() => document.documentElement.scrollHeight);
  await page.evaluate(() => (document.documentElement.dataset.theme = "dark"));
  await second.waitForFunction(() => document.documentElement.dataset.theme === "dark");
  found.masthead = await second.locator(".masthead").isVisible();
  await page.close();

  const phone = await open({ viewport: { width: 360, height: 740 } });
  found.phone = await phone.evaluate(() => document.documentElement.scrollWidth);
  await phone.locator("figcaption a").first().click();
  await phone.locator(".score svg").first().waitFor();
  found.alone = await phone.locator(".masthead").isVisible();
  await phone.close();
  return found;
}
