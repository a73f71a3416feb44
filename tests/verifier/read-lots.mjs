// Reads texts of recalls with the browser's verifier, for the test that compares it with ledger/.
// Takes the path of a JSON file [[text, [lot, ...]], ...], writes what each names and which of the
// lots are among it.
import { readFileSync } from "node:fs";
import { decidable, readLots, sameLot } from "../../api/verifier/judging/recall-lots.js";

const texts = JSON.parse(readFileSync(process.argv[2], "utf8"));
const told = texts.map(([text, lots]) => {
  const { reading, part, parts } = readLots(text);
  const mentions = reading.mentions.map((mention) => [
    mention.kind,
    mention.text,
    mention.start,
    mention.end,
    decidable(mention),
    lots.filter((lot) => sameLot(mention, lot)),
  ]);
  return [part, parts, mentions, reading.unparsed];
});
process.stdout.write(JSON.stringify(told));
