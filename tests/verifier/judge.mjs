// Asks the judgements of api/verifier questions about whole ledgers, for the tests that compare
// them with those of ledger/. Takes the path of a JSON file, writes JSON:
//
//   [{registry, founding, entries: [...], questions: [[kind, question], ...]}, ...]  one per ledger
//   [[{answer, asked, timed} or {error}, ...], ...]  with the chains and times asked for
import { readFileSync } from "node:fs";
import { answer, QuestionError } from "../../api/verifier/judging/index.js";
import { readMessage } from "../../api/verifier/src/entries.js";
import { Proven } from "../../api/verifier/src/proven.js";

/** All of a ledger up to a position: what has no chain there has an empty one. */
class Ledger extends Proven {
  constructor(entries, registry) {
    super(entries, [...new Set(entries.flatMap((entry) => entry.subjects))], new Map(), registry);
  }

  bySubject(subject) {
    if (!this.chains.has(subject)) this.chains.set(subject, []);
    return super.bySubject(subject);
  }
}

function ask({ registry, founding, entries, questions }) {
  const read = entries.map(({ message, ...entry }) => ({
    ...entry,
    values: readMessage(entry.action, message),
  }));
  const ledgers = new Map();
  return questions.map(([kind, question]) => {
    const { position } = question;
    if (!ledgers.has(position)) {
      ledgers.set(position, new Ledger(read.slice(0, position), registry));
    }
    const ledger = ledgers.get(position);
    ledger.asked = new Set();
    ledger.authors = new Set();
    ledger.timed = new Set();
    try {
      const found = answer(kind, question, ledger, founding);
      ledger.settle();
      const timed = [...ledger.timed].sort((a, b) => a - b);
      return { answer: found, asked: [...ledger.asked].sort(), timed };
    } catch (error) {
      if (error instanceof QuestionError) return { error: "question" };
      throw error;
    }
  });
}

const ledgers = JSON.parse(readFileSync(process.argv[2], "utf8"));
process.stdout.write(JSON.stringify(ledgers.map(ask)));
