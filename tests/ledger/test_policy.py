"""The policy: a versioned document that leaves no check out."""

from typing import Any

import pytest

from ledger.errors import RequestError
from ledger.policy import CHECKS, Policy, canonical, default_policy, policies
from ledger.standing import DAY

POLICY_1 = "d1f08d6bad804cd110ea0d3f7193cc46827d6dd1917db3e3de9dad660a731fca"
POLICY_2 = "284bdda428fba05058d7fbd5b29cae35ddc48c2240b74bdf438a931a61477313"


def changed(**members: Any) -> dict[str, Any]:
    return {**default_policy().document, **members}


def test_every_policy_stays_to_make_its_verdicts_again_and_the_newest_is_used() -> None:
    """A policy that verdicts were made by is never changed: its hash stands here."""
    assert [(p.version, p.hash.hex()) for p in policies().values()] == [
        ("1", POLICY_1),
        ("2", POLICY_2),
    ]
    assert default_policy() is list(policies().values())[-1]


def test_the_policy_that_comes_with_it_weighs_every_check() -> None:
    policy = default_policy()
    assert set(policy.weights) == set(CHECKS)
    assert policy.freshness.of("anything") == 30 * DAY


def test_the_hash_commits_to_every_member_and_not_to_their_order() -> None:
    policy = default_policy()
    reordered = dict(sorted(policy.document.items(), reverse=True))
    assert Policy.from_json(reordered).hash == policy.hash
    assert Policy.from_json(changed(capacity_margin_percent=5)).hash != policy.hash


def test_a_register_may_have_its_own_freshness() -> None:
    freshness = {"default": 30, "registers": {"niosh-n95": 90}}
    policy = Policy.from_json(changed(freshness_days=freshness))
    assert policy.freshness.of("niosh-n95") == 90 * DAY


@pytest.mark.parametrize("code", CHECKS)
def test_a_policy_cannot_leave_a_check_out(code: str) -> None:
    checks = {c: w for c, w in default_policy().document["checks"].items() if c != code}
    with pytest.raises(RequestError) as refused:
        Policy.from_json(changed(checks=checks))
    assert refused.value.field == f"checks.{code}"


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"version": ""}, "version"),
        ({"surprise": 1}, "surprise"),
        ({"checks": []}, "checks"),
        ({"checks": {**default_policy().document["checks"], "magic": "blocking"}}, "checks.magic"),
        ({"checks": {**default_policy().document["checks"], "keys": "off"}}, "checks.keys"),
        ({"checks": {**default_policy().document["checks"], "keys": []}}, "checks.keys"),
        ({"checked_identifiers": "uscc"}, "checked_identifiers"),
        ({"freshness_days": 30}, "freshness_days"),
        ({"freshness_days": {"default": -1, "registers": {}}}, "freshness_days.default"),
        ({"freshness_days": {"default": 30, "registers": []}}, "freshness_days.registers"),
        (
            {"freshness_days": {"default": 30, "registers": {"a": 1.5}}},
            "freshness_days.registers.a",
        ),
        ({"lapse_margin_days": True}, "lapse_margin_days"),
        ({"capacity_margin_percent": 1001}, "capacity_margin_percent"),
    ],
)
def test_a_policy_that_does_not_fit_names_the_member(members: dict[str, Any], field: str) -> None:
    with pytest.raises(RequestError) as refused:
        Policy.from_json(changed(**members))
    assert refused.value.field == field
    assert refused.value.message_zh


def test_a_missing_member_is_named() -> None:
    document = changed()
    del document["lapse_margin_days"]
    with pytest.raises(RequestError) as refused:
        Policy.from_json(document)
    assert refused.value.field == "lapse_margin_days"


def test_canonical_json_has_one_spelling() -> None:
    assert canonical({"b": 1, "a": "查"}) == '{"a":"查","b":1}'.encode()
