"""Alarms: one document, or one number, used for two different holders or lots.

Rules this module keeps:

* An alarm is opened by the recording of the second holder's use. Nobody has to raise it.
* Its id depends on the mark and the two holders only (:func:`ledger.history.alarm_id`), so that
  everybody finds the same one. Three holders make three alarms.
* It is closed by ``CloseAlarm``, signed by an account with the role AUDITOR of an organisation with
  the role AUDITOR; a use recorded after the closing opens it again.
* Anybody with the role SUPPLIER can submit somebody else's number or document. A use for which
  nobody but its holder vouches therefore opens the alarm, but stops only who made it: against a
  holder for whose use somebody else vouches it is a claim to be named (:meth:`Alarm.stops`).
  When somebody else vouches for both uses, or for neither, the alarm stops both.
* Two records decided to be one firm are one holder. Mirrored qualifications raise no alarm, for
  registers list one number under many private labels; neither do waivers, for one notice of the
  authority may cover many firms.

For reports on lots (:func:`lot_alarms`), which accredited laboratories sign:

* A party is a lot, or the holder of a qualification that shows the same document. A laboratory's
  report number belongs to it and the standard, so two laboratories never collide by numbers.
* One report for two lots is one laboratory contradicting itself: it stops both, even of one maker.
* Documents are public once they are recorded, and a laboratory that copied another's report onto
  its customer's lot must not thereby stop the lot that was really tested, or the firm whose licence
  it shows. So where two different parties vouch, the alarm stops only what came later.
* A laboratory of the maker's own firm, one that was not accredited when it took the sample, and a
  report signed with a compromised key vouch for nothing.
* Among many lots with one report each has its alarm with the first of them for which a laboratory
  vouches, so a report copied a hundred times makes a hundred alarms and not five thousand.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ledger.history import (
    AlarmClosing,
    History,
    Inspection,
    Mark,
    Qualification,
    Reply,
    Stated,
    alarm_id,
)
from ledger.vocabulary import OrganisationStatus, QualificationState, Role, Way


@dataclass(frozen=True, slots=True)
class Alarm:
    """``holders`` are the two parties, sorted: organisations (20 bytes) or lots (32). ``uses`` are
    the sequence numbers of the entries that use the mark, oldest first; ``opened_at`` is the
    recording of the first use by the second one. ``vouched`` are those of them for whose use
    somebody else vouches, and did not copy it. ``closed`` is the closing that stands, None while
    the alarm is open."""

    id: bytes
    mark: Mark
    holders: tuple[bytes, bytes]
    qualifications: tuple[bytes, ...]
    uses: tuple[int, ...]
    opened_at: int
    vouched: tuple[bytes, ...]
    closed: AlarmClosing | None
    replies: tuple[Reply, ...]

    @property
    def open(self) -> bool:
        return self.closed is None

    def stops(self, holder: bytes) -> bool:
        """Whether it is open and speaks against this one of its holders."""
        return self.open and self.vouched != (holder,)


def vouched(history: History, qualification: Qualification, use: Stated, known_at: int) -> bool:
    """Whether somebody else than the holder's firm vouches for the use; see :func:`voucher`."""
    return voucher(history, qualification, use, known_at) is not None


def voucher(
    history: History, qualification: Qualification, use: Stated, known_at: int
) -> bytes | None:
    """Who, as known at ``known_at``, but is not the holder's firm vouches for what the entry
    ``use`` says of the qualification: it issued it so, or published it so after review.

    An entry signed with a compromised key vouches for nothing, nor does the publication of other
    terms for those that were edited away.
    """
    words: list[Stated] = []
    if qualification.way is Way.ISSUED:
        words = [qualification.stated]
    elif use == qualification.terms[-1].stated:  # nothing is edited any more once it is published
        words = [
            step.stated
            for step in qualification.steps
            if step.state is QualificationState.IN_FORCE and step.stated.recorded <= known_at
        ]
    firm = history.firm(qualification.holder, known_at)
    return next(
        (
            word.author
            for word in words
            if word.author not in firm and history.suspicion(word, known_at) is None
        ),
        None,
    )


def doubt(history: History, report: Inspection, known_at: int) -> str | None:
    """Why, as known at ``known_at``, the report is not the word of a third party: "key" (signed
    with a compromised one), "accreditation" (the laboratory had none when it took the sample) or
    "own" (it belongs to the maker's firm). None where it is."""
    if history.suspicion(report.stated, known_at) is not None:
        return "key"
    at = max(known_at, report.stated.recorded)
    if not history.accredited(report.stated.author, report.standard, report.sampled_at, at):
        return "accreditation"
    if report.stated.author in history.firm(report.maker, known_at):
        return "own"
    return None


def may_close(history: History, closing: AlarmClosing) -> bool:
    """Whether an auditor signed the closing: both the account and its organisation, active then."""
    account = history.accounts.get(closing.account)
    if account is None or account.organisation != closing.stated.author:
        return False
    organisation = history.organisations.get(account.organisation)
    if organisation is None:
        return False
    before = [c for c in organisation.changes if c.stated.sequence < closing.stated.sequence]
    return bool(
        before
        and before[-1].status is OrganisationStatus.ACTIVE
        and before[-1].roles & account.roles & Role.AUDITOR
    )


def alarms(history: History, organisation: bytes, known_at: int) -> tuple[Alarm, ...]:
    """The alarms that touch the organisation or its firm, as known at ``known_at``, by opening:
    over its qualifications, with other holders or with reports on others' lots.

    They rest on recorded facts only, so there is no choice of clock.
    """
    if not history.shared_marks and not history.inspections:
        return ()
    firm = history.firm(organisation, known_at)
    found = {a.id: a for a in _with_lots(history, firm, known_at)}
    for mark, all_uses in history.shared_marks.items():
        uses = [(q, s) for q, s in all_uses if s.recorded <= known_at]
        holders = {q.holder for q, _ in uses}
        for mine in holders.intersection(firm):
            for other in holders.difference(firm):
                pair = [(q, s) for q, s in uses if q.holder in (mine, other)]
                firsts = [next(s for q, s in pair if q.holder == h) for h in (mine, other)]
                opening = max(firsts, key=lambda s: s.sequence)
                alarm = alarm_id(mark, mine, other)
                first, second = sorted((mine, other))
                sides = {h: history.firm(h, known_at) for h in (first, second)}
                found[alarm] = Alarm(
                    alarm,
                    mark,
                    (first, second),
                    tuple(dict.fromkeys(q.id for q, _ in pair)),
                    tuple(s.sequence for _, s in pair),
                    opening.recorded,
                    tuple(
                        h
                        for h, side in sides.items()
                        if any(
                            q.holder in side and vouched(history, q, s, known_at) for q, s in uses
                        )
                    ),
                    _closing(history, alarm, pair[-1][1].sequence, known_at),
                    _replies(history, alarm, known_at),
                )
    return tuple(sorted(found.values(), key=lambda a: (a.opened_at, a.id)))


def _closing(history: History, alarm: bytes, last_use: int, known_at: int) -> AlarmClosing | None:
    """The closing that stands: a use recorded after it would have opened the alarm again."""
    for c in reversed(history.closings.get(alarm, ())):
        if (
            last_use < c.stated.sequence
            and c.stated.recorded <= known_at
            and may_close(history, c)
            and history.suspicion(c.stated, known_at) is None
        ):
            return c
    return None


def _replies(history: History, alarm: bytes, known_at: int) -> tuple[Reply, ...]:
    return tuple(r for r in history.replies if r.about == alarm and r.stated.recorded <= known_at)


# ------------------------------------------------------------------------------ reports on lots


def holders_and_lots(
    history: History, firm: Iterable[bytes]
) -> Iterable[tuple[Mark, bytes, bytes]]:
    """Each document of the firm's qualifications that is also that of a report on another's lot,
    with the holder and the lot, whenever it was recorded."""
    for mark, reports in history.report_uses.items():
        if mark.what == "document":
            mine = {q.holder for q, _ in history.document_uses.get(mark.value, ())}
            for holder in sorted(mine.intersection(firm)):
                for lot in dict.fromkeys(r.lot for r in reports if r.maker not in firm):
                    yield mark, holder, lot


def _with_lots(history: History, firm: tuple[bytes, ...], known_at: int) -> Iterable[Alarm]:
    for mark, holder, lot in holders_and_lots(history, firm):
        uses = sorted(_uses(history, mark, known_at), key=lambda u: u.stated.sequence)
        mine = [u for u in uses if u.party == holder]
        theirs = [u for u in uses if u.party == lot]
        if mine and theirs:
            yield _alarm(history, mark, mine, theirs, known_at)


@dataclass(frozen=True, slots=True)
class _Use:
    """``party`` uses the mark, says this entry; ``by`` vouches for it, None for nobody."""

    party: bytes
    stated: Stated
    by: bytes | None
    qualification: bytes = b""


def lot_alarms(history: History, lot: bytes, known_at: int) -> tuple[Alarm, ...]:
    """The alarms over reports on this lot (its id), as known at ``known_at``, by opening.

    The history must hold every report and qualification that shares a mark with the lot's
    (:func:`ledger.gathering.gather_reports`).
    """
    found = []
    for mark in dict.fromkeys(m for r in history.reports.get(lot, ()) for m in r.marks):
        uses = sorted(_uses(history, mark, known_at), key=lambda u: u.stated.sequence)
        mine = [u for u in uses if u.party == lot]
        if not mine:
            continue  # recorded after what is known
        firm = history.firm(lot[:20], known_at)
        lots = [u for u in uses if len(u.party) == len(lot)]
        first = next((u.party for u in lots if u.by is not None), lots[0].party)
        others = dict.fromkeys(u.party for u in uses if u.party != lot and u.party not in firm)
        for other in others:
            if len(other) == len(lot) and first not in (lot, other):
                continue  # both have an alarm with the first
            theirs = [u for u in uses if u.party == other]
            found.append(_alarm(history, mark, mine, theirs, known_at))
    return tuple(sorted(found, key=lambda a: (a.opened_at, a.id)))


def _uses(history: History, mark: Mark, known_at: int) -> Iterable[_Use]:
    for r in history.report_uses[mark]:
        if r.stated.recorded <= known_at:
            by = r.stated.author if doubt(history, r, known_at) is None else None
            yield _Use(r.lot, r.stated, by)
    if mark.what == "document":
        for q, terms in history.document_uses.get(mark.value, ()):
            if terms.stated.recorded <= known_at:
                by = voucher(history, q, terms.stated, known_at)
                yield _Use(q.holder, terms.stated, by, q.id)


def _alarm(
    history: History, mark: Mark, one: Sequence[_Use], two: Sequence[_Use], known_at: int
) -> Alarm:
    alarm = alarm_id(mark, one[0].party, two[0].party)
    pair = sorted((*one, *two), key=lambda u: u.stated.sequence)
    first, second = sorted((one[0].party, two[0].party))
    opening = max(one[0].stated, two[0].stated, key=lambda s: s.sequence)
    vouching = {u.party: u for u in reversed(pair) if u.by is not None}  # each party's first
    if len(vouching) == 2 and vouching[first].by != vouching[second].by:
        earlier = min(vouching.values(), key=lambda u: u.stated.sequence)
        vouching = {earlier.party: earlier}
    return Alarm(
        alarm,
        mark,
        (first, second),
        tuple(dict.fromkeys(u.qualification for u in pair if u.qualification)),
        tuple(dict.fromkeys(u.stated.sequence for u in pair)),
        opening.recorded,
        tuple(party for party in (first, second) if party in vouching),
        _closing(history, alarm, pair[-1].stated.sequence, known_at),
        _replies(history, alarm, known_at),
    )
