#!/usr/bin/env node
/**
 * The verifier in JavaScript from the command line:
 *
 *   node api/verifier/cli.mjs FILE --anchors FILE [--document FILE]... [--json]
 *   node api/verifier/cli.mjs --batch
 *
 * The second reads one case per line from standard input, ``{"bundle": base64, "anchors": base64,
 * "documents": [base64, …]}``, and writes a report per line, or ``{"error": …}`` for anchors that
 * are none. Exit status: 0 only when valid, 1 when not, 2 when asked wrongly.
 */

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

import { AnchorsError, readAnchors } from "./src/anchors.js";
import { verify } from "./src/verification.js";

const USAGE = "usage: cli.mjs FILE --anchors FILE [--document FILE]... [--json] | --batch";

/** @returns {Promise<number>} exit status */
async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      anchors: { type: "string" },
      document: { type: "string", multiple: true, default: [] },
      json: { type: "boolean", default: false },
      batch: { type: "boolean", default: false },
    },
  });
  if (values.batch) return batch();
  if (positionals.length !== 1 || values.anchors === undefined) throw new Error(USAGE);
  const documents = values.document.map((path) => readFileSync(path));
  const report = verify(
    readFileSync(positionals[0]),
    readAnchors(readFileSync(values.anchors)),
    documents,
  );
  console.log(values.json ? JSON.stringify(report, null, 2) : told(report).join("\n"));
  return report.result === "valid" ? 0 : 1;
}

/**
 * @param {any} report
 * @returns {string[]} lines
 */
function told(report) {
  return [
    report.result.toUpperCase(),
    ...report.checks.map(
      (/** @type {any} */ { number, result, code, en }) =>
        `${String(number).padStart(2)} ${result.padEnd(7)} ${code ? `${code}: ` : ""}${en}`,
    ),
    "What this does not prove:",
    ...report.limits.map((/** @type {any} */ limit) => ` - ${limit.en}`),
  ];
}

/** @returns {Promise<number>} */
async function batch() {
  /** @type {(text: string) => Uint8Array} */
  const decoded = (text) => new Uint8Array(Buffer.from(text, "base64"));
  /** @type {Map<string, any>} */
  const known = new Map();
  for await (const line of createInterface({ input: process.stdin })) {
    const { bundle, anchors, documents = [] } = JSON.parse(line);
    let said;
    try {
      if (!known.has(anchors)) known.set(anchors, readAnchors(decoded(anchors)));
      said = verify(decoded(bundle), known.get(anchors), documents.map(decoded));
    } catch (problem) {
      if (!(problem instanceof AnchorsError)) throw problem;
      said = { error: problem.message };
    }
    process.stdout.write(`${JSON.stringify(said)}\n`);
  }
  return 0;
}

try {
  process.exitCode = await main();
} catch (problem) {
  console.error(problem instanceof Error ? problem.message : problem);
  process.exitCode = 2;
}
