"""Was who made a lot qualified for it when it happened: as known then, and as known now.

Rules this module keeps:

* Making (``Commission``, ``Transform``) needs the qualifications that the lot's category requires
  at ``happenedAt``. Handing over, using up, dispensing and destroying need none: they need a role,
  which the contracts check. Nor does a lot whose origin is not shown.
* Both judgements are about the same instant, ``happenedAt``. *Then* counts what was recorded until
  the entry itself was; *now* what was recorded until ``known_at``. So a licence that was withdrawn
  with effect from before the event, and recorded after it, was there then and is not now.
* An event signed with a key declared compromised from before its recording is nobody's word,
  however qualified its organisation was: that comes first.
* A qualification that carries only by an entry of a compromised key, is unknown; one whose issuer
  turns out not to have been accredited, does not carry.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from ledger.folding import stated_by
from ledger.history import History
from ledger.provenance.model import Lot
from ledger.recorded import RecordedEntry
from ledger.standing import Freshness, KindStanding, Result, Scope, Standing, standing
from ledger.vocabulary import Clock

#: The history of an organisation in a category, at the position of the question
#: (``ledger.gathering.gather``).
Histories: TypeAlias = Callable[[bytes, str], History]

_MAKING: Final = frozenset({"Commission", "Transform"})
_FRESHNESS: Final = Freshness()


class ActorCode(StrEnum):
    """How the author of an entry stands to it."""

    QUALIFIED = "qualified"
    NOT_REQUIRED = "not-required"
    SHOWN_SINCE = "shown-since"
    WITHDRAWN_SINCE = "withdrawn-since"
    DOUBTED_SINCE = "doubted-since"
    NOT_QUALIFIED = "not-qualified"
    UNKNOWN = "unknown"
    KEY_COMPROMISED = "key-compromised"


@dataclass(frozen=True, slots=True)
class Actor:
    """The author of one entry. ``making``: it made (some of) the lot in whose chain the entry was
    met; else it only had to do with it. ``then`` and ``now`` are SKIPPED where nothing is required.

    ``entries`` are the sequence numbers on which the judgement of now rests.
    """

    sequence: int
    action: str
    making: bool
    organisation: bytes
    happened_at: int
    recorded_at: int
    late: bool
    then: Result
    now: Result
    code: ActorCode
    entries: tuple[int, ...]


class Actors:
    """Judges the authors of entries as known at ``known_at``; remembers what it looked up.

    ``signatures`` knows the keys of all authors (``ledger.gathering.gather_reports``).
    """

    def __init__(
        self,
        histories: Histories,
        signatures: History,
        known_at: int,
        clock: Clock = Clock.RECORDED,
        freshness: Freshness = _FRESHNESS,
    ) -> None:
        self._histories = histories
        self._signatures = signatures
        self._known_at = known_at
        self._clock = clock
        self._freshness = freshness
        self._found: dict[tuple[bytes, str], History] = {}
        self._judged: dict[tuple[bytes, Scope, int, int], tuple[Result, tuple[int, ...]]] = {}

    def of(self, entry: RecordedEntry, lot: Lot) -> Actor:
        """The author of an entry in the chain of the lot."""
        happened_at = entry["happenedAt"]
        assert isinstance(happened_at, int)
        then, now, entries = Result.SKIPPED, Result.SKIPPED, tuple[int, ...]()
        made = entry.action in _MAKING and entry.subjects[0] == lot.id
        if made and not lot.origin_not_shown:
            scope = Scope(lot.category, lot.model)
            then, _ = self._judge(entry.author, scope, happened_at, entry.recorded_at)
            now, entries = self._judge(entry.author, scope, happened_at, self._known_at)
        code = _CODES[then is Result.VALID, now]
        if now is Result.VALID and then is Result.SKIPPED:
            code = ActorCode.QUALIFIED  # what it was required to show later, it had
        stolen = self._signatures.suspicion(stated_by(entry), self._known_at)
        if stolen is not None:
            code, entries = ActorCode.KEY_COMPROMISED, (stolen.stated.sequence,)
        return Actor(
            entry.sequence,
            entry.action,
            made,
            entry.author,
            happened_at,
            entry.recorded_at,
            entry.late,
            then,
            now,
            code,
            entries,
        )

    def _judge(
        self, organisation: bytes, scope: Scope, at: int, known_at: int
    ) -> tuple[Result, tuple[int, ...]]:
        key = (organisation, scope, at, known_at)
        if key not in self._judged:
            holder = (organisation, scope.category)
            if holder not in self._found:
                self._found[holder] = self._histories(*holder)
            where = standing(
                self._found[holder], organisation, scope, at, known_at, self._clock, self._freshness
            )
            self._judged[key] = outcome(where)
        return self._judged[key]


_CODES: Final = {
    (True, Result.VALID): ActorCode.QUALIFIED,
    (False, Result.VALID): ActorCode.SHOWN_SINCE,
    (True, Result.SKIPPED): ActorCode.NOT_REQUIRED,
    (False, Result.SKIPPED): ActorCode.NOT_REQUIRED,
    (True, Result.INVALID): ActorCode.WITHDRAWN_SINCE,
    (False, Result.INVALID): ActorCode.NOT_QUALIFIED,
    (True, Result.UNKNOWN): ActorCode.DOUBTED_SINCE,
    (False, Result.UNKNOWN): ActorCode.UNKNOWN,
}

_SEVERITY: Final = {Result.SKIPPED: 0, Result.VALID: 1, Result.UNKNOWN: 2, Result.INVALID: 3}


def outcome(where: Standing) -> tuple[Result, tuple[int, ...]]:
    """What the standing comes to for a maker, and the entries that make it so."""
    if not where.required:
        return Result.SKIPPED, ()
    worst, entries = Result.SKIPPED, tuple[int, ...]()
    for kind in where.required:
        result, rests = _kind(kind)
        if _SEVERITY[result] > _SEVERITY[worst]:
            worst, entries = result, rests
        elif result is worst:
            entries += rests
    return worst, tuple(sorted({e for e in entries if e >= 0}))


def _kind(kind: KindStanding) -> tuple[Result, tuple[int, ...]]:
    if not kind.carriers:
        told = kind.decisive[0][1].rests if kind.decisive else ()
        required = kind.requirement.stated.sequence if kind.requirement else -1
        return kind.result, told or (required,)
    for h in kind.carriers:
        if h.accredited is False:
            return Result.INVALID, (h.qualification.stated.sequence,)
        if h.suspicion is not None:
            return Result.UNKNOWN, (
                h.qualification.stated.sequence,
                h.suspicion.stated.sequence,
            )
    return kind.result, tuple(e for h in kind.carriers for b in h.bands for e in b.rests)
