"""The sentences of a verdict about offered lots, in both languages, and what would change them.

Values stand in braces as in ``ledger.verdict_texts``; ``{where}`` is a lot, with the way to it from
the lots offered if it is not one of them.
"""

from collections.abc import Mapping
from typing import Final

from ledger.verdict_texts import Text

_ANOTHER_LOT: Final = ("Ask for other lots.", "请要求提供其他批次。")
_ASK_LABORATORY: Final = (
    "Have a sample tested by an accredited laboratory that does not belong to the maker.",
    "请由不属于生产者的认可实验室抽样检验。",
)

_ASK_ISSUER: Final = (
    "Ask for the maker's qualification, or for other lots.",
    "请要求提供生产者的资质，或其他批次。",
)

#: The sentences of checks 18 to 33, by the code of the reason.
LOT_TEXTS: Final[Mapping[str, Text]] = {
    "lots.none": Text("no lots are offered", "未提供批次"),
    "lots.not-yet": Text("none of the offered lots is known yet", "所供批次均尚未为人所知"),
    "lots.more": Text("and {count} more of this kind", "另有 {count} 项同类情况"),
    "lots.trace-cut": Text(
        "more than {limit} lots are upstream; no more were looked at",
        "上游批次超过 {limit} 个，未全部查看",
        "Trace the lots page by page, or offer fewer of them.",
        "请逐页追溯，或减少所供批次。",
    ),
    # 18 to 21
    "lots.known": Text("lot {lot}, made by {maker} on {made}", "批次 {lot}，{maker}于 {made} 生产"),
    "lots.not-known": Text(
        "lot {lot} is not on the ledger as known at {known_at}",
        "截至 {known_at}，账本上尚无批次 {lot}",
    ),
    "lots.other-category": Text(
        "lot {lot} is {category}, not {asked}; a category is compared whole",
        "批次 {lot} 属 {category}，不是 {asked}；类别须完全一致",
        *_ANOTHER_LOT,
    ),
    "lots.other-model": Text(
        "lot {lot} is the model {model}, not {asked}; a model is compared whole",
        "批次 {lot} 的型号为 {model}，不是 {asked}；型号须完全一致",
        *_ANOTHER_LOT,
    ),
    "lots.no-model": Text(
        "no model is stated for lot {lot}; asked was {asked}",
        "批次 {lot} 未载明型号；所询型号为 {asked}",
        *_ANOTHER_LOT,
    ),
    "lots.made-later": Text(
        "lot {lot} was made on {made}, after the delivery day",
        "批次 {lot} 于 {made} 生产，晚于交货日",
        *_ANOTHER_LOT,
    ),
    "lots.enough": Text(
        "the supplier has {there} {unit} of the offered lots, {arriving} more are under way to it; "
        "{quantity} are needed",
        "供应商持有所供批次 {there} {unit}，另有 {arriving} 在途；需要 {quantity}",
    ),
    "lots.short": Text(
        "the supplier has only {there} {unit} of the offered lots, {arriving} more are under way "
        "to it; {quantity} are needed",
        "供应商仅持有所供批次 {there} {unit}，另有 {arriving} 在途；需要 {quantity}",
        "Order less, or ask for more lots.",
        "请减少订购，或要求提供更多批次。",
    ),
    "lots.unit": Text(
        "{lots} are counted in another unit than {unit}, and no conversion is stated; of the "
        "others the supplier has {there}, {arriving} more are under way to it, and {quantity} are "
        "needed",
        "{lots} 以其他单位计，与 {unit} 之间未载明换算关系；其余批次供应商持有 {there}，"
        "另有 {arriving} 在途，需要 {quantity}",
        "Ask in the unit of the lots.",
        "请以批次的单位询问。",
    ),
    "lots.see-quantity": Text("see check 19", "见第 19 项"),
    "lots.on-hand": Text(
        "all is at hand: {there} {unit}, {quantity} are needed",
        "全部在手：{there} {unit}，需要 {quantity}",
    ),
    "lots.arriving": Text(
        "only {there} {unit} are at hand; {arriving} are still under way to the supplier",
        "在手仅 {there} {unit}；{arriving} 仍在运往供应商途中",
        "Wait until the supplier has confirmed the receipt.",
        "请等待供应商确认收货。",
    ),
    "lots.traced": Text(
        "{count} lots upstream over {links} links, complete up to entry {upto}",
        "上游 {count} 个批次、{links} 条关联，截至第 {upto} 条记录完整",
    ),
    # 22 to 24
    "lots.not-stopped": Text(
        "no hold and no recall stands, neither of the lots nor of what they were made of",
        "批次及其上游均无生效的封存或召回",
    ),
    "lots.hold": Text(
        "{where} is held by {by} since {since}: {reason}",
        "{where}自 {since} 起被{by}封存：{reason}",
        *_ANOTHER_LOT,
    ),
    "lots.recall": Text(
        "{where} is recalled by {by} since {since}: {reason}",
        "{where}自 {since} 起被{by}召回：{reason}",
        *_ANOTHER_LOT,
    ),
    "lots.not-recalled": Text(
        "no mirrored register names any of these lots in a recall",
        "转录的名录中没有点名这些批次的召回",
    ),
    "lots.listed-recall": Text(
        "{where}: the register {register} lists its recall by {by} of {since}, with its GTIN "
        "({number}: {product})",
        "{where}：名录 {register} 载有{by}于 {since} 对其的召回，GTIN 亦相符"
        "（{number}：{product}）",
        *_ANOTHER_LOT,
    ),
    "lots.recall-of-number": Text(
        "{where}: the register {register} lists a recall by {by} of {since} of a lot with this "
        "number, but does not name its GTIN ({number}: {product})",
        "{where}：名录 {register} 载有{by}于 {since} 对同一批号的召回，但未列其 GTIN"
        "（{number}：{product}）",
        "Have the maker or the register say whether these goods are meant, or ask for other lots.",
        "请生产者或名录发布机构说明是否涉及这些货物，或要求提供其他批次。",
    ),
    "lots.recall-ended": Text(
        "{where}: the register {register} lists a recall by {by} of {since} of a lot with this "
        "number, ended on {ended} ({number}: {product}); what became of these goods is not told",
        "{where}：名录 {register} 载有{by}于 {since} 对同一批号的召回，已于 {ended} 结束"
        "（{number}：{product}）；这些货物如何处理并未说明",
        "Have the maker say in what way the goods were put right, or ask for other lots.",
        "请生产者说明货物如何整改，或要求提供其他批次。",
    ),
    "lots.recalls-decided": Text(
        "every recall of the makers in a mirrored register names its lots",
        "名录所载生产者的各项召回均点明了批次",
    ),
    "lots.recall-undecided": Text(
        "{where}: a recall of {since} in the register {register} may mean it or not "
        "({number}: {product}; lots: {text})",
        "{where}：名录 {register} 所载 {since} 的召回是否涉及它无法判定"
        "（{number}：{product}；批次：{text}）",
        "A person must compare the product that was recalled.",
        "须由人工比对被召回的产品。",
    ),
    # 25 to 28
    "lots.passed": Text(
        "{where}: {by} found it passing by {standard}, report {number}, sampled {sampled}",
        "{where}：{by}按 {standard} 检验合格，报告 {number}，采样于 {sampled}",
    ),
    "lots.passed-doubted": Text(
        "{where}: report {number} of {by} by {standard} does not count: {why}",
        "{where}：{by}按 {standard} 出具的报告 {number} 不予采信：{why}",
        *_ASK_LABORATORY,
    ),
    "lots.untested": Text(
        "no third party's report says that lot {lot} passed",
        "没有第三方报告表明批次 {lot} 合格",
        *_ASK_LABORATORY,
    ),
    "lots.not-failed": Text(
        "no report says that the lots, or what they were made of, failed",
        "没有报告表明批次或其上游不合格",
    ),
    "lots.failed": Text(
        "{where}: {by} found it failing by {standard}, report {number}, sampled {sampled}",
        "{where}：{by}按 {standard} 检验不合格，报告 {number}，采样于 {sampled}",
        *_ANOTHER_LOT,
    ),
    "lots.failed-doubted": Text(
        "{where}: report {number} of {by} by {standard} says failed, but is doubted: {why}",
        "{where}：{by}按 {standard} 出具的报告 {number} 结论为不合格，但存疑：{why}",
        "Have it tested anew under the same standard by an accredited laboratory that does not "
        "belong to the maker.",
        "请由不属于生产者的认可实验室按同一标准重新检验。",
    ),
    "lots.no-alarm": Text("no open alarm over a report is known", "检验报告无已知的未关闭警报"),
    "lots.alarm": Text(
        "{where}: the {what} {shown} of a report on it is also used for {other}; open since "
        "{since}",
        "{where}：其检验报告的{what} {shown} 也用于{other}；警报自 {since} 起未关闭",
        "An auditor must look into it and sign the alarm closed.",
        "须由审计方调查并签名关闭警报。",
    ),
    "lots.no-claim": Text("nothing else claims a report on them", "无其他对象主张其检验报告"),
    "lots.claim": Text(
        "{where}: {other} claims the {what} {shown} of a report on it, too, later (alarm open "
        "since {since})",
        "{where}：{other}后来也主张其检验报告的{what} {shown}（警报自 {since} 起未关闭）",
        "Compare the original with the laboratory; an auditor can look into it and sign the alarm "
        "closed.",
        "请向实验室核对原件；审计方可调查并签名关闭警报。",
    ),
    # 29 to 33
    "lots.origin": Text("the origin of everything is shown", "全部来源可查"),
    "lots.no-origin": Text(
        "{where}: its origin is not shown",
        "{where}：来源未显示",
        "Have a sample tested, or ask for lots whose origin is shown.",
        "请抽样检验，或要求提供来源可查的批次。",
    ),
    "lots.keys": Text("no key behind them is known to be compromised", "未发现相关密钥失密"),
    "lots.key": Text(
        "{where}: an entry of {by} about it was signed with a key declared compromised",
        "{where}：{by}关于它的一条记录由已宣告失密的密钥签名",
        "Ask whoever signed it to state it again with a sound key.",
        "请签署方用有效密钥重新申明。",
    ),
    "lots.makers": Text(
        "whoever made the lots and what they were made of was qualified, as known now",
        "按现在所知，批次及其上游的生产者当时均具备资质",
    ),
    "lots.maker-withdrawn": Text(
        "{where}: {by} was qualified for making it on {made} as known then, and was not as known "
        "now",
        "{where}：按当时所知{by}具备于 {made} 生产它的资质，按现在所知并不具备",
        *_ANOTHER_LOT,
    ),
    "lots.maker-not-qualified": Text(
        "{where}: {by} was not qualified for making {category} on {made}",
        "{where}：{by}于 {made} 不具备生产 {category} 的资质",
        *_ANOTHER_LOT,
    ),
    "lots.maker-doubted": Text(
        "{where}: {by} was qualified for making it on {made} as known then; now that is doubtful",
        "{where}：按当时所知{by}具备于 {made} 生产它的资质，现在存疑",
        *_ASK_ISSUER,
    ),
    "lots.maker-unknown": Text(
        "{where}: whether {by} was qualified for making {category} on {made} is not known",
        "{where}：{by}于 {made} 是否具备生产 {category} 的资质不明",
        *_ASK_ISSUER,
    ),
    "lots.makers-then": Text(
        "as known when they made it, all makers were qualified",
        "按生产当时所知，各生产者均具备资质",
    ),
    "lots.not-shown-then": Text(
        "{where}: as known then, {by} had not shown what making {category} on {made} needed",
        "{where}：按当时所知，{by}尚未证明其于 {made} 生产 {category} 所需的资质",
    ),
    "lots.nothing-required": Text(
        "{where}: nobody had stated what making {category} needs ({by}, {made})",
        "{where}：无人载明生产 {category} 需要哪些资质（{by}，{made}）",
        "Have the authority state what the category requires.",
        "请主管机构载明该类别所需资质。",
    ),
    "lots.least": Text(
        "the least assured link is {kind} of {where} to {taker}: {assurance}",
        "最弱的环节是{where}的{kind}（{taker}）：{assurance}",
    ),
    "lots.least-making": Text(
        "the least assured link is {kind}, by {taker}, of {where} out of {input}: {assurance}",
        "最弱的环节是{taker}以 {input} {kind}{where}：{assurance}",
    ),
}
