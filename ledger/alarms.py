"""Alarms: one document, or one kind and number, used by two different holders.

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
"""

from dataclasses import dataclass

from ledger.history import AlarmClosing, History, Mark, Qualification, Reply, Stated, alarm_id
from ledger.vocabulary import OrganisationStatus, QualificationState, Role, Way


@dataclass(frozen=True, slots=True)
class Alarm:
    """``holders`` are sorted. ``uses`` are the sequence numbers of the entries that use the mark,
    oldest first; ``opened_at`` is the recording of the first use by the second holder.
    ``vouched`` are those of the holders for whose use somebody else vouches (:func:`vouched`).
    ``closed`` is the closing that stands, None while the alarm is open."""

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
    """Whether, as known at ``known_at``, somebody else than the holder's firm vouches for what the
    entry ``use`` says of the qualification: it was issued so, or published so after review.

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
    return any(
        word.author not in firm and history.suspicion(word, known_at) is None for word in words
    )


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
    """The alarms that touch the organisation or its firm, as known at ``known_at``, by opening.

    They rest on recorded facts only, so there is no choice of clock.
    """
    if not history.shared_marks:
        return ()
    found: dict[bytes, Alarm] = {}
    firm = history.firm(organisation, known_at)
    for mark, all_uses in history.shared_marks.items():
        uses = [(q, s) for q, s in all_uses if s.recorded <= known_at]
        holders = {q.holder for q, _ in uses}
        for mine in holders.intersection(firm):
            for other in holders.difference(firm):
                pair = [(q, s) for q, s in uses if q.holder in (mine, other)]
                firsts = [next(s for q, s in pair if q.holder == h) for h in (mine, other)]
                opening = max(firsts, key=lambda s: s.sequence)
                alarm = alarm_id(mark, mine, other)
                closed = next(
                    (
                        c
                        for c in reversed(history.closings.get(alarm, ()))
                        if pair[-1][1].sequence < c.stated.sequence
                        and c.stated.recorded <= known_at
                        and may_close(history, c)
                        and history.suspicion(c.stated, known_at) is None
                    ),
                    None,
                )
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
                    closed,
                    tuple(
                        r
                        for r in history.replies
                        if r.about == alarm and r.stated.recorded <= known_at
                    ),
                )
    return tuple(sorted(found.values(), key=lambda a: (a.opened_at, a.id)))
