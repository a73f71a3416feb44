// Changes one byte of a bundle after the other and verifies each time, for test_bytes.py:
//
//   node bytes.mjs ANCHORS BUNDLE
//
// Each byte gets its lowest bit turned. Writes, as JSON, how many were changed, how often
// each code came, and the places of the changes after which the bundle was valid.
import { readFileSync } from "node:fs";
import { readAnchors } from "../../api/verifier/src/anchors.js";
import { verify } from "../../api/verifier/src/verification.js";

const [anchorsPath, bundlePath] = process.argv.slice(2);
const anchors = readAnchors(readFileSync(anchorsPath));
const bundle = new Uint8Array(readFileSync(bundlePath));
const found = { changed: 0, codes: {}, valid: [] };
for (let i = 0; i < bundle.length; i++) {
  bundle[i] ^= 1;
  const { result, checks } = verify(bundle, anchors);
  bundle[i] ^= 1;
  found.changed++;
  if (result === "valid") found.valid.push(i);
  else {
    const { code } = checks.find((check) => check.result === result);
    found.codes[code] = (found.codes[code] ?? 0) + 1;
  }
}
console.log(JSON.stringify(found));
