"""Verdicts kept for those who asked: a question in, the canonical bytes out.

Rules this module keeps:

* The bytes that are kept are the bytes that were answered, and are given again as they are.
* The same question from two organisations is the same verdict, kept for each apart.
* A verdict is made again only by the policy by which it was made.
"""

from collections.abc import Sequence
from typing import Final

import orjson
from fastapi.concurrency import run_in_threadpool

from api.access import Caller, CallerRole, StoredVerdict, may_see
from api.context import Context
from api.parameters import known_until
from api.problems import Conflict, not_found
from api.verdicts.schemas import OfferedLot, PolicyBody, RecomputationBody, VerdictRequest
from api.wire import Position, interval_of
from ledger.index.idempotency import Answer, Once
from ledger.index.store import KeptVerdict
from ledger.offer import LotName, resolve
from ledger.policy import Policy, canonical, policies
from ledger.question import Question, day_interval, wrong
from ledger.typed_data import hexed
from ledger.verdict import Verdict

CREATED: Final = 201


def question_of(context: Context, request: VerdictRequest) -> Question:
    """The question that is meant, asked now; :class:`RequestError` names what does not fit."""
    now, units = context.now(), context.workspace.catalogue.units
    if request.unit not in units:
        known = ", ".join(f"{code} ({names.en})" for code, names in units.items())
        known_zh = "、".join(f"{code}（{names.zh}）" for code, names in units.items())
        raise wrong("unit", f"must be one of {known}", f"须为以下之一：{known_zh}")
    deliver_at = day_interval(request.deliver_on, request.zone, "deliver_on")
    at: int | None = None
    if request.at is not None:
        at = interval_of(request.at, request.zone, "at")[0]
    elif "at" not in request.model_fields_set and now < deliver_at[1]:
        at = now
    return Question(
        request.organisation,
        request.category,
        request.model,
        request.quantity,
        request.unit,
        deliver_at,
        at,
        known_until(now, request.known_at, request.zone),
        request.clock,
        request.zone,
        lots_of(context, request.lots),
    )


def lots_of(context: Context, offered: Sequence[OfferedLot]) -> tuple[bytes, ...]:
    """The ids of the lots that are named; :class:`RequestError` names the one that is wrong."""
    if not offered:
        return ()
    names = [LotName(o.id or b"", o.gtin, o.lot, o.maker or b"") for o in offered]
    return resolve(context.workspace.index.lots, names)


async def asked(context: Context, request: VerdictRequest) -> Question:
    """As :func:`question_of`. Lots are looked up beside the event loop."""
    if request.lots:
        return await run_in_threadpool(question_of, context, request)
    return question_of(context, request)


async def decided(context: Context, question: Question) -> Verdict:
    """Decide now. What must be gathered first is gathered beside the event loop."""
    workspace = context.workspace
    if question.lots:  # a trace is read anew, however well its supplier is known
        return await run_in_threadpool(workspace.decide, question)
    if not workspace.is_ready(question.organisation, question.category):
        await run_in_threadpool(workspace.history, question.organisation, question.category)
    return workspace.decide(question)


def keep(
    context: Context, caller: Caller, verdict: Verdict, body: bytes, once: Once | None
) -> Answer | None:
    """Keep the verdict for the caller's organisation, on disk before this returns; or the answer
    that the same request got before."""
    return context.workspace.store.put_verdict(
        KeptVerdict(
            id=_key(hexed(verdict.id), caller.organisation),
            question=canonical(verdict.question.to_json()),
            policy_hash=verdict.policy.hash,
            position=verdict.position,
            verdict=body,
            organisation=caller.organisation,
            person=caller.person,
            asked_at=int(context.workspace.clock()),
        ),
        once=once,
        answer=None if once is None else Answer(CREATED, body),
    )


def _key(verdict: str, organisation: bytes) -> str:
    return f"{verdict}:{organisation.hex()}"


def kept(context: Context, caller: Caller, verdict: bytes) -> KeptVerdict:
    """The verdict as it was given, for those who may see it."""
    store, name = context.workspace.store, hexed(verdict)
    found = store.verdict(_key(name, caller.organisation))
    if found is None and caller.role is CallerRole.AUDITOR:
        found = store.verdict_like(f"{name}:")
    if found is None or not may_see(caller, StoredVerdict(frozenset({found.organisation}))):
        raise not_found("the verdict", "该结论", "id", code="verdict.unknown")
    return found


def recompute(context: Context, found: KeptVerdict) -> RecomputationBody:
    """Make the verdict again from the ledger up to its position."""
    question, policy = made_by(found)
    again = context.workspace.decide_at(question, policy, found.position)
    given = orjson.loads(found.verdict)
    return RecomputationBody(
        verdict=given["id"],
        same=canonical(again.to_json()) == found.verdict,
        answer=again.answer.value,
        given=given["answer"],
        policy=PolicyBody(version=policy.version, hash=hexed(policy.hash)),
        ledger=Position(position=found.position),
    )


def made_by(found: KeptVerdict) -> tuple[Question, Policy]:
    """The question and the policy that a verdict was made by; :class:`Conflict` where the policy
    did not come with this service."""
    policy = policies().get(found.policy_hash)
    if policy is not None:
        return Question.from_json(orjson.loads(found.question)), policy
    raise Conflict(
        f"the verdict was made by the policy {hexed(found.policy_hash)}, "
        "which this service does not have",
        message_zh=f"该结论依据策略 {hexed(found.policy_hash)} 作出，本服务没有该策略",
        field="id",
        code="verdict.policy",
    )


def told(raw: bytes) -> tuple[str, int]:
    """Id and position that a verdict's bytes state."""
    given = orjson.loads(raw)
    return given["id"], given["ledger"]["position"]


def note_reading(context: Context, caller: Caller, found: KeptVerdict, action: str) -> None:
    """Write down that somebody else than the asker looked at a verdict."""
    if caller.organisation != found.organisation:
        context.note_access(caller, action, found.id.partition(":")[0])
