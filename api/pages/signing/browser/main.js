/**
 * Signing in the page: with a key file or a browser wallet.
 *
 * Rules this module keeps:
 *
 * * What is signed is computed here, from the fields that the page carries, by the same code as in
 *   the verifier; where that is not what the page shows, nothing is signed.
 * * Whichever of the listed accounts a key or wallet is of signs, with its own nonces; all else that
 *   is signed stays what the page shows, and who signed is said.
 * * Key file and password go to a worker of this page and nowhere else: they have no name in the
 *   form, the page may connect to nothing, and they are forgotten when the worker has answered.
 * * Every signature is checked here before it is handed in.
 *
 * This file is both the page's script and the worker's; ``scripts/signing`` makes it one.
 */

import { recover } from "../../../verifier/src/hashing.js";
import { compact } from "./compact.js";
import { digestOf, readEntries, typedData, withNonces } from "./entries.js";
import { serve } from "./worker.js";
import { WalletError, accountOf, onWallet, signWith } from "./wallet.js";

/**
 * @typedef {{entries: import("./entries.js").Unsigned[], digests: string[]}} Stamped
 * @typedef {{chainId: number, contracts: Record<string, string>, each: Map<string, Stamped>}} Work
 * @typedef {{account: string, signatures: string[]}} Signed
 */

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

  /** @type {Record<string, {name: string, nonces: Record<string, string>}>} */
  const accounts = JSON.parse(form.dataset.accounts ?? "{}");

  /**
   * What is to be signed, and how it reads for each account that may sign it; null, with the reason
   * told, where it is not what the page shows.
   */
  function checked() {
    try {
      const entries = readEntries(field("entries").value);
      const chainId = Number(form.dataset.chain);
      const contracts = JSON.parse(form.dataset.contracts ?? "{}");
      const shown = JSON.parse(form.dataset.digests ?? "[]");
      const digests = entries.map((entry) => digestOf(entry, chainId, contracts));
      const same = digests.length === shown.length && digests.every((d, i) => d === shown[i]);
      const account = field("stamped-for").value;
      if (same && digests.length) {
        const each = Object.entries(accounts).map(([address, { nonces }]) => {
          const own = address === account ? entries : withNonces(entries, nonces);
          const told = own.map((entry) => digestOf(entry, chainId, contracts));
          return /** @type {const} */ ([address, { entries: own, digests: told }]);
        });
        // The chosen one first: a wallet that holds several signs with that.
        const chosen = new FormData(form).get("account");
        each.sort(([a], [b]) => Number(b === chosen) - Number(a === chosen));
        return { chainId, contracts, each: new Map(each) };
      }
    } catch {
      // Told below: it is not what the page shows.
    }
    say(word("differs"), true);
    return null;
  }

  /** Shows and carries the entries as this account signs them. */
  function use(/** @type {string} */ account, /** @type {Work} */ work) {
    const { entries, digests } = /** @type {Stamped} */ (work.each.get(account));
    field("entries").value = JSON.stringify(entries);
    form.dataset.digests = JSON.stringify(digests);
    field("stamped-for").value = account;
    for (const radio of form.querySelectorAll('[name="account"]')) {
      const { type, value } = /** @type {HTMLInputElement} */ (radio);
      if (type === "radio") /** @type {HTMLInputElement} */ (radio).checked = value === account;
    }
    for (const [i, shown] of form.querySelectorAll(".exact").entries()) {
      /** @type {HTMLElement} */ (shown.querySelector(".digest")).textContent = digests[i];
      /** @type {HTMLElement} */ (shown.querySelector("pre")).textContent = JSON.stringify(entries[i], null, 1);
    }
  }

  let busy = false;

  /** One way at a time; ``sign`` gives who signed what, or null where it has told why not. */
  async function carryOut(/** @type {(work: Work) => Promise<Signed | null>} */ sign) {
    if (busy) return;
    const work = checked();
    if (work === null) return;
    busy = true;
    for (const button of form.querySelectorAll("button")) button.disabled = true;
    try {
      const signed = await sign(work);
      if (signed === null) return;
      const { account, signatures } = signed;
      const { digests } = /** @type {Stamped} */ (work.each.get(account));
      const right = digests.every((digest, i) => recover(digest, signatures[i]) === account);
      if (!right || signatures.length !== digests.length) {
        say(word("signed-other"), true);
        return;
      }
      use(account, work);
      say(word("sending", { account: accounts[account].name }));
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
    await carryOut(async ({ each }) => {
      say(word("unlocking"));
      const digests = Object.fromEntries([...each].map(([a, { digests }]) => [a, digests]));
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
      file.value = "";
      if (!each.has(answer.address)) {
        say(word("other-key", { found: answer.address }), true);
        return null;
      }
      return { account: answer.address, signatures: answer.signatures };
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
      carryOut(async ({ each, chainId, contracts }) => {
        try {
          const account = await accountOf(provider, [...each.keys()]);
          const { entries } = /** @type {Stamped} */ (each.get(account));
          const data = entries.map((entry) => typedData(entry, chainId, contracts));
          const given = await signWith(provider, account, chainId, data, (number, count) =>
            say(word("asking", { number, count })),
          );
          return { account, signatures: given.map((signature) => compact(signature)) };
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

  // Choosing needs no button here.
  for (const part of form.querySelectorAll(".without-script")) part.remove();
  form.addEventListener("change", (event) => {
    const { name, value } = /** @type {HTMLInputElement} */ (event.target);
    if (name !== "account") return;
    const work = checked();
    if (work) use(value, work);
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
