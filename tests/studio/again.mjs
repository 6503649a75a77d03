// What lies on the shelf of a studio that was started again.
export default async function steps(open) {
  const page = await open();
  await page.waitForSelector("body.ready");
  await page.locator("#shelf .card .score svg").first().waitFor();
  return { kept: await page.locator("#shelf .card h2").allTextContents() };
}
