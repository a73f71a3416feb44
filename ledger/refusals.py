"""Why an entry was refused, in words: every error of the contracts in English and in Chinese.

The names and values are the contracts' own (``contracts/interfaces/``). The entry supplies what
the contract gave only as a number or a hash: which field, which text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any, Final

from eth_hash.auto import keccak

from ledger.typed_data import Entry
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


#: Error → field to mend (empty: none, ``#``: the one that the value ``field`` counts), English,
#: Chinese. In braces stand the error's values, made readable.
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
    ]
)
_STATES: Final[Mapping[str, type[IntEnum]]] = {
    "state": QualificationState,
    "status": OrganisationStatus,
}


def explain(name: str, values: Mapping[str, Any], entry: Entry) -> Refusal:
    """The refusal of ``entry`` by the error ``name``; bytes among ``values`` are 0x hex."""
    field, english, chinese = TEXTS.get(name, _UNKNOWN)
    shown = {key: _shown(key, value, entry) for key, value in values.items()}
    shown["error"] = name
    if field == "#":
        field = shown["field"]
    return Refusal(
        name,
        dict(values),
        field or None,
        english.format_map(shown),
        chinese.format_map(shown),
    )


def _shown(key: str, value: Any, entry: Entry) -> str:
    if isinstance(value, str):
        return _text_behind(value, entry)
    if key == "field":
        fields = entry.action.fields
        return fields[value].name if value < len(fields) else f"field {value}"
    if key == "index":
        return str(value + 1)
    if key == "role":
        return str(Role(value).name)
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
