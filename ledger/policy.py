"""The policy: which checks weigh how much, and by how much is on the safe side.

A policy is a versioned JSON document. Its hash stands in every verdict that was made by it, so that
the verdict can be made again. Every check has a weight; none can be left out, for a check that
nobody makes would count as passed.

>>> default_policy().version
'1'
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Final

import orjson

from ledger.errors import RequestError
from ledger.hashing import keccak
from ledger.standing import DAY, Freshness

#: Every check with its stable number. Numbers are never used again for something else.
CHECKS: Final[Mapping[str, int]] = {
    "identity": 1,
    "organisation.active": 2,
    "qualification.in-force": 3,
    "qualification.nothing-against": 4,
    "qualification.unrestricted": 5,
    "qualification.uncontradicted": 6,
    "qualification.period-stated": 7,
    "qualification.margin": 8,
    "scope.exact": 9,
    "vouching": 10,
    "issuer.accredited": 11,
    "keys": 12,
    "mirror.fresh": 13,
    "capacity.stated": 14,
    "capacity.enough": 15,
    "alarms": 16,
    "alarms.unreviewed": 17,
    "lots.known": 18,
    "lots.enough": 19,
    "lots.on-hand": 20,
    "lots.traced": 21,
    "lots.not-stopped": 22,
    "lots.not-recalled": 23,
    "lots.recalls-decided": 24,
    "lots.tested": 25,
    "lots.not-failed": 26,
    "lots.alarms": 27,
    "lots.alarms-unreviewed": 28,
    "lots.origin": 29,
    "lots.keys": 30,
    "lots.makers": 31,
    "lots.makers-then": 32,
    "lots.assurance": 33,
}

#: Those about lots that are offered.
LOT_CHECKS: Final = tuple(code for code in CHECKS if code.startswith("lots."))

_LARGEST_TRACE: Final = 20_000


class Weight(StrEnum):
    """BLOCKING: without it there is no buying. ADVISORY: a named condition."""

    BLOCKING = "blocking"
    ADVISORY = "advisory"


@dataclass(frozen=True)
class Policy:
    """``weights`` by check code; ``checked_identifiers`` are the kinds of identifier that the
    authority checks before it registers somebody. ``lapse_margin`` in seconds after delivery;
    ``capacity_margin`` in per cent of the quantity. ``trace_lots``: so many lots upstream of those
    offered are looked at, and no more; 0 where the policy weighs no lots."""

    version: str
    weights: Mapping[str, Weight]
    checked_identifiers: tuple[str, ...]
    freshness: Freshness
    lapse_margin: int
    capacity_margin: int
    trace_lots: int
    document: Mapping[str, Any]

    @cached_property
    def lot_weights(self) -> tuple[tuple[str, Weight], ...]:
        """The checks about offered lots with their weights, in the order of their numbers."""
        return tuple((code, self.weights[code]) for code in LOT_CHECKS if code in self.weights)

    @cached_property
    def hash(self) -> bytes:
        """keccak-256 of the canonical document (32 bytes)."""
        return keccak(canonical(self.document))

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Policy":
        """Read a policy; raises :class:`RequestError` naming the member that does not fit."""
        wanted = {
            "version",
            "checks",
            "checked_identifiers",
            "freshness_days",
            "lapse_margin_days",
            "capacity_margin_percent",
        }
        weighs_lots = "trace_lots" in document
        for name in sorted(wanted.symmetric_difference(document) - {"trace_lots"}):
            raise _mistake(name, "is missing or unknown", "缺失或未知")
        checks = document["checks"]
        if not isinstance(checks, Mapping):
            raise _mistake("checks", "must be an object", "必须是对象")
        needed = [code for code in CHECKS if weighs_lots or code not in LOT_CHECKS]
        for code in sorted(set(needed).symmetric_difference(checks)):
            raise _mistake(f"checks.{code}", "is missing or unknown", "缺失或未知")
        for code, weight in checks.items():
            if weight not in list(Weight):
                raise _mistake(f"checks.{code}", "must be blocking or advisory", "权重无效")
        freshness = document["freshness_days"]
        if not isinstance(freshness, Mapping) or set(freshness) != {"default", "registers"}:
            raise _mistake("freshness_days", "needs default and registers", "需要两个成员")
        registers = freshness["registers"]
        if not isinstance(registers, Mapping):
            raise _mistake("freshness_days.registers", "must be an object", "必须是对象")
        identifiers = document["checked_identifiers"]
        if not isinstance(identifiers, list) or not all(isinstance(i, str) for i in identifiers):
            raise _mistake("checked_identifiers", "must be a list of words", "必须是文字列表")
        if not isinstance(document["version"], str) or not document["version"]:
            raise _mistake("version", "must be a word", "必须是文字")
        return cls(
            document["version"],
            {code: Weight(checks[code]) for code in needed},
            tuple(identifiers),
            Freshness(
                _days("freshness_days.default", freshness["default"]),
                {r: _days(f"freshness_days.registers.{r}", d) for r, d in registers.items()},
            ),
            _days("lapse_margin_days", document["lapse_margin_days"]),
            _whole("capacity_margin_percent", document["capacity_margin_percent"], 1000),
            _whole("trace_lots", document["trace_lots"], _LARGEST_TRACE, 1) if weighs_lots else 0,
            document,
        )


def canonical(document: Any) -> bytes:
    """One spelling for one document: sorted members, no spaces, UTF-8."""
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


@cache
def policies() -> Mapping[bytes, Policy]:
    """Every policy that ever came with the service (``ledger/policies/``), by its hash, oldest
    first. None is ever changed or removed: verdicts that were made by it are made again by it."""
    folder = files("ledger").joinpath("policies")
    found = [Policy.from_json(orjson.loads(entry.read_bytes())) for entry in folder.iterdir()]
    return {policy.hash: policy for policy in sorted(found, key=lambda p: int(p.version))}


def default_policy() -> Policy:
    """The newest policy."""
    return list(policies().values())[-1]


def _days(field: str, value: object) -> int:
    return _whole(field, value, 36500) * DAY


def _whole(field: str, value: object, limit: int, least: int = 0) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= limit:
        raise _mistake(
            field,
            f"must be a whole number from {least} to {limit}",
            f"须为 {least} 到 {limit} 的整数",
        )
    return value


def _mistake(field: str, english: str, chinese: str) -> RequestError:
    return RequestError(
        f"policy: {field} {english}",
        message_zh=f"策略：{field} {chinese}",
        field=field,
        code="policy.invalid",
    )
