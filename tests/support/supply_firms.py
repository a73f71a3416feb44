"""The firms of a generated supply network: who they are, what they make, what entitles them.

Everything is invented; the orders of magnitude are those of mask making: a tonne of meltblown
gives 0.8 to 1 million surgical masks, two layers of spunbond lie around it, the sizes of firms are
heavy-tailed.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Final

from ledger.typed_data import (
    Citation,
    Value,
    lot_id,
    named_subject,
    organisation_id,
    organisation_subject,
)
from ledger.vocabulary import NO_END, Role

#: What organisations of a network are identified by.
IDENTIFIER_KIND: Final = "invented"
#: Longest tail of a firm's size, in multiples of the smallest.
_LARGEST: Final = 400.0


@dataclass(frozen=True, slots=True)
class Goods:
    """A category counted in a unit (UN/ECE Rec. 20); ``kinds`` entitle to make it."""

    category: str
    unit: str
    raw: bool
    kinds: tuple[str, ...]
    name_zh: str
    name_en: str


RESIN: Final = Goods("resin.polypropylene", "KGM", True, ("business-licence",), "聚丙烯", "Resin")
WIRE: Final = Goods("part.nose-wire", "H87", True, ("business-licence",), "鼻梁条", "Nose wire")
LOOP: Final = Goods("part.ear-loop", "H87", True, ("business-licence",), "耳带", "Ear loop")
MELTBLOWN: Final = Goods(
    "fabric.meltblown.electret", "GRM", False, ("business-licence", "test-report"),
    "驻极熔喷布", "Electret meltblown",
)  # fmt: skip
SPUNBOND: Final = Goods(
    "fabric.spunbond", "GRM", False, ("business-licence",), "纺粘布", "Spunbond"
)
SURGICAL: Final = Goods(
    "mask.surgical.flat", "H87", False, ("cn-device-registration", "network-production-licence"),
    "平面外科口罩", "Flat surgical mask",
)  # fmt: skip
RESPIRATOR: Final = Goods(
    "mask.respirator.folded", "H87", False,
    ("cn-device-registration", "network-production-licence"), "折叠防护口罩", "Folded respirator",
)  # fmt: skip
BLEND: Final = Goods(
    "resin.polypropylene.blend",
    "KGM",
    False,
    ("business-licence",),
    "聚丙烯再混料",
    "Blended resin",
)
GOODS: Final = (RESIN, WIRE, LOOP, MELTBLOWN, SPUNBOND, SURGICAL, RESPIRATOR, BLEND)
#: The kinds whose certificates name one model.
OF_A_MODEL: Final = "cn-device-registration"


@dataclass(frozen=True, slots=True)
class Ingredient:
    """``per`` of the output need at least ``least`` of these goods and usually at most ``most``."""

    goods: Goods
    least: int
    most: int
    per: int


@dataclass(frozen=True, slots=True)
class Process:
    """``typical`` is what one shift makes, in the output's unit; ``shifts`` the most of a lot."""

    name: str
    output: Goods
    ingredients: tuple[Ingredient, ...]
    typical: int
    shifts: int


MELTBLOWING: Final = Process(
    "network.meltblowing", MELTBLOWN, (Ingredient(RESIN, 1_020, 1_150, 1_000_000),), 4_000_000, 3
)
SPINNING: Final = Process(
    "network.spunbonding", SPUNBOND, (Ingredient(RESIN, 1_010, 1_100, 1_000_000),), 8_000_000, 3
)
SEWING: Final = Process(
    "network.surgical-masks",
    SURGICAL,
    (
        Ingredient(MELTBLOWN, 1_000, 1_250, 1_000),
        Ingredient(SPUNBOND, 1_700, 2_200, 1_000),
        Ingredient(WIRE, 1_000, 1_060, 1_000),
        Ingredient(LOOP, 2_000, 2_100, 1_000),
    ),
    30_000,
    4,
)
FOLDING: Final = Process(
    "network.respirators",
    RESPIRATOR,
    (
        Ingredient(MELTBLOWN, 4_000, 5_000, 1_000),
        Ingredient(SPUNBOND, 4_500, 6_000, 1_000),
        Ingredient(WIRE, 1_000, 1_060, 1_000),
        Ingredient(LOOP, 2_000, 2_100, 1_000),
    ),
    8_000,
    4,
)
FIRST_BLEND: Final = Process(
    "network.first-blend", BLEND, (Ingredient(RESIN, 1_001, 1_100, 1_000),), 80_000, 1
)
REBLEND: Final = Process(
    "network.reblend", BLEND, (Ingredient(BLEND, 1_001, 1_100, 1_000),), 80_000, 1
)
PROCESSES: Final = (MELTBLOWING, SPINNING, SEWING, FOLDING, FIRST_BLEND, REBLEND)

#: Standards by which laboratories test.
STANDARDS: Final = ("YY 0469-2011", "GB 19083-2010", "EN 14683")


class Lot:
    """A lot as its makers and custodians know it; ``stops`` counts standing holds and recalls."""

    __slots__ = (
        "goods", "id", "is_open", "made_at", "made_by", "maker", "model", "stocks", "stops",
    )  # fmt: skip

    def __init__(self, maker: "Firm", goods_: Goods, gtin: int, text: str, model: str) -> None:
        self.id = lot_id(maker.id, gtin, text)
        self.maker = maker
        self.goods = goods_
        self.model = model
        self.made_at = 0
        self.made_by = b""
        self.is_open = False
        self.stops = 0
        self.stocks: dict[int, Holding] = {}


class Holding:
    """What one firm has and lost of a lot, and since when it had any."""

    __slots__ = ("lost", "lot", "quantity", "since")

    def __init__(self, lot: Lot, since: int) -> None:
        self.lot = lot
        self.quantity = 0
        self.lost = 0
        self.since = since


class Firm:
    """An organisation with one account, which has its name."""

    __slots__ = (
        "children", "cited", "closed_lot", "counter", "division", "gtin", "id", "is_starved",
        "kind", "level", "makes", "model", "name", "nonces", "number", "open_lot", "open_text",
        "orders", "process", "roles", "shifts_left", "staged", "stock", "suppliers", "waiting",
        "weight",
    )  # fmt: skip

    def __init__(self, number: int, kind: str, roles: Role, weight: float) -> None:
        self.number = number
        self.kind = kind
        self.name = f"Invented {kind} {number}"
        self.id = organisation_id(IDENTIFIER_KIND, self.name)
        self.roles = roles
        self.weight = weight
        self.division = 0
        self.level = 0
        self.children: list[Firm] = []
        self.makes: Goods | None = None
        self.process: Process | None = None
        self.model = ""
        self.gtin = 0
        self.cited: tuple[Citation, ...] = ()
        self.suppliers: dict[str, list[Firm]] = {}
        self.stock: dict[str, list[Holding]] = {}
        self.orders: deque[tuple[Firm, Goods]] = deque()
        self.waiting: set[str] = set()
        self.open_lot: Lot | None = None
        self.open_text = ""
        self.closed_lot = ""
        self.shifts_left = 0
        self.is_starved = False
        self.staged: list[Holding] = []
        self.counter = 0
        self.nonces: dict[str, int] = {}


def check_digit(digits: int) -> int:
    """The number with its GS1 check digit (weights 3 and 1 from the right) behind it."""
    total, rest, weight = 0, digits, 3
    while rest:
        total += rest % 10 * weight
        rest //= 10
        weight = 4 - weight
    return digits * 10 + -total % 10


class Weighted:
    """Firms to choose from, the large ones more often."""

    def __init__(self, firms: Sequence[Firm]) -> None:
        self.firms = list(firms)
        self._sums = list(accumulate(f.weight for f in self.firms))

    def some(self, random: Random, count: int) -> list[Firm]:
        return random.choices(self.firms, cum_weights=self._sums, k=count)

    def one(self, random: Random) -> Firm:
        return self.some(random, 1)[0]


#: kind → share of all firms, least number, roles, what it makes by which process.
_KINDS: Final[Mapping[str, tuple[float, int, Role, Goods | None, Process | None]]] = {
    "resin maker": (0.010, 2, Role.SUPPLIER, RESIN, None),
    "wire maker": (0.010, 1, Role.SUPPLIER, WIRE, None),
    "loop maker": (0.010, 1, Role.SUPPLIER, LOOP, None),
    "meltblown maker": (0.030, 2, Role.SUPPLIER, MELTBLOWN, MELTBLOWING),
    "spunbond maker": (0.040, 2, Role.SUPPLIER, SPUNBOND, SPINNING),
    "mask maker": (0.120, 3, Role.SUPPLIER, SURGICAL, SEWING),
    "respirator maker": (0.030, 1, Role.SUPPLIER, RESPIRATOR, FOLDING),
    "distributor": (0.120, 2, Role.BUYER, None, None),
    "laboratory": (0.015, 2, Role.LABORATORY, None, None),
    "unlicensed maker": (0.010, 1, Role.SUPPLIER, None, None),
}
#: Of all stores so many are in each of the five levels of the statistical division code.
_LEVELS: Final = (0.01, 0.04, 0.10, 0.25, 0.60)
#: The digits below each level.
_BELOW: Final = (10**10, 10**8, 10**6, 10**3, 1)
#: So many blenders make the lot with many ancestors.
BLENDERS: Final = 3


class Population:
    """All firms of a network, by kind. ``authority`` and ``bureau`` rule and license."""

    def __init__(self, random: Random, firms: int, *, blenders: bool) -> None:
        self.authority = Firm(0, "authority", Role.AUTHORITY, 1)
        self.authority.id = organisation_id(IDENTIFIER_KIND, "authority")
        self.bureau = Firm(1, "bureau", Role.ISSUER, 1)
        self.all: list[Firm] = [self.bureau]
        self.by_kind: dict[str, list[Firm]] = {}
        for kind, (share, least, roles, makes, process) in _KINDS.items():
            for _ in range(max(least, round(firms * share))):
                firm = self._add(random, kind, roles)
                firm.makes, firm.process = makes, process
                self._number(firm)
                firm.division = random.randrange(11, 66) * 10**10 + random.randrange(1, 20) * 10**8
        for _ in range(BLENDERS if blenders else 0):
            firm = self._add(random, "blender", Role.SUPPLIER)
            firm.makes = BLEND
            self._number(firm)
        self._add_stores(random, max(8, firms - len(self.all)))
        self._connect(random)

    def of(self, *kinds: str) -> list[Firm]:
        return [firm for kind in kinds for firm in self.by_kind.get(kind, ())]

    def _add(self, random: Random, kind: str, roles: Role) -> Firm:
        weight = min(random.paretovariate(1.16), _LARGEST)
        firm = Firm(len(self.all) + 1, kind, roles, weight)
        self.all.append(firm)
        self.by_kind.setdefault(kind, []).append(firm)
        return firm

    @staticmethod
    def _number(firm: Firm) -> None:
        firm.gtin = check_digit(690_000_000_000 + firm.number)
        firm.model = f"M-{firm.number}" if firm.makes in (SURGICAL, RESPIRATOR) else ""

    def _add_stores(self, random: Random, count: int) -> None:
        above: list[Firm] = []
        for level, share in enumerate(_LEVELS):
            stores = []
            for i in range(max(1, round(count * share))):
                store = self._add(random, "store", Role.STORE)
                store.level = level
                if above:
                    parent = random.choice(above)
                    parent.children.append(store)
                    # Where there are more stores than divisions, two share one.
                    place = (len(parent.children) - 1) % (_BELOW[level - 1] // _BELOW[level] - 1)
                    store.division = parent.division + (place + 1) * _BELOW[level]
                else:
                    store.division = (11 + i % 55) * _BELOW[0]
                stores.append(store)
            above = stores

    def _connect(self, random: Random) -> None:
        makers = {
            g.category: Weighted(found)
            for g in GOODS
            if (found := [f for f in self.all if f.makes is g and f.kind != "blender"])
        }
        for firm in self.all:
            for ingredient in firm.process.ingredients if firm.process else ():
                category = ingredient.goods.category
                count = 1 + min(4, int(random.expovariate(0.7)))
                firm.suppliers[category] = makers[category].some(random, count)


def preparation(
    population: Population,
) -> Iterator[tuple[str, dict[str, Value], tuple[bytes, ...]]]:
    """Acts of the authority that must stand before the first lot, when all firms are registered:
    (action, fields, subjects)."""
    from_always: dict[str, Value] = {"from": 1, "until": NO_END}
    for g in GOODS:
        subject = named_subject("category", g.category)
        yield (
            "SetCategory",
            {
                "rawMaterial": g.raw, "category": g.category, "parent": "", "nameZh": g.name_zh,
                "nameEn": g.name_en, "unit": g.unit, "codes": "{}",
            },
            (subject,),
        )  # fmt: skip
        for kind in g.kinds:
            yield (
                "SetRequirement",
                {**from_always, "category": g.category, "kind": kind},
                (subject,),
            )
    for process in PROCESSES:
        for i in process.ingredients:
            yield (
                "SetIngredient",
                {
                    "least": i.least, "most": i.most, "per": i.per, "process": process.name,
                    "category": process.output.category, "unit": process.output.unit,
                    "input": i.goods.category, "inputUnit": i.goods.unit,
                },
                (named_subject("process", process.name),),
            )  # fmt: skip
    accredited = [(population.bureau, k) for k in sorted({k for g in GOODS for k in g.kinds})]
    # The last laboratory is accredited for nothing.
    for laboratory in population.of("laboratory")[:-1]:
        accredited += [(laboratory, standard) for standard in STANDARDS]
    for firm, kind in accredited:
        yield (
            "Accredit",
            {**from_always, "organisation": firm.id, "kind": kind},
            (organisation_subject(firm.id),),
        )
