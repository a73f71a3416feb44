/**
 * Work that is remembered by what it was done on. Bundles at one checkpoint share most of what they
 * are made of, and so do the variants of one bundle.
 */

/** Texts of so many characters are kept in mind at most. */
const MOST_CHARACTERS = 1 << 24;

/**
 * The function with a memory of its last results. What it returns must not be changed.
 * @template T
 * @param {(text: string) => T} make
 * @returns {(text: string) => T}
 */
export function remembering(make) {
  /** @type {Map<string, T>} */
  const known = new Map();
  let characters = 0;
  return (text) => {
    let made = known.get(text);
    if (made === undefined) {
      made = make(text);
      characters += text.length;
      if (characters > MOST_CHARACTERS) {
        known.clear();
        characters = text.length;
      }
      known.set(text, made);
    }
    return made;
  };
}
