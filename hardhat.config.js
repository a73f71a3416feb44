// Hardhat compiles the contracts for Solidity's own fuzz and invariant tests. What is deployed is
// made by scripts/compile from the same settings; tests/agreement proves that the bytes are equal.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "hardhat/config";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const compiler = JSON.parse(readFileSync(here("contracts/compiler.json"), "utf8"));
const output = process.env.SUYUAN_HARDHAT_OUTPUT ?? here(".cache/hardhat");
const deep = process.env.SUYUAN_DEEP === "1";

export default defineConfig({
  paths: {
    sources: "./contracts",
    tests: { solidity: "./tests/contracts/solidity" },
    artifacts: `${output}/artifacts`,
    cache: `${output}/cache`,
  },
  solidity: {
    version: compiler.version,
    // Given a compiler, Hardhat downloads none, and does not check which version it is either.
    path: here("node_modules/solc/soljson.js"),
    settings: compiler.settings,
  },
  test: {
    solidity: {
      fuzz: { runs: deep ? 20_000 : 256 },
      // The default size takes minutes for each invariant.
      invariant: deep ? { runs: 500, depth: 200 } : { runs: 50, depth: 40 },
    },
  },
});
