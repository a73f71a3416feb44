"""A ledger in memory on which everything happens to everybody, in a seeded order.

Few firms, documents and numbers, so that they meet: copies, alarms over them, links, mirrored rows
and what withdraws them, stolen keys, lots of lots with reports, holds and recalls of registers. No
contract allowed it, and no answer about it makes sense; but every answer must rest on what it says.

>>> world = muddle(seed=1)
>>> world.size > 300
True
"""

from collections.abc import Callable, Iterable
from random import Random
from typing import Any, Final

from ledger.alarms import alarms
from ledger.vocabulary import InspectionResult, OrganisationStatus, Role
from tests.support.batches import BatchWorld
from tests.support.world import NOTHING, Firm, document

DAY: Final = 86400
#: A parent and its children, and what they are made of.
CATEGORIES: Final = ("mask", "mask.surgical", "mask.n95", "fabric")
KINDS: Final = ("licence", "report", "YY 0469")
REGISTERS: Final = ("east", "west", "recalls")
_PAPERS: Final = (NOTHING, *(document(f"paper {n}") for n in range(4)))
_LOTS: Final = ("A1", "A2", "B7")
_NUMBERS: Final = ("", "N-1", "N-2", "N-3")
_ACTS: Final = 260


def muddle(seed: int, acts: int = _ACTS) -> "Muddle":
    """The world of this seed, after so many acts."""
    world = Muddle(seed)
    for _ in range(acts):
        world.act()
    return world


class Muddle(BatchWorld):
    """Hours pass between acts. ``held`` are the qualifications, ``submitted`` those of them that
    were sent in for review, ``made`` the lots."""

    def __init__(self, seed: int) -> None:
        super().__init__("2020-01-01")
        self.seed = seed
        self.chance = Random(f"muddle {seed}")
        for category in CATEGORIES:
            self.category(category, "mask" if category.startswith("mask.") else "")
        supplier = Role.SUPPLIER | Role.STORE
        self.firms = [self.organisation(f"Firm {n}", supplier) for n in range(5)]
        self.issuers = [self.issuer(f"Bureau {n}", *KINDS[: n + 1]) for n in range(2)]
        self.mirrors = [self.mirror(f"Mirror {n}", *REGISTERS) for n in range(2)]
        self.laboratories = [self.laboratory(f"Laboratory {n}", *KINDS[2:]) for n in range(2)]
        self.auditor = self.organisation("Auditors", Role.AUDITOR)
        self.issued: list[tuple[str, bytes, Firm]] = []
        self.held: list[bytes] = []
        self.submitted: list[bytes] = []
        self.made: list[tuple[bytes, Firm, str]] = []
        self.require("mask", "licence")
        self.ingredient("making", "fabric", 20)
        self.acts: list[tuple[int, Callable[[], object]]] = [
            (8, self._issue), (5, self._submit), (5, self._review), (4, self._edit),
            (1, self._waive), (5, self._change), (3, self._publish), (6, self._row),
            (2, self._delist), (1, self._end_kind), (2, self._link), (1, self._steal),
            (2, self._require), (2, self._capacity), (2, self._close), (2, self._reply),
            (1, self._status), (8, self._commission), (12, self._transform),
            (8, self._hand_over), (8, self._inspect), (2, self._hold), (2, self._mirror_recall),
            (2, self._correct), (1, self._list), (1, self._ingredient),
        ]  # fmt: skip

    def act(self) -> None:
        """One more thing happens."""
        self.now += self.chance.randrange(1, 12) * 3600
        weights, kinds = [w for w, _ in self.acts], [k for _, k in self.acts]
        self.chance.choices(kinds, weights)[0]()

    def ingredient(self, process: str, category: str, most: int) -> None:
        """10 pieces made by the process should need at most so many of the category."""
        self.record(
            self.authority, "SetIngredient", least=1, most=most, per=10, process=process,
            category="mask", unit="H87", input=category, inputUnit="H87",
        )  # fmt: skip

    # ---- choosing

    def some(self, values: Iterable[Any]) -> Any:
        found = list(values)
        return self.chance.choice(found)

    @property
    def _anyone(self) -> Firm:
        firm: Firm = self.some(self.firms)
        return firm

    def _scope(self) -> dict[str, Any]:
        return {"category": self.some(CATEGORIES), "kind": self.some((KINDS[0], *KINDS))}

    def _marks(self) -> dict[str, Any]:
        return {"paper": self.some(_PAPERS), "number": self.some(_NUMBERS)}

    def _period(self) -> dict[str, Any]:
        start = self.now + self.chance.randrange(-90, 10) * DAY
        return {"start": self.some((0, start)), "end": self.some((0, start + 100 * DAY))}

    # ---- qualifications

    def _issue(self) -> None:
        self.held.append(
            self.issue(
                self.some(self.issuers), self._anyone, model=self.some(("", "M")),
                **self._scope(), **self._marks(), **self._period(),
            )
        )  # fmt: skip

    def _submit(self) -> None:
        made = self.submit(self._signing, **self._scope(), **self._marks(), **self._period())
        self.held.append(made)
        self.submitted.append(made)

    def _review(self) -> None:
        if self.held:
            step = self.some(("Verify", "Publish", "Publish", "Refuse"))
            self.review(self.some(self.issuers), step, self.some(self.held))

    def _edit(self) -> None:
        # The contracts let nothing else be edited, and what a row withdraws hangs on its number.
        if self.submitted:
            about = self.some(self.submitted)
            self.edit(self.some(self.issuers), about, **self._marks(), **self._period())

    def _waive(self) -> None:
        self.held.append(
            self.waive(
                self._anyone, end=self.now + 50 * DAY, paper=self.some(_PAPERS), **self._scope()
            )
        )

    def _change(self) -> None:
        if not self.held:
            return
        by, about = self.some((*self.issuers, *self.mirrors)), self.some(self.held)
        step = self.some(("Suspend", "Restrict", "Reinstate", "Withdraw", "Supersede"))
        if step == "Withdraw":
            self.withdraw(by, about, self.some((0, self.now - 20 * DAY)))
        elif step == "Supersede":
            self.supersede(by, about, self.some(self.held))
        else:
            self.change(by, step, about)

    # ---- registers

    def _publish(self) -> None:
        mirror, register = self.some(self.mirrors), self.some(REGISTERS)
        published = self.now - self.chance.randrange(0, 20) * DAY
        made = self.publication(mirror, register, published, self.some((0, 1)))
        self.issued.append((register, made, mirror))

    def _row(self) -> None:
        if self.issued:
            _, publication, mirror = self.some(self.issued)
            self.held.append(
                self.row(
                    mirror, publication, self._anyone, model=self.some(("", "M")),
                    number=self.some(_NUMBERS), withdrawn=self.some((0, 0, 1, self.now)),
                    **self._scope(), **self._period(),
                )
            )  # fmt: skip

    def _delist(self) -> None:
        if self.issued and self.held:
            _, publication, mirror = self.some(self.issued)
            self.delist(mirror, self.some(self.held), publication)

    def _end_kind(self) -> None:
        if self.issued:
            _, publication, mirror = self.some(self.issued)
            self.end_kind(mirror, publication, self.some(KINDS), self.now - 5 * DAY)

    def _list(self) -> None:
        mirror, register = self.some(self.mirrors), self.some(REGISTERS)
        self.firms.append(self.listed(mirror, register, f"Listed {len(self.firms)}"))

    def _mirror_recall(self) -> None:
        found = [(p, m) for r, p, m in self.issued if r == "recalls"]
        if found and self.made:
            publication, mirror = self.some(found)
            _, maker, number = self.some(self.made)
            text = self.some((f"Lot {number}", "all lots", "see the notice"))
            self.mirror_recall(mirror, publication, maker, text)

    # ---- people

    @property
    def _signing(self) -> Firm:
        """A firm that can sign."""
        firm: Firm = self.some(f for f in self.firms if f.account)
        return firm

    def _link(self) -> None:
        first, second = self.chance.sample(self.firms, 2)
        self.link(self.auditor, first, second, self.some((True, True, False)))

    def _steal(self) -> None:
        firm = self.some((self._signing, *self.issuers, *self.mirrors, *self.laboratories))
        self.compromised(firm, self.now - self.chance.randrange(0, 60) * DAY)

    def _status(self) -> None:
        self.status(self._signing, self.some(OrganisationStatus), "as told")

    def _require(self) -> None:
        start = self.now + self.chance.randrange(-90, 90) * DAY
        self.require(self.some(CATEGORIES), self.some(KINDS), start=start)

    def _capacity(self) -> None:
        self.capacity(self._signing, self.some(CATEGORIES), self.some((0, 500)))

    def _close(self) -> None:
        for alarm in self._alarms():
            self.close_alarm(self.auditor, alarm)

    def _reply(self) -> None:
        for about in (*self._alarms(), *self.held[-1:]):
            self.reply(self._signing, about, "not so")

    def _alarms(self) -> list[bytes]:
        """Some alarm over the qualifications of somebody, if there is one."""
        firm = self._anyone
        found = alarms(self.history(firm), firm.id, self.now)
        return [self.some(found).id] if found else []

    # ---- lots

    def _commission(self) -> None:
        maker, number = self._signing, f"{self.some(_LOTS)}-{len(self.made)}"
        shown, category = self.chance.random() < 0.8, self.some(CATEGORIES)
        made = self.commission(maker, number, 1_000_000, category=category, shown=shown)
        self.made.append((made, maker, number))

    def _transform(self) -> None:
        if not self.made:
            return
        maker = self._signing
        chosen = self.chance.sample(self.made, min(len(self.made), 3))
        inputs = {}
        for lot, owner, _ in chosen:
            if owner.id != maker.id:
                self.hand_over(owner, lot, maker, 600)
            inputs[lot] = self.chance.randrange(1, 300)
        number = f"{self.some(_LOTS)}-{len(self.made)}"
        category = self.some(CATEGORIES)
        quantity = self.chance.randrange(100_000, 200_000)
        made = self.transform(maker, number, quantity, inputs, category=category)
        if self.chance.random() < 0.3:
            self.now += 3600
            self.transform(maker, number, quantity // 1000, inputs, category=category)
        self.made.append((made, maker, number))

    def _hand_over(self) -> None:
        if self.made:
            lot, owner, _ = self.some(self.made)
            self.hand_over(owner, lot, self._signing, 10)

    def _inspect(self) -> None:
        if self.made:
            lot, _, _ = self.some(self.made)
            laboratory = self.some((*self.laboratories, self._signing))
            result, sampled = self.some(InspectionResult), self.now - 3600
            self.inspect(laboratory, lot, result, sampled=sampled, **self._marks())

    def _hold(self) -> None:
        if self.made:
            lot, owner, _ = self.some(self.made)
            stop = self.some((self.hold, self.recall))(owner, lot)
            if self.chance.random() < 0.5:
                self.now += 3600
                self.release(owner, stop)

    def _correct(self) -> None:
        reports = [e for e in self.entries if e.action == "Inspect"]
        if reports:
            report = self.some(reports)
            by = self.some((self.authority, self._signing, *self.laboratories))
            self.correct(by, report.subjects[0], report)

    def _ingredient(self) -> None:
        self.ingredient("making", self.some(CATEGORIES), self.some((0, 1, 1_000)))
