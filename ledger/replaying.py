"""What would fall if a key were bad from a time on: entries, standings, lots and verdicts.

The ledger is read once from its beginning (``ledger.dependents``), a second or so for each twenty
thousand entries. Standings and verdicts are then worked out again as if the declaration had been
known all along; what becomes of them beside what they are says what to look at first.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import orjson

from ledger.dependents import Replay
from ledger.gathering import gather
from ledger.history import History
from ledger.index.store import KeptVerdict
from ledger.policy import policies
from ledger.provenance.actors import outcome
from ledger.provenance.model import Lot
from ledger.question import Question
from ledger.recorded import RecordedEntry
from ledger.standing import Result, Scope, standing
from ledger.verdict import Answer, decide
from ledger.vocabulary import Clock
from ledger.workspace import Workspace

_CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class ShakenStanding:
    """How an organisation stands for a scope ``now``, and how it would; ``entry`` is the first
    that a qualification of it depends by."""

    organisation: bytes
    scope: Scope
    entry: int
    now: Result
    would_be: Result


@dataclass(frozen=True, slots=True)
class ShakenVerdict:
    """A verdict that was given and rests on entries that depend; ``would_be`` is None where the
    policy that it was made by is not here."""

    id: str
    organisation: bytes
    answer: Answer
    would_be: Answer | None
    entries: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Shaken:
    """Everything that depends on the account, as of ``position`` entries of the ledger. ``lots``
    with the entry by which each first depends."""

    position: int
    replay: Replay
    standings: tuple[ShakenStanding, ...]
    lots: tuple[tuple[Lot, int], ...]
    verdicts: tuple[ShakenVerdict, ...]


def shaken(workspace: Workspace, account: bytes, since: int) -> Shaken:
    """What depends on what the account (20 bytes) signed and was recorded from ``since`` on."""
    position = workspace.position
    replay = Replay(account, since)
    for entry in _entries(workspace, position):
        replay.read(entry)
    found = workspace.index.lots.by_ids(replay.lots)
    lots = sorted((lot, replay.lots[id_]) for id_, lot in found.items())
    return Shaken(
        position,
        replay,
        tuple(_standings(workspace, replay)),
        tuple(lots),
        tuple(_verdicts(workspace, replay)),
    )


def _entries(workspace: Workspace, position: int) -> Iterator[RecordedEntry]:
    for first in range(0, position, _CHUNK):
        yield from workspace.index.entries(first, min(_CHUNK, position - first))


def _standings(workspace: Workspace, replay: Replay) -> Iterator[ShakenStanding]:
    now = int(workspace.clock())
    told = set()
    for id_, entry in sorted(replay.qualifications.items(), key=lambda item: item[1]):
        q = workspace.index.qualification(id_)
        if q is None or (q.holder, q.category, q.model) in told:
            continue
        told.add((q.holder, q.category, q.model))
        scope = Scope(q.category, q.model)
        history = workspace.history(q.holder, q.category)

        def result(known: History, holder: bytes = q.holder, scope: Scope = scope) -> Result:
            where = standing(
                known, holder, scope, now, now, Clock.RECORDED, workspace.policy.freshness
            )
            return outcome(where)[0]

        supposed = history.supposing(replay.account, replay.since)
        yield ShakenStanding(q.holder, scope, entry, result(history), result(supposed))


def _verdicts(workspace: Workspace, replay: Replay) -> Iterator[ShakenVerdict]:
    depending = {d.sequence for d in replay.entries}
    for kept in workspace.store.every_verdict():
        given = orjson.loads(kept.verdict)
        rests = sorted({e for check in given["checks"] for e in check["entries"]} & depending)
        if rests:
            yield ShakenVerdict(
                given["id"],
                kept.organisation,
                Answer(given["answer"]),
                _would_be(workspace, kept, replay),
                tuple(rests),
            )


def _would_be(workspace: Workspace, kept: KeptVerdict, replay: Replay) -> Answer | None:
    policy = policies().get(kept.policy_hash)
    if policy is None:
        return None
    question = Question.from_json(orjson.loads(kept.question))
    index = workspace.index
    gathered = gather(
        index, index.founding(), question.organisation, question.category, kept.position
    )

    def supposed(history: History) -> History:
        return history.supposing(replay.account, replay.since)

    offer = workspace.offer(question, policy, kept.position) if question.lots else None
    if offer is not None:
        histories = {key: supposed(history) for key, history in offer.histories.items()}
        offer = replace(offer, reports=supposed(offer.reports), histories=histories)
    return decide(supposed(gathered), question, policy, offer).answer
