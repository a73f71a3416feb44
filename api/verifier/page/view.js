/**
 * What the reader sees: files in, a result out. Texts get into the page as text only.
 */

import { MAX_BYTES } from "../src/canonical.js";
import { hex } from "../src/bytes.js";
import { keccak256 } from "../src/hashing.js";
import { summary } from "./summary.js";
import { TEXTS } from "./texts.js";

/**
 * @typedef {"zh" | "en"} Language
 * @typedef {{name: string, bytes: Uint8Array}} Chosen
 * @typedef {"bundle" | "anchors" | "documents"} Slot
 */

const SVG = "http://www.w3.org/2000/svg";

/** A shape for each result, on a field of 24 by 24. */
const SHAPES = {
  valid: ["M12 1a11 11 0 1 0 0 22a11 11 0 0 0 0-22z", "M6.5 12.5l3.8 3.8l7.2-8"],
  invalid: ["M7.5 1h9L23 7.5v9L16.500 23h-9L1 16.500v-9z", "M8 8l8 8M16 8l-8 8"],
  unknown: ["M12 0.500L23.500 12L12 23.500L0.500 12z", "M12 6.500v7M12 16v1.500"],
  skipped: ["M2 2h20v20H2z", "M7 12h10"],
};

/**
 * @param {import("./worker.js").Verifier} verifier
 */
export function start(verifier) {
  new View(verifier).begin();
}

class View {
  /** @param {import("./worker.js").Verifier} verifier */
  constructor(verifier) {
    this.verifier = verifier;
    /** @type {Language} */
    this.language = navigator.language.startsWith("zh") ? "zh" : "en";
    /** @type {{bundle: Chosen | null, anchors: Chosen | null, documents: Chosen[]}} */
    this.chosen = { bundle: null, anchors: null, documents: [] };
    /** @type {import("./worker.js").Answer | null} */
    this.answer = null;
    this.state = "choose";
    this.asked = 0;
  }

  begin() {
    for (const button of all("[data-language]")) {
      button.addEventListener("click", () => {
        this.language = button.dataset.language === "zh" ? "zh" : "en";
        this.show();
      });
    }
    for (const slot of /** @type {Slot[]} */ (["bundle", "anchors", "documents"])) {
      const input = /** @type {HTMLInputElement} */ (one(`#${slot}`));
      input.addEventListener("change", () => this.take([...(input.files ?? [])], () => slot));
    }
    one("#slots").addEventListener("reset", () => this.clear());
    this.listenForDrops();
    this.show();
  }

  listenForDrops() {
    /** @type {(event: DragEvent) => HTMLElement | null} */
    const slotOf = (event) =>
      event.target instanceof Element ? event.target.closest("[data-slot]") : null;
    addEventListener("dragover", (event) => {
      event.preventDefault();
      for (const slot of all("[data-slot]")) slot.classList.toggle("over", slot === slotOf(event));
    });
    addEventListener("drop", (event) => {
      event.preventDefault();
      for (const slot of all("[data-slot]")) slot.classList.remove("over");
      const slot = /** @type {Slot | undefined} */ (slotOf(event)?.dataset.slot);
      this.take([...(event.dataTransfer?.files ?? [])], (bytes) => slot ?? likely(bytes));
    });
  }

  clear() {
    this.chosen = { bundle: null, anchors: null, documents: [] };
    this.run();
  }

  /**
   * @param {File[]} files
   * @param {(bytes: Uint8Array) => Slot} slotOf
   */
  async take(files, slotOf) {
    /** @type {Chosen[]} */
    const documents = [];
    for (const file of files) {
      // A bundle that is too long is refused whatever stands in it: no need to read all of it.
      let bytes = await read(file.slice(0, MAX_BYTES + 1));
      const slot = slotOf(bytes);
      if (slot === "documents") {
        if (file.size > bytes.length) bytes = await read(file);
        documents.push({ name: file.name, bytes });
      } else this.chosen[slot] = { name: file.name, bytes };
    }
    if (documents.length) this.chosen.documents = documents;
    if (files.length) await this.run();
  }

  async run() {
    const { bundle, anchors, documents } = this.chosen;
    const asked = ++this.asked;
    this.answer = null;
    if (!bundle || !anchors) {
      this.verifier.stop();
      this.state = bundle ? "choose-anchors" : anchors ? "choose-bundle" : "choose";
      this.show();
      return;
    }
    this.state = "working";
    this.show();
    const answer = await this.verifier.ask({
      bundle: bundle.bytes,
      anchors: anchors.bytes,
      documents: documents.map((document) => document.bytes),
    });
    if (asked !== this.asked) return;
    this.answer = answer;
    this.state = "report" in answer ? "done" : `problem-${answer.problem}`;
    this.show();
  }

  // ------------------------------------------------------------------------------- showing

  /**
   * @param {string} key
   * @param {Record<string, string>} [values]
   * @returns {string}
   */
  say(key, values = {}) {
    const text = TEXTS[key]?.[this.language] ?? key;
    return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  show() {
    document.documentElement.lang = this.language === "zh" ? "zh-CN" : "en";
    document.title = `${this.say("title")} · 溯源 Suyuan`;
    for (const place of all("[data-text]")) place.textContent = this.say(place.dataset.text ?? "");
    for (const button of all("[data-language]")) {
      button.setAttribute("aria-pressed", String(button.dataset.language === this.language));
    }
    one("#bundle-chosen").textContent = this.chosen.bundle?.name ?? "";
    one("#anchors-chosen").textContent = this.chosen.anchors?.name ?? "";
    one("#documents-chosen").textContent = this.chosen.documents
      .map(({ name, bytes }) => `${name}\n${this.say("hash")} ${hex(keccak256(bytes))}`)
      .join("\n");
    one("#state").textContent = this.say(this.state);
    one("#result").replaceChildren(...this.result());
  }

  /** @returns {Node[]} */
  result() {
    if (this.answer === null) return [];
    if ("problem" in this.answer) return [element("p", {}, this.answer[this.language])];
    const { report } = this.answer;
    return [
      this.outcome(report),
      element("h2", {}, this.say("checks")),
      element(
        "ol",
        { class: "checks" },
        ...report.checks.map((/** @type {any} */ check) => this.check(check)),
      ),
      ...(report.result === "invalid" ? [] : this.shown(report)),
      element("h2", {}, this.say("limits")),
      element(
        "ul",
        { class: "limits" },
        ...report.limits.map((/** @type {any} */ limit) => element("li", {}, limit[this.language])),
      ),
      element("p", { class: "again" }, this.save(report)),
    ];
  }

  /** @param {any} report */
  outcome(report) {
    const telling = report.checks.find((/** @type {any} */ c) => c.result === report.result);
    const means = this.say(`${report.result}-means`, { number: String(telling?.number) });
    const words = [element("p", {}, means)];
    if (report.result !== "valid") words.push(element("p", {}, telling[this.language]));
    return element(
      "section",
      { class: `outcome ${report.result}`, "data-result": report.result },
      shape(report.result),
      element("div", {}, element("h2", {}, this.say(report.result)), ...words),
    );
  }

  /** @param {any} check */
  check(check) {
    return element(
      "li",
      { "data-check": String(check.number) },
      element("span", { class: "number" }, String(check.number)),
      element("span", { class: "name" }, this.say(`check-${check.name}`)),
      element(
        "span",
        { class: `mark ${check.result}` },
        shape(check.result),
        this.say(check.result),
      ),
      element(
        "p",
        { class: "said" },
        check[this.language],
        ...(check.code ? [" ", element("code", {}, check.code)] : []),
      ),
    );
  }

  /** @param {any} report */
  shown(report) {
    const pairs = summary(report, this.language).flatMap(([name, value]) => [
      element("dt", {}, name),
      element("dd", {}, value),
    ]);
    return [
      element("h2", {}, this.say(report.result === "valid" ? "shown" : "claimed")),
      element("dl", {}, ...pairs),
      element(
        "details",
        {},
        element("summary", {}, this.say("whole")),
        element("pre", { tabindex: "0" }, JSON.stringify(report.shown, null, 2)),
      ),
    ];
  }

  /** @param {any} report */
  save(report) {
    const text = `${JSON.stringify(report, null, 2)}\n`;
    const link = element("a", { class: "save", download: "verification.json" }, this.say("save"));
    link.setAttribute("href", URL.createObjectURL(new Blob([text], { type: "application/json" })));
    return link;
  }
}

/**
 * @param {Blob} file
 * @returns {Promise<Uint8Array>}
 */
async function read(file) {
  return new Uint8Array(await file.arrayBuffer());
}

/**
 * What a file that was dropped beside the fields is likely to be.
 * @param {Uint8Array} bytes
 * @returns {Slot}
 */
function likely(bytes) {
  const text = new TextDecoder().decode(bytes);
  if (!text.trimStart().startsWith("{")) return "documents";
  return text.includes("suyuan anchors") ? "anchors" : "bundle";
}

/**
 * @param {string} selector
 * @returns {HTMLElement}
 */
function one(selector) {
  return /** @type {HTMLElement} */ (document.querySelector(selector));
}

/**
 * @param {string} selector
 * @returns {HTMLElement[]}
 */
function all(selector) {
  return [...document.querySelectorAll(selector)].map(
    (found) => /** @type {HTMLElement} */ (found),
  );
}

/**
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/**
 * @param {string} result
 * @returns {Element}
 */
function shape(result) {
  const [outline, sign] = SHAPES[/** @type {keyof typeof SHAPES} */ (result)];
  const made = document.createElementNS(SVG, "svg");
  made.setAttribute("viewBox", "0 0 24 24");
  made.setAttribute("aria-hidden", "true");
  for (const [path, stroke, fill] of [
    [outline, "none", "currentColor"],
    [sign, "#ffffff", "none"],
  ]) {
    const line = document.createElementNS(SVG, "path");
    line.setAttribute("d", path);
    line.setAttribute("fill", fill);
    line.setAttribute("stroke", stroke);
    line.setAttribute("stroke-width", "2.5");
    line.setAttribute("stroke-linecap", "round");
    made.append(line);
  }
  return made;
}
