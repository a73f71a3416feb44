/**
 * Writes the verifier's page to standard output: one HTML file with everything inside, which may
 * fetch nothing. Run by scripts/verifier.
 */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));
const here = (name) => readFileSync(new URL(`page/${name}`, import.meta.url), "utf8");

const LIBRARIES = ["@noble/curves", "@noble/hashes"];

function licences() {
  return LIBRARIES.map((name) => {
    const text = readFileSync(`${root}/node_modules/${name}/LICENSE`, "utf8").trim();
    return `${name}\n\n${text}\n`;
  }).join("\n");
}

/** The script is not minified: an auditor may want to read it. */
async function script() {
  const built = await build({
    absWorkingDir: root,
    entryPoints: ["api/verifier/page/main.js"],
    bundle: true,
    format: "iife",
    platform: "browser",
    target: "es2023",
    charset: "utf8",
    legalComments: "none",
    write: false,
  });
  return built.outputFiles[0].text;
}

/** What a policy calls an inline text by. */
function source(text) {
  return `'sha256-${createHash("sha256").update(text, "utf8").digest("base64")}'`;
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

const parts = { style: here("style.css"), script: await script(), licences: escaped(licences()) };
parts.policy = [
  "default-src 'none'",
  `script-src ${source(parts.script)}`,
  `style-src ${source(parts.style)}`,
  // The page starts its own script once more as a worker, so that it stays responsive.
  "worker-src blob:",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

if (/<\/script|<!--/i.test(parts.script)) throw new Error("the script would end its own element");
process.stdout.write(here("page.html").replace(/\{\{(\w+)\}\}/g, (_, name) => parts[name]));
