// Reads and checks Istanbul headers for test_blocks.py: takes, on standard input,
// {"headers": [base64, …], "validators": [address, …]} and writes each one's hash and what is said
// of its seals: "valid" or a code.
import { readFileSync } from "node:fs";
import { checkIbft, HeaderError, readHeader } from "../../api/verifier/src/headers.js";
import { unb64 } from "../../api/verifier/src/bytes.js";

const { headers, validators } = JSON.parse(readFileSync(0, "utf8"));
const found = headers.map((text) => {
  try {
    const header = readHeader(unb64(text), "ibft");
    checkIbft(header, validators);
    return [header.hash, "valid"];
  } catch (problem) {
    if (problem instanceof HeaderError) return [null, problem.code];
    throw problem;
  }
});
console.log(JSON.stringify(found));
