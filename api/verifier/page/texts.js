/**
 * What the page says of itself, in both languages. What is said of a bundle stands in its report.
 */

/** @type {Record<string, {zh: string, en: string}>} */
export const TEXTS = {
  skip: { zh: "跳到正文", en: "Skip to the content" },
  title: { zh: "离线核验证据", en: "Verify evidence offline" },
  lead: {
    zh: "选择证据包与信任锚文件，本页即在此计算机上逐项核验：不联网，不上传，不询问任何服务器。",
    en: "Choose an evidence bundle and an anchors file. This page checks them step by step on this computer: it uses no network, uploads nothing and asks no server.",
  },
  bundle: { zh: "证据包", en: "Evidence bundle" },
  "bundle-hint": {
    zh: "要核验的文件（JSON）。也可将文件拖放到本页。",
    en: "The file to verify (JSON). Files can also be dropped on this page.",
  },
  anchors: { zh: "信任锚文件", en: "Anchors file" },
  "anchors-hint": {
    zh: "您所信任的内容：哪一个账本、谁的签名或封印有效。请从可信渠道另行取得，不要与证据包取自同一处。",
    en: "What you trust: which ledger, and whose signatures or seals count. Get it from a source you trust, and not from where the bundle came.",
  },
  documents: { zh: "文件（可选）", en: "Documents (optional)" },
  "documents-hint": {
    zh: "证书、检验报告等原件，可多选：核验证据包中的记录是否提及这些文件。",
    en: "Certificates, test reports and the like, several if you wish: checked against the documents that the bundle's entries name.",
  },
  pick: { zh: "选择文件", en: "Choose file" },
  clear: { zh: "清除", en: "Clear" },
  footer: {
    zh: "此页面是单个文件，可保存在任何介质上，在无网络的计算机上打开。它与溯源服务本身的核验程序各自独立编写。",
    en: "This page is a single file. Keep it on any medium and open it on a computer without network. It was written apart from the verifier of the Suyuan service itself.",
  },
  licences: { zh: "所含程序库的许可", en: "Licences of the libraries within" },
  choose: { zh: "请选择证据包与信任锚文件。", en: "Choose a bundle and an anchors file." },
  "choose-bundle": { zh: "请再选择证据包。", en: "Now choose a bundle." },
  "choose-anchors": { zh: "请再选择信任锚文件。", en: "Now choose an anchors file." },
  working: { zh: "正在核验……", en: "Verifying …" },
  done: { zh: "核验完毕。", en: "Verified; the result follows." },
  "problem-anchors": {
    zh: "无法使用此信任锚文件。这与证据包无关。",
    en: "This anchors file cannot be used. That says nothing about the bundle.",
  },
  "problem-page": {
    zh: "本页未能完成核验。这与证据包是否有效无关。",
    en: "This page could not finish. That says nothing about the bundle.",
  },
  valid: { zh: "有效", en: "Valid" },
  invalid: { zh: "无效", en: "Invalid" },
  unknown: { zh: "未知", en: "Unknown" },
  skipped: { zh: "未核验", en: "Skipped" },
  "valid-means": {
    zh: "各项核验均已通过：在所给信任锚之下，证据包证明了它所主张的内容。",
    en: "Every check passed: under the given anchors the bundle proves what it claims.",
  },
  "invalid-means": {
    zh: "证据包没有证明它所主张的内容。第 {number} 项核验未通过：",
    en: "The bundle does not prove what it claims. Check {number} failed:",
  },
  "unknown-means": {
    zh: "未发现错误，但信任锚文件未提供足够信息，无法确认第 {number} 项：",
    en: "Nothing was found wrong, but the anchors do not tell enough to confirm check {number}:",
  },
  checks: { zh: "各项核验", en: "Checks" },
  shown: { zh: "证明了什么", en: "What was shown" },
  claimed: { zh: "主张了什么（尚未确认）", en: "What it claims (not confirmed)" },
  limits: { zh: "不能证明什么", en: "What this does not prove" },
  whole: { zh: "完整内容（JSON）", en: "All of it (JSON)" },
  save: { zh: "保存核验报告（JSON）", en: "Save the report (JSON)" },
  hash: { zh: "keccak-256", en: "keccak-256" },
  "check-form": { zh: "格式", en: "Form" },
  "check-ledger": { zh: "账本", en: "Ledger" },
  "check-header": { zh: "区块头", en: "Block header" },
  "check-seal": { zh: "签名或封印", en: "Seal" },
  "check-witnesses": { zh: "见证", en: "Witnesses" },
  "check-state": { zh: "合约状态", en: "State" },
  "check-history": { zh: "与以往检查点一致", en: "History" },
  "check-entries": { zh: "记录与签名", en: "Entries and signatures" },
  "check-inclusion": { zh: "包含于日志", en: "Inclusion in the log" },
  "check-chains": { zh: "历史完整", en: "Unbroken histories" },
  "check-authors": { zh: "记录作者", en: "Authors" },
  "check-complete": { zh: "无遗漏", en: "Nothing left out" },
  "check-known": { zh: "时点与所主张的事实", en: "What was known when" },
  "check-recomputed": { zh: "重新判断", en: "Judged again" },
  "check-document": { zh: "文件", en: "Documents" },
};
