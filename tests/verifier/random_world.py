"""Random ledgers and random questions about standings, made to meet every rule of the judgements.

The same few documents, numbers, kinds and models come again and again, times lie close together,
and nothing is refused that the contracts would refuse: what is compared is how entries are read.
"""

import random
from collections.abc import Callable
from typing import Any, Final

from ledger.history import alarm_id, marks
from ledger.policy import policies
from ledger.recorded import RecordedEntry
from ledger.typed_data import Value, hexed, lot_id
from ledger.vocabulary import NO_END, Role
from ledger.vocabulary import OrganisationStatus as Status
from tests.support.world import NOTHING, Firm, World, document
from tests.verifier.asking import Question

_DAY: Final = 86400
#: Two of them stand in one order by their code points and in the other by UTF-16.
KINDS: Final = ("licence", "approval", "test-report", "\ufffd证", "\U0001f600证")
CATEGORIES: Final = ("mask", "mask.surgical", "mask.n95")
MODELS: Final = ("", "SM-1", "SM-11")
NUMBERS: Final = ("", "N1", "N2", "许 3", " \x1f\u2003", "\ufeff")
PAPERS: Final = (NOTHING, document("one"), document("two"), document("three"))
REGISTERS: Final = ("list-a", "list-b")
_INSTANTS: Final = ("validFrom", "validUntil", "published", "effective", "since", "withdrawnFrom")
UNITS: Final = ("H87", "XBX")
ZONES: Final = ("UTC", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")
IDENTIFIERS: Final = (
    ("uscc", "91371100168371999W"),
    ("uscc", " ９１３７１１００１６８３７１９９９w "),
    ("uscc", "91371100168371999X"),
    ("uscc", "91990000MA0DEM0138"),
    ("uscc", "9199-0000 MA0DEM0139"),
    ("uscc", "91371100168371998W"),
    ("uscc", "A1371100168371999W"),
    ("lei", "213800KUD8LAJWSQ9D15"),
    ("lei", "213800kud8laj-wsq9d15"),
    ("lei", "213800KUD8LXJWSQ9D15"),
    ("lei", "213800KUD8LAJWSQ9D1A"),
    ("gln", "9520000000059"),
    ("gln", "9520000000058"),
    ("gln", "952000000005９"),
    ("gtin", "95200000"),
    ("gtin", "96385074"),
    ("gtin", "0012345678905"),
    ("gtin", "012345678905"),
    ("division", "11"),
    ("division", "1101"),
    ("division", "110000001000"),
    ("division", "441900003005"),
    ("division", "510000000000"),
    ("division", "560000000000"),
    ("division", "500112"),
    ("unheard-of", "x"),
)
CHECKED: Final = ("uscc", "lei", "gln", "gtin", "division", "unheard-of", "demo", "register:list-a")


def as_bytes(value: Value) -> bytes:
    assert isinstance(value, bytes)
    return value


class RandomWorld:
    """Fills a :class:`World`; ``make`` goes so many steps."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.world = World("2020-01-01")
        w, pick = self.world, self.random
        self.began = w.now
        self.issuers = [w.issuer(f"Office {i}", *pick.sample(KINDS, 3)) for i in range(2)]
        self.labs = [w.organisation(f"Bench {i}", Role.LABORATORY) for i in range(2)]
        for lab in self.labs:
            w.accredit(lab, "test-report", pick.choice((1, w.now - _DAY)))
        self.reviewers = [w.organisation(f"Reader {i}", Role.REVIEWER) for i in range(3)]
        self.mirrors = [w.mirror(f"Mirror {i}", *REGISTERS) for i in range(2)]
        self.auditors = [
            w.organisation("Ledger Looks", Role.AUDITOR),
            w.organisation("No Looks", Role.BUYER),
        ]
        self.suppliers = [
            self._supplier(*self.random.choice(IDENTIFIERS), f"Maker {i}") for i in range(4)
        ]
        self.listed: list[Firm] = []
        self.publications: list[tuple[Firm, str, bytes]] = []
        self.qualifications: list[bytes] = []
        self.rows: list[bytes] = []
        w.category("mask")
        w.category("mask.surgical", "mask")
        w.category("mask.n95", pick.choice(("mask", "", "mask.surgical")))
        for category in pick.sample(CATEGORIES, 2):
            w.require(category, KINDS[0])

    def _supplier(self, kind: str, identifier: str, name: str) -> Firm:
        return self.world.organisation(name, Role.SUPPLIER, kind, identifier)

    @property
    def everybody(self) -> list[Firm]:
        own = [*self.issuers, *self.labs, *self.reviewers, *self.mirrors, *self.auditors]
        return [*own, *self.suppliers, *self.listed, self.world.authority]

    @property
    def signing(self) -> list[Firm]:
        return [firm for firm in self.everybody if firm.account]

    def near(self, days: int = 90) -> int:
        """An instant around now, often just one at which something happened or was to happen."""
        pick, world = self.random, self.world
        if pick.random() < 0.5:
            e = pick.choice(world.entries[-60:])
            stated = [e.entry.values.get(name) for name in ("from", "until", *_INSTANTS)]
            told = [v for v in stated if isinstance(v, int) and 1 < v < 2 * 10**9]
            return pick.choice([e.recorded_at, *told]) + pick.choice((-1, 0, 0, 0, 1))
        return max(2, world.now + pick.randint(-days, days) * _DAY + pick.choice((0, 1, 3600)))

    def validity(self) -> dict[str, int]:
        if self.random.random() < 0.5:  # mostly something holds, else nothing is weighed
            return {"start": 1, "end": self.random.choice((NO_END, self.world.now + 300 * _DAY))}
        start = self.random.choice((0, 1, self.near()))
        end = self.random.choice((0, NO_END, self.near(), self.near(300)))
        return {"start": start, "end": end}

    def kind(self) -> str:
        return self.random.choice((*KINDS, *KINDS[:1] * 6, *KINDS[:2]))

    def make(self, steps: int) -> World:
        for _ in range(steps):
            self.world.now += self.random.choice((0, 0, 60, 3600, _DAY, 5 * _DAY))
            self.random.choice(self._steps)(self)
        return self.world

    # ---- participants

    def _require(self) -> None:
        pick = self.random
        end = pick.choice((0, NO_END, NO_END, self.near()))
        kind, category = self.kind(), pick.choice(CATEGORIES)
        self.world.require(category, kind, start=pick.choice((1, self.near())), end=end)

    def _accredit(self) -> None:
        pick = self.random
        kinds = [*KINDS, *(f"register:{r}" for r in REGISTERS)]
        firm = pick.choice([*self.issuers, *self.mirrors, *self.labs, self.suppliers[0]])
        kind = self.kind() if pick.random() < 0.5 else pick.choice(kinds)
        self.world.accredit(firm, kind, **self.validity())

    def _link(self) -> None:
        pick = self.random
        first, second = pick.sample([*self.suppliers, *self.listed, *self.issuers], 2)
        by = pick.choice([*self.reviewers, self.world.authority])
        self.world.link(by, first, second, same=pick.random() < 0.6)

    def _status(self) -> None:
        firm = self.random.choice(self.everybody[:-1])
        state = self.random.choice((Status.ACTIVE, Status.SUSPENDED, Status.CLOSED))
        roles = self.random.choice((0, int(Role.AUDITOR), int(Role.SUPPLIER)))
        self.world.record(
            self.world.authority, "ChangeOrganisation", organisation=firm.id, status=int(state),
            roles=roles, division=0, reason="",
        )  # fmt: skip

    def _compromise(self) -> None:
        firm = self.random.choice([f for f in self.signing if f != self.world.authority])
        self.world.compromised(firm, since=self.random.choice((1, self.near())))

    def _second_account(self) -> None:
        firms = self.random.choice((self.issuers, self.mirrors, self.reviewers, self.suppliers))
        second = self.random.choice(firms).second_account(len(self.world.entries))
        self.world.add_account(second, Role(self.random.choice((2, 16, 8, 32, 64))))
        firms.append(second)

    def _leave(self) -> None:
        by, world = self.random.choice(self.suppliers), self.world
        if self.random.random() < 0.5:
            world.record(by, "DisableAccount", reason="")
        else:
            world.record(world.authority, "RemoveAccount", account=by.account, reason="")

    def _silent(self) -> None:
        world = self.world
        world.record(self.random.choice(self.suppliers), "Reply", about=NOTHING, document=NOTHING,
                     text="no")  # fmt: skip
        world.record(self.random.choice(self.mirrors), "MirrorRecall",
                     organisation=self.random.choice(self.suppliers).id, publication=NOTHING,
                     document=NOTHING, initiated=1, ended=0, register="register:list-a",
                     number="R1", product="masks", lots="all", reason="")  # fmt: skip

    # ---- qualifications

    def _terms(self) -> dict[str, Any]:
        return {
            **self.validity(),
            "number": self.random.choice((*NUMBERS, *NUMBERS[:1] * 6)),
            "paper": self.random.choice((*PAPERS, *PAPERS[:1] * 6)),
        }

    def _issue(self) -> None:
        pick = self.random
        self.qualifications.append(
            self.world.issue(
                pick.choice(self.issuers), pick.choice(self.suppliers), pick.choice(CATEGORIES),
                self.kind(), model=pick.choice(MODELS), **self._terms(),
            )
        )  # fmt: skip

    def _submit(self) -> None:
        pick, world = self.random, self.world
        made = world.submit(
            pick.choice(self.suppliers), pick.choice(CATEGORIES), self.kind(),
            model=pick.choice(MODELS), **self._terms(),
        )  # fmt: skip
        self.qualifications.append(made)
        for step in ("Verify", "Edit", "Publish", "Refuse")[: pick.choice((0, 1, 2, 3, 3, 3, 4))]:
            world.now += pick.choice((0, 60, _DAY))
            if step != "Refuse" or pick.random() < 0.3:
                self._review(step, made)

    def _review(self, step: str, made: bytes) -> None:
        by = self.random.choice([*self.reviewers, self.suppliers[0]])
        if step == "Edit":
            self.world.edit(by, made, **self._terms())
        else:
            self.world.review(by, step, made)

    def _any_step(self) -> None:
        if self.qualifications:
            step = self.random.choice(("Verify", "Edit", "Publish", "Refuse"))
            self._review(step, self.random.choice(self.qualifications))

    def _waive(self) -> None:
        pick, terms = self.random, self.validity()
        holder, category, kind = pick.choice(self.suppliers), pick.choice(CATEGORIES), KINDS[0]
        made = self.world.waive(holder, category, kind, terms["end"], start=terms["start"],
                                paper=pick.choice(PAPERS))  # fmt: skip
        self.qualifications.append(made)

    def _change(self) -> None:
        if not self.qualifications:
            return
        pick, world = self.random, self.world
        by, of = pick.choice([*self.issuers, *self.mirrors]), pick.choice(self.qualifications)
        match pick.randint(0, 5):
            case 0:
                world.withdraw(by, of, pick.choice((0, self.near(), self.near(300))))
            case 1:
                world.supersede(by, of, pick.choice(self.qualifications))
            case _:
                step = pick.choice(("Suspend", "Restrict", "Restrict", "Reinstate"))
                world.change(by, step, of)

    def _again(self) -> None:
        """A colleague signs the same words."""
        wanted = ("IssueQualification", "RecordPublication", "MirrorQualification")
        earlier = [e for e in self.world.entries if e.action in wanted]
        if earlier:
            e: RecordedEntry = self.random.choice(earlier)
            firm = next(f for f in self.signing if f.id == e.author)
            self.world.record(firm, e.action, **e.entry.values)

    # ---- mirrors

    def _publish(self) -> None:
        pick = self.random
        mirror, register = pick.choice(self.mirrors), pick.choice(REGISTERS)
        made = self.world.publication(mirror, register, self.near(), rows=pick.choice((0, 1, 1)))
        self.publications.append((mirror, register, made))

    def _row(self) -> None:
        if not self.publications:
            return self._publish()
        pick, world = self.random, self.world
        mirror, register, publication = pick.choice(self.publications)
        if not self.listed or pick.random() < 0.1:
            self.listed.append(world.listed(mirror, register, f"Listed {len(self.listed) % 3}"))
        holder = pick.choice([*self.listed, self.suppliers[0]])
        for _ in range(pick.randint(1, 3)):
            self.rows.append(
                world.row(
                    mirror, publication, holder, pick.choice(CATEGORIES), pick.choice(KINDS[:2]),
                    pick.choice(MODELS), withdrawn=pick.choice((0, 0, 0, 0, 0, 1, self.near())),
                    number=pick.choice(NUMBERS[:2]), **self.validity(),
                )
            )  # fmt: skip
            self.qualifications.append(self.rows[-1])
        return None

    def _delist(self) -> None:
        if self.rows and self.publications:
            mirror, _, publication = self.random.choice(self.publications)
            self.world.delist(mirror, self.random.choice(self.rows), publication)

    def _end_kind(self) -> None:
        if self.publications:
            mirror, _, publication = self.random.choice(self.publications)
            self.world.end_kind(mirror, publication, self.random.choice(KINDS[:3]), self.near(300))

    def _accept(self) -> None:
        self.world.record(
            self.world.authority, "AcceptMirror", accepted=self.random.random() < 0.5,
            register="register:list-a", kind=self.random.choice(KINDS),
        )  # fmt: skip

    # ---- statements

    def _capacity(self) -> None:
        pick = self.random
        by, publication = pick.choice(self.suppliers), NOTHING
        if self.publications and pick.random() < 0.5:
            by, _, publication = pick.choice(self.publications)
        self.world.record(
            by, "StateCapacity", organisation=pick.choice([*self.suppliers, *self.listed]).id,
            publication=publication, document=NOTHING,
            perDay=pick.choice((0, 1, 333, 1000, 2**64 - 1)), category=pick.choice(CATEGORIES),
            model=pick.choice(MODELS), unit=pick.choice((*UNITS, "H87")),
        )  # fmt: skip

    def lot(self) -> bytes:
        return lot_id(self.random.choice(self.suppliers).id, 0, self.random.choice("ABC"))

    def _inspect(self) -> None:
        pick = self.random
        by = pick.choice([*self.labs, *self.labs, self.suppliers[0]])
        self.world.record(
            by, "Inspect", lot=self.lot(), sampledAt=self.near(), result=pick.randint(1, 3),
            document=pick.choice(PAPERS), standard=pick.choice(("test-report", "licence")),
            number=pick.choice(NUMBERS),
        )  # fmt: skip

    def _close(self) -> None:
        pick = self.random
        kind, number, paper = pick.choice(KINDS), pick.choice(NUMBERS), pick.choice(PAPERS)
        found = marks(kind, paper, number)
        parties = [*(f.id for f in self.suppliers), self.lot()]
        if found:
            first, second = pick.choices(parties, k=2)
            by = pick.choice([*self.auditors, self.auditors[0]])
            self.world.close_alarm(by, alarm_id(pick.choice(found), first, second))

    def _close_real(self) -> None:
        """Close an alarm that there is: two uses of one document."""
        claims = ("IssueQualification", "SubmitQualification")
        every = self.world.entries
        shown = [e for e in every if e.action in claims and e["document"] != NOTHING]
        if len(shown) < 2:
            return
        e = self.random.choice(shown)
        same = [o for o in shown if o["document"] == e["document"]]
        o = self.random.choice(same)
        first, second = (
            x.author if x.action == "SubmitQualification" else x["holder"] for x in (e, o)
        )
        mark = marks("", as_bytes(e["document"]), "")[0]
        alarm = alarm_id(mark, as_bytes(first), as_bytes(second))
        self.world.close_alarm(self.random.choice(self.auditors), alarm)

    _steps: tuple[Callable[["RandomWorld"], None], ...] = (
        _require, _accredit, _link, _link, _status, _compromise, _second_account,
        _leave, _silent, _issue, _issue, _issue, _issue, _submit, _submit, _submit, _any_step,
        _waive, _change, _change, _change, _again, _publish, _publish, _row, _row, _row, _delist,
        _delist,
        _end_kind, _accept, _capacity, _capacity, _inspect, _inspect, _close, _close_real,
        _close_real,
    )  # fmt: skip

    # ---- questions

    def questions(self, count: int) -> list[Question]:
        kinds = (self._standing, self._standing, self._non_revocation, self._verdict, self._verdict)
        return [self.random.choice(kinds)() for _ in range(count)]

    def _position(self) -> int:
        size = len(self.world.entries)
        return self.random.choice((size, size, size, size // 2, self.random.randint(0, size)))

    def _known_at(self) -> int:
        now, some = self.world.now, self.random.choice(self.world.entries).recorded_at
        return self.random.choice((now, now, now, some, some, self.near(200), NO_END - 1))

    def _holder(self) -> Firm:
        return self.random.choice([*self.suppliers, *self.suppliers, *self.listed, *self.everybody])

    def _scope(self) -> dict[str, str]:
        creating = ("IssueQualification", "MirrorQualification", "WaiveQualification")
        held = [e for e in self.world.entries if e.action in creating]
        if held and self.random.random() < 0.6:  # about something that somebody has
            e = self.random.choice(held)
            model = e["model"] or self.random.choice(MODELS)
            scope = {"category": str(e["category"]), "model": str(model)}
            return {"organisation": hexed(as_bytes(e["holder"])), **scope}
        categories = (*CATEGORIES, *CATEGORIES, *CATEGORIES, "unheard-of")
        return {
            "organisation": hexed(self._holder().id),
            "category": self.random.choice(categories),
            "model": self.random.choice((*MODELS, "SM-2")),
        }

    def _clock(self) -> str:
        return self.random.choice(("recorded", "published"))

    def _freshness(self) -> dict[str, Any]:
        pick = self.random
        some = pick.sample(REGISTERS, pick.randint(0, 2))
        days = (0, 1, 30, 400, 2**20)
        registers = {register: pick.choice(days) * _DAY for register in some}
        return {"default": pick.choice(days) * _DAY, "registers": registers}

    def _interval(self) -> tuple[int, int]:
        start = self.near(self.random.choice((2, 30, 200)))
        end = start + self.random.choice((1, 60, _DAY, _DAY, 40 * _DAY))
        if self.random.random() < 0.3:
            end = max(start + 1, self.near(30))
        return start, end

    def _standing(self) -> Question:
        return "standing", {
            **self._scope(),
            "at": list(self._interval()),
            "known_at": self._known_at(),
            "clock": self._clock(),
            "position": self._position(),
            "freshness": self._freshness(),
        }

    def _non_revocation(self) -> Question:
        # Sometimes one that there is none of.
        made = self.random.choice([*self.qualifications[-40:], NOTHING])
        return "non-revocation", {
            "qualification": hexed(made),
            "at": self.near(200),
            "known_at": self._known_at(),
            "position": self._position(),
            "freshness": self._freshness(),
        }

    def _verdict(self) -> Question:
        pick = self.random
        start, end = self._interval()
        question = {
            **self._scope(),
            "quantity": pick.choice((1, 1000, 33300, 10**12)),
            "unit": pick.choice((*UNITS, "H87", "H87")),
            "deliver_at": [start, end],
            "at": pick.choice((None, start - 30 * _DAY, start - 100, self.near(30))),
            "known_at": self._known_at(),
            "clock": self._clock(),
            "zone": pick.choice(ZONES),
        }
        return "verdict", {
            "question": question, "policy": self._policy(), "position": self._position()
        }  # fmt: skip

    def _policy(self) -> dict[str, Any]:
        pick = self.random
        policy = dict(pick.choice(list(policies().values())).document)
        if pick.random() < 0.7:
            policy["checks"] = {
                code: pick.choice(("blocking", "advisory")) for code in policy["checks"]
            }
            policy["checked_identifiers"] = pick.sample(CHECKED, pick.randint(0, len(CHECKED)))
            days = pick.choice((0, 30, 1000))
            policy["freshness_days"] = {"default": days, "registers": {"list-a": 400}}
            policy["lapse_margin_days"] = pick.choice((0, 14, 200))
            policy["capacity_margin_percent"] = pick.choice((0, 7, 1000))
        return policy
