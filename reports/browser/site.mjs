// Opens a report in Chromium: node site.mjs FOLDER CHROMIUM. Prints what is wrong, one fault a line, and ends with 1 if there is any.
import { chromium } from "playwright-core";
import { readFileSync, existsSync, readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL, fileURLToPath } from "node:url";

const [folder, executablePath] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const faults = [];
const fault = (where, what) => faults.push(`${where}: ${what}`);
const url = (page, rest = "") => pathToFileURL(path.join(folder, page)).href + rest;

// All pages, the largest of each folder first, and of each folder some.
function pages() {
  const all = [];
  const walk = at => {
    const here = readdirSync(path.join(folder, at), { withFileTypes: true });
    const html = here.filter(entry => entry.isFile() && entry.name.endsWith(".html")).map(entry => path.posix.join(at, entry.name));
    html.sort((a, b) => statSync(path.join(folder, b)).size - statSync(path.join(folder, a)).size);
    all.push(...(at === "" ? html : html.slice(0, 1)));
    here.filter(entry => entry.isDirectory()).forEach(entry => walk(path.posix.join(at, entry.name)));
  };
  walk("");
  // Pages of a kind are alike: one older overview, and the largest pages of functions and chapters.
  const size = page => statSync(path.join(folder, page)).size;
  const some = (start, n) => all.filter(page => page.startsWith(start)).sort((a, b) => size(b) - size(a)).slice(n);
  const rest = [...some("index-", 1), ...some("functions/", 6), ...some("clauses/", 2)];
  return all.filter(page => !rest.includes(page));
}

const browser = await chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0 });
const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
const page = await context.newPage();
let at = "";
page.on("console", message => { if (["error", "warning"].includes(message.type())) fault(at, `console: ${message.text()}`); });
page.on("pageerror", error => fault(at, `script: ${error.message}`));
// The next page ends what is still loading, such as the icon. Whether its file is there is looked up with the other links.
page.on("requestfailed", request => { if (request.failure()?.errorText !== "net::ERR_ABORTED") fault(at, `not loaded: ${request.url()}`); });
page.on("request", request => { if (/^https?:/.test(request.url())) fault(at, `asks the network: ${request.url()}`); });

const checked = new Set();
async function links(name) {
  const hrefs = await page.evaluate(() => [...document.querySelectorAll("a[href], link[href], img[src], script[src]")].map(link => link.href || link.src));
  for (const href of hrefs.filter(href => href.startsWith("file:"))) {
    const target = new URL(href);
    const [file, anchor] = [fileURLToPath(target.href.split(/[?#]/)[0]), decodeURIComponent(target.hash.slice(1))];
    if (checked.has(href)) continue;
    checked.add(href);
    if (!existsSync(file)) fault(name, `dead link: ${href}`);
    else if (anchor && !readFileSync(file, "utf8").includes(`id="${anchor}"`)) fault(name, `link to no anchor: ${href}`);
  }
}

const names = pages();
for (const name of names) {
  at = name;
  for (const width of [360, 768, 1400]) {
    await page.setViewportSize({ width, height: 900 });
    await page.goto(url(name));
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (over > 0) fault(name, `${over} pixels wider than ${width}`);
  }
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  if (name.startsWith("functions/") && height > 2700) fault(name, `${height} pixels high before anything is opened`);
  if (statSync(path.join(folder, name)).size > 300_000) fault(name, `${statSync(path.join(folder, name)).size} bytes`);
  await links(name);
  for (const theme of name.startsWith("index-") ? [] : ["light", "dark"]) {
    await page.emulateMedia({ colorScheme: theme });
    // What is closed is seen too; a part of it is enough, because its entries are alike.
    await page.evaluate(() => [...document.querySelectorAll("main details")].slice(0, 6).forEach(details => { details.open = true; }));
    await page.evaluate(axe);
    // Two thousand cells of a matrix are as the first two hundred.
    await page.evaluate(() => document.querySelectorAll(".matrix tbody:nth-of-type(n+3)").forEach(body => body.remove()));
    const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"], preload: false }));
    for (const violation of violations) fault(`${name} (${theme})`, `axe, ${violation.impact}: ${violation.id}: ${violation.nodes[0].target} (${violation.nodes.length}) ${violation.nodes[0].any[0]?.message || ""}`);
  }
  await page.emulateMedia({ colorScheme: "light" });
}

// The matrix: filters, their state in the address, columns, keys, themes.
const rows = () => page.evaluate(() => [...document.querySelectorAll("tr[data-n]:not([hidden])")].map(row => row.dataset.n));
const expect = (what, fits) => { if (!fits) fault(at, what); };
at = "index.html";
await page.goto(url(at));
const all = await rows();
await page.keyboard.press("/");
await page.keyboard.type("atan2");
expect("the filter by text keeps other rows", (await rows()).every(name => name.includes("atan2")) && (await rows()).length < all.length);
expect("the filter is not in the address", page.url().includes("q=atan2"));
await page.reload();
expect("the filter is lost on reload", (await rows()).length < all.length);
await page.keyboard.press("/");
await page.keyboard.press("Escape");
expect("Escape does not clear the filter", (await rows()).length === all.length);

await page.selectOption("select[name=verdict]", "deviates");
const deviating = await rows();
expect("the filter by verdict keeps every row or none", deviating.length > 0 && deviating.length < all.length);
await page.selectOption("select[name=verdict]", "");
if ((await page.$$("th.lib")).length > 1) {
  await page.selectOption("select[name=differs]", "1");
  expect("`differs` keeps every row", (await rows()).length < all.length);
  await page.selectOption("select[name=differs]", "");
  await page.click("details.columns > summary");
  const before = await page.$$eval("th.lib", heads => heads.map(head => head.dataset.key));
  await page.click(".choice:nth-of-type(2) button[data-move='0']");
  const after = await page.$$eval("th.lib", heads => heads.map(head => head.dataset.key));
  expect("a column does not come first", after[0] === before[1] && page.url().includes("order="));
  await page.uncheck(".choice:nth-of-type(1) input");
  expect("a column is not hidden", await page.$eval("th.lib", head => head.hidden) && page.url().includes("hide="));
  await page.reload();
  expect("columns are lost on reload", await page.$eval(`th.lib[data-key="${after[0]}"]`, head => head.hidden));
  await page.click("button[type=reset]");
  await page.waitForFunction(() => !location.search);
}
await page.selectOption("select[name=dtype]", { label: "float32" });
await page.waitForFunction(() => [...document.querySelectorAll("tr[data-n='elementwise/bitwise_and'] td")].every(cell => !cell.textContent));
expect("the dtype is not in the address", page.url().includes("dtype="));
await page.selectOption("select[name=dtype]", "");
await page.selectOption("select[name=level]", "should");
await page.waitForFunction(() => location.search.includes("level=should"));
await page.selectOption("select[name=level]", "");

const themes = [];
for (let i = 0; i < 3; i++) {
  await page.click(".theme");
  themes.push(await page.evaluate(() => document.documentElement.dataset.theme || "system"));
}
expect(`the themes are ${themes}`, themes.join() === "light,dark,system");

await page.focus(".matrixbox");
await page.keyboard.press("ArrowDown");
await page.keyboard.press("ArrowDown");
expect("arrows do not move between cells", await page.evaluate(() => document.activeElement.tagName === "TD"));
await page.keyboard.press("Enter");
await page.waitForURL(/functions\/.*#lib-/);

// A script and a bug report can be copied.
const script = names.find(name => name.startsWith("functions/") && readFileSync(path.join(folder, name), "utf8").includes("class=\"snippet\""));
if (script) {
  at = script;
  await page.goto(url(script));
  await page.evaluate(() => {
    document.querySelectorAll("details").forEach(details => { details.open = true; });
    Object.defineProperty(navigator, "clipboard", { value: { writeText: async text => { window.copied = text; } } });
  });
  const pre = page.locator("pre.snippet").first();
  await pre.locator("xpath=preceding-sibling::button").click();
  expect("a script is not copied", await page.evaluate(() => window.copied) === await pre.textContent());
  await page.locator("pre.report").first().locator("xpath=preceding-sibling::button").click();
  const report = await page.evaluate(() => window.copied);
  expect("a bug report is not whole", report.startsWith("# ") && report.includes(await pre.textContent()) && report.includes("- expected: "));
}

at = "compare.html";
await page.goto(url(at));
if ((await page.$$("select[name=a] option")).length > 1) {
  await page.waitForSelector("#comparison p");
  expect("the runs are not in the address", /a=.*&b=/.test(page.url()));
}

// Without JavaScript.
const still = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
await still.goto(url("index.html"));
at = "index.html without scripts";
expect("there are no rows", await still.locator("tr[data-n]").count() === all.length);
expect("filters that do nothing are shown", !(await still.locator("form.tools").isVisible()));

const painted = await page.goto(url("index.html")).then(() => page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime));
console.log(`${names.length} pages opened, first contentful paint of the overview after ${Math.round(painted ?? -1)} ms`);
await browser.close();
faults.forEach(text => console.log(text));
process.exitCode = faults.length ? 1 : 0;
