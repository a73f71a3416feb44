/**
 * Writes the one script of the signing page to standard output. Run by scripts/signing.
 */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const LIBRARIES = ["@noble/curves", "@noble/hashes"];

const licences = LIBRARIES.map((name) => {
  const text = readFileSync(`${root}/node_modules/${name}/LICENSE`, "utf8").trim();
  return `${name}\n\n${text}`;
}).join("\n\n");
if (licences.includes("*/")) throw new Error("a licence would end its own comment");

/** The script is not minified: an auditor may want to read it. */
const built = await build({
  absWorkingDir: root,
  entryPoints: ["api/pages/signing/browser/main.js"],
  bundle: true,
  format: "esm",
  platform: "browser",
  target: "es2023",
  charset: "utf8",
  legalComments: "none",
  banner: {
    js: `/* Made by scripts/signing from api/pages/signing/browser; not to be changed here.\n\n${licences}\n*/`,
  },
  write: false,
});
process.stdout.write(built.outputFiles[0].text);
