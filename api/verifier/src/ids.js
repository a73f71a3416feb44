/**
 * Ids and subjects: what names an organisation, a qualification, a lot or a chain of entries.
 * All of them are 0x hex; texts are hashed as their UTF-8 bytes.
 */

import { hex, padEnd, unhex, utf8, word } from "./bytes.js";
import { keccakOf, keccakText } from "./hashing.js";

/** A register is named on the ledger by this and its name. */
export const REGISTER_PREFIX = "register:";

/**
 * The 20-byte id of an organisation.
 * @param {string} identifierKind
 * @param {string} identifier
 */
export function organisationId(identifierKind, identifier) {
  const whole = keccakOf(keccakText(identifierKind), keccakText(identifier));
  return hex(whole.subarray(0, 20));
}

/**
 * The id of a qualification. ``source`` is the organisation that signed the entry which made it
 * or, where it is mirrored, the register's subject ({@link registerSubject}).
 * @param {string} source
 * @param {string} holder
 * @param {string} category
 * @param {string} model
 * @param {string} kind
 * @param {string} digest of the entry which made it
 */
export function qualificationId(source, holder, category, model, kind, digest) {
  return hex(
    keccakOf(
      padEnd(unhex(source)),
      padEnd(unhex(holder)),
      keccakText(category),
      keccakText(model),
      keccakText(kind),
      unhex(digest),
    ),
  );
}

/**
 * The id of a register's publication.
 * @param {string} author organisation
 * @param {string} digest of the entry which recorded it
 */
export function publicationId(author, digest) {
  return hex(keccakOf(padEnd(unhex(author)), unhex(digest)));
}

/**
 * The subject of an organisation.
 * @param {string} organisation
 */
export function organisationSubject(organisation) {
  return hex(padEnd(unhex(organisation)));
}

/**
 * The subject of a category or of a kind of qualification.
 * @param {string} kind the word for which of the two
 * @param {string} name
 */
export function namedSubject(kind, name) {
  return hex(keccakOf(keccakText(kind), keccakText(name)));
}

/**
 * The subject that chains all publications of one register by one mirror.
 * @param {string} author organisation
 * @param {string} register with {@link REGISTER_PREFIX}
 */
export function registerSubject(author, register) {
  return hex(keccakOf(keccakText("register"), padEnd(unhex(author)), keccakText(register)));
}

/**
 * The subject of an alarm.
 * @param {string} alarm its id
 */
export function alarmSubject(alarm) {
  return hex(keccakOf(keccakText("alarm"), unhex(alarm)));
}

/**
 * The id of a lot, which is its subject, too.
 * @param {string} maker organisation
 * @param {number | bigint} gtin the GTIN-14 as a number, 0 where there is none
 * @param {string} lot the batch or lot number
 */
export function lotId(maker, gtin, lot) {
  const numbered = keccakOf(word(gtin), keccakText(lot));
  return maker + hex(numbered.subarray(0, 12)).slice(2);
}

/**
 * The id, and subject, of a logistic unit.
 * @param {string} packer organisation
 * @param {number | bigint} sscc 18 digits
 */
export function unitId(packer, sscc) {
  return hex(keccakOf(keccakText("unit"), padEnd(unhex(packer)), word(sscc)));
}

/**
 * A category counted in a unit, in 10 bytes.
 * @param {string} category
 * @param {string} unit
 */
export function goods(category, unit) {
  return hex(keccakOf(keccakText(category), keccakText(unit)).subarray(0, 10));
}

/**
 * The keccak-256 of a text as 0x hex.
 * @param {string} text
 */
export function textHash(text) {
  return hex(keccakOf(utf8(text)));
}

/**
 * Whose chains an entry moves, in the order of its leaf.
 * @param {string} action
 * @param {Record<string, any>} values
 * @param {string} first subject, which the contract named
 * @param {string} author organisation
 * @returns {string[]}
 */
export function movedSubjects(action, values, first, author) {
  switch (action) {
    case "IssueQualification":
    case "WaiveQualification":
    case "MirrorQualification":
      return [first, organisationSubject(values.holder)];
    case "SubmitQualification":
      return [first, organisationSubject(author)];
    case "LinkOrganisations":
      return [first, organisationSubject(values.second)];
    case "SupersedeQualification":
      return [first, organisationSubject(values.successor)];
    case "Transform":
      return [first, ...values.inputs.map((/** @type {{lot: string}} */ part) => part.lot)];
    case "Aggregate":
    case "TakeApart":
    case "ShipUnit":
    case "ReceiveUnit":
      return [first, ...values.parts.map((/** @type {{lot: string}} */ part) => part.lot)];
    default:
      return [first];
  }
}
