"""Proposals that two listed firms are one: a score with its reasons, never a merger.

Rules this module keeps:

* Equal identifiers (credit code, LEI, GLN) are certain; two different credit codes or LEIs mean
  two firms, whatever the names say.
* Names alone are never certain (at most 0.98; at most 0.92 across languages).
* A certificate number is evidence only where few firms bear it: a private label carries its
  maker's number, so "sells the goods of" silences certificates and models.
* Candidates come from shared own words, certificates or identifiers, never from all pairs.

A person decides. ``THRESHOLD`` is where proposing begins; precision and recall at it are measured
on ``tests/vectors/firm_pairs.csv``.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from rapidfuzz.distance import Indel

from ledger.identifiers import Identifier
from ledger.naming import Name, readings

#: From this score on, two firms are proposed as one.
THRESHOLD: Final = 0.85
#: A certificate number borne by more firms than this identifies none of them.
MAX_SHARED_CERTIFICATE: Final = 2
#: A word or number that more parties share than this leads to no candidates.
MAX_BLOCK: Final = 60

_OWN, _REGION, _PLACE, _TRADE = 1.0, 1.0, 0.5, 0.35
#: Kinds of which a firm has exactly one, so that two different ones are two firms.
_UNIQUE_KINDS: Final = frozenset({"uscc", "lei"})
_CERTAIN_KINDS: Final = frozenset({"uscc", "lei", "gln"})


@dataclass(frozen=True, slots=True)
class Party:
    """A firm to compare. ``key`` is the caller's own name for it.

    ``certificates`` are (kind, number); ``models`` designations; ``label_of`` the names of firms
    whose goods it sells under its own label.
    """

    key: str
    names: tuple[str, ...]
    identifiers: tuple[Identifier, ...] = ()
    certificates: frozenset[tuple[str, str]] = frozenset()
    models: frozenset[str] = frozenset()
    label_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a score is what it is, in both languages, with a stable code."""

    code: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Likeness:
    """``score`` from 0 (two firms) to 1 (one firm, certain) with every reason for it."""

    score: float
    reasons: tuple[Reason, ...]

    @property
    def proposed(self) -> bool:
        return self.score >= THRESHOLD


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two parties, by their keys in ascending order, that may be one firm."""

    first: str
    second: str
    likeness: Likeness


def _alike(a: str, b: str) -> bool:
    """The same own word, a slip of the pen in a longer one allowed."""
    if a == b:
        return True
    if min(len(a), len(b)) < 6 or a[0] != b[0] or any(c.isdigit() for c in a + b):
        return False
    return Indel.normalized_similarity(a, b) >= 0.9


def _common_own(a: Name, b: Name) -> float:
    """How many own words (averaged over both) find their like on the other side."""
    if a.joined == b.joined or (a.chinese != b.chinese and _alike(a.joined, b.joined)):
        return (len(a.own) + len(b.own)) / 2
    left = list(b.own)
    matched = 0
    for word in a.own:
        like = next((other for other in left if _alike(word, other)), None)
        if like is not None:
            left.remove(like)
            matched += 1
    return matched


def _compare_names(a: Name, b: Name) -> tuple[float, list[Reason]]:
    """Weighted Dice coefficient over own words, regions, places and trade words."""
    if a.compact == b.compact and a.chinese == b.chinese:
        return 0.98, [
            Reason(
                "name.same",
                "the names are the same but for punctuation, case, spacing or legal form",
                "名称除标点、大小写、空格或公司形式外完全相同",
            )
        ]
    total = sum(
        _OWN * len(n.own) + _REGION * len(n.regions) + _PLACE * len(n.places)
        + _TRADE * len(n.trade)
        for n in (a, b)
    )  # fmt: skip
    own = _common_own(a, b)
    if not total or (not own and (a.own or b.own)):
        return 0.0, []
    shared = (
        _OWN * own
        + _REGION * len(a.regions & b.regions)
        + _PLACE * len(a.places & b.places)
        + _TRADE * len(a.trade & b.trade)
    )
    score = 2 * shared / total
    reasons = []
    if own:
        words = " ".join(a.own)
        reasons.append(
            Reason("name.own", f"they share the own words {words!r}", f"字号相同：{words!r}")
        )
    if a.places and b.places and not a.places & b.places:
        score *= 0.6
        reasons.append(
            Reason("place.differs", "their names state different places", "名称中的地名不同")
        )
    elif bool(a.places) != bool(b.places):
        score *= 0.95
    if a.regions != b.regions:
        reasons.append(
            Reason(
                "region.differs",
                "only one name has the region, or each another: companies of one group look so",
                "名称中的国家或地区不同，可能是同一集团的不同公司",
            )
        )
    if a.trade - b.trade and b.trade - a.trade:
        score *= 0.9
        reasons.append(
            Reason("trade.differs", "their names state different trades", "名称中的行业用语不同")
        )
    if a.chinese != b.chinese:
        score = min(score, 0.92)
        reasons.append(
            Reason(
                "name.languages",
                "a Chinese and an English name were compared by pinyin and trade words",
                "以拼音和行业用语比较中文名与英文名",
            )
        )
    return min(score, 0.97), reasons


def _best_names(a: Iterable[str], b: Sequence[str]) -> tuple[float, list[Reason]]:
    best: tuple[float, list[Reason]] = (0.0, [])
    for first in a:
        for second in b:
            for left in readings(first):
                for right in readings(second):
                    found = _compare_names(left, right)
                    if found[0] > best[0]:
                        best = found
    return best


def _identifiers(a: Party, b: Party) -> Likeness | None:
    for kind in sorted(_CERTAIN_KINDS):
        mine = {i.value for i in a.identifiers if i.kind == kind}
        theirs = {i.value for i in b.identifiers if i.kind == kind}
        if mine & theirs:
            value = min(mine & theirs)
            return Likeness(
                1.0,
                (Reason("identifier.same", f"both bear {kind} {value}", f"{kind} 相同：{value}"),),
            )
    for kind in sorted(_UNIQUE_KINDS):
        mine = {i.value for i in a.identifiers if i.kind == kind}
        theirs = {i.value for i in b.identifiers if i.kind == kind}
        if mine and theirs:
            text = f"{min(mine)} / {min(theirs)}"
            return Likeness(
                0.0,
                (
                    Reason(
                        "identifier.differs",
                        f"they bear different {kind} codes: {text}",
                        f"{kind} 不同：{text}",
                    ),
                ),
            )
    return None


def _sells_for(a: Party, b: Party) -> bool:
    return any(_best_names([name], b.names)[0] >= THRESHOLD for name in a.label_of)


def _telling(model: str) -> bool:
    """A designation that two makers would hardly both choose ("KN95" is what everybody writes)."""
    return len(model) >= 5 and sum(c.isdigit() for c in model.replace("95", "")) >= 2


def compare(a: Party, b: Party, *, common: frozenset[tuple[str, str]] = frozenset()) -> Likeness:
    """How likely ``a`` and ``b`` are one firm, with reasons.

    ``common`` are certificates that too many firms bear to tell anything.
    """
    decided = _identifiers(a, b)
    if decided:
        return decided
    score, reasons = _best_names(a.names, b.names)
    if _sells_for(a, b) or _sells_for(b, a):
        reasons = [
            *reasons,
            Reason(
                "private-label",
                "one sells the other's goods under its own label, so shared certificates and "
                "models say nothing",
                "一方以自有品牌销售另一方的产品，证书和型号相同不说明问题",
            ),
        ]
        return Likeness(round(min(score, THRESHOLD - 0.01), 3), tuple(reasons))
    evidence = 0.0
    certificates = (a.certificates & b.certificates) - common
    if certificates:
        evidence += 0.1
        number = min(certificates)[1]
        reasons = [
            *reasons,
            Reason(
                "certificate.same", f"both bear certificate {number}", f"证书编号相同：{number}"
            ),
        ]
    models = sorted(m for m in a.models & b.models if _telling(m))
    if models:
        evidence += 0.05
        reasons = [
            *reasons,
            Reason("model.same", f"both make model {models[0]}", f"型号相同：{models[0]}"),
        ]
    # Companies of one group share models and certificates, and a wholly different name with
    # the same certificate is more likely another firm's than a new name.
    if score < 0.5 or any(reason.code == "region.differs" for reason in reasons):
        evidence = 0.0
    return Likeness(round(min(score + evidence, 0.98), 3), tuple(reasons))


def _keys(party: Party, common: frozenset[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for identifier in party.identifiers:
        if identifier.kind in _CERTAIN_KINDS:
            yield identifier.kind, identifier.value
    yield from party.certificates - common
    for text in party.names:
        for name in readings(text):
            yield "joined", name.joined or name.compact
            yield "compact", name.compact
            for word in name.own:
                if len(word) >= 3:
                    yield "word", word


class Sieve:
    """Parties by what those who may be one firm share, so that not all pairs are compared.
    ``common`` are the certificates that too many of them bear to tell anything."""

    def __init__(self, parties: Iterable[Party]) -> None:
        self.parties = {party.key: party for party in parties}
        bearers = Counter(c for p in self.parties.values() for c in p.certificates)
        self.common = frozenset(c for c, n in bearers.items() if n > MAX_SHARED_CERTIFICATE)
        self._blocks: dict[tuple[str, str], list[str]] = defaultdict(list)
        for party in self.parties.values():
            for shared in set(_keys(party, self.common)):
                self._blocks[shared].append(party.key)

    def like(self, key: str) -> list[tuple[str, Likeness]]:
        """The parties that this one is proposed to be one firm with, the likeliest first."""
        party = self.parties[key]
        candidates: set[str] = set()
        for shared in set(_keys(party, self.common)):
            block = self._blocks[shared]
            if len(block) <= MAX_BLOCK:
                candidates.update(block)
        candidates.discard(key)
        found = [(c, compare(party, self.parties[c], common=self.common)) for c in candidates]
        proposed = [(c, likeness) for c, likeness in found if likeness.proposed]
        return sorted(proposed, key=lambda pair: (-pair[1].score, pair[0]))

    def pairs(self) -> set[tuple[str, str]]:
        """Every pair that is worth comparing, each sorted."""
        return {
            pair
            for block in self._blocks.values()
            if len(block) <= MAX_BLOCK
            for pair in combinations(sorted(block), 2)
        }


def propose(parties: Iterable[Party], *, threshold: float = THRESHOLD) -> tuple[Proposal, ...]:
    """Every pair that reaches ``threshold``, the likeliest first.

    Only pairs that share an identifier, a telling certificate or an own word are looked at.
    """
    sieve = Sieve(parties)
    found = []
    for first, second in sieve.pairs():
        likeness = compare(sieve.parties[first], sieve.parties[second], common=sieve.common)
        if likeness.score >= threshold:
            found.append(Proposal(first, second, likeness))
    return tuple(sorted(found, key=lambda p: (-p.likeness.score, p.first, p.second)))
