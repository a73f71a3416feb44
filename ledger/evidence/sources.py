"""Where judgements get recorded entries from when they must be proved, and what was asked of it.

A judgement (:mod:`ledger.evidence.judging`) reads :class:`Sources` and nothing else. Whoever makes
evidence puts a :class:`Recorder` before the index: what was asked and answered is what the evidence
must prove. Whoever verifies runs the same judgement over :class:`Proven`.

Rules this module keeps:

* A subject that was asked is complete up to the position, or the answer is :class:`Missing`: the
  heads prove that. Which other chains show a document or a number no head proves; those questions
  are answered from what is there, and that is a stated limit of all evidence.
* Who signed and whether an entry was late are not stated but worked out (:func:`attributed`), of
  the founding and of entries that are proved themselves.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from ledger.errors import EvidenceError
from ledger.folding import created_qualification, raw
from ledger.gathering import MARKING, reports_of
from ledger.history import marks
from ledger.offer import Entries
from ledger.recorded import Founding, RecordedEntry
from ledger.typed_data import hexed, organisation_subject


class Sources(Entries, Protocol):
    """All that a judgement may ask."""

    @property
    def registry(self) -> bytes:
        """The address of ``ParticipantRegistry`` (20 bytes): acts about the ledger itself, such as
        the permitted lateness, stand in its own chain (:func:`registry_subject`)."""
        ...


class Missing(EvidenceError):
    """The judgement needs more than the evidence proves; the message says what."""

    code = "complete.missing"


def registry_subject(registry: bytes) -> bytes:
    """The chain of the acts about the ledger itself (``_self()`` of ``ParticipantRegistry``)."""
    return registry.rjust(32, b"\0")


# ------------------------------------------------------------------------------ recording


class Recorder:
    """Passes questions on and remembers them; keeps :class:`Sources`.

    Entries from ``position`` on are kept from the one who asks. ``entries`` are all that were
    answered and are of use, by number; ``subjects`` are the chains asked for, ``times`` the numbers
    of the entries whose time was asked.
    """

    def __init__(self, records: Entries, registry: bytes, position: int) -> None:
        self._records = records
        self._registry = registry
        self._position = position
        self._chains: dict[bytes, Sequence[RecordedEntry]] = {}
        self.entries: dict[int, RecordedEntry] = {}
        self.times: set[int] = set()

    @property
    def registry(self) -> bytes:
        return self._registry

    @property
    def subjects(self) -> Collection[bytes]:
        return self._chains.keys()

    def by_subject(self, subject: bytes) -> Sequence[RecordedEntry]:
        """Every entry of the chain before the position, in order."""
        if subject not in self._chains:
            self._chains[subject] = self._kept(self._records.by_subject(subject))
            self._note(self._chains[subject])
        return self._chains[subject]

    def by_document(self, document: bytes) -> Sequence[RecordedEntry]:
        """The entries that tell of a document by which copies are recognised, in order."""
        return self._marking(self._records.by_document(document))

    def by_number(
        self, kind: str, number: str, author: bytes | None = None
    ) -> Sequence[RecordedEntry]:
        """The entries that tell of a number by which copies are recognised, in order."""
        return self._marking(self._records.by_number(kind, number, author))

    def recorded_at(self, sequence: int) -> int | None:
        """The block time of an entry."""
        self.times.add(sequence)
        return self._records.recorded_at(sequence)

    def settle(self) -> None:
        """Ask for the chains of whoever signed what was answered, for there it stands to whom an
        account belongs, until nothing new turns up."""
        size = -1
        while size != len(self.entries):
            size = len(self.entries)
            for author in {e.author for e in self.entries.values()}:
                self.by_subject(organisation_subject(author))

    def _marking(self, found: Iterable[RecordedEntry]) -> Sequence[RecordedEntry]:
        # What else shows the same (waivers, mirrored rows) no judgement looks at.
        kept = self._kept(e for e in found if e.action in MARKING)
        self._note(filter(_tells_alone, kept))
        return kept

    def _kept(self, found: Iterable[RecordedEntry]) -> Sequence[RecordedEntry]:
        return sorted((e for e in found if e.sequence < self._position), key=_sequence)

    def _note(self, entries: Iterable[RecordedEntry]) -> None:
        self.entries.update((e.sequence, e) for e in entries)


def _sequence(entry: RecordedEntry) -> int:
    return entry.sequence


def _tells_alone(entry: RecordedEntry) -> bool:
    """Whether a judgement takes the entry as it is found by its document or number. Of all but
    reports it asks for the qualification's chain, or does not look at them."""
    return entry.action == "Inspect"


# ------------------------------------------------------------------------------ replaying


@dataclass(frozen=True, slots=True)
class Superfluous:
    """What evidence proves although the judgement never asked: chains (their subjects), and the
    numbers of entries that stand in no chain and of bare leaves."""

    subjects: tuple[bytes, ...]
    entries: tuple[int, ...]
    times: tuple[int, ...]


class Proven:
    """Answers from what evidence proves; keeps :class:`Sources`.

    ``entries`` are all of it, :func:`attributed`; ``subjects`` are the chains that are proved to be
    whole up to the position of the claim; ``times`` are those of the bare leaves, by number.
    """

    def __init__(
        self,
        entries: Iterable[RecordedEntry],
        subjects: Iterable[bytes],
        times: Mapping[int, int],
        registry: bytes,
    ) -> None:
        self._registry = registry
        self._entries = {e.sequence: e for e in sorted(entries, key=_sequence)}
        self._chains: dict[bytes, list[RecordedEntry]] = {subject: [] for subject in subjects}
        self._times = dict(times)
        kinds: dict[bytes, str] = {}
        self._loose: set[int] = set()
        self._marks: dict[bytes, list[RecordedEntry]] = {}
        for e in self._entries.values():
            chains = [self._chains[s] for s in dict.fromkeys(e.subjects) if s in self._chains]
            for chain in chains:
                chain.append(e)
            if not chains:
                self._loose.add(e.sequence)
            qualification = created_qualification(e)
            if qualification is not None:
                kinds[qualification] = str(e["kind"])
            for value in _marks_of(e, kinds):
                self._marks.setdefault(value, []).append(e)
        self._asked: set[bytes] = set()
        self._told: set[int] = set()
        self._timed: set[int] = set()

    @property
    def registry(self) -> bytes:
        return self._registry

    def by_subject(self, subject: bytes) -> Sequence[RecordedEntry]:
        """The chain, in order; :class:`Missing` where it is not proved to be whole."""
        if subject not in self._chains:
            raise Missing(f"the chain of {hexed(subject)} is not among the evidence")
        self._asked.add(subject)
        return self._chains[subject]

    def by_document(self, document: bytes) -> Sequence[RecordedEntry]:
        """The entries of the evidence that tell of the document, as the index finds them."""
        return self._marked("", document, "")

    def by_number(
        self, kind: str, number: str, author: bytes | None = None
    ) -> Sequence[RecordedEntry]:
        """The entries of the evidence that tell of the number, as the index finds them."""
        return self._marked(kind, b"", number, author)

    def recorded_at(self, sequence: int) -> int:
        """The block time of an entry or of a bare leaf; :class:`Missing` for any other."""
        self._timed.add(sequence)
        entry = self._entries.get(sequence)
        if entry is not None:
            return entry.recorded_at
        if sequence not in self._times:
            raise Missing(f"when entry {sequence} was recorded is not among the evidence")
        return self._times[sequence]

    def superfluous(self) -> Superfluous:
        """What nothing asked for up to now."""
        return Superfluous(
            tuple(sorted(self._chains.keys() - self._asked)),
            tuple(sorted(self._loose - self._told)),
            tuple(sorted(self._times.keys() - self._timed)),
        )

    def _marked(
        self, kind: str, document: bytes, number: str, author: bytes | None = None
    ) -> Sequence[RecordedEntry]:
        found: list[RecordedEntry] = []
        for mark in marks(kind, document, number):
            found.extend(self._marks.get(mark.value, ()))
        if author is not None:
            found = reports_of(author, found)
        self._told.update(e.sequence for e in found if _tells_alone(e))
        return found


def _marks_of(entry: RecordedEntry, kinds: Mapping[bytes, str]) -> Iterable[bytes]:
    """By what the index finds this entry; ``kinds`` are those of the qualifications before it."""
    if entry.action not in MARKING:
        return ()
    number = str(entry["number"])
    if entry.action == "Inspect":
        kind = str(entry["standard"])
    elif entry.action == "EditQualification":
        # An edit does not say its kind; without it there is nothing to compare the number by.
        found = kinds.get(raw(entry["qualification"]))
        kind, number = found or "", number if found is not None else ""
    else:
        kind = str(entry["kind"])
    return {mark.value for mark in marks(kind, raw(entry["document"]), number)}


# ------------------------------------------------------------------------------ attributing


def attributed(
    entries: Iterable[RecordedEntry], founding: Founding, registry: bytes
) -> list[RecordedEntry]:
    """The entries, in order, with ``author`` and ``late`` as the founding and the entries
    themselves make them.

    An account belongs for ever to the organisation that it was added to, so any entry that adds it
    tells. Lateness is what the entries in the registry's own chain permit; where that matters, the
    judgement asks for the chain, and so it is whole. :class:`EvidenceError` with the code
    ``author.unknown`` where nothing says whose account signed.
    """
    owners = dict.fromkeys(founding.accounts, founding.organisation)
    permitted, own = founding.max_lateness, registry_subject(registry)
    made = []
    for e in sorted(entries, key=_sequence):
        author = owners.get(e.signers[0])
        if author is None:
            raise EvidenceError(
                f"entry {e.sequence}: nothing here says whose account "
                f"{hexed(e.signers[0])} is, which signed it",
                code="author.unknown",
            )
        happened_at = e["happenedAt"]
        assert isinstance(happened_at, int)
        made.append(replace(e, author=author, late=happened_at + permitted < e.recorded_at))
        if e.action == "AddAccount":
            owners.setdefault(raw(e["account"]), raw(e["organisation"]))
        elif e.action == "SetMaxLateness" and e.subjects == (own,):
            said = e["maxLateness"]
            assert isinstance(said, int)
            permitted = said
    return made
