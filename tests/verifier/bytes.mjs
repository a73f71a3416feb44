// Changes one byte of a bundle after the other and verifies each time, for test_bytes.py:
//
//   node bytes.mjs ANCHORS BUNDLE [CHANGES]
//
// Writes how often each code came, as JSON; "valid" stands for a change that was not noticed. So
// many changes are made to each byte (at most 255): the first turns its lowest bit.
import { readFileSync } from "node:fs";
import { readAnchors } from "../../api/verifier/src/anchors.js";
import { verify } from "../../api/verifier/src/verification.js";

const [anchorsPath, bundlePath, changes = "1"] = process.argv.slice(2);
const anchors = readAnchors(readFileSync(anchorsPath));
const bundle = new Uint8Array(readFileSync(bundlePath));
const found = {};
for (let i = 0; i < bundle.length; i++) {
  for (let change = 1; change <= Number(changes); change++) {
    const before = bundle[i];
    bundle[i] ^= change;
    const { result, checks } = verify(bundle, anchors);
    bundle[i] = before;
    const fault = checks.find((check) => check.result === "invalid");
    const code = result === "invalid" ? fault.code : result;
    found[code] = (found[code] ?? 0) + 1;
  }
}
console.log(JSON.stringify(found));
