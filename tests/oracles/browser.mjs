// Runs a script in headless Chromium, and says what the page asked for and complained of.
//   node browser.mjs SCRIPT.mjs URL    prints one JSON document: {console, errors, requests, found}
import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { resolve } from "node:path";
import { chromium } from "playwright-core";

const [, , script, url] = process.argv;
const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const executablePath = process.env.CHROMIUM || places.find(existsSync);
const { default: steps } = await import(pathToFileURL(resolve(script)));
const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
});
const seen = { console: [], errors: [], requests: [], dialogs: [], found: {} };
const open = async (options = {}) => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
  page.setDefaultTimeout(60000);
  page.on("console", (message) => seen.console.push([message.type(), message.text().slice(0, 300)]));
  page.on("pageerror", (error) => seen.errors.push(error.message.slice(0, 300)));
  page.on("request", (request) => seen.requests.push(request.url().slice(0, 200)));
  page.on("dialog", (dialog) => {
    seen.dialogs.push(dialog.message());
    dialog.dismiss();
  });
  await page.goto(url);
  return page;
};
try {
  seen.found = await steps(open, url);
} finally {
  await browser.close();
}
console.log(JSON.stringify(seen));
