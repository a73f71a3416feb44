/**
 * Verifying apart from the page, so that it stays responsive.
 */

import { AnchorsError, readAnchors } from "../src/anchors.js";
import { verify } from "../src/verification.js";

/**
 * @typedef {{bundle: Uint8Array, anchors: Uint8Array, documents: Uint8Array[]}} Request
 * @typedef {{report: any} | {problem: "anchors" | "page", en: string, zh: string}} Answer
 */

/**
 * @param {Request} request
 * @returns {Answer}
 */
function answer({ bundle, anchors, documents }) {
  try {
    return { report: verify(bundle, readAnchors(anchors), documents) };
  } catch (problem) {
    if (problem instanceof AnchorsError) {
      return { problem: "anchors", en: problem.en, zh: problem.zh };
    }
    return { problem: "page", en: String(problem), zh: String(problem) };
  }
}

/** Answer requests, within the worker. */
export function serve() {
  self.onmessage = (event) => self.postMessage(answer(event.data));
}

/** The worker as the page sees it; where the browser starts none, the page works by itself. */
export class Verifier {
  constructor() {
    /** @type {Worker | null} */
    this.worker = null;
    // Only while the script runs for the first time does the page know which one it is.
    this.source = document.currentScript?.textContent ?? "";
  }

  /**
   * @param {Request} request
   * @returns {Promise<Answer>} never settles if another request overtakes it
   */
  ask(request) {
    this.stop();
    const worker = this.started();
    this.worker = worker;
    if (worker === null) return Promise.resolve(answer(request));
    return new Promise((settle) => {
      worker.onmessage = (event) => settle(event.data);
      worker.onerror = (event) => {
        event.preventDefault();
        settle({ problem: "page", en: event.message, zh: event.message });
      };
      worker.postMessage(request);
    });
  }

  /** Work on nothing any more. */
  stop() {
    this.worker?.terminate();
    this.worker = null;
  }

  /** @returns {Worker | null} */
  started() {
    const address = URL.createObjectURL(new Blob([this.source], { type: "text/javascript" }));
    try {
      return new Worker(address);
    } catch {
      return null;
    }
  }
}
