/**
 * Wallets in the browser: found as EIP-6963 announces them or as ``window.ethereum`` (EIP-1193),
 * asked for signatures by EIP-712.
 */

/** @typedef {{request: (asked: {method: string, params?: unknown[]}) => Promise<any>}} Provider */

/** Why there is no signature: ``code`` is the word to tell it by. */
export class WalletError extends Error {
  /**
   * @param {string} code
   * @param {Record<string, string>} [values]
   */
  constructor(code, values = {}) {
    super(code);
    this.code = code;
    this.values = values;
  }
}

/** The codes of EIP-1193 for "the user said no" and "this chain is not known". */
const REFUSED = 4001;

/**
 * Tells every wallet once, by the name that it gives itself ("" where it gives none).
 * @param {(name: string, provider: Provider) => void} found
 */
export function onWallet(found) {
  /** @type {Set<Provider>} */
  const known = new Set();
  const tell = (/** @type {string} */ name, /** @type {Provider | undefined} */ provider) => {
    if (typeof provider?.request !== "function" || known.has(provider)) return;
    known.add(provider);
    found(name.slice(0, 60), provider);
  };
  window.addEventListener("eip6963:announceProvider", (event) => {
    const { info, provider } = /** @type {CustomEvent} */ (event).detail ?? {};
    tell(String(info?.name ?? ""), provider);
  });
  window.dispatchEvent(new Event("eip6963:requestProvider"));
  // Wallets of before EIP-6963; one that announced itself may be this one under another face.
  const old = () => known.size || tell("", /** @type {any} */ (window).ethereum);
  old();
  window.addEventListener("ethereum#initialized", old, { once: true });
}

/**
 * The first of these accounts that the wallet offers.
 * @param {Provider} provider
 * @param {string[]} wanted 0x hex in lower case
 * @returns {Promise<string>}
 * @throws {WalletError}
 */
export async function accountOf(provider, wanted) {
  const accounts = await asked(provider, "eth_requestAccounts");
  const offered = (Array.isArray(accounts) ? accounts : []).map((a) => String(a).toLowerCase());
  if (!offered.length) throw new WalletError("no-account");
  const found = wanted.find((account) => offered.includes(account));
  if (found === undefined) {
    throw new WalletError("other-account", { found: offered.join(", "), wanted: wanted.join(", ") });
  }
  return found;
}

/**
 * The wallet's signatures, one for each typed data, in order.
 * @param {Provider} provider
 * @param {string} account 0x hex in lower case; one that the wallet offers
 * @param {number} chainId
 * @param {unknown[]} every
 * @param {(number: number, count: number) => void} onAsking
 * @returns {Promise<string[]>}
 * @throws {WalletError}
 */
export async function signWith(provider, account, chainId, every, onAsking) {
  await onChain(provider, chainId);
  const signatures = [];
  for (const data of every) {
    onAsking(signatures.length + 1, every.length);
    signatures.push(await asked(provider, "eth_signTypedData_v4", [account, JSON.stringify(data)]));
  }
  return signatures;
}

/**
 * Wallets sign for the chain to which they are set: ask to set it where it is another.
 * @param {Provider} provider
 * @param {number} chainId
 */
async function onChain(provider, chainId) {
  const wanted = `0x${chainId.toString(16)}`;
  const current = async () => Number(await asked(provider, "eth_chainId"));
  if ((await current()) === chainId) return;
  try {
    await provider.request({ method: "wallet_switchEthereumChain", params: [{ chainId: wanted }] });
  } catch {
    // Told below by what the wallet is set to.
  }
  const found = await current();
  if (found !== chainId) {
    throw new WalletError("other-chain", { found: String(found), wanted: String(chainId) });
  }
}

/**
 * @param {Provider} provider
 * @param {string} method
 * @param {unknown[]} [params]
 */
async function asked(provider, method, params = []) {
  try {
    return await provider.request({ method, params });
  } catch (error) {
    const { code, message } = /** @type {any} */ (error) ?? {};
    if (code === REFUSED) throw new WalletError("refused");
    throw new WalletError("wallet-failed", { message: String(message ?? error).slice(0, 300) });
  }
}
