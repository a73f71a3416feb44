"""Every sentence of an answer about provenance in both languages, by its code.

Values stand in braces; a value may differ by language (names).
"""

from collections.abc import Mapping
from typing import Final

from ledger.verdict_texts import Both

FINDINGS: Final[Mapping[str, Both]] = {
    "origin-not-shown": Both(
        "its origin is not shown: it came onto the ledger without a past",
        "来源未显示：进入账本时没有此前的记录",
    ),
    "underrun": Both(
        "more went into it than the process usually loses",
        "投入的物料多于该工艺通常的损耗",
    ),
    "entry.late": Both(
        "{action} of {happened} was recorded late, on {recorded}, with the authority's consent",
        "{happened} 的 {action} 经主管机构同意后迟至 {recorded} 才记录",
    ),
    "inspection.passed": Both(
        "{by} found it passing by {standard}, report {number}, sampled {sampled}",
        "{by}按 {standard} 检验合格，报告 {number}，采样于 {sampled}",
    ),
    "inspection.failed": Both(
        "{by} found it failing by {standard}, report {number}, sampled {sampled}",
        "{by}按 {standard} 检验不合格，报告 {number}，采样于 {sampled}",
    ),
    "inspection.inconclusive": Both(
        "{by} could not tell by {standard}, report {number}, sampled {sampled}",
        "{by}按 {standard} 检验无结论，报告 {number}，采样于 {sampled}",
    ),
    "inspection.doubted": Both(
        "report {number} of {by} by {standard} says {result}, and counts neither way: {why}",
        "{by}按 {standard} 出具的报告 {number} 结论为{result}，但两面都不计：{why}",
    ),
    "inspection.taken-back": Both(
        "report {number} of {by} by {standard} said passed; it was corrected and counts no more",
        "{by}按 {standard} 出具的合格报告 {number} 已被更正，不再计入",
    ),
    "inspection.overturned": Both(
        "report {number} of {by} by {standard} said failed; it was corrected, and the laboratory "
        "reported again that it passes",
        "{by}按 {standard} 出具的不合格报告 {number} 已被更正，该实验室重新报告为合格",
    ),
    "hold": Both("{by} holds it: {reason}", "{by}予以封存：{reason}"),
    "hold.released": Both(
        "{by} held it, and it was released: {reason}", "{by}曾封存，已解除：{reason}"
    ),
    "recall": Both("{by} recalled it: {reason}", "{by}召回：{reason}"),
    "recall.released": Both(
        "{by} recalled it, and it was released: {reason}", "{by}曾召回，已解除：{reason}"
    ),
    "mirrored-recall": Both(
        "the register {register} lists a recall of this lot ({number}: {product})",
        "名录 {register} 载有对该批次的召回（{number}：{product}）",
    ),
    "mirrored-recall.all-lots": Both(
        "the register {register} lists a recall of all lots of a product of the maker ({number}: "
        "{product}); whether this is that product is for a person to see",
        "名录 {register} 载有对生产者某产品全部批次的召回（{number}：{product}）；"
        "是否为该产品须人工判断",
    ),
    "alarm.open": Both(
        "open alarm: the {what} {shown} of a report on it is also used for {other}",
        "未关闭的警报：其报告的{what} {shown} 也用于{other}",
    ),
    "alarm.claim": Both(
        "{other} was later reported on with the {what} {shown} of a report on it; that does not "
        "speak against this lot",
        "其报告的{what} {shown} 后来被用于{other}；这不针对本批次",
    ),
    "alarm.closed": Both(
        "{by} closed the alarm over the {what} {shown}, also used for {other}",
        "{by}已关闭关于{what} {shown}（也用于{other}）的警报",
    ),
    "maker.withdrawn-retroactively": Both(
        "{by} was qualified for {action} of {happened} as known then, and was not as known now",
        "按当时所知{by}具备 {happened} {action}所需的资质，按现在所知并不具备",
    ),
    "maker.not-qualified": Both(
        "{by} was not qualified for {action} of {happened}",
        "{by}不具备 {happened} {action}所需的资质",
    ),
    "maker.qualification-doubted": Both(
        "{by} was qualified for {action} of {happened} as known then; now that is doubtful",
        "按当时所知{by}具备 {happened} {action}所需的资质，按现在所知存疑",
    ),
    "maker.unknown": Both(
        "whether {by} was qualified for {action} of {happened} is not known",
        "{by}是否具备 {happened} {action}所需的资质不明",
    ),
    "maker.key-compromised": Both(
        "{action} of {happened} was signed with a key of {by} that is declared compromised",
        "{happened} 的 {action} 由{by}一把已宣告失密的密钥签署",
    ),
    "custody.key-compromised": Both(
        "{action} of {happened} was signed with a key of {by} that is declared compromised",
        "{happened} 的 {action} 由{by}一把已宣告失密的密钥签署",
    ),
    "corrected": Both("corrected by {by}: {text}", "{by}更正：{text}"),
    "remark": Both(
        "{by}, who is neither the author nor the authority, remarks: {text}",
        "{by}（既非作者也非主管机构）备注：{text}",
    ),
}

ACTORS: Final[Mapping[str, Both]] = {
    "qualified": Both("qualified then and now", "当时与现在所知均具备资质"),
    "not-required": Both("no qualification required", "不需要资质"),
    "shown-since": Both("not shown then, qualified as known now", "当时未显示，按现在所知具备资质"),
    "withdrawn-since": Both(
        "qualified as known then, not as known now", "按当时所知具备资质，按现在所知不具备"
    ),
    "doubted-since": Both("qualified as known then, in doubt now", "按当时所知具备资质，现在存疑"),
    "not-qualified": Both("not qualified", "不具备资质"),
    "unknown": Both("not known", "不明"),
    "key-compromised": Both("signed with a compromised key", "以失密的密钥签署"),
}

ASSURANCE: Final[Mapping[str, Both]] = {
    "attested": Both("attested by a third party", "经第三方证实"),
    "confirmed-by-receiver": Both("confirmed by the receiver", "经接收方确认"),
    "self-declared": Both("self-declared", "自我声明"),
    "origin-not-shown": Both("origin not shown", "来源未显示"),
}

LINKS: Final[Mapping[str, Both]] = {
    "origin": Both("coming onto the ledger", "进入账本"),
    "making": Both("making", "制造"),
    "handing-over": Both("handing over", "交接"),
}

CUTS: Final[Mapping[str, Both]] = {
    "size": Both("there is more: continue with the continuation", "还有更多：请用续查标记继续"),
    "depth": Both("there is more, further away: ask with more depth", "更远处还有：请加大深度再查"),
}

ACTS: Final[Mapping[str, Both]] = {
    "made": Both("made", "生产"),
    "shipped": Both("shipped", "发出"),
    "received": Both("received", "收到"),
    "settled": Both("settled", "结清"),
    "packed": Both("packed", "装入物流单元"),
    "taken-apart": Both("taken out of a logistic unit", "从物流单元取出"),
    "unit-shipped": Both("shipped in a logistic unit", "随物流单元发出"),
    "unit-received": Both("received in a logistic unit", "随物流单元收到"),
    "unit-refused": Both("refused in a logistic unit", "物流单元被拒收"),
    "used": Both("used up", "投入使用"),
    "dispensed": Both("dispensed", "发放"),
    "destroyed": Both("destroyed", "销毁"),
    "lost": Both("lost", "损失"),
    "found": Both("found again", "找回"),
    "closed": Both("closed", "关闭批次"),
}

#: What does not follow the time in the world that was asked about.
NOT_AT: Final = Both(
    "Quantities made and what was found count what happened by then: a hold or recall of a later "
    "day is not among it. Custody and what stops a batch are told as of the time of knowing, and "
    "whether a batch is closed as of now.",
    "产量和查明的情况只计当时已发生的，其后的封存与召回不在其中。流转，以及批次是否被封存或召回，"
    "以知悉时间为准；批次是否关闭以现在为准。",
)

STANDING: Final[Mapping[str, Both]] = {
    "campaign": Both(
        "it is recalled already, by entry {entry}; `suyuan campaign {campaign}` shows who answered",
        "该批次已被第 {entry} 号条目召回；`suyuan campaign {campaign}` 显示答复情况",
    ),
    "alone": Both(
        "it is recalled already, by entry {entry}, which belongs to no campaign",
        "该批次已被第 {entry} 号条目召回，该召回不属于任何活动",
    ),
}

#: What the public is told of what a lot was made of.
UPSTREAM: Final[Mapping[str, Both]] = {
    "recalled": Both("something that it was made of is recalled", "其所用物料中有被召回的批次"),
    "held": Both("something that it was made of is held", "其所用物料中有被封存的批次"),
    "unknown": Both(
        "it was made of too many lots to look at them all: whether one is recalled or held is not "
        "known",
        "其所用物料批次过多，未能全部查看：是否有被召回或封存的不明",
    ),
    "clear": Both(
        "no recall or hold on this ledger stands of anything that it was made of",
        "其所用物料在本账本上没有仍在生效的召回或封存",
    ),
}

AGREEMENTS: Final[Mapping[str, Both]] = {
    "agrees": Both("that is what the ledger says it had", "与账本所载一致"),
    "under-way": Both(
        "that is what the ledger says it had there; for {under_way:,} on the way to it nobody has "
        "answered",
        "与账本所载现存一致；另有 {under_way:,} 在途发往该处，尚无人答复",
    ),
    "differs": Both(
        "it says {aside:,} set aside and {gone:,} gone, the ledger says {had:,} there, "
        "{under_way:,} on the way to it and {had_gone:,} used, handed out, destroyed or lost",
        "其称封存 {aside:,}、已流出 {gone:,}，而账本载明现存 {had:,}，在途 {under_way:,}，"
        "已使用、发放、销毁或损失 {had_gone:,}",
    ),
    "superseded": Both(
        "its later acknowledgement, entry {entry}, stands instead",
        "已由其后的第 {entry} 号确认取代",
    ),
}

DOUBTS: Final[Mapping[str, Both]] = {
    "key": Both("it was signed with a compromised key", "由失密的密钥签署"),
    "accreditation": Both(
        "the laboratory was not accredited when it took the sample", "采样时该实验室未获认可"
    ),
    "own": Both("the laboratory belongs to the maker's firm", "该实验室属于生产者一方"),
}

RESULTS: Final[Mapping[str, Both]] = {
    "passed": Both("passed", "合格"),
    "failed": Both("failed", "不合格"),
    "inconclusive": Both("inconclusive", "无结论"),
}

REPORT_MARKS: Final[Mapping[str, Both]] = {
    "document": Both("document", "文件"),
    "report": Both("number", "编号"),
}

ACTIONS: Final[Mapping[str, Both]] = {
    "Commission": Both("the commissioning", "登记建批"),
    "Transform": Both("the transformation", "加工"),
    "Ship": Both("the shipment", "发货"),
    "Receive": Both("the receipt", "收货"),
    "Settle": Both("the settlement", "结清"),
    "CloseLot": Both("the closing", "关闭批次"),
    "Adjust": Both("the adjustment", "调整"),
    "Dispense": Both("the dispensing", "发放"),
    "Destroy": Both("the destruction", "销毁"),
    "Aggregate": Both("the packing", "组装"),
    "TakeApart": Both("the taking apart", "拆分"),
    "ShipUnit": Both("the unit's shipment", "物流单元发货"),
    "ReceiveUnit": Both("the unit's receipt", "物流单元收货"),
    "Inspect": Both("the inspection", "检验"),
    "Hold": Both("the hold", "封存"),
    "Recall": Both("the recall", "召回"),
    "Release": Both("the release", "解除"),
    "Acknowledge": Both("the acknowledgement", "召回确认"),
    "Correct": Both("the correction", "更正"),
}
