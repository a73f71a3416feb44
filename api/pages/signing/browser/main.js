/**
 * Signing in the page: with a key file or a browser wallet.
 *
 * Rules this module keeps:
 *
 * * What is signed is computed here, from the fields that the page carries, by the same code as in
 *   the verifier; where that is not what the page shows, nothing is signed.
 * * Key file and password go to a worker of this page and nowhere else: they have no name in the
 *   form, the page may connect to nothing, and they are forgotten when the worker has answered.
 * * Every signature is checked here before it is handed in.
 *
 * This file is both the page's script and the worker's; ``scripts/signing`` makes it one.
 */

import { recover } from "../../../verifier/src/hashing.js";
import { compact } from "./compact.js";
import { digestOf, readEntries, typedData } from "./entries.js";
import { serve } from "./worker.js";
import { WalletError, onWallet, signWith } from "./wallet.js";

/** @template {Element} T @param {string} id @returns {T} */
function byId(id) {
  return /** @type {T} */ (/** @type {unknown} */ (document.getElementById(id)));
}

/** A sentence of the page's language, with values filled in. */
function word(/** @type {string} */ name, /** @type {Record<string, string | number>} */ values = {}) {
  const text = document.querySelector(`[data-word="${name}"]`)?.textContent ?? name;
  return text.replace(/\{(\w+)\}/g, (whole, key) => String(values[key] ?? whole));
}

function start() {
  const form = /** @type {HTMLFormElement} */ (byId("signing"));
  const state = byId("signing-state");
  const fileWay = byId("way-file");
  const walletWay = byId("way-wallet");
  if (!form || !state || !fileWay || !walletWay) return;

  /** @returns {HTMLInputElement} */
  const field = (/** @type {string} */ name) =>
    /** @type {HTMLInputElement} */ (form.elements.namedItem(name));

  function say(/** @type {string} */ text, bad = false) {
    state.hidden = text === "";
    state.classList.toggle("bad", bad);
    /** @type {HTMLElement} */ (state.firstElementChild).textContent = text;
    if (bad) state.scrollIntoView({ block: "nearest" });
  }

  /** What is to be signed; null, with the reason told, where it is not what the page shows. */
  function checked() {
    try {
      const entries = readEntries(field("entries").value);
      const chainId = Number(form.dataset.chain);
      const contracts = JSON.parse(form.dataset.contracts ?? "{}");
      const shown = JSON.parse(form.dataset.digests ?? "[]");
      const digests = entries.map((entry) => digestOf(entry, chainId, contracts));
      const same = digests.length === shown.length && digests.every((d, i) => d === shown[i]);
      const account = field("stamped-for").value;
      if (new FormData(form).get("account") !== account) {
        say(word("changed"), true);
        return null;
      }
      if (same && digests.length) {
        return { entries, chainId, contracts, digests, account };
      }
    } catch {
      // Told below: it is not what the page shows.
    }
    say(word("differs"), true);
    return null;
  }

  let busy = false;

  /** One way at a time; ``sign`` gives the signatures or null where it has told why not. */
  async function carryOut(/** @type {(work: NonNullable<ReturnType<typeof checked>>) => Promise<string[] | null>} */ sign) {
    if (busy) return;
    const work = checked();
    if (work === null) return;
    busy = true;
    for (const button of form.querySelectorAll("button")) button.disabled = true;
    try {
      const signatures = await sign(work);
      if (signatures === null) return;
      const right = signatures.every((s, i) => recover(work.digests[i], s) === work.account);
      if (!right) {
        say(word("signed-other"), true);
        return;
      }
      say(word("sending"));
      field("signatures").value = JSON.stringify(signatures);
      form.submit();
    } finally {
      busy = false;
      for (const button of form.querySelectorAll("button")) button.disabled = false;
    }
  }

  // ------------------------------------------------------------------------------ key file

  const file = /** @type {HTMLInputElement} */ (byId("keystore"));
  const password = /** @type {HTMLInputElement} */ (byId("password"));
  const progress = /** @type {HTMLProgressElement} */ (byId("unlocking"));

  async function signWithFile() {
    const chosen = file.files?.[0];
    if (!chosen) return say(word("choose-file"), true);
    if (!password.value) return say(word("type-password"), true);
    await carryOut(async ({ digests, account }) => {
      say(word("unlocking"));
      progress.hidden = false;
      progress.value = 0;
      const answer = await inWorker(
        { keystore: await chosen.text(), password: password.value, digests },
        (part) => (progress.value = part * 100),
      );
      progress.hidden = true;
      password.value = "";
      if ("fault" in answer) {
        say(word(answer.fault), true);
        password.focus();
        return null;
      }
      if (answer.address !== account) {
        say(word("other-key", { found: answer.address, wanted: account }), true);
        file.value = "";
        return null;
      }
      file.value = "";
      return answer.signatures;
    });
  }

  byId("sign-file").addEventListener("click", signWithFile);
  password.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    signWithFile();
  });

  // -------------------------------------------------------------------------------- wallet

  onWallet((name, provider) => {
    byId("no-wallet").hidden = true;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = word("with", { wallet: name || word("a-wallet") });
    button.addEventListener("click", () =>
      carryOut(async ({ entries, chainId, contracts, account }) => {
        const data = entries.map((entry) => typedData(entry, chainId, contracts));
        try {
          const given = await signWith(provider, account, chainId, data, (number, count) =>
            say(word("asking", { number, count })),
          );
          return given.map((signature) => compact(signature));
        } catch (error) {
          const { code, values } =
            error instanceof WalletError
              ? error
              : { code: "wallet-failed", values: { message: String(error) } };
          say(word(code, values), true);
          return null;
        }
      }),
    );
    byId("wallets").append(button);
  });

  byId("no-script").hidden = true;
  fileWay.hidden = false;
  walletWay.hidden = false;
}

/**
 * @param {import("./worker.js").Task} task
 * @param {(part: number) => void} onProgress
 * @returns {Promise<import("./worker.js").Done>}
 */
function inWorker(task, onProgress) {
  const worker = new Worker(import.meta.url, { type: "module" });
  return new Promise((resolve) => {
    const end = (/** @type {import("./worker.js").Done} */ answer) => {
      worker.terminate();
      resolve(answer);
    };
    worker.onmessage = ({ data }) => ("part" in data ? onProgress(data.part) : end(data));
    worker.onerror = () => end({ fault: "too-hard" });
    worker.postMessage(task);
  });
}

if (typeof document === "undefined") serve();
else start();
