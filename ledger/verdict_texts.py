"""Every sentence of a verdict in both languages, and what would change it.

One table, keyed by reason code. Values stand in braces; a value may differ by language (names).
"""

from collections.abc import Mapping
from typing import Final, NamedTuple


class Both(NamedTuple):
    """A value that reads differently in the two languages."""

    en: str
    zh: str


class Text(NamedTuple):
    """A reason, and what would change it where something would ("" otherwise)."""

    en: str
    zh: str
    remedy_en: str = ""
    remedy_zh: str = ""


ANSWERS: Final[Mapping[str, Both]] = {
    "buy": Both("Buy", "可以采购"),
    "buy-with-conditions": Both("Buy with conditions", "附条件采购"),
    "cannot-tell": Both("Cannot tell", "无法判断"),
    "do-not-buy": Both("Do not buy", "不要采购"),
}

CHECKS: Final[Mapping[str, Both]] = {
    "identity": Both("Who the supplier is", "供应商身份"),
    "organisation.active": Both("Supplier active on the ledger", "供应商在账本上有效"),
    "qualification.in-force": Both(
        "Every required qualification in force for this product through the delivery day",
        "交货日全天，该产品所需资质均有效",
    ),
    "qualification.nothing-against": Both("Nothing suspended or withdrawn", "无暂停或撤销"),
    "qualification.unrestricted": Both("No restriction", "无限制"),
    "qualification.uncontradicted": Both("No record against it", "无相反记录"),
    "qualification.period-stated": Both("Beginning and end stated", "起止日期已载明"),
    "qualification.margin": Both("Does not lapse soon after delivery", "交货后不会很快失效"),
    "scope.exact": Both("Stated for exactly this category", "资质正好针对该类别"),
    "vouching": Both("Who vouches for it", "由谁担保"),
    "issuer.accredited": Both("Issuer accredited when it issued", "签发时签发者具备资格"),
    "keys": Both("No compromised key behind it", "签名密钥未失密"),
    "mirror.fresh": Both("Register's publication recent enough", "名录发布时间足够近"),
    "capacity.stated": Both("Capacity stated", "产能已申明"),
    "capacity.enough": Both("Capacity enough by the delivery day", "产能足以按期交货"),
    "alarms": Both("No open alarm against it", "无针对其的未关闭警报"),
    "alarms.unreviewed": Both(
        "No unreviewed claim to its documents or numbers", "无他人未经审核主张其文件或编号"
    ),
    "lots.known": Both("Offered lots are this product", "所供批次属于该产品"),
    "lots.enough": Both("Enough of the offered lots", "所供批次数量足够"),
    "lots.on-hand": Both("All of it at hand", "全部现货在手"),
    "lots.traced": Both("Traced to the end", "已追溯到底"),
    "lots.not-stopped": Both("No hold or recall", "无封存或召回"),
    "lots.not-recalled": Both("No recall in a register", "名录中无召回"),
    "lots.recalls-decided": Both(
        "Every register's recall of the makers can be told apart", "名录所载各项召回均可判定"
    ),
    "lots.tested": Both("Found passing by a third party", "经第三方检验合格"),
    "lots.not-failed": Both("No failed inspection", "无不合格检验"),
    "lots.alarms": Both("No open alarm over a report", "检验报告无未关闭警报"),
    "lots.alarms-unreviewed": Both("No other lot claims a report", "无其他批次主张其检验报告"),
    "lots.origin": Both("Origin shown", "来源可查"),
    "lots.keys": Both("No compromised key behind the lots", "批次所涉签名密钥未失密"),
    "lots.makers": Both("Every maker qualified, as known now", "按现在所知各生产者均具备资质"),
    "lots.makers-then": Both(
        "Every maker qualified, as known then", "按当时所知各生产者均具备资质"
    ),
    "lots.assurance": Both("The least assured link", "最弱的环节"),
}

_CONFIRM = ("Confirm it with the register.", "请向名录发布机构核实。")
_ASK_ISSUER = ("Ask for a qualification that is in force.", "请要求提供有效的资质。")
_NEWER = ("Import a newer publication of the register.", "请导入该名录更新的一期。")

TEXTS: Final[Mapping[str, Text]] = {
    # 1 identity
    "identity.checked": Text(
        "registered by the authority under the checked identifier {kind} {identifier}",
        "主管机构以已核验标识 {kind} {identifier} 登记",
    ),
    "identity.linked": Text(
        "known from a register; {by} decided that it is {name}, which the authority registered "
        "under {kind} {identifier}",
        "来自名录；{by}认定其为{name}，后者由主管机构以 {kind} {identifier} 登记",
    ),
    "identity.check-digit": Text(
        "registered under {kind} {identifier}, which fails its check: {fault}",
        "登记标识 {kind} {identifier} 未通过校验：{fault}",
        "Have the identifier corrected by the authority.",
        "请主管机构更正该标识。",
    ),
    "identity.unchecked": Text(
        "registered by the authority, but {kind} {identifier} is not an identifier that is checked",
        "主管机构已登记，但 {kind} {identifier} 不是可核验的标识",
        "Have it registered under a checked identifier (credit code, GLN or LEI).",
        "请以可核验标识（统一社会信用代码、GLN 或 LEI）登记。",
    ),
    "identity.listed": Text(
        "known only from the register {register}; nobody has checked who it is",
        "仅见于名录 {register}，身份未经核验",
        "Have the firm registered with a checked identifier and linked to this record.",
        "请以可核验标识登记该企业，并与此记录关联。",
    ),
    "identity.not-known": Text(
        "not on the ledger as known at {known_at}; who it is, nobody had stated then",
        "截至 {known_at} 账本上尚无此组织，当时无人载明其身份",
    ),
    # 2 organisation.active
    "organisation.active": Text("{name} is active", "{name}状态有效"),
    "organisation.suspended": Text(
        "{name} is suspended from {since}: {reason}", "{name}自 {since} 起被暂停：{reason}"
    ),
    "organisation.closed": Text(
        "{name} is closed from {since}: {reason}", "{name}自 {since} 起已关闭：{reason}"
    ),
    "organisation.listed": Text(
        "a listed organisation has no status of its own", "名录中的组织自身没有状态"
    ),
    "organisation.not-known": Text(
        "not on the ledger as known at {known_at}", "截至 {known_at} 账本上尚无此组织"
    ),
    # 3 and 4: one kind
    "requirements.none": Text(
        "nobody has stated on the ledger, as known at {known_at}, what {category} needs",
        "截至 {known_at}，账本上无人载明 {category} 需要哪些资质",
        "Have the authority state what the category requires.",
        "请主管机构载明该类别所需资质。",
    ),
    "kind.none": Text(
        "{kind}: nothing is recorded for this product",
        "{kind}：没有针对该产品的记录",
        "Ask for the missing qualification to be issued, reviewed or found in its register.",
        "请要求签发、审核该资质，或在相应名录中查实。",
    ),
    "kind.elsewhere": Text(
        "{kind}: recorded for other products of the supplier only ({models}); a model is compared "
        "whole",
        "{kind}：仅有该供应商其他产品的记录（{models}）；型号须完全一致",
        "Ask for a qualification for exactly this model.",
        "请要求提供正好针对该型号的资质。",
    ),
    "kind.in-force": Text(
        "{kind}: in force, {way} (number {number}, valid until: {until})",
        "{kind}：有效，{way}（编号 {number}，有效期至：{until}）",
    ),
    "kind.restricted": Text(
        "{kind}: in force with a restriction, {way} (number {number}, valid until: {until})",
        "{kind}：有效但受限，{way}（编号 {number}，有效期至：{until}）",
    ),
    "kind.listed": Text(
        "{kind}: listed in the register {register} as published on {published}, {way} "
        "(number {number})",
        "{kind}：见于名录 {register} {published} 发布的内容，{way}（编号 {number}）",
    ),
    "kind.suspended": Text(
        "{kind}: suspended from {since}: {reason}", "{kind}：自 {since} 起被暂停：{reason}"
    ),
    "kind.withdrawn": Text(
        "{kind}: withdrawn with effect from {since}: {reason}",
        "{kind}：自 {since} 起被撤销：{reason}",
        *_ASK_ISSUER,
    ),
    "kind.register-withdrew": Text(
        "{kind}: no longer authorised from {since}, says the register {register}",
        "{kind}：名录 {register} 载明自 {since} 起不再获准",
        *_ASK_ISSUER,
    ),
    "kind.kind-ended": Text(
        "{kind}: this kind ended as a whole with effect from {since}: {reason}",
        "{kind}：该类资质自 {since} 起整体终止：{reason}",
        "Another kind of qualification would have to be accepted for the category.",
        "该类别须改用其他种类的资质。",
    ),
    "kind.superseded": Text(
        "{kind}: superseded from {since}: {reason}", "{kind}：自 {since} 起被取代：{reason}"
    ),
    "kind.expired": Text("{kind}: expired on {since}", "{kind}：已于 {since} 到期", *_ASK_ISSUER),
    "kind.lapses": Text(
        "{kind}: lapses on {since}, before the delivery day is over",
        "{kind}：将于 {since} 到期，早于交货日结束",
        "Deliver earlier, or ask for the renewal.",
        "请提前交货，或要求续期。",
    ),
    "kind.not-yet": Text(
        "{kind}: not in force before {until}",
        "{kind}：{until} 之前尚未生效",
        "Deliver after that.",
        "请在此之后交货。",
    ),
    "kind.refused": Text("{kind}: refused in review: {reason}", "{kind}：审核被拒：{reason}"),
    "kind.under-review": Text(
        "{kind}: submitted, not yet published",
        "{kind}：已提交，尚未公布",
        "Wait for the review.",
        "请等待审核。",
    ),
    "kind.delisted": Text(
        "{kind}: no longer listed by the register {register} on {since}, which does not say "
        "withdrawn",
        "{kind}：名录 {register} 自 {since} 起不再列出，但并非撤销",
        *_CONFIRM,
    ),
    "kind.stale": Text(
        "{kind}: the register {register} as published on {published} is not believed after {since}",
        "{kind}：名录 {register} {published} 发布的内容在 {since} 之后不再采信",
        *_NEWER,
    ),
    "kind.unstated-beginning": Text(
        "{kind}: its beginning is not stated", "{kind}：未载明生效日期", *_CONFIRM
    ),
    "kind.unstated-end": Text("{kind}: its end is not stated", "{kind}：未载明截止日期"),
    "kind.unstated-period": Text(
        "{kind}: neither beginning nor end is stated", "{kind}：未载明起止日期"
    ),
    "kind.undated-withdrawal": Text(
        "{kind}: withdrawn at a time that the register {register} does not state",
        "{kind}：名录 {register} 载明已撤销，但未说明时间",
    ),
    "against.none": Text("nothing suspended or withdrawn", "无暂停或撤销"),
    "qualification.no-carrier": Text("no qualification carries it", "没有可依据的资质"),
    # 5 to 9
    "unrestricted": Text("no restriction is recorded", "无限制记录"),
    "restricted": Text(
        "{kind}: restricted from {since}: {reason}",
        "{kind}：自 {since} 起受限：{reason}",
        "Check that the purchase stays within the restriction.",
        "请核对采购不超出限制范围。",
    ),
    "uncontradicted": Text("no other record speaks against it", "没有其他相反记录"),
    "contradicted": Text(
        "{kind}: another qualification for this product (number {number}) is {status} from {since}",
        "{kind}：该产品另一资质（编号 {number}）自 {since} 起{status}",
        "Ask the issuer why.",
        "请向签发者了解原因。",
    ),
    "period.stated": Text(
        "of what is in force, beginning and end are stated", "有效的资质均已载明起止日期"
    ),
    "period.unstated": Text(
        "{kind}: the register {register} states no period; it was listed on {published}",
        "{kind}：名录 {register} 未载明有效期；{published} 时列出",
        *_CONFIRM,
    ),
    "margin.kept": Text(
        "of what is in force, nothing lapses within {days} days of delivery",
        "有效的资质在交货后 {days} 天内均不失效",
    ),
    "margin.short": Text(
        "{kind}: {status} from {since}, within {days} days of delivery",
        "{kind}：自 {since} 起{status}，距交货不足 {days} 天",
        "Take into account that goods may arrive or be used later.",
        "请考虑货物可能延迟到达或使用。",
    ),
    "scope.exact": Text(
        "what is in force is stated for {category} itself", "有效的资质正好针对 {category}"
    ),
    "scope.parent": Text(
        "{kind}: stated for {parent}, of which {category} is a part; the ledger's gate would not "
        "take it",
        "{kind}：针对上级类别 {parent}，{category} 属其一部分；账本的准入规则不接受",
        "Ask for a qualification for exactly this category.",
        "请要求提供正好针对该类别的资质。",
    ),
    # 10 vouching
    "vouching.issued": Text("{kind}: issued by {author}", "{kind}：由{author}签发"),
    "vouching.reviewed": Text(
        "{kind}: reviewed and published by {author}", "{kind}：由{author}审核公布"
    ),
    "vouching.waived": Text(
        "{kind}: an emergency waiver of {author}, not a certificate",
        "{kind}：{author}的紧急豁免，并非证书",
        "Confirm that the waiver covers this purchase.",
        "请确认豁免涵盖本次采购。",
    ),
    "vouching.mirrored": Text(
        "{kind}: only mirrored by {author} from {register}, published {published}, recorded "
        "{recorded}; {gate}",
        "{kind}：仅由{author}从名录 {register} 转录（发布 {published}，记录 {recorded}）；{gate}",
        *_CONFIRM,
    ),
    # 11 and 12
    "accredited": Text(
        "{kind}: {author} was accredited when it stated this", "{kind}：{author}申明时具备资格"
    ),
    "not-accredited": Text(
        "{kind}: {author} was not accredited when it stated this",
        "{kind}：{author}申明时不具备资格",
        "Ask for a qualification of an accredited issuer.",
        "请要求提供具备资格的签发者的资质。",
    ),
    "accreditation.not-needed": Text(
        "reviewed or waived: no accreditation is needed", "经审核或豁免，无需资格"
    ),
    "keys.sound": Text("no key behind it is known to be compromised", "未发现相关密钥失密"),
    "keys.suspect": Text(
        "{kind}: rests on an entry signed with a key declared compromised since {since}",
        "{kind}：所依据的记录由自 {since} 起失密的密钥签名",
        "Ask the issuer to state it again with a sound key.",
        "请签发者用有效密钥重新申明。",
    ),
    # 13 mirror.fresh
    "mirror.none": Text("no mirrored fact is relied on", "未依据转录信息"),
    "mirror.fresh": Text(
        "{kind}: the register {register} was published on {published}",
        "{kind}：名录 {register} 发布于 {published}",
    ),
    "mirror.stale": Text(
        "{kind}: the last publication of {register} is of {published}; it is believed for {days} "
        "days",
        "{kind}：名录 {register} 最近一期发布于 {published}，仅采信 {days} 天",
        *_NEWER,
    ),
    # 14 and 15 capacity
    "capacity.stated": Text(
        "{per_day} {unit} a day, stated by {author}, recorded {recorded}",
        "每日 {per_day} {unit}，由{author}申明（记录于 {recorded}）",
    ),
    "capacity.none": Text(
        "no capacity is stated for this product",
        "该产品未申明产能",
        "Ask the supplier to state its output per day.",
        "请供应商申明日产量。",
    ),
    "capacity.unknown": Text(
        "capacity is stated, but its amount is not known",
        "已申明产能，但数量不详",
        "Ask the supplier to state its output per day.",
        "请供应商申明日产量。",
    ),
    "capacity.unit": Text(
        "capacity is stated in {stated}, the question is in {unit}; no conversion is stated",
        "产能以 {stated} 计，而询问以 {unit} 计；未载明换算关系",
        "Ask for the capacity in the unit of the order.",
        "请以订购单位申明产能。",
    ),
    "capacity.stale": Text(
        "the capacity is mirrored from a publication of {published}, which is too old",
        "产能转录自 {published} 发布的名录，已过期",
        *_NEWER,
    ),
    "capacity.enough": Text(
        "{days} whole day(s) at {per_day} a day make {total} {unit}; {quantity} are needed",
        "{days} 个整天、每日 {per_day}，共 {total} {unit}；需要 {quantity}",
    ),
    "capacity.short": Text(
        "{days} whole day(s) at {per_day} a day make {total} {unit}; {quantity} are needed",
        "{days} 个整天、每日 {per_day}，只有 {total} {unit}；需要 {quantity}",
        "Order at most {total}, or give {enough} whole day(s).",
        "请最多订购 {total}，或给予 {enough} 个整天。",
    ),
    "capacity.no-order-day": Text(
        "the question names no instant of ordering before the delivery",
        "询问未给出交货之前的下单时间",
    ),
    "capacity.not-known": Text("the capacity is not known", "产能不详"),
    "capacity.from-stock": Text(
        "{stock} {unit} of the offered lots are at hand; {quantity} are needed",
        "所供批次现货 {stock} {unit}；需要 {quantity}",
    ),
    "capacity.enough-with-stock": Text(
        "{days} whole day(s) at {per_day} a day and {stock} at hand make {total} {unit}; "
        "{quantity} are needed",
        "{days} 个整天、每日 {per_day}，加现货 {stock}，共 {total} {unit}；需要 {quantity}",
    ),
    "capacity.short-with-stock": Text(
        "{days} whole day(s) at {per_day} a day and {stock} at hand make {total} {unit}; "
        "{quantity} are needed",
        "{days} 个整天、每日 {per_day}，加现货 {stock}，只有 {total} {unit}；需要 {quantity}",
        "Order at most {total}, or give {enough} whole day(s).",
        "请最多订购 {total}，或给予 {enough} 个整天。",
    ),
    # 16 and 17 alarms
    "alarms.none": Text("no alarm is known", "无已知警报"),
    "alarm.open": Text(
        "the {what} {shown} is also used by {other}; open since {since}",
        "{what} {shown} 也被{other}使用；警报自 {since} 起未关闭",
        "An auditor must look into it and sign the alarm closed.",
        "须由审计方调查并签名关闭警报。",
    ),
    "alarm.does-not-stop": Text(
        "the {what} {shown} is also used by {other}, but nobody else vouched for that use first: "
        "it does not stop this supplier",
        "{what} {shown} 也被{other}使用，但没有他人先为该使用担保，不足以否定本供应商",
    ),
    "alarm.closed": Text(
        "the {what} {shown} is also used by {other}; {by} signed it closed on {since}: {reason}",
        "{what} {shown} 也被{other}使用；{by}已于 {since} 签名关闭：{reason}",
    ),
    "alarms.no-claim": Text(
        "no unreviewed claim to its documents or numbers is known",
        "未发现他人未经审核主张其文件或编号",
    ),
    "alarm.unreviewed": Text(
        "{other} claims the {what} {shown}, too; nobody else vouched for that claim first "
        "(alarm open since {since})",
        "{other}也主张{what} {shown}，但没有他人先为该主张担保（警报自 {since} 起未关闭）",
        "Compare the original with its issuer; an auditor can look into it and sign the alarm "
        "closed.",
        "请向签发者核对原件；审计方可调查并签名关闭警报。",
    ),
}

#: Whether the authority lets mirrored rows of the register count for the kind (AcceptMirror).
GATES: Final[Mapping[bool, Both]] = {
    True: Both("the authority lets it count at the gate", "主管机构准许其用于准入"),
    False: Both("the authority does not let it count at the gate", "主管机构未准许其用于准入"),
}

STATUS: Final[Mapping[str, Both]] = {
    "in-force": Both("in force", "有效"),
    "restricted": Both("restricted", "受限"),
    "suspended": Both("suspended", "暂停"),
    "withdrawn": Both("withdrawn", "撤销"),
    "superseded": Both("superseded", "被取代"),
    "expired": Both("expired", "到期"),
    "not-yet": Both("not yet in force", "尚未生效"),
    "refused": Both("refused", "被拒"),
    "under-review": Both("under review", "审核中"),
    "delisted": Both("no longer listed", "不再列出"),
    "unknown": Both("unknown", "不详"),
}

MARKS: Final[Mapping[str, Both]] = {
    "document": Both("document", "文件"),
    "number": Both("number", "编号"),
}
