"""Why an entry was refused, in words: every error of the contracts in English and in Chinese.

The names and values are the contracts' own (``contracts/interfaces/``). The entry supplies what
the contract gave only as a number or a hash: which field, which text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from functools import cache
from typing import Any, Final

from ledger.catalogue import load
from ledger.hashing import keccak
from ledger.typed_data import Entry, Part, goods
from ledger.vocabulary import NO_END, OrganisationStatus, QualificationState, Role

#: The one reason that is not a contract's: alone in a transaction it still ran out of gas.
OUT_OF_GAS: Final = "TransactionOutOfGas"


@dataclass(frozen=True, slots=True)
class Refusal:
    """``name`` and ``values`` are the contract error's; ``field`` is the entry's field to mend,
    where there is one."""

    name: str
    values: Mapping[str, Any]
    field: str | None
    message: str
    message_zh: str

    def in_language(self, language: str) -> str:
        """The message in ``zh`` or, for every other language, in English."""
        return self.message_zh if language == "zh" else self.message


#: Error → field to mend, English, Chinese. In braces stand the error's values, made readable. The
#: field is empty where there is none, ``#`` for the one that the value ``field`` counts, ``@`` for
#: the item of a list that names the lot and, where none does, the field behind it; of several
#: names the first that the action has is meant.
TEXTS: Final[Mapping[str, tuple[str, str, str]]] = {
    "EntryMalformed": (
        "",
        "the entry does not have the form of its action",
        "条目不符合其操作的格式",
    ),
    "EntryTextInvalid": (
        "#",
        "{field} is longer than 2,047 bytes, is no UTF-8 or contains NUL",
        "{field} 超过 2047 字节、不是 UTF-8 或含有空字符",
    ),
    "EntryExpired": (
        "deadline",
        "the deadline {deadline} had passed when it was to be recorded ({blockTime})",
        "截止时间 {deadline} 已过，上链时间为 {blockTime}",
    ),
    "EntrySignatureInvalid": (
        "signatures",
        "signature number {index} is no valid signature",
        "第 {index} 个签名无效",
    ),
    "EntrySignerNotLive": (
        "signatures",
        "the account {account} that signed is no live account of an active organisation; an "
        "altered entry, or one signed for another chain, ends here as well",
        "签名账户 {account} 不是有效机构的在用账户；内容被改动或为其他链签名的条目也会如此",
    ),
    "EntrySignerRepeated": (
        "signatures",
        "the account {account} signed twice",
        "账户 {account} 重复签名",
    ),
    "EntrySignerNotAuthority": (
        "signatures",
        "the account {account} that signed is not the authority's",
        "签名账户 {account} 不属于主管机构",
    ),
    "EntryQuorumNotMet": (
        "signatures",
        "{given} authority accounts signed, {needed} are needed",
        "主管机构账户签名 {given} 个，需要 {needed} 个",
    ),
    "EntryNonceUsed": (
        "nonce",
        "the account {account} has used the nonce {nonce} for another entry",
        "账户 {account} 的随机数 {nonce} 已用于另一条目",
    ),
    "EntryFromFuture": (
        "happenedAt",
        "{happenedAt} lies more than 10 minutes after the time of recording, {blockTime}",
        "发生时间 {happenedAt} 比上链时间 {blockTime} 晚超过 10 分钟",
    ),
    "EntryTooLate": (
        "happenedAt",
        "{happenedAt} lies before {earliest}; the authority must sign for so late an entry",
        "发生时间 {happenedAt} 早于 {earliest}；如此迟的条目须由主管机构附签",
    ),
    "EntryRoleMissing": (
        "signatures",
        "the account {account} or its organisation lacks the role {role}",
        "账户 {account} 或其机构没有 {role} 角色",
    ),
    "EntryLogNotRegistrar": (
        "",
        "{caller} is not the registrar of the log",
        "{caller} 不是日志的登记方",
    ),
    "EntryLogNotAdmitted": (
        "",
        "the authority has not admitted the contract {caller} to the log",
        "主管机构尚未准许合约 {caller} 写入日志",
    ),
    "ParticipantQuorumUnreachable": (
        "quorum",
        "a quorum of {quorum} cannot be reached with {accounts} authority accounts",
        "主管机构只有 {accounts} 个账户，无法达到法定签名数 {quorum}",
    ),
    "ParticipantOrganisationExists": (
        "identifier",
        "the organisation {organisation} is registered already",
        "机构 {organisation} 已登记",
    ),
    "ParticipantOrganisationUnknown": (
        "organisation",
        "there is no organisation {organisation}",
        "没有机构 {organisation}",
    ),
    "ParticipantOrganisationStatusWrong": (
        "organisation",
        "the organisation {organisation} is {status}; this cannot be done with it",
        "机构 {organisation} 的状态为 {status}，不能这样操作",
    ),
    "ParticipantNameMissing": (
        "nameZh",
        "a name is missing: Chinese or English",
        "缺少名称：中文或英文",
    ),
    "ParticipantValueInvalid": (
        "#",
        "{field}: {value} is out of range",
        "{field}：{value} 超出范围",
    ),
    "ParticipantAccountExists": (
        "account",
        "the account {account} belongs to the organisation {organisation} already",
        "账户 {account} 已属于机构 {organisation}",
    ),
    "ParticipantAccountNotLive": (
        "account",
        "{account} is no live account",
        "{account} 不是在用账户",
    ),
    "ParticipantAlreadyCompromised": (
        "since",
        "the account {account} was declared compromised since {since} already",
        "账户 {account} 已被宣布自 {since} 起失密",
    ),
    "ParticipantDatesReversed": (
        "until",
        "the beginning {from} does not lie before the end {until}",
        "起始 {from} 不早于终止 {until}",
    ),
    "ParticipantNotAccredited": (
        "identifierKind",
        "the organisation {organisation} is not accredited for {kind} at {time}",
        "机构 {organisation} 在 {time} 未获 {kind} 的认可",
    ),
    "ParticipantContractInvalid": (
        "ledger",
        "there is no ledger contract at {ledger}",
        "{ledger} 处没有账本合约",
    ),
    "QualificationCategoryUnknown": (
        "category",
        "the category {category} is not known to the ledger",
        "账本中没有类别 {category}",
    ),
    "QualificationTextMissing": ("#", "{field} must be given", "必须填写 {field}"),
    "QualificationValueInvalid": (
        "#",
        "{field}: {value} is out of range",
        "{field}：{value} 超出范围",
    ),
    "QualificationDatesReversed": (
        "validUntil",
        "the beginning {from} does not lie before the end {until}",
        "起始 {from} 不早于终止 {until}",
    ),
    "QualificationDateUnstated": (
        "validUntil",
        "both dates must be stated, with an end",
        "起止日期都必须写明，且须有终止日期",
    ),
    "QualificationRequirementsFull": (
        "kind",
        "the category {category} requires 8 kinds already",
        "类别 {category} 已要求 8 种资质",
    ),
    "QualificationNotAccredited": (
        "kind",
        "the organisation {organisation} is not accredited for {kind} at {time}",
        "机构 {organisation} 在 {time} 未获 {kind} 的认可",
    ),
    "QualificationHolderUnknown": (
        "holder",
        "there is no organisation {holder}",
        "没有机构 {holder}",
    ),
    "QualificationExists": (
        "nonce",
        "the same words of the same organisation are on the ledger already, as {id}",
        "同一机构的同一内容已在账本上，编号 {id}",
    ),
    "QualificationUnknown": (
        "qualification",
        "there is no qualification {qualification}",
        "没有资质 {qualification}",
    ),
    "QualificationStateWrong": (
        "qualification",
        "the qualification {qualification} is {state}; this cannot be done with it",
        "资质 {qualification} 的状态为 {state}，不能这样操作",
    ),
    "QualificationNotIssuer": (
        "qualification",
        "only its issuer or the authority may change the qualification {qualification}; "
        "{organisation} is neither",
        "资质 {qualification} 只能由签发方或主管机构变更，{organisation} 两者都不是",
    ),
    "QualificationReviewerOfSubmitter": (
        "signatures",
        "the reviewer belongs to the submitter's organisation {organisation}",
        "审核人属于提交方机构 {organisation}",
    ),
    "QualificationReviewerRepeated": (
        "signatures",
        "the account {account} took an earlier step of this review",
        "账户 {account} 已参与本次审核的前面步骤",
    ),
    "QualificationReviewersOfOneOrganisation": (
        "signatures",
        "all three reviewers belong to the organisation {organisation}",
        "三名审核人都属于机构 {organisation}",
    ),
    "QualificationPublicationForeign": (
        "publication",
        "the organisation {organisation} did not record the publication {publication}",
        "机构 {organisation} 未登记过发布 {publication}",
    ),
    "QualificationAlreadyWithdrawn": (
        "effective",
        "the qualification {qualification} was withdrawn from {effective} or earlier",
        "资质 {qualification} 已自 {effective} 或更早起撤回",
    ),
    "QualificationCapacityForeign": (
        "organisation",
        "{author} may not state the capacity of {organisation}: only itself or a mirror",
        "{author} 不能申报 {organisation} 的产能：只能由其本身或镜像方申报",
    ),
    "QualificationKindNotCovered": (
        "kind",
        "no cited qualification covers the kind {kind} for the category {category} at {time}",
        "所引资质在 {time} 均未覆盖类别 {category} 所要求的 {kind}",
    ),
    "BatchNotOversight": (
        "",
        "{caller} is not the contract that keeps holds and recalls",
        "{caller} 不是管理停用与召回的合约",
    ),
    "BatchNotUnits": (
        "",
        "{caller} is not the contract that keeps logistic units",
        "{caller} 不是管理物流单元的合约",
    ),
    "BatchLotNumberInvalid": (
        "lot",
        "the lot number is not 1 to 20 characters of GS1's character set 82",
        "批号须为 1 至 20 个 GS1 字符集 82 中的字符",
    ),
    "BatchCategoryUnknown": (
        "category",
        "the category {category} is not known to the ledger",
        "账本中没有类别 {category}",
    ),
    "BatchNotRawMaterial": (
        "category",
        "the category {category} is no raw material: such goods come out of a transformation, or "
        "are marked as origin not shown",
        "类别 {category} 不是原材料：此类货物须由加工产生，或标明来源未示",
    ),
    "BatchLotExists": (
        "lot",
        "the lot {lot} was made before",
        "批次 {lot} 已存在",
    ),
    "BatchLotUnknown": ("@lot", "there is no lot {lot}", "没有批次 {lot}"),
    "BatchLotClosed": (
        "@lot",
        "the lot {lot} was moved, used or closed: it neither grows nor closes again",
        "批次 {lot} 已流转、使用或关闭，不能再增加或再次关闭",
    ),
    "BatchNotMaker": (
        "@lot",
        "{organisation} did not make the lot {lot}, which only its maker closes",
        "批次 {lot} 只能由其制造方关闭，{organisation} 不是制造方",
    ),
    "BatchGoodsWrong": (
        "@lot",
        "the lot {lot} is of other goods, another model or another unit than is needed here, and "
        "no conversion is stated",
        "批次 {lot} 的品类、型号或计量单位与此处所需不符，且未规定换算",
    ),
    "BatchProcessUnknown": (
        "process",
        "the authority set no process {process}",
        "主管机构未设定工艺 {process}",
    ),
    "BatchProcessForeign": (
        "process",
        "the process {process} makes other goods",
        "工艺 {process} 的产出是其他货物",
    ),
    "BatchProcessFull": (
        "process",
        "the process {process} has 8 ingredients already",
        "工艺 {process} 已有 8 种投入物",
    ),
    "BatchOverrun": (
        "quantity",
        "{quantity} cannot come out of what went in: so much needs at least {needed} of {input}, "
        "{given} was given",
        "投入不足以产出 {quantity}：至少需要 {input} {needed}，实际投入 {given}",
    ),
    "BatchMadeOfItself": (
        "@lot",
        "the lot {lot} is among its own inputs",
        "批次 {lot} 不能是自身的投入物",
    ),
    "BatchStockShort": (
        "@quantity",
        "{custodian} has {onHand} of the lot {lot}, {wanted} is wanted",
        "{custodian} 持有批次 {lot} 共 {onHand}，所需为 {wanted}",
    ),
    "BatchNotLost": (
        "quantity",
        "{custodian} recorded a loss of {lost} of the lot {lot}: {wanted} cannot come back",
        "{custodian} 登记的批次 {lot} 损失为 {lost}，不能调增 {wanted}",
    ),
    "BatchUnderWayAlready": (
        "nonce",
        "this very shipment is under way already: {shipment}",
        "同一发货已经在途：{shipment}",
    ),
    "BatchNothingUnderWay": (
        "shipment",
        "nothing of the shipment {shipment} is under way between these two, or it was answered",
        "双方之间没有在途的发货 {shipment}，或其已被答复",
    ),
    "BatchMoreThanSent": (
        "shipment",
        "of the shipment {shipment} {underWay} is open, {wanted} is more",
        "发货 {shipment} 未结数量为 {underWay}，{wanted} 超出",
    ),
    "BatchNotDue": (
        "shipment",
        "the recipient of the shipment {shipment} has time to answer until {due}",
        "发货 {shipment} 的收货方可在 {due} 前答复",
    ),
    "BatchValueInvalid": (
        "#",
        "{field}: {value} is out of range{check}",
        "{field}：{value} 超出范围{checkZh}",
    ),
    "BatchTextMissing": ("#", "{field} must be given", "必须填写 {field}"),
    "BatchPartsWrong": (
        "inputs parts",
        "at least one part is needed, none of nothing, and the lots in the order of their ids, "
        "each once",
        "须至少有一项，数量不为零，且批次按标识排序、互不重复",
    ),
    "BatchTooEarly": (
        "happenedAt",
        "it happened before {subject} was there, {since}",
        "发生时间早于 {subject} 存在的时间 {since}",
    ),
    "BatchBlocked": (
        "@lot",
        "a hold or a recall of the lot {lot} stands",
        "批次 {lot} 处于停用或召回中",
    ),
    "BatchToOneself": (
        "recipient",
        "{organisation} cannot ship to itself",
        "{organisation} 不能向自己发货",
    ),
    "BatchRecipientUnfit": (
        "recipient",
        "the recipient {organisation} is {status} with the roles {roles}; an active organisation "
        "with the role SUPPLIER, STORE or BUYER is needed",
        "收货方 {organisation} 的状态为 {status}，角色为 {roles}；须为具有 SUPPLIER、STORE 或 "
        "BUYER 角色的在用机构",
    ),
    "BatchUnitWrong": (
        "unit",
        "the logistic unit {unit} is {state}; this cannot be done with it",
        "物流单元 {unit} 的状态为 {state}，不能这样操作",
    ),
    "BatchUnitContents": (
        "parts",
        "the logistic unit {unit} holds other parts",
        "物流单元 {unit} 的内容与所列不符",
    ),
    "BatchNotHolder": (
        "unit",
        "{organisation} does not have the logistic unit {unit}, or it is not on its way there",
        "物流单元 {unit} 不在 {organisation}，也不在发往该处的途中",
    ),
    "OversightLotUnknown": ("lot", "there is no lot {lot}", "没有批次 {lot}"),
    "OversightValueInvalid": (
        "#",
        "{field}: {value} is out of range",
        "{field}：{value} 超出范围",
    ),
    "OversightTextMissing": ("#", "{field} must be given", "必须填写 {field}"),
    "OversightNotAccredited": (
        "standard register",
        "the organisation {organisation} is not accredited for {kind} at {time}",
        "机构 {organisation} 在 {time} 未获 {kind} 的认可",
    ),
    "OversightSampledBeforeMade": (
        "sampledAt",
        "the sample was taken {sampledAt}, before the lot was begun, {madeAt}",
        "抽样时间 {sampledAt} 早于批次开始时间 {madeAt}",
    ),
    "OversightNoRight": (
        "lot",
        "{organisation} may not stop or release the lot {lot}: only its maker, an organisation "
        "accredited for oversight and the authority may; it is released by an account of the "
        "organisation that set it, or a quorum of the authority; what a quorum set only a quorum "
        "ends",
        "{organisation} 无权停用、召回或解除批次 {lot}：只能由其制造方、获监督认可的机构或主管机构"
        "进行；解除须由作出机构的账户或达到法定签名数的主管机构进行，以法定签名数作出的只能以"
        "法定签名数解除",
    ),
    "OversightNotStanding": (
        "hold recall",
        "no such hold or recall of the lot {lot} stands: {digest}",
        "批次 {lot} 没有这一仍有效的停用或召回：{digest}",
    ),
    "OversightStandsAlready": (
        "lot",
        "this very hold or recall of the lot {lot} stands already: {digest}",
        "批次 {lot} 的同一停用或召回已经生效：{digest}",
    ),
    "OversightNothingPublished": (
        "register",
        "the author recorded no publication of the register {register}",
        "提交方未登记过名录 {register} 的任何发布",
    ),
    "OversightFirmUnknown": (
        "organisation",
        "there is no organisation {organisation}",
        "没有机构 {organisation}",
    ),
    OUT_OF_GAS: (
        "",
        "the entry needs more gas than one transaction may use",
        "该条目所需燃料超过单笔交易上限",
    ),
}
_UNKNOWN: Final = ("", "the contract refused it: {error}", "合约拒绝：{error}")

_TIMES: Final = frozenset(
    [
        "deadline",
        "blockTime",
        "happenedAt",
        "earliest",
        "since",
        "from",
        "until",
        "time",
        "effective",
        "due",
        "sampledAt",
        "madeAt",
    ]
)
_STATES: Final[Mapping[str, type[IntEnum]]] = {
    "state": QualificationState,
    "status": OrganisationStatus,
}
#: The fields with a check digit.
_CHECKED: Final = frozenset({"gtin", "sscc"})
_UNIT_STATES: Final = ("unknown", "packed", "under way", "taken apart")


def explain(name: str, values: Mapping[str, Any], entry: Entry) -> Refusal:
    """The refusal of ``entry`` by the error ``name``; bytes among ``values`` are 0x hex."""
    fields, english, chinese = TEXTS.get(name, _UNKNOWN)
    shown = {key: _shown(name, key, value, entry) for key, value in values.items()}
    shown["error"] = name
    checked = shown.get("field") in _CHECKED
    shown["check"] = " or has a wrong check digit" if checked else ""
    shown["checkZh"] = "或校验码错误" if checked else ""
    return Refusal(
        name,
        dict(values),
        _field(fields, shown, values, entry),
        english.format_map(shown),
        chinese.format_map(shown),
    )


def _field(
    fields: str, shown: Mapping[str, str], values: Mapping[str, Any], entry: Entry
) -> str | None:
    if fields == "#":
        return shown["field"]
    if fields.startswith("@"):
        return _place_of(values["lot"], entry) or fields[1:]
    names = fields.split()
    own = {f.name for f in entry.action.fields}
    return next((name for name in names if name in own), names[0] if names else None)


def _place_of(lot: Any, entry: Entry) -> str | None:
    """The item of a list that names the lot (``inputs[1]``), if one does."""
    for name, value in entry.values.items():
        if isinstance(value, tuple):
            for index, item in enumerate(value):
                if isinstance(item, Part) and "0x" + item.lot.hex() == lot:
                    return f"{name}[{index}]"
    return None


def _shown(error: str, key: str, value: Any, entry: Entry) -> str:
    if isinstance(value, str):
        return _goods_behind(value) if key == "input" else _text_behind(value, entry)
    if key == "field":
        fields = entry.action.fields
        return fields[value].name if value < len(fields) else f"field {value}"
    if key == "index":
        return str(value + 1)
    if key == "role":
        return str(Role(value).name)
    if key == "roles":
        return ", ".join(str(role.name) for role in Role(value)) or "none"
    if error == "BatchUnitWrong" and key == "state" and value < len(_UNIT_STATES):
        return _UNIT_STATES[value]
    if key in _STATES and value < len(_STATES[key]):
        return _STATES[key](value).name.lower().replace("_", " ")
    if key in _TIMES and 0 < value < NO_END:
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return str(value)


def _text_behind(value: str, entry: Entry) -> str:
    """The entry's own text where ``value`` is its hash: the contracts know texts by their hash."""
    if len(value) == 66:
        for text in entry.values.values():
            if isinstance(text, str) and value == "0x" + keccak(text.encode()).hex():
                return repr(text)
    return value


def _goods_behind(value: str) -> str:
    """Category and unit behind the 10 bytes for goods, as far as the catalogue has them."""
    found = _goods_of_catalogue().get(value)
    return value if found is None else f"{found[0]!r} ({found[1]})"


@cache
def _goods_of_catalogue() -> Mapping[str, tuple[str, str]]:
    catalogue = load()
    return {
        "0x" + goods(category.code, unit).hex(): (category.code, unit)
        for category in catalogue.categories
        for unit in catalogue.units
    }
