/**
 * Judgements made again: a question in, its answer in numbers and codes out.
 *
 * An answer follows from the question, the founding and what the records gave, so it is the same
 * whether they are a whole ledger or what a bundle proves.
 */

import { utf8 } from "../src/bytes.js";
import { write } from "../src/canonical.js";
import { keccakHex } from "../src/hashing.js";
import { holdingCodes, standingCodes } from "./codes.js";
import { gather, gatherQualification, gatherStanding } from "./gathering.js";
import { known } from "./history.js";
import { traceAnswer } from "./lots.js";
import { gatherOffer } from "./offer.js";
import { readPolicy } from "./policy.js";
import { isInstant, isTime, must, QuestionError, readQuestion } from "./question.js";
import { holdingOf, standing } from "./standing.js";
import { decide, mustKnow } from "./verdict.js";
import { CLOCK } from "./words.js";

export { QuestionError };

/** @typedef {import("../src/records.js").Records} Records */
/** @typedef {import("./folding.js").Founding} Founding */

/** @type {Object<string, (question: any, records: Records, founding: Founding) => Object>} */
const JUDGES = {
  standing(question, records, founding) {
    const { organisation, category, model, at, known_at, clock, position, freshness } = question;
    must(at.every(isTime) && at[0] < at[1], "at");
    must(isTime(known_at), "known_at");
    const history = gatherStanding(records, founding, organisation, category, position);
    mustKnow(history, organisation, category);
    const scope = { category, model };
    return standingCodes(
      standing(history, organisation, scope, at, known_at, clock, freshness),
    );
  },

  "non-revocation"(question, records, founding) {
    const { qualification, at, known_at, position, freshness } = question;
    must(isInstant(at), "at");
    must(isTime(known_at), "known_at");
    const history = gatherQualification(records, founding, qualification, position);
    const q = history.qualifications.get(qualification);
    must(q !== undefined && known(q.stated, known_at, CLOCK.RECORDED), "qualification");
    const asked = [q.category, [at, at + 1], known_at, CLOCK.RECORDED, freshness];
    return { holding: holdingCodes(holdingOf(q, history, ...asked)) };
  },

  trace: traceAnswer,

  verdict({ question, policy: document, position }, records, founding) {
    const asked = readQuestion(question);
    const policy = readPolicy(document);
    const history = gather(records, founding, asked.organisation, asked.category, position);
    const makers = (organisation, category) =>
      gatherStanding(records, founding, organisation, category, position);
    const offer = gatherOffer(records, founding, makers, asked, policy, position);
    return decide(history, asked, policy, offer);
  },
};

/**
 * The `answer` of a claim, whose other members are the question. A claim has the form of its kind
 * already (see `src/bundle.js`).
 * @param {string} kind
 * @param {any} question
 * @param {Records} records what they throw goes through
 * @param {Founding} founding
 * @returns {Object}
 * @throws {QuestionError} where the question cannot be judged
 */
export function answer(kind, question, records, founding) {
  const found = JUDGES[kind](question, records, founding);
  // A verdict's id commits to its question by itself.
  return "id" in found ? found : { id: claimId(kind, question), ...found };
}

/**
 * Commits to the kind and to everything that is asked: so no byte of a question can change while its
 * answer stays.
 * @param {string} kind
 * @param {any} question
 * @returns {string}
 */
function claimId(kind, question) {
  return keccakHex(utf8(`suyuan claim 1\0${kind}\0${write(question)}`));
}
