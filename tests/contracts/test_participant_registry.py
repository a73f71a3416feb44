"""Who takes part; the cases are in participant_registry.tree."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from eth_abi.abi import decode as abi_decode
from eth_hash.auto import keccak

from ledger.typed_data import REGISTER_PREFIX, SignedEntry, Value, organisation_id
from ledger.vocabulary import NO_END, AccountState, OrganisationStatus, Role
from tests.support.contract_world import (
    AUTHORITIES,
    DAY,
    FOUNDED,
    KIND,
    MAX_LATENESS,
    NOBODY,
    REGISTER,
    ContractWorld,
    account,
    create,
    empty_world,
    founding_arguments,
    org,
)
from tests.support.raw_entries import signed_with

FIRST, SECOND, THIRD = AUTHORITIES
AUTHORITY = organisation_id("invented", "authority")
UNKNOWN = org("a stranger")
PARTICIPANTS = "ParticipantRegistry"


def change(
    world: ContractWorld, name: str, status: int, role: Role, **values: Value
) -> SignedEntry:
    given: dict[str, Value] = {
        "organisation": org(name),
        "status": status,
        "roles": int(role),
        "division": 110000000000,
        "reason": "as decided",
    }
    return world.ruled("ChangeOrganisation", **{**given, **values})


def listing(world: ContractWorld, by: str = "mirror", **values: Value) -> SignedEntry:
    given: dict[str, Value] = {
        "identifierKind": REGISTER,
        "identifier": "Invented Respirators, Inc.",
        "nameZh": "",
        "nameEn": "Invented Respirators, Inc.",
    }
    return world.act("ListOrganisation", by, **{**given, **values})


LISTED = organisation_id(REGISTER, "Invented Respirators, Inc.")


def accredit(world: ContractWorld, since: int, until: int, **values: Value) -> SignedEntry:
    given: dict[str, Value] = {
        "organisation": org("bureau"),
        "from": since,
        "until": until,
        "kind": "test-report",
    }
    return world.ruled("Accredit", **{**given, **values})


def compromise(world: ContractWorld, name: str, since: int) -> SignedEntry:
    return world.ruled("DeclareCompromised", account=account(name), since=since, reason="stolen")


def remove(world: ContractWorld, name: str, *signers: str) -> SignedEntry:
    names = signers or AUTHORITIES[:2]
    return world.act("RemoveAccount", *names, account=account(name), reason="left")


def link(
    world: ContractWorld, by: str, first: bytes, second: bytes, same: bool = True
) -> SignedEntry:
    return world.act(
        "LinkOrganisations", by, first=first, second=second, same=same, reason="same code"
    )


# ---------------------------------------------------------------- founding


def test_it_should_lay_down_the_authority_and_tell_all_of_it(tmp_path: Path) -> None:
    with empty_world(tmp_path) as world:
        accounts = [account(a) for a in AUTHORITIES]
        made = create(world.chain, world.sender, PARTICIPANTS, founding_arguments(accounts, 2))
        assert made.succeeded
        assert made.contract_address is not None
        world.addresses[PARTICIPANTS] = made.contract_address
        [admitted, founded] = made.logs

        assert founded.topics[1][:20] == AUTHORITY
        types = ["string", "string", "string", "string", "address[]", "uint256", "uint64"]
        told = abi_decode(types, founded.data)
        assert told[:4] == ("invented", "authority", "虚构机关", "Invented Authority")
        assert [bytes.fromhex(a[2:]) for a in told[4]] == accounts
        assert told[5:] == (2, MAX_LATENESS)
        assert admitted.topics[1][12:] == made.contract_address
        assert world.limits() == (2, MAX_LATENESS)
        assert world.view(PARTICIPANTS, "authorityAccounts()", "uint256") == 3
        assert world.organisation(AUTHORITY) == (OrganisationStatus.ACTIVE, Role.AUTHORITY, 0)
        assert world.actor(THIRD) == (AUTHORITY, Role.AUTHORITY, True)


@pytest.mark.parametrize(
    ("accounts", "quorum", "error"),
    [
        ([], 0, "ParticipantQuorumUnreachable"),
        ([FIRST], 0, "ParticipantQuorumUnreachable"),
        ([FIRST], 2, "ParticipantQuorumUnreachable"),
        ([FIRST, FIRST], 2, "ParticipantAccountExists"),
        ([FIRST, ""], 1, "ParticipantAccountExists"),
    ],
)
def test_it_should_not_be_founded_with_an_unreachable_quorum_or_a_bad_account(
    tmp_path: Path, accounts: list[str], quorum: int, error: str
) -> None:
    with empty_world(tmp_path) as world:
        given = [account(a) if a else NOBODY for a in accounts]
        made = create(world.chain, world.sender, PARTICIPANTS, founding_arguments(given, quorum))
        assert not made.succeeded
        assert made.logs == ()


# ---------------------------------------------------------------- reading


def test_it_should_say_zero_of_whom_it_does_not_know(world: ContractWorld) -> None:
    assert world.organisation(UNKNOWN) == (0, 0, 0)
    assert world.account_state("eve") == (0, 0)
    assert world.actor("eve") == (NOBODY, 0, False)
    assert world.accreditation(UNKNOWN, KIND) == (0, 0)


def test_it_should_grant_only_the_roles_that_account_and_organisation_share(
    world: ContractWorld,
) -> None:
    world.accepted(world.add_account("jack", org("bureau"), Role.ISSUER | Role.AUTHORITY))

    assert world.actor("jack") == (org("bureau"), Role.ISSUER, True)


# ---------------------------------------------------------------- organisations


def test_it_should_register_an_active_organisation(world: ContractWorld) -> None:
    [recorded] = world.accepted(world.register("newcomer", Role.SUPPLIER | Role.STORE))

    assert recorded.subject == org("newcomer").ljust(32, b"\0")
    assert recorded.author == AUTHORITY
    assert world.organisation(org("newcomer")) == (2, Role.SUPPLIER | Role.STORE, 420100000000)


@pytest.mark.parametrize("missing", ["nameZh", "nameEn"])
def test_it_should_register_with_a_name_in_one_language(world: ContractWorld, missing: str) -> None:
    world.accepted(world.register("newcomer", Role.SUPPLIER, **{missing: ""}))


@pytest.mark.parametrize(
    "missing", [["identifierKind"], ["identifier"], ["nameZh", "nameEn"]], ids=" and ".join
)
def test_it_should_refuse_a_registration_without_identifier_or_any_name(
    world: ContractWorld, missing: list[str]
) -> None:
    signed = world.register("newcomer", Role.SUPPLIER, **dict.fromkeys(missing, ""))

    assert world.refused(signed).name == "ParticipantNameMissing"


def test_it_should_refuse_to_register_the_same_identifier_twice(world: ContractWorld) -> None:
    error = world.refused(world.register("maker", Role.ISSUER, nameEn="Another"))

    assert error.name == "ParticipantOrganisationExists"
    assert error.values == {"organisation": org("maker")}


def test_it_should_refuse_a_division_of_more_than_twelve_digits(world: ContractWorld) -> None:
    error = world.refused(world.register("newcomer", Role.SUPPLIER, division=10**12))

    assert (error.name, error.values) == (
        "ParticipantValueInvalid",
        {"field": 4, "value": 10**12},
    )
    world.accepted(world.register("newcomer", Role.SUPPLIER, division=10**12 - 1))


@pytest.mark.parametrize("by", ["issuer", "mirror", "supplier"])
def test_it_should_refuse_a_registration_by_anybody_but_the_authority(
    world: ContractWorld, by: str
) -> None:
    entry = world.register("newcomer", Role.SUPPLIER).entry

    error = world.refused(world.sign(entry, by))

    assert (error.name, error.values) == ("EntrySignerNotAuthority", {"account": account(by)})


@pytest.mark.parametrize("status", [2, 3, 4])
def test_it_should_change_status_roles_and_division(world: ContractWorld, status: int) -> None:
    [recorded] = world.accepted(change(world, "maker", status, Role.STORE))

    assert recorded.subject == org("maker").ljust(32, b"\0")
    assert world.organisation(org("maker")) == (status, Role.STORE, 110000000000)
    assert world.actor("supplier") == (org("maker"), 0, status == 2)


def test_it_should_let_a_suspended_organisation_act_again_after_its_return(
    world: ContractWorld,
) -> None:
    world.accepted(change(world, "bureau", 3, Role.ISSUER))
    assert world.refused(world.issue()).name == "EntrySignerNotLive"

    world.accepted(change(world, "bureau", 2, Role.ISSUER), world.issue())


@pytest.mark.parametrize("status", [0, 1, 5, 255])
def test_it_should_refuse_a_status_that_nobody_can_be_given(
    world: ContractWorld, status: int
) -> None:
    error = world.refused(change(world, "maker", status, Role.SUPPLIER))

    assert (error.name, error.values) == ("ParticipantValueInvalid", {"field": 4, "value": status})


def test_it_should_refuse_to_change_to_a_division_of_more_than_twelve_digits(
    world: ContractWorld,
) -> None:
    error = world.refused(change(world, "maker", 2, Role.SUPPLIER, division=10**12))

    assert error.values == {"field": 6, "value": 10**12}


def test_it_should_refuse_to_change_an_unknown_organisation(world: ContractWorld) -> None:
    error = world.refused(change(world, "a stranger", 2, Role.SUPPLIER))

    assert error.name == "ParticipantOrganisationUnknown"
    assert error.values == {"organisation": UNKNOWN}


def test_it_should_never_open_a_closed_organisation_again(world: ContractWorld) -> None:
    world.accepted(change(world, "maker", 4, Role.SUPPLIER))

    for status in (2, 3, 4):
        error = world.refused(change(world, "maker", status, Role.SUPPLIER))
        assert error.name == "ParticipantOrganisationStatusWrong"
        assert error.values == {"organisation": org("maker"), "status": 4}


def test_it_should_refuse_to_take_the_authority_below_its_quorum(world: ContractWorld) -> None:
    for status, role in [(3, Role.AUTHORITY), (4, Role.AUTHORITY), (2, Role.BUYER)]:
        signed = change(world, "authority", status, role, organisation=AUTHORITY)
        error = world.refused(signed)
        assert error.name == "ParticipantQuorumUnreachable"
        assert error.values == {"accounts": 0, "quorum": 2}


def test_it_should_count_the_accounts_of_a_second_authority(world: ContractWorld) -> None:
    count = "authorityAccounts()"
    world.accepted(
        world.register("ministry", Role.BUYER),
        world.add_account("minister", org("ministry"), Role.AUTHORITY),
        world.add_account("deputy", org("ministry"), Role.AUTHORITY | Role.BUYER),
    )
    assert world.view(PARTICIPANTS, count, "uint256") == 3
    world.accepted(change(world, "ministry", 2, Role.AUTHORITY))
    assert world.view(PARTICIPANTS, count, "uint256") == 5
    world.accepted(world.act("SetQuorum", "minister", FIRST, quorum=2))

    world.accepted(remove(world, "deputy"), change(world, "ministry", 3, Role.AUTHORITY))
    assert world.view(PARTICIPANTS, count, "uint256") == 3
    world.accepted(change(world, "ministry", 2, Role.AUTHORITY))
    assert world.view(PARTICIPANTS, count, "uint256") == 4


# ---------------------------------------------------------------- listed organisations


def test_it_should_list_a_firm_of_a_register_without_any_rights(world: ContractWorld) -> None:
    [recorded] = world.accepted(listing(world))

    assert recorded.subject == LISTED.ljust(32, b"\0")
    assert recorded.author == org("observer")
    assert world.organisation(LISTED) == (OrganisationStatus.LISTED, 0, 0)


def test_it_should_refuse_a_listing_without_the_role_of_a_mirror(world: ContractWorld) -> None:
    error = world.refused(listing(world, by="issuer", identifierKind=KIND))

    assert (error.name, error.values) == (
        "EntryRoleMissing",
        {"account": account("issuer"), "role": Role.MIRROR},
    )


@pytest.mark.parametrize("kind", ["uscc", REGISTER_PREFIX + "another", REGISTER[:-1]])
def test_it_should_refuse_a_listing_in_a_register_for_which_the_mirror_is_not_accredited(
    world: ContractWorld, kind: str
) -> None:
    error = world.refused(listing(world, identifierKind=kind))

    assert (error.name, error.values) == (
        "ParticipantNotAccredited",
        {"organisation": org("observer"), "kind": keccak(kind.encode()), "time": world.now},
    )


def test_it_should_refuse_a_listing_before_and_after_the_accreditation(
    world: ContractWorld,
) -> None:
    who: dict[str, Value] = {"organisation": org("observer"), "kind": REGISTER}
    world.accepted(accredit(world, world.now + 1, NO_END, **who))
    assert world.refused(listing(world)).name == "ParticipantNotAccredited"
    world.accepted(accredit(world, 1, world.now, **who))
    assert world.refused(listing(world)).name == "ParticipantNotAccredited"
    world.accepted(accredit(world, world.now, world.now + 1, **who), listing(world))


def test_it_should_refuse_a_listing_without_identifier_or_any_name(world: ContractWorld) -> None:
    assert world.refused(listing(world, identifier="")).name == "ParticipantNameMissing"
    assert world.refused(listing(world, nameEn="")).name == "ParticipantNameMissing"


def test_it_should_refuse_to_list_the_same_firm_twice(world: ContractWorld) -> None:
    world.accepted(listing(world))

    error = world.refused(listing(world, by="second mirror"))

    assert (error.name, error.values) == (
        "ParticipantOrganisationExists",
        {"organisation": LISTED},
    )


def test_it_should_give_a_listed_firm_no_account_status_or_accreditation(
    world: ContractWorld,
) -> None:
    world.accepted(listing(world))

    for signed in (
        world.add_account("jack", LISTED, Role.SUPPLIER),
        change(world, "", 2, Role.SUPPLIER, organisation=LISTED),
        accredit(world, 1, NO_END, organisation=LISTED),
    ):
        error = world.refused(signed)
        assert error.name == "ParticipantOrganisationStatusWrong"
        assert error.values == {"organisation": LISTED, "status": OrganisationStatus.LISTED}


# ---------------------------------------------------------------- accounts


def test_it_should_add_an_account_that_can_sign_at_once(world: ContractWorld) -> None:
    made = world.record(
        world.add_account("jack", org("bureau"), Role.ISSUER),
        world.act("DisableAccount", "jack", reason="changed my mind"),
    )

    assert not made.refused
    assert world.account_state("jack") == (AccountState.DISABLED, 0)


def test_it_should_refuse_the_zero_address_as_an_account(world: ContractWorld) -> None:
    signed = world.ruled(
        "AddAccount", organisation=org("bureau"), account=NOBODY, roles=2, person=bytes(32)
    )

    error = world.refused(signed)

    assert (error.name, error.values) == ("ParticipantValueInvalid", {"field": 4, "value": 0})


@pytest.mark.parametrize("end", ["", "removed", "disabled", "compromised"])
def test_it_should_refuse_an_address_that_is_or_ever_was_an_account(
    world: ContractWorld, end: str
) -> None:
    if end == "removed":
        world.accepted(remove(world, "issuer"))
    elif end == "disabled":
        world.accepted(world.act("DisableAccount", "issuer", reason="lost"))
    elif end == "compromised":
        world.accepted(compromise(world, "issuer", world.now))

    error = world.refused(world.add_account("issuer", org("institute"), Role.ISSUER))

    assert error.name == "ParticipantAccountExists"
    assert error.values == {"account": account("issuer"), "organisation": org("bureau")}


def test_it_should_refuse_an_account_of_an_unknown_or_closed_organisation(
    world: ContractWorld,
) -> None:
    error = world.refused(world.add_account("jack", UNKNOWN, Role.ISSUER))
    assert error.name == "ParticipantOrganisationUnknown"
    world.accepted(change(world, "maker", 4, Role.SUPPLIER))

    error = world.refused(world.add_account("jack", org("maker"), Role.SUPPLIER))

    assert error.name == "ParticipantOrganisationStatusWrong"


def test_it_should_remove_an_account(world: ContractWorld) -> None:
    [recorded] = world.accepted(remove(world, "issuer"))

    assert recorded.subject == org("bureau").ljust(32, b"\0")
    assert world.account_state("issuer") == (AccountState.REMOVED, 0)
    assert world.actor("issuer") == (org("bureau"), Role.ISSUER, False)


@pytest.mark.parametrize("who", ["issuer", "eve"])
def test_it_should_refuse_to_remove_an_account_that_is_not_live(
    world: ContractWorld, who: str
) -> None:
    if who == "issuer":
        world.accepted(remove(world, who))

    error = world.refused(remove(world, who))

    assert error.name == "ParticipantAccountNotLive"
    assert error.values == {"account": account(who)}


def test_it_should_let_an_account_disable_itself_and_no_other(world: ContractWorld) -> None:
    [recorded] = world.accepted(world.act("DisableAccount", "issuer", reason="lost phone"))

    assert recorded.subject == org("bureau").ljust(32, b"\0")
    assert world.account_state("issuer") == (AccountState.DISABLED, 0)
    assert world.account_state("clerk") == (AccountState.LIVE, 0)


def test_it_should_keep_as_many_authority_accounts_as_the_quorum_needs(
    world: ContractWorld,
) -> None:
    world.accepted(remove(world, THIRD))

    for signed in (
        remove(world, SECOND),
        world.act("DisableAccount", SECOND, reason="lost phone"),
        compromise(world, SECOND, world.now),
    ):
        error = world.refused(signed)
        assert error.name == "ParticipantQuorumUnreachable"
        assert error.values == {"accounts": 1, "quorum": 2}
    world.accepted(world.ruled("SetQuorum", quorum=1), compromise(world, SECOND, world.now))


def test_it_should_count_no_account_of_an_organisation_that_is_not_the_authority(
    world: ContractWorld,
) -> None:
    count = "authorityAccounts()"
    world.accepted(world.add_account("jack", org("bureau"), Role.ISSUER | Role.AUTHORITY))
    assert world.view(PARTICIPANTS, count, "uint256") == 3

    world.accepted(remove(world, "jack"))
    assert world.view(PARTICIPANTS, count, "uint256") == 3


# ---------------------------------------------------------------- compromised keys


@pytest.mark.parametrize("end", ["", "removed", "disabled"])
def test_it_should_declare_a_key_compromised_even_after_its_account_ended(
    world: ContractWorld, end: str
) -> None:
    if end == "removed":
        world.accepted(remove(world, "issuer"))
    elif end == "disabled":
        world.accepted(world.act("DisableAccount", "issuer", reason="lost"))

    [recorded] = world.accepted(compromise(world, "issuer", world.now - DAY))

    assert recorded.subject == org("bureau").ljust(32, b"\0")
    assert world.account_state("issuer") == (AccountState.COMPROMISED, world.now - DAY)
    assert not world.actor("issuer")[2]


def test_it_should_take_only_an_earlier_beginning_of_a_compromise(world: ContractWorld) -> None:
    since = world.now - DAY
    world.accepted(compromise(world, "issuer", since))

    for later in (since, since + 1, world.now):
        error = world.refused(compromise(world, "issuer", later))
        assert error.name == "ParticipantAlreadyCompromised"
        assert error.values == {"account": account("issuer"), "since": since}
    world.accepted(compromise(world, "issuer", since - 1))
    assert world.account_state("issuer") == (AccountState.COMPROMISED, since - 1)


def test_it_should_refuse_a_compromise_without_beginning_or_in_the_future(
    world: ContractWorld,
) -> None:
    for since in (0, world.now + 1):
        error = world.refused(compromise(world, "issuer", since))
        assert (error.name, error.values) == (
            "ParticipantValueInvalid",
            {"field": 4, "value": since},
        )


def test_it_should_refuse_to_call_a_stranger_compromised(world: ContractWorld) -> None:
    error = world.refused(compromise(world, "eve", world.now))

    assert error.name == "ParticipantAccountNotLive"
    assert error.values == {"account": account("eve")}


# ---------------------------------------------------------------- accreditations


def test_it_should_replace_what_stood_for_the_kind(world: ContractWorld) -> None:
    [recorded, _] = world.accepted(accredit(world, 1, NO_END), accredit(world, 5, FOUNDED))

    assert recorded.subject == org("bureau").ljust(32, b"\0")
    assert world.accreditation(org("bureau"), "test-report") == (5, FOUNDED)
    assert world.accreditation(org("bureau"), KIND) == (1, NO_END)


@pytest.mark.parametrize(("since", "until"), [(0, NO_END), (5, 5), (6, 5), (5, 0), (0, 0)])
def test_it_should_refuse_an_accreditation_whose_dates_are_reversed_or_unstated(
    world: ContractWorld, since: int, until: int
) -> None:
    error = world.refused(accredit(world, since, until))

    assert error.name == "ParticipantDatesReversed"
    assert error.values == {"from": since, "until": until}


def test_it_should_refuse_an_accreditation_of_an_unknown_or_closed_organisation(
    world: ContractWorld,
) -> None:
    error = world.refused(accredit(world, 1, 2, organisation=UNKNOWN))
    assert error.name == "ParticipantOrganisationUnknown"
    world.accepted(change(world, "bureau", 4, Role.ISSUER))

    assert world.refused(accredit(world, 1, 2)).name == "ParticipantOrganisationStatusWrong"


# ---------------------------------------------------------------- links


@pytest.mark.parametrize("same", [True, False])
def test_it_should_link_two_records_and_move_both_their_chains(
    world: ContractWorld, same: bool
) -> None:
    world.accepted(listing(world))

    [recorded] = world.accepted(link(world, "verifier", LISTED, org("maker"), same))

    assert recorded.subject == LISTED.ljust(32, b"\0")
    assert world.head(LISTED) == world.head(org("maker"))


def test_it_should_refuse_a_link_by_who_is_no_reviewer(world: ContractWorld) -> None:
    error = world.refused(link(world, "supplier", org("maker"), org("weaver")))

    assert (error.name, error.values) == (
        "EntryRoleMissing",
        {"account": account("supplier"), "role": Role.REVIEWER},
    )


def test_it_should_refuse_to_link_an_organisation_with_itself(world: ContractWorld) -> None:
    error = world.refused(link(world, "verifier", org("maker"), org("maker")))

    value = int.from_bytes(org("maker").ljust(32, b"\0"), "big")
    assert (error.name, error.values) == ("ParticipantValueInvalid", {"field": 4, "value": value})


def test_it_should_refuse_to_link_an_unknown_organisation(world: ContractWorld) -> None:
    for pair in ((UNKNOWN, org("maker")), (org("maker"), UNKNOWN)):
        error = world.refused(link(world, "verifier", *pair))
        assert error.name == "ParticipantOrganisationUnknown"
        assert error.values == {"organisation": UNKNOWN}


def test_it_should_refuse_a_flag_that_is_neither_true_nor_false(world: ContractWorld) -> None:
    for value in (2, 255):
        entry = link(world, "verifier", org("maker"), org("weaver")).entry
        raw = with_flag(world, entry.values, value)
        refused = world.refused_bytes(PARTICIPANTS, raw)
        assert refused.error.name == "ParticipantValueInvalid"
        assert refused.error.values == {"field": 5, "value": value}


def with_flag(world: ContractWorld, values: Mapping[str, Value], flag: int) -> bytes:
    """A link that is signed over a flag which no honest tool can write."""
    return signed_with(world, "LinkOrganisations", "verifier", values, same=flag)


# ---------------------------------------------------------------- the ledger itself


def test_it_should_set_the_quorum_up_to_as_many_as_there_are(world: ContractWorld) -> None:
    [recorded] = world.accepted(world.ruled("SetQuorum", quorum=3))

    assert recorded.subject == world.addresses[PARTICIPANTS].rjust(32, b"\0")
    assert world.limits() == (3, MAX_LATENESS)


@pytest.mark.parametrize("quorum", [0, 4, 65_535])
def test_it_should_refuse_a_quorum_of_none_or_of_more_than_there_are(
    world: ContractWorld, quorum: int
) -> None:
    error = world.refused(world.ruled("SetQuorum", quorum=quorum))

    assert error.name == "ParticipantQuorumUnreachable"
    assert error.values == {"accounts": 3, "quorum": quorum}


@pytest.mark.parametrize("lateness", [0, 1, NO_END])
def test_it_should_set_the_permitted_lateness(world: ContractWorld, lateness: int) -> None:
    world.accepted(world.ruled("SetMaxLateness", maxLateness=lateness))

    assert world.limits() == (2, lateness)


def test_it_should_refuse_to_admit_what_is_no_contract_or_admitted_already(
    world: ContractWorld,
) -> None:
    for address in (
        NOBODY,
        account("eve"),
        *map(world.addresses.get, ("QualificationRegistry", PARTICIPANTS)),
    ):
        assert address is not None
        error = world.refused(world.ruled("AdmitContract", ledger=address, name="x"))
        assert error.name == "ParticipantContractInvalid"
        assert error.values == {"ledger": address}


def test_it_should_state_nothing_about_itself_as_if_it_were_an_organisation(
    world: ContractWorld,
) -> None:
    """Acts about the ledger have a subject; no qualification may take it for a holder."""
    error = world.refused(world.issue(holder=world.addresses[PARTICIPANTS]))

    assert error.name == "QualificationHolderUnknown"
