"""What registers say of recalls at some time, out of all that mirrors ever stated of them.

Rules kept here:

* A mirror's statements about a firm under one number of a register are one recall, stated again
  as the register changes: the one from the latest publication counts. Two mirrors' are two.
* A statement in parts counts when all of its parts are there; until then the one before it does.
* That a later publication lists a number no longer ends nothing: such lists show some recalls only.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from ledger.history import History, MirroredRecall
from ledger.recalls.lots import LotReading
from ledger.recalls.texts import read_lots
from ledger.vocabulary import Clock


@dataclass(frozen=True, slots=True)
class StandingRecall:
    """A recall as its register has it. ``recall`` is the statement's first entry, ``lots`` what all
    of them name, ``entries`` their sequence numbers."""

    recall: MirroredRecall
    lots: LotReading
    entries: tuple[int, ...]


def standing_recalls(
    history: History, known_at: int, clock: Clock, firm: Collection[bytes] | None = None
) -> tuple[StandingRecall, ...]:
    """The recalls that count at ``known_at``, in the order of the ledger: all, or those of the
    organisations ``firm``. What a compromised key signed does not count."""
    numbers: dict[tuple[bytes, str, str, bytes], dict[tuple[bytes, bytes], list[MirroredRecall]]]
    numbers = {}
    for recall in history.recalls:
        stated, organisation = recall.stated, recall.organisation
        if (
            (firm is None or organisation in firm)
            and stated.known(known_at, clock)
            and history.suspicion(stated, known_at) is None
        ):
            key = stated.author, recall.register, recall.number, organisation
            statements = numbers.setdefault(key, {})
            statements.setdefault((recall.publication, recall.document), []).append(recall)
    found = (_latest(statements.values()) for statements in numbers.values())
    return tuple(sorted((one for one in found if one), key=lambda one: one.entries))


def _latest(statements: Iterable[list[MirroredRecall]]) -> StandingRecall | None:
    whole = [one for one in map(_put_together, statements) if one is not None]
    return max(whole, key=_age, default=None)


def _age(one: StandingRecall) -> tuple[int, tuple[int, ...]]:
    return one.recall.stated.published or 0, one.entries


def _put_together(recalls: list[MirroredRecall]) -> StandingRecall | None:
    """The statement of which these are the parts; None as long as one is missing."""
    texts = [read_lots(recall.lots) for recall in recalls]
    if {text.part for text in texts} != set(range(1, max(text.parts for text in texts) + 1)):
        return None
    in_order = sorted(texts, key=lambda text: text.part)
    return StandingRecall(
        recalls[0],
        LotReading(
            tuple(mention for text in in_order for mention in text.reading.mentions),
            tuple(passage for text in in_order for passage in text.reading.unparsed),
        ),
        tuple(recall.stated.sequence for recall in recalls),
    )
