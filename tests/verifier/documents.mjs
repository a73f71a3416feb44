// Reads documents, base64 one a line, and writes by which hash the ledger knows each.
import { readFileSync } from "node:fs";

import { documentHash } from "../../api/verifier/src/disclosure.js";

for (const line of readFileSync(0, "utf8").trimEnd().split("\n")) {
  console.log(documentHash(Uint8Array.from(Buffer.from(line, "base64"))));
}
