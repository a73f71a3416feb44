/**
 * What a bundle shows, in a few lines for a reader.
 */

/** @typedef {{zh: string, en: string}} Both */

/** The time that the ledger's pages use. */
const ZONE = 8 * 3600;

/** @type {Record<string, Both>} */
const NAMES = {
  kind: { zh: "种类", en: "Kind" },
  made_at: { zh: "检查点时间", en: "Checkpoint made at" },
  size: { zh: "检查点时的记录数", en: "Entries at the checkpoint" },
  block: { zh: "区块", en: "Block" },
  action: { zh: "操作", en: "Action" },
  sequence: { zh: "记录序号", en: "Entry number" },
  recorded_at: { zh: "记录时间", en: "Recorded at" },
  signers: { zh: "签名账户", en: "Signed by" },
  digest: { zh: "摘要", en: "Digest" },
  organisation: { zh: "机构", en: "Organisation" },
  category: { zh: "类别", en: "Category" },
  model: { zh: "型号", en: "Model" },
  at: { zh: "所问时间", en: "Asked about" },
  known_at: { zh: "按截至此时所知", en: "As known at" },
  standing: { zh: "资质状况", en: "Qualified" },
  policy: { zh: "所依策略的版本", en: "By the policy of version" },
  result: { zh: "结论", en: "Answer" },
  qualification: { zh: "资质", en: "Qualification" },
  lot: { zh: "批次", en: "Lot" },
  direction: { zh: "方向", en: "Direction" },
  lots: { zh: "涉及批次数", en: "Lots" },
  marks: { zh: "标记", en: "Marks" },
  against: { zh: "未通过或未知的检查", en: "Checks that fail or are unknown" },
  quantity: { zh: "数量", en: "Quantity" },
  contract: { zh: "合约", en: "Contract" },
  account: { zh: "账户", en: "Account" },
  nonce: { zh: "账户序号（未被使用）", en: "Nonce (not used)" },
  deadline: { zh: "回执期限", en: "Receipt's deadline" },
  position: { zh: "截至的记录数", en: "As of so many entries" },
  later: { zh: "此后首条相关记录（未计入）", en: "First later entry about it (not counted)" },
  earlier: { zh: "先前检查点的记录数", en: "Entries at the earlier checkpoint" },
};

/** @type {Record<string, Both>} */
const KINDS = {
  entry: { zh: "一条记录在账本中", en: "An entry is on the ledger" },
  standing: { zh: "机构的资质状况", en: "How an organisation stands" },
  "non-revocation": { zh: "资质在某时点的状态", en: "A qualification at one moment" },
  trace: { zh: "批次追溯", en: "The trace of a lot" },
  verdict: { zh: "采购结论", en: "A verdict on a purchase" },
  absence: { zh: "一条记录不在账本中", en: "An entry is not on the ledger" },
  consistency: { zh: "账本延续先前的账本", en: "The log continues an earlier one" },
};

/** Words of answers. @type {Record<string, Both>} */
const WORDS = {
  valid: { zh: "资质有效", en: "yes" },
  invalid: { zh: "资质无效", en: "no" },
  unknown: { zh: "无法确定", en: "cannot be told" },
  skipped: { zh: "不要求资质", en: "no qualification is required" },
  buy: { zh: "采购", en: "buy" },
  "buy-with-conditions": { zh: "有条件采购", en: "buy, with conditions" },
  "cannot-tell": { zh: "无法判断", en: "cannot tell" },
  "do-not-buy": { zh: "不采购", en: "do not buy" },
  back: { zh: "来源", en: "back, to what it was made of" },
  forward: { zh: "去向", en: "forward, to what was made of it" },
};

/**
 * A time as people of the ledger read it.
 * @param {number} seconds
 * @returns {string}
 */
function time(seconds) {
  // The end of time is written as an instant that no calendar reaches.
  if (seconds >= 2 ** 40 - 1) return "∞";
  const local = new Date((seconds + ZONE) * 1000).toISOString();
  return `${local.slice(0, 10)} ${local.slice(11, 19)} (UTC+08:00)`;
}

/** What speaks against the lots of a trace, each code once. @param {any[]} lots */
const marks = (lots) =>
  [...new Set(lots.flatMap((lot) => lot.findings.filter((f) => f.mark).map((f) => f.code)))].sort();

/** The checks of a verdict that are not passed. @param {any[]} checks */
const against = (checks) =>
  checks
    .filter(({ result }) => result === "invalid" || result === "unknown")
    .map(({ number, code, result }) => `${number} ${code}: ${result}`);

/**
 * @param {any} report
 * @param {"zh" | "en"} language
 * @returns {[string, string][]} name and value of each line
 */
export function summary({ kind, shown }, language) {
  const { checkpoint, claim, entry, organisations = {} } = shown;
  /** @type {(id: string) => string} the name, if the bundle shows it, and the id */
  const who = (id) => {
    const names = Object.hasOwn(organisations, id) ? organisations[id] : { en: "", zh: "" };
    const name = language === "zh" ? names.zh || names.en : names.en || names.zh;
    return name ? `${name} (${id})` : id;
  };
  /** @type {(word: string) => string} */
  const word = (text) => WORDS[text]?.[language] ?? text;
  /** @type {[string, any][]} */
  const lines = [["kind", KINDS[kind][language]]];
  switch (kind) {
    case "entry":
      lines.push(["sequence", claim.sequence], ["action", entry.action]);
      lines.push(["recorded_at", time(entry.recorded_at)], ["digest", entry.digest]);
      lines.push(["signers", entry.signers.join(", ")]);
      break;
    case "standing":
      lines.push(["organisation", who(claim.organisation)], ["category", claim.category]);
      lines.push(["model", claim.model], ["at", claim.at.map(time).join(" – ")]);
      lines.push(["known_at", time(claim.known_at)], ["standing", word(claim.answer.result)]);
      break;
    case "non-revocation":
      lines.push(["qualification", claim.qualification], ["at", time(claim.at)]);
      lines.push(["known_at", time(claim.known_at)]);
      lines.push(["standing", word(claim.answer.holding.result)]);
      break;
    case "trace":
      lines.push(["lot", claim.lot], ["direction", word(claim.direction)]);
      lines.push(["known_at", time(claim.known_at)], ["lots", claim.answer.lots.length]);
      lines.push(["marks", marks(claim.answer.lots).join(", ") || "–"]);
      break;
    case "verdict": {
      const { question, answer } = claim;
      lines.push(["organisation", who(question.organisation)], ["category", question.category]);
      lines.push(["model", question.model], ["quantity", `${question.quantity} ${question.unit}`]);
      lines.push(["known_at", time(question.known_at)], ["policy", claim.policy.version]);
      lines.push(["result", word(answer.answer)]);
      lines.push(["against", against(answer.checks).join("; ")]);
      break;
    }
    case "absence":
      lines.push(["contract", claim.contract], ["account", claim.account], ["nonce", claim.nonce]);
      if (claim.receipt) lines.push(["deadline", time(claim.receipt.deadline)]);
      break;
    case "consistency":
      lines.push(["earlier", claim.earlier.size]);
  }
  lines.push(["size", checkpoint.size ?? ""], ["made_at", time(checkpoint.made_at)]);
  lines.push(["block", `${checkpoint.block_number} ${checkpoint.block_hash}`]);
  return lines
    .filter(([, value]) => value !== "")
    .map(([name, value]) => [NAMES[name][language], String(value)]);
}
