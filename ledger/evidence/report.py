"""What a verification found: numbered checks with stable codes, sentences in two languages, and
what the evidence does not prove.

The numbers, names and codes are the same in the documentation, in this verifier and in the one
that shares no code with it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple

FORMAT: Final = "suyuan verification 1"


class Result(StrEnum):
    """What came out of a check, or of all of them (never ``skipped``)."""

    VALID = "valid"
    INVALID = "invalid"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


class Texts(NamedTuple):
    """The same sentence in English and Chinese."""

    en: str
    zh: str


#: The checks in their order, the first being number 1: name → what holds where it is valid.
CHECKS: Final[Mapping[str, Texts]] = {
    "form": Texts("The bundle has the one form that a bundle can have.", "证据包格式正确且唯一。"),
    "ledger": Texts("It is about the ledger of the anchors.", "它属于信任锚所指的账本。"),
    "header": Texts("The block header can be read.", "区块头可以读取。"),
    "seal": Texts(
        "The checkpoint is sealed by those whom the anchors name.",
        "检查点由信任锚所列的签署者封印。",
    ),
    "witnesses": Texts(
        "The witnesses' countersignatures hold, and are enough.", "见证方的副署有效且数目足够。"
    ),
    "state": Texts(
        "The block's state has the log of the checkpoint.", "该区块的状态含有检查点所述的日志。"
    ),
    "history": Texts(
        "The log continues the one that was seen before.", "该日志与此前所见的日志一致。"
    ),
    "entries": Texts(
        "The entries have the form of their actions and were signed.",
        "各记录符合其操作的格式，并经签名。",
    ),
    "inclusion": Texts("What is shown by itself is in the log.", "单独出示的记录确在日志之中。"),
    "chains": Texts(
        "The chains are whole: no entry of theirs was left out.", "各链完整，没有遗漏记录。"
    ),
    "authors": Texts("It is known whose accounts signed.", "签名账户所属的机构均已查明。"),
    "complete": Texts(
        "Everything that the answer rests on is here, and nothing else.",
        "答案所依据的内容全部在此，且无多余。",
    ),
    "known": Texts(
        "The checkpoint reaches as far as the question does.", "检查点覆盖了问题所涉的时间与位置。"
    ),
    "recomputed": Texts(
        "The answer was worked out again and is the same.", "重新计算得出的答案与所称一致。"
    ),
    "document": Texts(
        "Each document given along is named by an entry, unaltered.",
        "所附每份文件均为记录所指，未经改动。",
    ),
}
NAMES: Final = tuple(CHECKS)

#: What each check is called, for people.
TITLES: Final[Mapping[str, Texts]] = {
    "form": Texts("Form", "格式"),
    "ledger": Texts("Ledger", "账本"),
    "header": Texts("Block header", "区块头"),
    "seal": Texts("Seal", "签名或封印"),
    "witnesses": Texts("Witnesses", "见证"),
    "state": Texts("State", "合约状态"),
    "history": Texts("History", "与以往检查点一致"),
    "entries": Texts("Entries and signatures", "记录与签名"),
    "inclusion": Texts("Inclusion in the log", "包含于日志"),
    "chains": Texts("Unbroken histories", "历史完整"),
    "authors": Texts("Authors", "记录作者"),
    "complete": Texts("Nothing left out", "无遗漏"),
    "known": Texts("What was known when", "时点与所主张的事实"),
    "recomputed": Texts("Judged again", "重新判断"),
    "document": Texts("Documents", "文件"),
}

_NOTHING: Final = Texts("There is nothing of this to check.", "没有需要检查的内容。")

#: What each code means.
CODES: Final[Mapping[str, Texts]] = {
    "not-reached": Texts(
        "Not looked at, because an earlier check failed.", "因前面的检查未通过而未检查。"
    ),
    "form.size": Texts(
        "It is longer than 32 MiB, or has too many parts.", "长度超过 32 MiB，或组成部分过多。"
    ),
    "form.json": Texts("It is not canonical JSON.", "不是规范形式的 JSON。"),
    "form.version": Texts(
        "It is no evidence of a format and kind that is known.", "格式或种类未知。"
    ),
    "form.schema": Texts(
        "A member is missing, unknown, or of another form.", "某成员缺失、未知或形式不符。"
    ),
    "ledger.chain": Texts(
        "It is about another chain than the anchors'.", "链标识或创世区块与信任锚不符。"
    ),
    "ledger.contracts": Texts(
        "A contract stands at another address than in the anchors.",
        "某合约的地址与信任锚不符。",
    ),
    "ledger.contract-unknown": Texts(
        "The anchors do not know one of its contracts.", "信任锚中没有其中某个合约。"
    ),
    "header.malformed": Texts("The block header is malformed.", "区块头格式错误。"),
    "seal.rule": Texts("It is sealed by another rule than the anchors'.", "封印规则与信任锚不同。"),
    "seal.signature": Texts("A seal does not hold by the rule.", "某个封印按规则不成立。"),
    "seal.key": Texts(
        "It is sealed by somebody whom the anchors do not name.", "封印者不在信任锚之列。"
    ),
    "seal.quorum": Texts("Too few have sealed it.", "封印者数目不足。"),
    "seal.time": Texts(
        "The checkpoint's time does not fit its block's.", "检查点的时间与其区块不符。"
    ),
    "witness.signature": Texts("A countersignature does not hold.", "某个副署不成立。"),
    "witness.quorum": Texts(
        "Fewer known witnesses have countersigned than the anchors want.",
        "已知见证方的副署少于信任锚的要求。",
    ),
    "witness.unknown": Texts(
        "Somebody countersigned whom the anchors do not name.", "有副署者不在信任锚之列。"
    ),
    "witness.none": Texts("Nobody has countersigned, and nobody had to.", "无副署，也不要求副署。"),
    "state.node": Texts(
        "A node of the state proof is missing, malformed, out of place or not needed.",
        "状态证明的某个节点缺失、格式错误、位置不对或多余。",
    ),
    "state.code": Texts(
        "The log's contract has other code than the anchors say.", "日志合约的代码与信任锚不符。"
    ),
    "state.size": Texts("The state has another size of the log.", "状态中的日志长度与检查点不同。"),
    "state.root": Texts("The state has another root of the log.", "状态中的日志根与检查点不同。"),
    "history.fork": Texts(
        "There are two histories: what was seen before differs from this.",
        "存在两套历史：与此前所见不同。",
    ),
    "history.rollback": Texts(
        "The log was rolled back: it was longer before.", "日志被回退：此前更长。"
    ),
    "history.path": Texts(
        "The proof does not show that this log continues the earlier one.",
        "证明未能表明该日志是先前日志的延续。",
    ),
    "history.none": Texts(
        "Nothing that was seen before can be compared.", "没有可供比较的先前检查点。"
    ),
    "entry.form": Texts("An entry has not the form of its action.", "某记录不符合其操作的格式。"),
    "entry.signature": Texts("An entry's signature is none.", "某记录的签名不成立。"),
    "entry.none": _NOTHING,
    "inclusion.path": Texts(
        "A path does not lead to the root of the log.", "某条路径不通向日志的根。"
    ),
    "inclusion.none": _NOTHING,
    "chain.unproved": Texts(
        "An entry stands in no chain, and no path proves it.", "某记录不在任何链中，也无路径证明。"
    ),
    "chain.beginning": Texts("A chain does not begin at its beginning.", "某条链不是从头开始。"),
    "chain.broken": Texts("An entry is missing within a chain.", "某条链中间缺少记录。"),
    "chain.head": Texts(
        "A chain's end is not the head that the state has.", "某条链的末端与状态中的链头不符。"
    ),
    "chain.next": Texts(
        "The leaf said to come next does not follow the chain.", "所称的下一叶并不接续该链。"
    ),
    "chain.position": Texts(
        "An entry lies behind the position of the claim, or what comes next before it.",
        "某记录位于所称位置之后，或下一叶位于其前。",
    ),
    "chain.none": _NOTHING,
    "author.unknown": Texts(
        "Nothing here says whose account signed an entry.", "无从得知某记录的签名账户属于谁。"
    ),
    "author.none": _NOTHING,
    "complete.missing": Texts(
        "The answer needs more than the bundle proves.", "答案所需的内容超出证据包所证明的范围。"
    ),
    "complete.superfluous": Texts(
        "The bundle has parts that the answer does not rest on.", "证据包含有与答案无关的部分。"
    ),
    "complete.none": _NOTHING,
    "known.late": Texts(
        "The question is about what was known after the checkpoint was made.",
        "问题所涉的知悉时间晚于检查点。",
    ),
    "known.position": Texts(
        "The position does not reach as far as the question does.", "所称位置未达到问题所涉范围。"
    ),
    "known.none": _NOTHING,
    "absence.recorded": Texts(
        "An entry of this account with this nonce was recorded.",
        "该账户已有使用此序号的记录被记录。",
    ),
    "absence.receipt": Texts(
        "The receipt is not one of the service for this entry.", "回执并非服务方就该记录所签。"
    ),
    "absence.deadline": Texts(
        "The receipt's deadline had not passed at the checkpoint.", "检查点时回执期限未到。"
    ),
    "claim.question": Texts("The question cannot be judged.", "该问题无法裁定。"),
    "claim.differs": Texts("Worked out again, the answer is another.", "重新计算得出的答案不同。"),
    "claim.policy": Texts(
        "It was judged by a policy, or a freshness of registers, that the anchors do not name.",
        "所依策略（或名录时效）不在信任锚之列。",
    ),
    "claim.none": _NOTHING,
    "document.unknown": Texts(
        "A document given along is named by no entry, or was altered.",
        "所附某份文件未被任何记录所指，或已被改动。",
    ),
    "document.none": Texts("No document was given along.", "未附文件。"),
}

#: What no evidence of this ledger proves, then what single kinds do not.
LIMITS: Final[Mapping[str, Texts]] = {
    "limit.after": Texts(
        "It does not show what happened after the checkpoint, even within the same second.",
        "不能说明检查点之后（包括同一秒内）发生了什么。",
    ),
    "limit.truth": Texts(
        "It does not show whether the authors told the truth.", "不能说明作者所言是否属实。"
    ),
    "limit.anchor": Texts(
        "It does not show whether the keys in the anchors belong to whom you think.",
        "不能说明信任锚中的密钥是否属于您以为的那一方。",
    ),
    "limit.rules": Texts(
        "That the contracts' rules were obeyed rests on those who sealed the block.",
        "合约规则是否得到遵守，取决于封印区块的各方。",
    ),
    "limit.known": Texts(
        "It is as of an earlier time: what was recorded after its position counts for nothing "
        "here, although the checkpoint reaches further.",
        "它以较早的时点为准：其位置之后记录的内容均未计入，尽管检查点更晚。",
    ),
    "limit.copies": Texts(
        "That others use the same document or number shows only as far as it is included here.",
        "他人是否使用同一文件或编号，仅以此处所含内容为限。",
    ),
    "limit.author": Texts(
        "It does not show which organisation the signer's account belonged to.",
        "不能说明签名账户属于哪个机构。",
    ),
    "limit.refusal": Texts(
        "It does not show why the entry was not recorded.", "不能说明该记录为何未被记录。"
    ),
}
_ALWAYS: Final = ("limit.after", "limit.truth", "limit.anchor", "limit.rules")
_FURTHER: Final[Mapping[str | None, str]] = {
    "standing": "limit.copies",
    "verdict": "limit.copies",
    "trace": "limit.copies",
    "entry": "limit.author",
    "absence": "limit.refusal",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What came out of one check. ``code`` is None where it is valid; ``detail`` says more, in
    English, for whoever looks for the fault."""

    number: int
    result: Result
    code: str | None = None
    detail: str = ""

    @property
    def name(self) -> str:
        return NAMES[self.number - 1]

    @property
    def title(self) -> Texts:
        """What the check is called."""
        return TITLES[self.name]

    @property
    def texts(self) -> Texts:
        """The sentence that says it."""
        return CHECKS[self.name] if self.code is None else CODES[self.code]

    def to_json(self) -> dict[str, Any]:
        english, chinese = self.texts
        return {
            "number": self.number,
            "name": self.name,
            "result": self.result.value,
            "code": self.code,
            "en": f"{english} ({self.detail})" if self.detail else english,
            "zh": f"{chinese}（{self.detail}）" if self.detail else chinese,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """What was found about one bundle; ``kind`` is None where it could not be read. ``shown`` makes
    a short summary of what it shows, empty where something was found against it."""

    kind: str | None
    findings: Sequence[Finding]
    shown: Callable[[], Mapping[str, Any]] = dict

    @property
    def result(self) -> Result:
        """``invalid`` if any check is, else ``unknown`` if any is, else ``valid``."""
        found = {f.result for f in self.findings}
        for result in (Result.INVALID, Result.UNKNOWN):
            if result in found:
                return result
        return Result.VALID

    @property
    def code(self) -> str | None:
        """The code of the finding that decides the result; None where it is valid."""
        result = self.result
        if result is Result.VALID:
            return None
        return next(f.code for f in self.findings if f.result is result)

    @property
    def limits(self) -> tuple[str, ...]:
        """The codes of what this evidence does not prove."""
        further = _FURTHER.get(self.kind)
        shown = self.shown()
        position = shown["claim"].get("position") if shown else None
        return (
            *_ALWAYS,
            *(
                ()
                if position is None or position >= shown["checkpoint"]["size"]
                else ("limit.known",)
            ),
            *(() if further is None else (further,)),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "kind": self.kind,
            "result": self.result.value,
            "checks": [f.to_json() for f in self.findings],
            "limits": [
                {"code": code, "en": LIMITS[code].en, "zh": LIMITS[code].zh} for code in self.limits
            ],
            "shown": dict(self.shown()),
        }
