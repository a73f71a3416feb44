"""Who is qualified for what; the cases are in qualification_registry.tree."""

from collections.abc import Sequence
from typing import Any

import pytest
from eth_hash.auto import keccak

from ledger.chain.codec import ContractError, decode_error
from ledger.typed_data import (
    SignedEntry,
    Value,
    alarm_subject,
    named_subject,
    publication_id,
    register_subject,
)
from ledger.vocabulary import NO_END, WITHDRAWN_UNDATED, QualificationState, Role, Way
from tests.support.contract_world import (
    AUTHORITIES,
    CATEGORY,
    DAY,
    FOUNDED,
    KIND,
    MIRRORED_KIND,
    REGISTER,
    ContractWorld,
    account,
    org,
    recover,
)
from tests.support.raw_entries import signed_with

FIRST, SECOND, THIRD = AUTHORITIES
QUALIFICATIONS = "QualificationRegistry"
UNKNOWN = keccak(b"no such thing")
FROM, UNTIL = FOUNDED - 100 * DAY, FOUNDED + 100 * DAY
State = QualificationState
CHANGES = {
    "RestrictQualification": State.RESTRICTED,
    "SuspendQualification": State.SUSPENDED,
    "WithdrawQualification": State.WITHDRAWN,
}


def key(text: str) -> bytes:
    return keccak(text.encode())


def set_category(world: ContractWorld, name: str, parent: str = "", **values: Value) -> SignedEntry:
    given: dict[str, Value] = {
        "rawMaterial": False,
        "category": name,
        "parent": parent,
        "nameZh": "口罩",
        "nameEn": "Mask",
        "unit": "H87",
        "codes": "{}",
    }
    return world.ruled("SetCategory", **{**given, **values})


def requirement(
    world: ContractWorld, since: int = 1, until: int = NO_END, **values: Value
) -> SignedEntry:
    given: dict[str, Value] = {
        "from": since,
        "until": until,
        "category": CATEGORY,
        "kind": KIND,
    }
    return world.ruled("SetRequirement", **{**given, **values})


def requirements(world: ContractWorld, category: str = CATEGORY) -> list[tuple[bytes, int, int]]:
    found = world.view(
        QUALIFICATIONS,
        "requirements(bytes32)",
        "bytes32[],uint64[],uint64[]",
        key(category),
    )
    return list(zip(*found, strict=True))


def accept(world: ContractWorld, accepted: bool = True, **values: Value) -> SignedEntry:
    given: dict[str, Value] = {"accepted": accepted, "register": REGISTER, "kind": MIRRORED_KIND}
    return world.ruled("AcceptMirror", **{**given, **values})


def capacity(world: ContractWorld, by: str = "supplier", **values: Value) -> SignedEntry:
    given: dict[str, Value] = {
        "organisation": org("maker"),
        "publication": bytes(32),
        "document": key("statement"),
        "perDay": 20_000,
        "category": CATEGORY,
        "model": "",
        "unit": "H87",
    }
    return world.act("StateCapacity", by, **{**given, **values})


def end_kind(
    world: ContractWorld, publication: bytes, effective: int, by: str = "mirror", **values: Value
) -> SignedEntry:
    given: dict[str, Value] = {
        "publication": publication,
        "effective": effective,
        "kind": MIRRORED_KIND,
        "reason": "revoked",
    }
    return world.act("EndKind", by, **{**given, **values})


def delist(world: ContractWorld, id_: bytes, publication: bytes, by: str = "mirror") -> SignedEntry:
    return world.act(
        "DelistQualification", by, qualification=id_, publication=publication, reason="gone"
    )


def supersede(world: ContractWorld, id_: bytes, successor: bytes, *by: str) -> SignedEntry:
    names = by or ("issuer",)
    return world.act(
        "SupersedeQualification",
        *names,
        qualification=id_,
        successor=successor,
        reason="renewed",
    )


def end_accreditation(world: ContractWorld, who: str, kind: str, until: int) -> None:
    given: dict[str, Value] = {"from": 1, "until": until}
    world.accepted(world.ruled("Accredit", organisation=org(who), kind=kind, **given))


def ways(world: ContractWorld) -> dict[str, tuple[bytes, str]]:
    """One qualification in force of each way in, and an account that may change it."""
    return {
        "issued": (world.make(world.issue()), "issuer"),
        "reviewed": (world.reviewed(), "publisher"),
        "mirrored": (world.make(world.mirror(world.publication())), "mirror"),
    }


# ---------------------------------------------------------------- categories


def test_it_should_set_and_restate_a_category(world: ContractWorld) -> None:
    [recorded] = world.accepted(set_category(world, "fabric.meltblown", rawMaterial=True))
    assert recorded.subject == named_subject("category", "fabric.meltblown")
    read = (QUALIFICATIONS, "category(bytes32)", "bool,bool", key("fabric.meltblown"))
    assert world.view(*read) == (True, True)

    world.accepted(set_category(world, "fabric.meltblown", parent=CATEGORY))

    assert world.view(*read) == (True, False)


def test_it_should_refuse_a_category_without_a_code(world: ContractWorld) -> None:
    error = world.refused(set_category(world, ""))

    assert (error.name, error.values) == ("QualificationTextMissing", {"field": 4})


def test_it_should_refuse_a_category_below_an_unknown_one(world: ContractWorld) -> None:
    error = world.refused(set_category(world, "mask.n95", parent="mask"))

    assert error.name == "QualificationCategoryUnknown"
    assert error.values == {"category": key("mask")}


@pytest.mark.parametrize("flag", [2, 255])
def test_it_should_refuse_flags_that_are_neither_true_nor_false(
    world: ContractWorld, flag: int
) -> None:
    for signed, name in [(set_category(world, "x"), "rawMaterial"), (accept(world), "accepted")]:
        action = signed.entry.action.name
        raw = signed_with(world, action, FIRST, signed.entry.values, SECOND, **{name: flag})
        refused = world.refused_bytes(QUALIFICATIONS, raw)
        assert refused.error.name == "QualificationValueInvalid"
        assert refused.error.values == {"field": 3, "value": flag}


@pytest.mark.parametrize("action", ["category", "requirement", "mirror", "waiver"])
def test_it_should_refuse_what_only_the_authority_may_do_from_anybody_else(
    world: ContractWorld, action: str
) -> None:
    signed = {
        "category": set_category(world, "x"),
        "requirement": requirement(world),
        "mirror": accept(world),
        "waiver": world.waive(),
    }[action]
    for who in ("issuer", "mirror", "supplier", "verifier", "auditor"):
        error = world.refused(world.sign(signed.entry, who, FIRST))
        assert (error.name, error.values) == (
            "EntrySignerNotAuthority",
            {"account": account(who)},
        )


# ---------------------------------------------------------------- requirements


def test_it_should_require_a_kind_and_replace_its_dates(world: ContractWorld) -> None:
    [recorded] = world.accepted(requirement(world, 5, 10))
    assert recorded.subject == named_subject("category", CATEGORY)
    world.accepted(requirement(world, kind="test-report"), requirement(world, 7, NO_END))

    assert requirements(world) == [(key(KIND), 7, NO_END), (key("test-report"), 1, NO_END)]


def test_it_should_refuse_a_requirement_of_an_unknown_category(world: ContractWorld) -> None:
    error = world.refused(requirement(world, category="mask"))

    assert error.values == {"category": key("mask")}
    assert error.name == "QualificationCategoryUnknown"


def test_it_should_refuse_a_requirement_of_no_kind(world: ContractWorld) -> None:
    error = world.refused(requirement(world, kind=""))

    assert (error.name, error.values) == ("QualificationTextMissing", {"field": 6})


@pytest.mark.parametrize(("since", "until"), [(0, NO_END), (5, 5), (6, 5), (5, 0)])
def test_it_should_refuse_a_requirement_whose_dates_are_reversed_or_unstated(
    world: ContractWorld, since: int, until: int
) -> None:
    error = world.refused(requirement(world, since, until))

    assert error.name == "QualificationDatesReversed"
    assert error.values == {"from": since, "until": until}


def test_it_should_refuse_a_ninth_kind_but_still_replace_the_eight(world: ContractWorld) -> None:
    world.accepted(*(requirement(world, kind=f"kind-{i}") for i in range(8)))

    error = world.refused(requirement(world, kind="kind-8"))

    assert error.name == "QualificationRequirementsFull"
    assert error.values == {"category": key(CATEGORY)}
    world.accepted(requirement(world, 5, 6, kind="kind-7"))


# ---------------------------------------------------------------- issuing


@pytest.mark.parametrize(
    ("since", "until"), [(FROM, UNTIL), (0, UNTIL), (FROM, 0), (0, 0), (FROM, NO_END)]
)
def test_it_should_issue_a_qualification_with_its_dates_as_stated(
    world: ContractWorld, since: int, until: int
) -> None:
    signed = world.issue(validFrom=since, validUntil=until, model="SM-1")

    id_ = world.make(signed)

    assert world.qualification(id_) == (org("bureau"), since, until, State.IN_FORCE, Way.ISSUED)


def test_it_should_refuse_to_issue_without_the_role_in_account_and_organisation(
    world: ContractWorld,
) -> None:
    world.accepted(world.add_account("pretender", org("maker"), Role.ISSUER))
    for by in ("supplier", "mirror", "clerk", "pretender"):
        error = world.refused(world.issue(by=by))
        assert error.name == "EntryRoleMissing"
        assert error.values == {"account": account(by), "role": Role.ISSUER}


@pytest.mark.parametrize("kind", ["test-report", KIND + "s", KIND[:-1], ""])
def test_it_should_refuse_to_issue_a_kind_without_accreditation_for_exactly_this_kind(
    world: ContractWorld, kind: str
) -> None:
    error = world.refused(world.issue(kind=kind))

    assert error.name == "QualificationNotAccredited"
    assert error.values == {"organisation": org("bureau"), "kind": key(kind), "time": world.now}


def test_it_should_refuse_to_issue_when_accredited_at_only_one_of_the_two_times(
    world: ContractWorld,
) -> None:
    given: dict[str, Value] = {"organisation": org("bureau"), "kind": KIND}
    world.accepted(world.ruled("Accredit", **{"from": world.now, "until": NO_END, **given}))
    before = world.refused(world.issue(happenedAt=world.now - 1))
    assert (before.name, before.values["time"]) == ("QualificationNotAccredited", world.now - 1)
    world.accepted(world.issue())

    world.accepted(world.ruled("Accredit", **{"from": 1, "until": world.now, **given}))
    assert world.refused(world.issue()).name == "QualificationNotAccredited"
    assert world.refused(world.issue(happenedAt=world.now - 1)).name == (
        "QualificationNotAccredited"
    )


def test_it_should_not_lend_one_issuers_accreditation_to_another_in_the_same_batch(
    world: ContractWorld,
) -> None:
    end_accreditation(world, "institute", KIND, FOUNDED - DAY)

    made = world.record(world.issue(), world.issue(by="second issuer"), world.issue())

    assert [r.index for r in made.refused] == [1]
    assert made.errors == ["QualificationNotAccredited"]


@pytest.mark.parametrize("holder", [bytes(20), org("a stranger"), account("supplier")])
def test_it_should_refuse_a_holder_that_was_never_registered(
    world: ContractWorld, holder: bytes
) -> None:
    for signed in (world.issue(holder=holder), world.waive(holder=holder)):
        error = world.refused(signed)
        assert (error.name, error.values) == ("QualificationHolderUnknown", {"holder": holder})


@pytest.mark.parametrize("category", ["", "mask", CATEGORY + ".x", CATEGORY[:-1]])
def test_it_should_refuse_a_category_that_was_never_set(
    world: ContractWorld, category: str
) -> None:
    publication = world.publication()
    for signed in (
        world.issue(category=category),
        world.submit(category=category),
        world.waive(category=category),
        world.mirror(publication, category=category),
        capacity(world, category=category),
    ):
        error = world.refused(signed)
        assert error.name == "QualificationCategoryUnknown"
        assert error.values == {"category": key(category)}


def test_it_should_refuse_the_same_words_from_a_colleague(world: ContractWorld) -> None:
    """His copy would put in force again what was withdrawn."""
    colleague = world.add_account("colleague", org("bureau"), Role.ISSUER)
    mirrors = world.add_account("copying mirror", org("observer"), Role.MIRROR)
    world.accepted(colleague, mirrors)
    entry = world.issue()
    id_ = world.make(entry)
    world.accepted(world.step("WithdrawQualification", "issuer", id_))
    error = world.refused(world.sign(entry.entry, "colleague"))
    assert (error.name, error.values["id"]) == ("QualificationExists", id_)

    published = world.publish()
    world.accepted(published)
    again = world.refused(world.sign(published.entry, "copying mirror"))
    assert again.name == "QualificationExists"


def test_it_should_refuse_a_qualification_of_no_kind(world: ContractWorld) -> None:
    world.accepted(
        world.ruled("Accredit", organisation=org("bureau"), **{"from": 1}, until=NO_END, kind="")
    )
    publication = world.publication()
    for signed in (
        world.issue(kind=""),
        world.submit(kind=""),
        world.waive(kind=""),
        world.mirror(publication, kind=""),
    ):
        place = [f.name for f in signed.entry.action.fields].index("kind")
        error = world.refused(signed)
        assert (error.name, error.values) == ("QualificationTextMissing", {"field": place})


@pytest.mark.parametrize(("since", "until"), [(FROM, FROM), (UNTIL, FROM), (NO_END, 1)])
def test_it_should_refuse_dates_that_are_reversed(
    world: ContractWorld, since: int, until: int
) -> None:
    publication = world.publication()
    id_ = world.make(world.submit())
    world.accepted(world.step("VerifyQualification", "verifier", id_))
    dates: dict[str, Any] = {"validFrom": since, "validUntil": until}
    for signed in (
        world.issue(**dates),
        world.submit(**dates),
        world.waive(**dates),
        world.mirror(publication, **dates),
        world.step("EditQualification", "editor", id_, **dates),
    ):
        error = world.refused(signed)
        assert error.name == "QualificationDatesReversed"
        assert error.values == {"from": since, "until": until}


# ---------------------------------------------------------------- waivers


def test_it_should_waive_a_kind_with_an_end(world: ContractWorld) -> None:
    id_ = world.make(world.waive())

    issuer, since, until, state, way = world.qualification(id_)
    assert (since, until) == (FOUNDED - DAY, FOUNDED + 30 * DAY)
    assert (state, way) == (State.IN_FORCE, Way.WAIVED)
    assert issuer == world.actor(FIRST)[0]


@pytest.mark.parametrize(("since", "until"), [(0, UNTIL), (FROM, 0), (0, 0), (FROM, NO_END)])
def test_it_should_refuse_a_waiver_without_both_dates_or_without_an_end(
    world: ContractWorld, since: int, until: int
) -> None:
    error = world.refused(world.waive(validFrom=since, validUntil=until))

    assert error.name == "QualificationDateUnstated"


def test_it_should_refuse_a_waiver_without_a_reason(world: ContractWorld) -> None:
    error = world.refused(world.waive(reason=""))

    assert (error.name, error.values) == ("QualificationTextMissing", {"field": 10})


# ---------------------------------------------------------------- review


def test_it_should_put_into_force_what_three_accounts_of_two_organisations_reviewed(
    world: ContractWorld,
) -> None:
    signed = world.submit()
    id_ = world.make(signed)
    assert world.qualification(id_) == (org("maker"), FROM, UNTIL, State.SUBMITTED, Way.REVIEWED)

    for action, by, state in [
        ("VerifyQualification", "verifier", State.VERIFIED),
        ("EditQualification", "editor", State.EDITED),
        ("PublishQualification", "publisher", State.IN_FORCE),
    ]:
        [recorded] = world.accepted(world.step(action, by, id_))
        assert recorded.subject == id_
        assert world.state(id_) == state

    edited = FOUNDED - 50 * DAY, FOUNDED + 50 * DAY
    assert world.qualification(id_) == (org("college"), *edited, State.IN_FORCE, Way.REVIEWED)


def test_it_should_take_all_steps_of_a_review_in_one_batch(world: ContractWorld) -> None:
    submission = world.submit()
    id_ = world.id_of(submission, org("maker"))

    world.accepted(
        submission,
        world.step("VerifyQualification", "publisher", id_),
        world.step("EditQualification", "editor", id_),
        world.step("PublishQualification", "verifier", id_),
    )

    assert world.qualification(id_)[0] == org("panel")


def test_it_should_refuse_a_submission_by_who_is_no_supplier(world: ContractWorld) -> None:
    error = world.refused(world.submit(by="issuer"))

    assert (error.name, error.values) == (
        "EntryRoleMissing",
        {"account": account("issuer"), "role": Role.SUPPLIER},
    )


def test_it_should_refuse_a_step_of_a_review_out_of_its_order(world: ContractWorld) -> None:
    steps = ["VerifyQualification", "EditQualification", "PublishQualification"]
    who = ["verifier", "editor", "publisher"]
    id_ = world.make(world.submit())
    for done, (action, by) in enumerate([*zip(steps, who, strict=True), ("", "")]):
        for place, step in enumerate(steps):
            if place != done:
                error = world.refused(world.step(step, "second editor", id_))
                assert error.name == "QualificationStateWrong"
                state = [State.SUBMITTED, State.VERIFIED, State.EDITED, State.IN_FORCE][done]
                assert error.values == {"qualification": id_, "state": state}
        if action:
            world.accepted(world.step(action, by, id_))


@pytest.mark.parametrize("done", [0, 1, 2])
def test_it_should_refuse_it_for_good_at_each_step(world: ContractWorld, done: int) -> None:
    id_ = world.make(world.submit())
    if done > 0:
        world.accepted(world.step("VerifyQualification", "verifier", id_))
    if done > 1:
        world.accepted(world.step("EditQualification", "editor", id_))

    world.accepted(world.step("RefuseQualification", "verifier", id_))

    assert world.state(id_) == State.REFUSED
    for action in (
        "VerifyQualification",
        "EditQualification",
        "PublishQualification",
        "RefuseQualification",
    ):
        assert world.refused(world.step(action, "second editor", id_)).name == (
            "QualificationStateWrong"
        )


def test_it_should_refuse_the_refusal_of_what_is_in_force(world: ContractWorld) -> None:
    error = world.refused(world.step("RefuseQualification", "verifier", world.reviewed()))

    assert error.name == "QualificationStateWrong"


def test_it_should_refuse_a_reviewer_of_the_submitters_organisation(world: ContractWorld) -> None:
    role = Role.SUPPLIER | Role.REVIEWER
    given: dict[str, Value] = {"status": 2, "roles": int(role), "division": 0, "reason": ""}
    world.accepted(
        world.ruled("ChangeOrganisation", organisation=org("maker"), **given),
        world.add_account("insider", org("maker"), Role.REVIEWER),
    )
    id_ = world.make(world.submit())

    for action in ("VerifyQualification", "RefuseQualification"):
        error = world.refused(world.step(action, "insider", id_))
        assert error.name == "QualificationReviewerOfSubmitter"
        assert error.values == {"organisation": org("maker")}


def test_it_should_refuse_an_account_that_took_an_earlier_step(world: ContractWorld) -> None:
    id_ = world.make(world.submit())
    world.accepted(world.step("VerifyQualification", "verifier", id_))
    error = world.refused(world.step("EditQualification", "verifier", id_))
    assert error.name == "QualificationReviewerRepeated"
    assert error.values == {"account": account("verifier")}
    world.accepted(world.step("EditQualification", "publisher", id_))

    for by in ("verifier", "publisher"):
        error = world.refused(world.step("PublishQualification", by, id_))
        assert error.values == {"account": account(by)}
        assert error.name == "QualificationReviewerRepeated"


def test_it_should_refuse_three_reviewers_of_one_organisation(world: ContractWorld) -> None:
    id_ = world.make(world.submit())
    world.accepted(
        world.step("VerifyQualification", "verifier", id_),
        world.step("EditQualification", "editor", id_),
    )

    error = world.refused(world.step("PublishQualification", "second editor", id_))

    assert error.name == "QualificationReviewersOfOneOrganisation"
    assert error.values == {"organisation": org("panel")}
    world.accepted(world.step("PublishQualification", "publisher", id_))


@pytest.mark.parametrize("by", ["issuer", "supplier", FIRST])
def test_it_should_refuse_a_step_of_a_review_by_who_is_no_reviewer(
    world: ContractWorld, by: str
) -> None:
    id_ = world.make(world.submit())
    for action in (
        "VerifyQualification",
        "EditQualification",
        "PublishQualification",
        "RefuseQualification",
    ):
        error = world.refused(world.step(action, by, id_))
        assert error.name == "EntryRoleMissing"
        assert error.values == {"account": account(by), "role": Role.REVIEWER}


def test_it_should_refuse_whatever_is_about_a_qualification_that_does_not_exist(
    world: ContractWorld,
) -> None:
    publication = world.publication()
    for signed in (
        world.step("VerifyQualification", "verifier", UNKNOWN),
        world.step("RefuseQualification", "verifier", UNKNOWN),
        world.step("SuspendQualification", "issuer", UNKNOWN),
        world.step("WithdrawQualification", "issuer", UNKNOWN),
        supersede(world, UNKNOWN, UNKNOWN),
        delist(world, UNKNOWN, publication),
    ):
        error = world.refused(signed)
        assert error.name == "QualificationUnknown"
        assert error.values == {"qualification": UNKNOWN}


# ---------------------------------------------------------------- publications and mirrors


def test_it_should_record_a_registers_publication_in_the_registers_chain(
    world: ContractWorld,
) -> None:
    [recorded] = world.accepted(world.publish())

    assert recorded.subject == register_subject(org("observer"), REGISTER)


def test_it_should_refuse_a_publication_of_a_register_without_accreditation_now(
    world: ContractWorld,
) -> None:
    error = world.refused(world.publish(register="register:another"))
    assert error.name == "QualificationNotAccredited"
    kind = key("register:another")
    assert error.values == {"organisation": org("observer"), "kind": kind, "time": world.now}
    end_accreditation(world, "observer", REGISTER, world.now)

    assert world.refused(world.publish()).name == "QualificationNotAccredited"


def test_it_should_refuse_a_publication_by_who_is_no_mirror(world: ContractWorld) -> None:
    error = world.refused(world.publish(by="issuer", register=KIND))

    assert (error.name, error.values) == (
        "EntryRoleMissing",
        {"account": account("issuer"), "role": Role.MIRROR},
    )


def test_it_should_refuse_a_publication_without_date_or_after_its_reading(
    world: ContractWorld,
) -> None:
    for published in (0, world.now + 1):
        error = world.refused(world.publish(published=published))
        assert error.name == "QualificationValueInvalid"
        assert error.values == {"field": 3, "value": published}
    world.accepted(world.publish(published=world.now))


def test_it_should_mirror_a_row_for_a_listed_firm(world: ContractWorld) -> None:
    listing = world.act(
        "ListOrganisation",
        "mirror",
        identifierKind=REGISTER,
        identifier="Firm",
        nameZh="",
        nameEn="Firm",
    )
    [listed] = world.accepted(listing)
    publication = world.publication()
    signed = world.mirror(publication, holder=listed.subject[:20], validFrom=0, validUntil=0)

    id_ = world.make(signed)

    assert world.qualification(id_) == (org("observer"), 0, 0, State.IN_FORCE, Way.MIRRORED)


@pytest.mark.parametrize(
    ("dates", "stored"),
    [
        ((FROM, UNTIL, FOUNDED), (FROM, FOUNDED)),
        ((FROM, UNTIL, WITHDRAWN_UNDATED), (FROM, WITHDRAWN_UNDATED)),
        ((FROM, UNTIL, UNTIL + DAY), (FROM, UNTIL)),
        ((FROM, 0, FOUNDED), (0, FOUNDED)),
        ((0, 0, FOUNDED), (0, FOUNDED)),
    ],
)
def test_it_should_mirror_a_row_that_the_register_calls_withdrawn(
    world: ContractWorld, dates: tuple[int, int, int], stored: tuple[int, int]
) -> None:
    since, until, withdrawn = dates
    signed = world.mirror(
        world.publication(), validFrom=since, validUntil=until, withdrawnFrom=withdrawn
    )

    id_ = world.make(signed)

    assert world.qualification(id_) == (
        org("observer"),
        *stored,
        State.WITHDRAWN,
        Way.MIRRORED,
    )


def test_it_should_refuse_a_mirrored_holder_that_was_never_listed(world: ContractWorld) -> None:
    publication = world.publication()
    for signed in (
        world.mirror(publication, holder=org("a stranger")),
        capacity(world, by="mirror", publication=publication, organisation=org("a stranger")),
    ):
        error = world.refused(signed)
        assert error.name == "QualificationHolderUnknown"
        assert error.values == {"holder": org("a stranger")}


def mirror_acts(world: ContractWorld, publication: bytes, by: str) -> list[SignedEntry]:
    """Everything that rests on a publication."""
    id_ = world.make(world.mirror(world.publication()))
    return [
        world.mirror(publication, by=by),
        delist(world, id_, publication, by=by),
        end_kind(world, publication, world.now, by=by),
        capacity(world, by=by, publication=publication),
    ]


@pytest.mark.parametrize("by", ["second mirror", "supplier", "issuer"])
def test_it_should_refuse_to_mirror_from_a_publication_that_another_recorded(
    world: ContractWorld, by: str
) -> None:
    publication = world.publication()
    for signed in mirror_acts(world, publication, by):
        error = world.refused(signed)
        assert error.name == "QualificationPublicationForeign"
        values = {"publication": publication, "organisation": world.actor(by)[0]}
        assert error.values == values


def test_it_should_refuse_to_mirror_from_a_publication_that_does_not_exist(
    world: ContractWorld,
) -> None:
    for signed in mirror_acts(world, UNKNOWN, "mirror"):
        error = world.refused(signed)
        assert error.name == "QualificationPublicationForeign"
        assert error.values == {"publication": UNKNOWN, "organisation": org("observer")}


def test_it_should_refuse_to_mirror_after_the_accreditation_ended(world: ContractWorld) -> None:
    acts = mirror_acts(world, world.publication(), "mirror")
    end_accreditation(world, "observer", REGISTER, world.now)

    for signed in acts:
        error = world.refused(signed)
        assert error.name == "QualificationNotAccredited"
        kind = key(REGISTER)
        assert error.values == {"organisation": org("observer"), "kind": kind, "time": world.now}


def test_it_should_refuse_to_mirror_by_an_account_without_the_role(world: ContractWorld) -> None:
    acts = mirror_acts(world, world.publication(), "mirror")
    world.accepted(world.add_account("typist", org("observer"), Role.BUYER))

    for signed in acts:
        error = world.refused(world.sign(signed.entry, "typist"))
        assert error.name == "EntryRoleMissing"
        assert error.values == {"account": account("typist"), "role": Role.MIRROR}


def test_it_should_delist_what_a_later_publication_no_longer_lists(world: ContractWorld) -> None:
    id_ = world.make(world.mirror(world.publication()))

    [recorded] = world.accepted(delist(world, id_, world.publication()))

    assert recorded.subject == id_
    assert world.state(id_) == State.DELISTED


def test_it_should_refuse_to_delist_what_is_not_its_own_not_mirrored_or_not_in_force(
    world: ContractWorld,
) -> None:
    publication = world.publication()
    id_ = world.make(world.mirror(publication))
    others = world.publication(by="second mirror")
    issued = world.make(world.issue())

    error = world.refused(delist(world, id_, others, by="second mirror"))
    assert error.name == "QualificationNotIssuer"
    assert error.values == {"qualification": id_, "organisation": org("copyist")}
    error = world.refused(delist(world, issued, publication))
    assert error.values == {"qualification": issued, "organisation": org("observer")}
    world.accepted(world.step("SuspendQualification", "mirror", id_))
    error = world.refused(delist(world, id_, publication))
    assert error.name == "QualificationStateWrong"
    assert error.values == {"qualification": id_, "state": State.SUSPENDED}


def test_it_should_refuse_to_delist_what_the_mirror_itself_issued(world: ContractWorld) -> None:
    given: dict[str, Value] = {"status": 2, "division": 0, "reason": ""}
    world.accepted(
        world.ruled(
            "ChangeOrganisation",
            organisation=org("bureau"),
            roles=int(Role.ISSUER | Role.MIRROR),
            **given,
        ),
        world.add_account("both", org("bureau"), Role.ISSUER | Role.MIRROR),
        world.ruled(
            "Accredit", organisation=org("bureau"), **{"from": 1}, until=NO_END, kind=REGISTER
        ),
    )
    publish = world.publish(by="both")
    world.accepted(publish)
    publication = publication_id(org("bureau"), world.digest(publish))
    id_ = world.make(world.issue())

    error = world.refused(delist(world, id_, publication, by="both"))

    assert error.name == "QualificationStateWrong"


def test_it_should_refuse_to_end_a_kind_without_a_day(world: ContractWorld) -> None:
    error = world.refused(end_kind(world, world.publication(), 0))

    assert (error.name, error.values) == ("QualificationValueInvalid", {"field": 4, "value": 0})


# ---------------------------------------------------------------- changes


@pytest.mark.parametrize("way", ["issued", "reviewed", "mirrored"])
@pytest.mark.parametrize("action", list(CHANGES))
def test_it_should_let_the_issuer_change_what_it_made(
    world: ContractWorld, way: str, action: str
) -> None:
    id_, by = ways(world)[way]

    [recorded] = world.accepted(world.step(action, by, id_))

    assert recorded.subject == id_
    assert world.state(id_) == CHANGES[action]


@pytest.mark.parametrize("action", list(CHANGES))
def test_it_should_let_a_quorum_of_the_authority_change_every_qualification(
    world: ContractWorld, action: str
) -> None:
    found = [id_ for id_, _ in ways(world).values()] + [world.make(world.waive())]
    for id_ in found:
        entry = world.step(action, THIRD, id_).entry
        nonce = world.nonce(QUALIFICATIONS, FIRST, THIRD)
        entry = type(entry).of(action, **{**entry.values, "nonce": nonce})
        world.accepted(world.sign(entry, FIRST, THIRD))
        assert world.state(id_) == CHANGES[action]


@pytest.mark.parametrize("action", [*CHANGES, "ReinstateQualification"])
def test_it_should_refuse_a_change_by_anybody_else(world: ContractWorld, action: str) -> None:
    id_ = world.make(world.issue())
    for by in ("second issuer", "supplier", "verifier", "mirror", FIRST):
        error = world.refused(world.step(action, by, id_))
        assert error.name == "QualificationNotIssuer"
        assert error.values == {"qualification": id_, "organisation": world.actor(by)[0]}
    mixed = world.step(action, "second issuer", id_, nonce=300).entry
    assert world.refused(world.sign(mixed, "second issuer", FIRST, SECOND)).name == (
        "QualificationNotIssuer"
    )


def test_it_should_refuse_a_change_of_a_waiver_by_less_than_a_quorum(
    world: ContractWorld,
) -> None:
    id_ = world.make(world.waive())
    for action in (*CHANGES, "ReinstateQualification"):
        error = world.refused(world.step(action, FIRST, id_))
        assert error.name == "QualificationNotIssuer"


def test_it_should_refuse_a_change_by_an_account_of_the_issuer_without_the_role(
    world: ContractWorld,
) -> None:
    world.accepted(
        world.add_account("typist", org("observer"), Role.BUYER),
        world.add_account("porter", org("college"), Role.STORE),
    )
    made = ways(world)
    for way, by, role in [
        ("issued", "clerk", Role.ISSUER),
        ("reviewed", "porter", Role.REVIEWER),
        ("mirrored", "typist", Role.MIRROR),
    ]:
        for action in CHANGES:
            error = world.refused(world.step(action, by, made[way][0]))
            assert error.name == "EntryRoleMissing"
            assert error.values == {"account": account(by), "role": role}


def reach(world: ContractWorld, state: QualificationState) -> bytes:
    """A qualification in this state, that the issuer (or, under review, the panel) may change."""
    if state < State.IN_FORCE:
        id_ = world.make(world.submit())
        if state == State.REFUSED:
            world.accepted(world.step("RefuseQualification", "verifier", id_))
        if state in (State.VERIFIED, State.EDITED):
            world.accepted(world.step("VerifyQualification", "verifier", id_))
        if state == State.EDITED:
            world.accepted(world.step("EditQualification", "editor", id_))
        return id_
    if state == State.DELISTED:
        id_ = world.make(world.mirror(world.publication()))
        world.accepted(delist(world, id_, world.publication()))
        return id_
    id_ = world.make(world.issue())
    actions = {s: a for a, s in CHANGES.items()}
    if state in actions:
        world.accepted(world.step(actions[state], "issuer", id_))
    elif state == State.SUPERSEDED:
        world.accepted(supersede(world, id_, world.make(world.issue())))
    return id_


#: Which states each change may start from, and where it leads.
EDGES: dict[str, tuple[set[QualificationState], QualificationState]] = {
    "RestrictQualification": ({State.IN_FORCE}, State.RESTRICTED),
    "SuspendQualification": ({State.IN_FORCE, State.RESTRICTED}, State.SUSPENDED),
    "ReinstateQualification": ({State.RESTRICTED, State.SUSPENDED}, State.IN_FORCE),
    "WithdrawQualification": (
        {
            State.IN_FORCE,
            State.RESTRICTED,
            State.SUSPENDED,
            State.WITHDRAWN,
            State.SUPERSEDED,
            State.DELISTED,
        },
        State.WITHDRAWN,
    ),
    "SupersedeQualification": ({State.IN_FORCE, State.RESTRICTED}, State.SUPERSEDED),
}


@pytest.mark.parametrize("state", [s for s in State if s != State.NONE], ids=lambda s: s.name)
def test_it_should_change_states_only_along_the_allowed_edges(
    world: ContractWorld, state: QualificationState
) -> None:
    successor = world.make(world.issue())
    for action, (starts, leads) in EDGES.items():
        id_ = reach(world, state)
        given: dict[str, Value] = {"effective": world.now - DAY}
        if action == "SupersedeQualification":
            given["successor"] = successor
        entry = world.step(action, FIRST, id_, **given).entry
        values = {**entry.values, "nonce": world.nonce(QUALIFICATIONS, FIRST, SECOND)}
        signed = world.sign(type(entry).of(action, **values), FIRST, SECOND)
        if state in starts:
            world.accepted(signed)
            assert world.state(id_) == leads
        else:
            error = world.refused(signed)
            assert error.name == "QualificationStateWrong"
            assert error.values == {"qualification": id_, "state": state}


def withdraw(world: ContractWorld, id_: bytes, effective: int) -> SignedEntry:
    return world.step("WithdrawQualification", "issuer", id_, effective=effective)


def test_it_should_refuse_a_withdrawal_without_a_day(world: ContractWorld) -> None:
    error = world.refused(withdraw(world, world.make(world.issue()), 0))

    assert (error.name, error.values) == ("QualificationValueInvalid", {"field": 5, "value": 0})


def test_it_should_keep_a_withdrawal_for_good_but_take_an_earlier_day(
    world: ContractWorld,
) -> None:
    id_ = world.make(world.issue())
    world.accepted(withdraw(world, id_, world.now))

    for later in (world.now, world.now + 1, NO_END):
        error = world.refused(withdraw(world, id_, later))
        assert error.name == "QualificationAlreadyWithdrawn"
        assert error.values == {"qualification": id_, "effective": world.now}
    world.accepted(withdraw(world, id_, world.now - DAY))
    assert world.qualification(id_)[1:4] == (FROM, world.now - DAY, State.WITHDRAWN)


def test_it_should_not_lengthen_what_ends_before_its_withdrawal(world: ContractWorld) -> None:
    id_ = world.make(world.issue())
    world.accepted(withdraw(world, id_, UNTIL + DAY))

    assert world.qualification(id_)[1:4] == (FROM, UNTIL, State.WITHDRAWN)


@pytest.mark.parametrize(
    "state", [State.SUSPENDED, State.SUPERSEDED, State.DELISTED], ids=lambda s: s.name
)
def test_it_should_refuse_a_withdrawal_with_notice_of_what_does_not_count_now(
    world: ContractWorld, state: QualificationState
) -> None:
    """Until its day comes a withdrawn one counts: notice must not bring back what did not."""
    id_ = reach(world, state)
    by = "mirror" if state == State.DELISTED else "issuer"
    signed = world.step("WithdrawQualification", by, id_, effective=world.now + 1)

    error = world.refused(signed)

    assert (error.name, error.values) == (
        "QualificationStateWrong",
        {"qualification": id_, "state": state},
    )


def test_it_should_supersede_by_another_and_move_both_chains(world: ContractWorld) -> None:
    old, new = world.make(world.issue()), world.make(world.issue())

    [recorded] = world.accepted(supersede(world, old, new))

    assert recorded.subject == old
    assert world.head(old) == world.head(new)
    assert (world.state(old), world.state(new)) == (State.SUPERSEDED, State.IN_FORCE)


def test_it_should_refuse_a_successor_that_is_itself_unknown_or_not_in_force(
    world: ContractWorld,
) -> None:
    id_ = world.make(world.issue())
    suspended = reach(world, State.SUSPENDED)
    for successor, state in [
        (id_, State.IN_FORCE),
        (UNKNOWN, State.NONE),
        (suspended, State.SUSPENDED),
        (reach(world, State.WITHDRAWN), State.WITHDRAWN),
        (reach(world, State.SUBMITTED), State.SUBMITTED),
    ]:
        error = world.refused(supersede(world, id_, successor))
        assert error.name == "QualificationStateWrong"
        assert error.values == {"qualification": successor, "state": state}
    world.accepted(supersede(world, id_, reach(world, State.RESTRICTED)))


# ---------------------------------------------------------------- capacity, alarms, replies


def test_it_should_record_capacity_stated_by_the_supplier_or_a_mirror(
    world: ContractWorld,
) -> None:
    publication = world.publication()
    for signed in (
        capacity(world),
        capacity(world, perDay=0),
        capacity(world, by="mirror", publication=publication),
    ):
        [recorded] = world.accepted(signed)
        assert recorded.subject == org("maker").ljust(32, b"\0")


def test_it_should_refuse_capacity_stated_for_somebody_else(world: ContractWorld) -> None:
    error = world.refused(capacity(world, by="second supplier"))

    assert error.name == "QualificationCapacityForeign"
    assert error.values == {"organisation": org("maker"), "author": org("weaver")}


def test_it_should_refuse_capacity_stated_by_who_is_no_supplier(world: ContractWorld) -> None:
    error = world.refused(capacity(world, by="issuer", organisation=org("bureau")))

    assert (error.name, error.values) == (
        "EntryRoleMissing",
        {"account": account("issuer"), "role": Role.SUPPLIER},
    )


def test_it_should_refuse_capacity_without_a_unit(world: ContractWorld) -> None:
    error = world.refused(capacity(world, unit=""))

    assert (error.name, error.values) == ("QualificationTextMissing", {"field": 9})


def test_it_should_let_an_auditor_close_an_alarm(world: ContractWorld) -> None:
    [recorded] = world.accepted(
        world.act("CloseAlarm", "auditor", alarm=UNKNOWN, reason="same paper, two owners")
    )

    assert recorded.subject == alarm_subject(UNKNOWN)


@pytest.mark.parametrize("by", ["issuer", "supplier", FIRST])
def test_it_should_refuse_to_close_an_alarm_by_who_is_no_auditor(
    world: ContractWorld, by: str
) -> None:
    error = world.refused(world.act("CloseAlarm", by, alarm=UNKNOWN, reason=""))

    assert (error.name, error.values) == (
        "EntryRoleMissing",
        {"account": account(by), "role": Role.AUDITOR},
    )


def test_it_should_record_a_reply_of_any_live_account_in_its_own_chain(
    world: ContractWorld,
) -> None:
    for by in ("supplier", "clerk", FIRST):
        [recorded] = world.accepted(
            world.act("Reply", by, about=UNKNOWN, document=bytes(32), text="we object")
        )
        assert recorded.subject == world.actor(by)[0].ljust(32, b"\0")


# ---------------------------------------------------------------- the gate


def cite(world: ContractWorld, signed: SignedEntry, **changes: Any) -> tuple[Any, ...]:
    """How a later entry names the qualification that ``signed`` made."""
    values: Any = signed.entry.values
    mirrored = signed.entry.action.name == "MirrorQualification"
    [signer] = signed.signatures[:1]
    author = recover(world.digest(signed), signer)
    named = {
        "author": bytes(
            world.view("ParticipantRegistry", "actor(address)", "bytes20,uint256,bool", author)[0]
        ),
        "register": key(REGISTER) if mirrored else bytes(32),
        "kind": key(values["kind"]),
        "digest": world.digest(signed),
        "anyModel": values["model"] == "",
    }
    return tuple({**named, **changes}.values())


def gate(
    world: ContractWorld,
    *citations: Sequence[Any],
    holder: str = "maker",
    category: str = CATEGORY,
    model: str = "",
    at: int = FOUNDED,
) -> ContractError | None:
    refusal = world.view(
        QUALIFICATIONS,
        "gate(bytes20,bytes32,bytes32,uint256,(bytes20,bytes32,bytes32,bytes32,bool)[])",
        "bytes",
        org(holder),
        key(category),
        key(model),
        at,
        list(citations),
    )
    return decode_error(refusal) if refusal else None


@pytest.fixture
def gated(world: ContractWorld) -> ContractWorld:
    """One kind is required."""
    world.require()
    return world


def open_gate(world: ContractWorld, signed: SignedEntry, **question: Any) -> bool:
    refusal = gate(world, cite(world, signed), **question)
    if refusal is not None:
        assert refusal.name == "QualificationKindNotCovered"
        assert refusal.values["category"] == key(question.get("category", CATEGORY))
        assert refusal.values["time"] == question.get("at", FOUNDED)
    return refusal is None


def test_it_should_open_where_nothing_is_required(world: ContractWorld) -> None:
    assert gate(world) is None


def test_it_should_name_the_first_kind_that_nothing_covers(gated: ContractWorld) -> None:
    gated.require("test-report")
    signed = gated.issue()
    gated.accepted(signed)

    assert gate(gated) == ContractError(
        "QualificationKindNotCovered",
        {"category": key(CATEGORY), "kind": key(KIND), "time": FOUNDED},
    )
    refusal = gate(gated, cite(gated, signed))
    assert refusal is not None
    assert refusal.values["kind"] == key("test-report")


def test_it_should_open_for_citations_of_all_kinds_in_any_order(gated: ContractWorld) -> None:
    gated.require("test-report")
    first, second = gated.issue(), gated.waive(kind="test-report")
    gated.accepted(first, second)
    useless = cite(gated, first, digest=UNKNOWN)

    assert gate(gated, cite(gated, second), useless, cite(gated, first)) is None


def test_it_should_require_a_kind_only_within_its_dates(world: ContractWorld) -> None:
    world.accepted(requirement(world, 1000, 2000))

    assert [gate(world, at=t) is None for t in (999, 1000, 1999, 2000)] == [
        True,
        False,
        False,
        True,
    ]


@pytest.mark.parametrize("way", ["issued", "reviewed", "waived"])
def test_it_should_count_what_was_issued_reviewed_or_waived(gated: ContractWorld, way: str) -> None:
    signed = {"issued": gated.issue, "reviewed": gated.submit, "waived": gated.waive}[way]()
    gated.accepted(signed)
    if way == "reviewed":
        id_ = gated.id_of(signed, org("maker"))
        for action, by in [
            ("VerifyQualification", "verifier"),
            ("EditQualification", "editor"),
            ("PublishQualification", "publisher"),
        ]:
            assert not open_gate(gated, signed)
            gated.accepted(gated.step(action, by, id_))

    assert open_gate(gated, signed)


def test_it_should_take_one_of_no_model_for_every_model(gated: ContractWorld) -> None:
    signed = gated.issue(model="")
    gated.accepted(signed)

    assert open_gate(gated, signed, model="")
    assert open_gate(gated, signed, model="SM-1")


@pytest.mark.parametrize("asked", ["", "SM-1", "SM-11", "SM-1 ", "sm-1", "SM-", "口罩"])
def test_it_should_take_one_of_a_model_for_exactly_this_model(
    gated: ContractWorld, asked: str
) -> None:
    signed = gated.issue(model="SM-1")
    gated.accepted(signed)

    assert open_gate(gated, signed, model=asked) == (asked == "SM-1")
    pretended = cite(gated, signed, anyModel=True)
    assert gate(gated, pretended, model=asked) is not None


def test_it_should_take_it_for_exactly_its_category(gated: ContractWorld) -> None:
    signed = gated.issue()
    gated.accepted(signed)
    for name, parent in [("mask.surgical.child", CATEGORY), ("mask", "")]:
        gated.accepted(
            set_category(gated, name, parent), requirement(gated, category=name, kind=KIND)
        )
        assert not open_gate(gated, signed, category=name)
    assert open_gate(gated, signed)


def test_it_should_not_take_it_for_another_holder(gated: ContractWorld) -> None:
    signed = gated.issue()
    gated.accepted(signed)

    assert not open_gate(gated, signed, holder="weaver")


@pytest.mark.parametrize(
    "change",
    [
        {"author": org("institute")},
        {"register": key(REGISTER)},
        {"kind": key("test-report")},
        {"digest": UNKNOWN},
        {"anyModel": False},
    ],
    ids=lambda c: next(iter(c)),
)
def test_it_should_not_take_a_citation_of_which_any_part_is_wrong(
    gated: ContractWorld, change: dict[str, Any]
) -> None:
    signed = gated.issue()
    gated.accepted(signed)

    assert gate(gated, cite(gated, signed, **change), model="SM-1") is not None
    assert gate(gated, cite(gated, signed), model="SM-1") is None


def test_it_should_take_it_from_its_first_second_to_before_its_end(gated: ContractWorld) -> None:
    signed = gated.issue()
    gated.accepted(signed)

    times = (FROM - 1, FROM, UNTIL - 1, UNTIL)
    assert [open_gate(gated, signed, at=t) for t in times] == [False, True, True, False]


@pytest.mark.parametrize(("since", "until"), [(0, UNTIL), (FROM, 0), (0, 0)])
def test_it_should_not_take_one_with_an_unstated_date(
    gated: ContractWorld, since: int, until: int
) -> None:
    signed = gated.issue(validFrom=since, validUntil=until)
    gated.accepted(signed)

    assert not any(open_gate(gated, signed, at=t) for t in (1, FROM, FOUNDED, NO_END - 1))


def test_it_should_take_one_without_end_that_says_so(gated: ContractWorld) -> None:
    signed = gated.issue(validUntil=NO_END)
    gated.accepted(signed)

    assert open_gate(gated, signed, at=NO_END - 1)


@pytest.mark.parametrize(
    ("action", "counts"),
    [
        ("RestrictQualification", True),
        ("SuspendQualification", False),
        ("WithdrawQualification", False),
    ],
)
def test_it_should_not_take_what_is_suspended_or_withdrawn_now_for_any_time(
    gated: ContractWorld, action: str, counts: bool
) -> None:
    signed = gated.issue()
    id_ = gated.make(signed)
    gated.accepted(gated.step(action, "issuer", id_))

    for at in (FROM, FOUNDED, UNTIL - 1):
        assert open_gate(gated, signed, at=at) == counts


def test_it_should_take_it_again_after_its_reinstatement(gated: ContractWorld) -> None:
    signed = gated.issue()
    id_ = gated.make(signed)
    gated.accepted(
        gated.step("SuspendQualification", "issuer", id_),
        gated.step("ReinstateQualification", "issuer", id_),
    )

    assert open_gate(gated, signed)


def test_it_should_take_what_is_withdrawn_with_notice_until_the_day(gated: ContractWorld) -> None:
    signed = gated.issue()
    day = FOUNDED + 10 * DAY
    gated.accepted(withdraw(gated, gated.make(signed), day))

    assert open_gate(gated, signed)
    assert open_gate(gated, signed, at=day - 1)
    assert not open_gate(gated, signed, at=day)
    gated.now = day
    gated.accepted(gated.issue())  # a block of that day
    assert not open_gate(gated, signed)


@pytest.mark.parametrize("way", ["issued", "mirrored"])
def test_it_should_not_take_one_without_stated_end_because_it_is_withdrawn_with_notice(
    gated: ContractWorld, way: str
) -> None:
    day = FOUNDED + 10 * DAY
    if way == "issued":
        signed = gated.issue(validUntil=0)
        gated.accepted(withdraw(gated, gated.make(signed), day))
        assert not open_gate(gated, signed)
        return
    gated.accepted(accept(gated, kind=KIND))
    signed = gated.mirror(gated.publication(), validUntil=0, withdrawnFrom=day, kind=KIND)
    gated.accepted(signed)

    assert not open_gate(gated, signed)


def test_it_should_not_take_what_was_superseded_or_delisted(gated: ContractWorld) -> None:
    old, new = gated.issue(), gated.issue()
    gated.accepted(old, new)
    ids = [gated.id_of(s, org("bureau")) for s in (old, new)]
    gated.accepted(supersede(gated, ids[0], ids[1]))
    assert (open_gate(gated, old), open_gate(gated, new)) == (False, True)

    gated.accepted(accept(gated, kind=KIND))
    row = gated.mirror(gated.publication(), kind=KIND)
    id_ = gated.make(row)
    assert open_gate(gated, row)
    gated.accepted(delist(gated, id_, gated.publication()))
    assert not open_gate(gated, row)


def mirrored(world: ContractWorld) -> SignedEntry:
    signed = world.mirror(world.publication(), kind=KIND)
    world.accepted(signed)
    return signed


def test_it_should_take_mirrored_ones_only_where_the_authority_accepted_register_and_kind(
    gated: ContractWorld,
) -> None:
    signed = mirrored(gated)
    assert not open_gate(gated, signed)
    gated.accepted(
        accept(gated, kind="test-report"), accept(gated, kind=KIND, register="register:another")
    )
    assert not open_gate(gated, signed)

    [recorded] = gated.accepted(accept(gated, kind=KIND))
    assert recorded.subject == named_subject("kind", KIND)
    assert open_gate(gated, signed)
    assert gate(gated, cite(gated, signed, author=org("copyist"))) is not None
    assert gate(gated, cite(gated, signed, register=bytes(32))) is not None

    gated.accepted(accept(gated, accepted=False, kind=KIND))
    assert not open_gate(gated, signed)


def test_it_should_not_take_mirrored_ones_of_a_kind_that_the_register_ended(
    gated: ContractWorld,
) -> None:
    gated.accepted(accept(gated, kind=KIND))
    signed = mirrored(gated)
    [recorded] = gated.accepted(
        end_kind(gated, gated.publication(), FOUNDED - DAY, kind="test-report"),
    )
    assert recorded.subject == named_subject("kind", "test-report")
    assert open_gate(gated, signed)

    gated.accepted(end_kind(gated, gated.publication(), FOUNDED, kind=KIND))

    assert not open_gate(gated, signed)
    assert not open_gate(gated, signed, at=FOUNDED - DAY)


def test_it_should_take_mirrored_ones_until_the_day_on_which_the_kind_ends(
    gated: ContractWorld,
) -> None:
    gated.accepted(accept(gated, kind=KIND))
    signed = mirrored(gated)
    gated.accepted(end_kind(gated, gated.publication(), FOUNDED + DAY, kind=KIND))

    assert open_gate(gated, signed)
    assert not open_gate(gated, signed, at=FOUNDED + DAY)


def test_it_should_never_undo_the_end_of_a_kind_by_a_later_day(gated: ContractWorld) -> None:
    gated.accepted(accept(gated, kind=KIND))
    signed = mirrored(gated)
    publication = gated.publication()
    gated.accepted(
        end_kind(gated, publication, FOUNDED, kind=KIND),
        end_kind(gated, publication, NO_END, kind=KIND),
    )

    assert not open_gate(gated, signed)
