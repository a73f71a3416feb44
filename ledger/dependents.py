"""What rests on a key: every entry, qualification and lot that depends on what it signed.

A key is said to be bad from a time on. :class:`Replay` reads the ledger once, in order, and tells
which entries then rest on nothing, and through which other entry they do. Rules this module keeps:

* What the account signed, first or beside others, and what was *recorded* from ``since`` on is
  bad: claimed times do not count, for a thief can backdate. What was recorded after the key's own
  declaration is not there, for the contracts refuse it.
* An entry depends on another if it could not stand without it: it is signed by an account that the
  other added, of an organisation that the other registered; it is a statement for which the other
  accredited its author; it changes, cites, receives, answers or releases what the other made; it
  uses up, moves or judges a lot that does. Each is told once, with the first reason met.
* What the authority laid down for all (categories, requirements, acceptances, processes, quorum,
  lateness, admitted contracts) is told when it is bad itself. Nearly everything rests on it, so
  what follows from that is left to people.
* Nothing is undone by this: who declares a key compromised (``DeclareCompromised``) marks what it
  signed itself, and standings and verdicts follow. This tells what to look at.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from ledger.folding import created_qualification, raw
from ledger.recorded import RecordedEntry
from ledger.typed_data import (
    Citation,
    Part,
    cited_qualification,
    lot_id,
    organisation_id,
    publication_id,
)


class Because(StrEnum):
    """Why an entry depends."""

    SIGNED = "signed"
    ACCOUNT = "account-added"
    ORGANISATION = "organisation-registered"
    ACCREDITATION = "accreditation"
    QUALIFICATION = "qualification"
    PUBLICATION = "publication"
    LOT = "lot"
    ENTRY = "entry"


@dataclass(frozen=True, slots=True)
class Dependent:
    """An entry that depends; ``through`` is the entry on which it does at once, or itself."""

    sequence: int
    action: str
    because: Because
    through: int


#: By which kind of accreditation an author may sign the action: the field that names it.
_ACCREDITED_BY: Final = {
    "IssueQualification": "kind",
    "Inspect": "standard",
    "RecordPublication": "register",
    "MirrorRecall": "register",
}
#: The fields that name an entry by its digest.
_NAMING_ENTRIES: Final = ("shipment", "hold", "recall", "entry", "about")


@dataclass
class Replay:
    """The ledger read for one account, bad from ``since`` on; entries are read in order.

    ``qualifications``, ``lots``, ``organisations`` and ``accounts`` are what depends, each with the
    entry by which it first does.
    """

    account: bytes
    since: int
    entries: list[Dependent] = field(default_factory=list)
    qualifications: dict[bytes, int] = field(default_factory=dict)
    lots: dict[bytes, int] = field(default_factory=dict)
    organisations: dict[bytes, int] = field(default_factory=dict)
    accounts: dict[bytes, int] = field(default_factory=dict)
    _publications: dict[bytes, int] = field(default_factory=dict)
    _accreditations: dict[tuple[bytes, str], int] = field(default_factory=dict)
    _digests: dict[bytes, int] = field(default_factory=dict)

    def read(self, e: RecordedEntry) -> None:
        """The next entry of the ledger."""
        found = next(self._reasons(e), None)
        if found is not None:
            because, through = found
            self.entries.append(Dependent(e.sequence, e.action, because, through))
            self._spread(e)

    def _reasons(self, e: RecordedEntry) -> Iterator[tuple[Because, int]]:
        values = e.entry.values
        if self.account in e.signers and e.recorded_at >= self.since:
            yield Because.SIGNED, e.sequence
        for signer in e.signers:
            if signer in self.accounts:
                yield Because.ACCOUNT, self.accounts[signer]
        # Also who is only spoken of: what is stated about somebody who was never registered.
        spoken_of = (values.get("organisation"), values.get("holder"), e.author)
        for who in spoken_of:
            if who in self.organisations:
                yield Because.ORGANISATION, self.organisations[who]
        by = _ACCREDITED_BY.get(e.action)
        accreditation = None if by is None else (e.author, str(e[by]))
        if accreditation in self._accreditations:
            yield Because.ACCREDITATION, self._accreditations[accreditation]
        for qualification in self._qualifications_of(e):
            if qualification in self.qualifications:
                yield Because.QUALIFICATION, self.qualifications[qualification]
        if values.get("publication") in self._publications:
            yield Because.PUBLICATION, self._publications[raw(values["publication"])]
        for lot in _lots(e):
            if lot in self.lots:
                yield Because.LOT, self.lots[lot]
        for name in _NAMING_ENTRIES:
            if values.get(name) in self._digests:
                yield Because.ENTRY, self._digests[raw(values[name])]

    @staticmethod
    def _qualifications_of(e: RecordedEntry) -> Iterator[bytes]:
        values = e.entry.values
        for name in ("qualification", "successor"):
            if name in values:
                yield raw(values[name])
        cited = values.get("cited")
        if isinstance(cited, tuple):
            for c in cited:
                if isinstance(c, Citation):
                    yield cited_qualification(c, e.author, str(e["category"]), str(e["model"]))

    def _spread(self, e: RecordedEntry) -> None:
        """What rests on an entry that depends."""
        values, here = e.entry.values, e.sequence
        self._digests.setdefault(e.digest, here)
        made = created_qualification(e)
        if made is not None:
            self.qualifications.setdefault(made, here)
        match e.action:
            case "AddAccount":
                self.accounts.setdefault(raw(e["account"]), here)
            case "RegisterOrganisation" | "ListOrganisation":
                who = organisation_id(str(e["identifierKind"]), str(e["identifier"]))
                self.organisations.setdefault(who, here)
            case "Accredit":
                self._accreditations.setdefault((raw(e["organisation"]), str(e["kind"])), here)
            case "RecordPublication":
                self._publications.setdefault(publication_id(e.author, e.digest), here)
            case "Commission" | "Transform":
                gtin = e["gtin"]
                assert isinstance(gtin, int)
                self.lots.setdefault(lot_id(e.author, gtin, str(e["lot"])), here)
            case "Inspect" | "Adjust" | "Settle" | "Receive" | "Release":
                # What is known of the lot, how much there is, and whether it may be used.
                self.lots.setdefault(raw(e["lot"]), here)
            case _:
                if made is None and "qualification" in values:
                    self.qualifications.setdefault(raw(values["qualification"]), here)


def _lots(e: RecordedEntry) -> Iterator[bytes]:
    values = e.entry.values
    lot = values.get("lot")
    if isinstance(lot, bytes):
        yield lot
    for name in ("inputs", "parts"):
        parts = values.get(name)
        if isinstance(parts, tuple):
            for part in parts:
                if isinstance(part, Part):
                    yield part.lot
