/**
 * What the judgements read: entries by subject, document and number, and the times of entries.
 */

/**
 * @typedef {object} Recorded an entry as the ledger recorded it
 * @property {number} sequence place in the log
 * @property {number} recordedAt block time, seconds since 1970 in UTC
 * @property {string} contract name
 * @property {string} address
 * @property {string} action
 * @property {Record<string, any>} values
 * @property {string[]} signers addresses, the author first
 * @property {string} author organisation of the first signer
 * @property {boolean} late let in by the authority after the permitted lateness
 * @property {string} digest
 * @property {string[]} subjects
 * @property {string[]} previous
 * @property {string} leaf
 *
 * @typedef {object} Records
 * @property {string} registry address of ``ParticipantRegistry``
 * @property {(subject: string) => Recorded[]} bySubject throws {@link Missing}
 * @property {(document: string) => Recorded[]} byDocument
 * @property {(kind: string, number: string, author?: string) => Recorded[]} byNumber
 * @property {(sequence: number) => number | null} recordedAt throws {@link Missing}
 */

/** A judgement asked for something that the bundle does not prove. */
export class Missing extends Error {}
