/**
 * Lighthouse on one address, as a phone on a slow line: writes the scores as JSON.
 *
 *   node measure.mjs URL COOKIE CHROMIUM
 */

import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

const [url, cookie, chromium] = process.argv.slice(2);
const flags = ["--headless=new", "--disable-gpu", "--no-first-run", "--disable-background-networking"];
// A container's root has no sandbox to lose.
if (process.getuid?.() === 0) flags.push("--no-sandbox");
const chrome = await launch({ chromePath: chromium, chromeFlags: flags });
try {
  const found = await lighthouse(url, {
    port: chrome.port,
    onlyCategories: ["performance", "accessibility", "best-practices"],
    extraHeaders: { Cookie: cookie },
    logLevel: "error",
  });
  const { lhr } = found;
  if (lhr.runtimeError) throw new Error(lhr.runtimeError.message);
  const scores = Object.fromEntries(
    Object.entries(lhr.categories).map(([name, { score }]) => [name, Math.round(score * 100)]),
  );
  const faults = Object.values(lhr.audits)
    .filter((audit) => audit.score !== null && audit.score < 0.9 && audit.scoreDisplayMode !== "informative")
    .map((audit) => `${audit.id}: ${audit.displayValue ?? audit.title}`);
  const address = lhr.finalDisplayedUrl;
  process.stdout.write(JSON.stringify({ address, scores, faults }));
} finally {
  await chrome.kill();
}
