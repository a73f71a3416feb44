"""Judgements that can be made again from evidence: a question in, its answer in codes out.

Rules this module keeps:

* An answer is a function of the question, the founding and what the records gave, so the index and
  the evidence made of it give the same. The judgements themselves are the core's; nothing is
  decided here.
* Whatever signed entry was answered, the chain of its author's organisation is asked for, too:
  there it stands to whom an account belongs, so the evidence shows who everybody is.
* Lateness is judged in traces alone; there the chain is asked for in which it is permitted.
* Answers have no texts and no names: who shows them finds words for the codes.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from ledger.evidence import canonical
from ledger.evidence.graph import ChainGraph
from ledger.evidence.sources import Recorder, Sources, registry_subject
from ledger.gathering import gather, gather_qualification, gather_standing
from ledger.hashing import keccak
from ledger.history import History
from ledger.offer import gather_offer
from ledger.policy import Policy
from ledger.provenance.actors import Histories
from ledger.provenance.answer import MOST_ANSWERED, MOST_ANSWERED_DEPTH, provenance
from ledger.provenance.tracing import Direction, trace
from ledger.question import Question, wrong
from ledger.recorded import Founding
from ledger.standing import Freshness, Holding, KindStanding, Scope, Standing, holding, standing
from ledger.typed_data import hexed
from ledger.verdict import check_known, decide
from ledger.vocabulary import NO_END, Clock

#: More entries than any ledger has.
_EVERY: Final = 2**53


def answer(
    kind: str, question: Mapping[str, Any], records: Sources, founding: Founding
) -> dict[str, Any]:
    """The ``answer`` of a claim of this kind, whose other members are the question.

    :class:`RequestError` names the member at fault where the question cannot be judged: it does not
    have the form, or what it asks about is not on the ledger. What ``records`` raises goes through.
    """
    judge = _JUDGES.get(kind)
    if judge is None:
        raise wrong(
            "kind", f"{kind[:40]!r} claims nothing to be judged", f"{kind[:40]!r} 没有可评估的主张"
        )
    recorder = Recorder(records, records.registry, _whole(question, "position"))
    found = judge(question, recorder, founding)
    recorder.settle()
    # A verdict's id commits to its question by itself.
    return found if "id" in found else {"id": hexed(claim_id(kind, question)), **found}


def claim_id(kind: str, question: Mapping[str, Any]) -> bytes:
    """Commits to the kind and to everything that is asked (32 bytes): so no byte of a question can
    change while its answer stays."""
    asked = b"suyuan claim 1\0" + kind.encode() + b"\0" + canonical.dumps(question)
    return keccak(asked)


# ------------------------------------------------------------------------------ the judgements


def _judge_standing(
    question: Mapping[str, Any], records: Recorder, founding: Founding
) -> dict[str, Any]:
    organisation = _bytes(question, "organisation", 20)
    scope = Scope(_text(question, "category"), _text(question, "model"))
    position = _whole(question, "position")
    start, end = _interval(question)
    history = gather_standing(records, founding, organisation, scope.category, position)
    check_known(history, organisation, scope.category)
    where = standing(
        history,
        organisation,
        scope,
        (start, end),
        _whole(question, "known_at", NO_END),
        _clock(question),
        _freshness(question),
    )
    return _standing_codes(where)


def _judge_qualification(
    question: Mapping[str, Any], records: Recorder, founding: Founding
) -> dict[str, Any]:
    id_ = _bytes(question, "qualification", 32)
    at, known_at = _whole(question, "at", NO_END - 1), _whole(question, "known_at", NO_END)
    history = gather_qualification(records, founding, id_, _whole(question, "position"))
    found = history.qualifications.get(id_)
    if found is None or not found.stated.known(known_at, Clock.RECORDED):
        raise wrong(
            "qualification",
            "was not on the ledger at the time of knowing",
            "在知悉时间，账本上没有此资质",
            "unknown",
        )
    scope = Scope(found.category, found.model)
    held = holding(
        found, history, scope, (at, at + 1), known_at, Clock.RECORDED, _freshness(question)
    )
    return {"holding": _holding_codes(held)}


def _judge_trace(
    question: Mapping[str, Any], records: Recorder, founding: Founding
) -> dict[str, Any]:
    position, upto = _whole(question, "position"), _whole(question, "upto")
    known_at = _whole(question, "known_at", NO_END)
    at = NO_END if question.get("at") is None else _whole(question, "at", NO_END)
    try:
        direction = Direction(_text(question, "direction"))
    except ValueError:
        raise wrong("direction", "must be back or forward", "须为 back 或 forward") from None
    _check_upto(records, known_at, upto, position)
    # What was let in late, entries of that chain permit; it is read of every entry of the trace.
    records.by_subject(registry_subject(records.registry))
    graph = ChainGraph(records, position)
    id_ = _bytes(question, "lot", 32)
    lot = graph.by_ids([id_]).get(id_)
    if lot is None:
        raise wrong("lot", f"{hexed(id_)} is not on the ledger", "账本上没有此批次", "unknown")
    whole = trace(
        graph,
        direction,
        (lot.number,),
        upto=upto,
        at=at,
        depth=MOST_ANSWERED_DEPTH,
        size=MOST_ANSWERED,
    )
    if whole.more:
        raise wrong(
            "lot",
            f"its trace has more than {MOST_ANSWERED} lots or {MOST_ANSWERED_DEPTH} steps",
            f"其追溯超过 {MOST_ANSWERED} 个批次或 {MOST_ANSWERED_DEPTH} 步",
            "many",
        )
    found = provenance(
        graph,
        records,
        founding,
        lot.number,
        direction=direction,
        upto=upto,
        known_at=known_at,
        at=at,
        size=MOST_ANSWERED,
        clock=_clock(question),
        freshness=_freshness(question),
        histories=_makers(records, founding, position),
        position=position,
    )
    return found.codes()


def _judge_verdict(
    question: Mapping[str, Any], records: Recorder, founding: Founding
) -> dict[str, Any]:
    asked = Question.from_json(_object(question, "question"))
    if asked.to_json() != question["question"]:
        # One question has one form, else a claim could say more than what was judged.
        raise wrong("question", "is not in its one form", "不是其唯一的形式", "form")
    policy = Policy.from_json(_object(question, "policy"))
    position = _whole(question, "position")

    history = gather(records, founding, asked.organisation, asked.category, position)
    lots, makers = ChainGraph(records, position), _makers(records, founding, position)
    offer = gather_offer(lots, records, founding, makers, asked, policy, position)
    return decide(history, asked, policy, offer).codes()


def _makers(records: Recorder, founding: Founding, position: int) -> Histories:
    """Of who made a lot it is asked how it stood, and nothing else."""

    def gathered(organisation: bytes, category: str) -> History:
        return gather_standing(records, founding, organisation, category, position)

    return gathered


_JUDGES: Final[Mapping[str, Callable[[Mapping[str, Any], Recorder, Founding], dict[str, Any]]]] = {
    "standing": _judge_standing,
    "non-revocation": _judge_qualification,
    "trace": _judge_trace,
    "verdict": _judge_verdict,
}


def _check_upto(records: Recorder, known_at: int, upto: int, position: int) -> None:
    """Whether just the first ``upto`` of the entries were recorded by ``known_at``: blocks never go
    back in time, so the entry before and the one behind tell."""
    fits = upto <= position
    for sequence, is_known in ((upto - 1, True), (upto, False)):
        if fits and 0 <= sequence < position:
            recorded_at = records.recorded_at(sequence)
            fits = recorded_at is not None and (recorded_at <= known_at) is is_known
    if not fits:
        raise wrong(
            "upto",
            f"is not how many of the first {position} entries were recorded by {known_at}",
            f"不是前 {position} 条记录中截至 {known_at} 已记录的数目",
        )


# ------------------------------------------------------------------------------ codes


def _holding_codes(h: Holding) -> dict[str, Any]:
    q, decisive = h.qualification, h.worst()
    return {
        "id": hexed(q.id),
        "holder": hexed(q.holder),
        "author": hexed(q.author),
        "category": q.category,
        "model": q.model,
        "kind": q.kind,
        "number": h.terms.number,
        "way": q.way.name.lower(),
        "register": q.register,
        "result": h.result.value,
        "status": decisive.status.value,
        "why": decisive.why.value,
        "valid_from": h.terms.valid_from,
        "valid_until": h.terms.valid_until,
        "exact": h.exact,
        "accredited": h.accredited,
        "suspicion": None if h.suspicion is None else h.suspicion.stated.sequence,
        "bands": [
            {
                "start": b.start,
                "end": b.end,
                "status": b.status.value,
                "why": b.why.value,
                "rests": [e for e in b.rests if e >= 0],
            }
            for b in h.bands
        ],
    }


def _kind_codes(k: KindStanding) -> dict[str, Any]:
    return {
        "kind": k.kind,
        "result": k.result.value,
        "carriers": [hexed(h.qualification.id) for h in k.carriers],
        "others": [hexed(h.qualification.id) for h in k.others],
        "elsewhere": [hexed(q.id) for q in k.elsewhere],
        "decisive": [hexed(h.qualification.id) for h, _ in k.decisive],
    }


def _standing_codes(where: Standing) -> dict[str, Any]:
    held = {h.qualification.id: h for k in (*where.required, *where.other) for h in k.holdings}
    return {
        "result": where.result.value,
        "firm": [hexed(member) for member in where.firm],
        "lineage": list(where.lineage),
        "required": [_kind_codes(k) for k in where.required],
        "other": [_kind_codes(k) for k in where.other],
        "holdings": [_holding_codes(held[id_]) for id_ in sorted(held)],
    }


# ------------------------------------------------------------------------------ questions


def _member(question: Mapping[str, Any], name: str) -> Any:
    if name not in question:
        raise wrong(name, "is missing", "缺失")
    return question[name]


def _object(question: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = _member(question, name)
    if not isinstance(value, Mapping):
        raise wrong(name, "must be an object", "须为对象")
    return value


def _text(question: Mapping[str, Any], name: str) -> str:
    value = _member(question, name)
    if not isinstance(value, str):
        raise wrong(name, "must be a text", "须为文字")
    return value


def _bytes(question: Mapping[str, Any], name: str, length: int) -> bytes:
    digits = _text(question, name).removeprefix("0x")
    if len(digits) != 2 * length or not set(digits) <= set("0123456789abcdef"):
        raise wrong(name, f"must be {length} bytes in 0x hex", f"须为 {length} 字节的 0x 十六进制")
    return bytes.fromhex(digits)


def _whole(question: Mapping[str, Any], name: str, most: int = _EVERY) -> int:
    return _checked(name, _member(question, name), most)


def _checked(name: str, value: object, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise wrong(name, f"must be a whole number up to {most}", f"须为不超过 {most} 的整数")
    return value


def _interval(question: Mapping[str, Any]) -> tuple[int, int]:
    value = _member(question, "at")
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise wrong("at", "must be two instants", "须为两个时间点")
    start, end = (_checked("at", instant, NO_END) for instant in value)
    if start >= end:
        raise wrong("at", "ends before it begins", "结束早于开始")
    return start, end


def _clock(question: Mapping[str, Any]) -> Clock:
    try:
        return Clock(_text(question, "clock"))
    except ValueError:
        raise wrong(
            "clock", "must be recorded or published", "须为 recorded 或 published"
        ) from None


def _freshness(question: Mapping[str, Any]) -> Freshness:
    value = _object(question, "freshness")
    registers = _object(value, "registers")
    return Freshness(
        _whole(value, "default"), {name: _whole(registers, name) for name in registers}
    )
