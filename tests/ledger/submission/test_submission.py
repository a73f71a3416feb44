"""Handing in entries, and what becomes of them on a real ledger."""

import threading
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ledger.chain.artifacts import load_artifacts
from ledger.chain.codec import decode_event
from ledger.chain.embedded import EmbeddedChain
from ledger.chain.protocol import Handover, Refusal
from ledger.chain.relayer import Relayer
from ledger.errors import ChainUnavailableError, RequestError
from ledger.index.database import Database
from ledger.index.idempotency import Answer, Once
from ledger.index.outbox import Batch
from ledger.index.repository import Index
from ledger.index.store import Store
from ledger.indexing import Indexer
from ledger.refusals import OUT_OF_GAS, TEXTS, explain
from ledger.submission import MOST_ENTRIES, BusyError, EntryStatus, Relay, Submitter
from ledger.typed_data import Entry, SignedEntry, organisation_id
from ledger.vocabulary import Role
from tests.ledger.submission.conftest import Service
from tests.support.ledger import key, open_ledger
from tests.support.receipts import service_key


def error_of(service: Service, entry: SignedEntry) -> RequestError:
    with pytest.raises(RequestError) as caught:
        service.submitter.accept([entry])
    assert caught.value.message_zh
    return caught.value


# ---------------------------------------------------------------------------------- handing in


def test_an_entry_becomes_final_with_its_place_in_the_log(service: Service) -> None:
    [status] = service.carry(service.issue())
    recorded = service.index.entry_by_digest(status.digest)
    assert recorded is not None
    assert (status.state, status.sequence) == ("final", recorded.sequence)
    assert status.transaction == recorded.transaction_hash
    assert (status.refusal, status.final_after, status.delayed) == (None, None, False)


def test_an_entry_that_was_not_carried_yet_is_queued(service: Service) -> None:
    [status] = service.submitter.accept([service.issue()])
    assert status.state == "queued"
    service.settle()


def test_the_same_entry_again_is_told_where_it_stands_and_recorded_once(service: Service) -> None:
    entry = service.issue()
    [first] = service.carry(entry)
    size = service.index.position().size
    [again] = service.carry(entry)
    assert again == first
    assert service.index.position().size == size


def test_the_same_entry_twice_in_one_request_is_one(service: Service) -> None:
    entry = service.issue()
    first, second = service.carry(entry, entry)
    assert first == second
    assert first.state == "final"


def test_an_entry_that_somebody_else_relayed_is_known_as_final(service: Service) -> None:
    entry = service.issue()
    [event] = service.ledger.record(entry)
    service.indexer.sync()
    [status] = service.submitter.accept([entry])
    assert (status.state, status.sequence) == ("final", event.sequence)
    assert service.store.outbox.entries([status.digest]) == {}


def test_an_entry_that_somebody_else_relays_meanwhile_is_final_and_not_refused(
    service: Service,
) -> None:
    entry = service.issue()
    [status] = service.submitter.accept([entry])
    [event] = service.ledger.record(entry)
    service.settle()
    found = service.submitter.status([status.digest])[status.digest]
    assert (found.state, found.sequence) == ("final", event.sequence)


def test_two_who_sign_the_same_words_are_recorded_both(service: Service) -> None:
    words = service.ledger.entry(
        "Reply", service.maker, nonce=1 << 40, about=bytes(32), document=bytes(32), text="same"
    )
    ours, theirs = (
        service.ledger.sign(words, author.signer) for author in (service.maker, service.issuer)
    )
    [first] = service.carry(ours)
    [second] = service.carry(theirs)
    assert (first.state, second.state) == ("final", "final")
    assert first.sequence != second.sequence
    assert [s.sequence for s in service.submitter.accept([theirs, ours])] == [
        second.sequence,
        first.sequence,
    ]


def test_entries_are_carried_in_the_order_in_which_they_came(service: Service) -> None:
    """An organisation is registered and used by another contract in the same request."""
    name = f"Newcomer {service.maker.name}"
    register = service.ledger.signed(
        "RegisterOrganisation",
        roles=int(Role.SUPPLIER),
        division=0,
        identifierKind="demo",
        identifier=name,
        nameZh="",
        nameEn=name,
    )
    entries = [
        register,
        *(service.issue(str(i), holder=organisation_id("demo", name)) for i in (1, 2)),
    ]
    assert [s.state for s in service.carry(*entries)] == ["final"] * 3


def test_unknown_digests_have_no_status(service: Service) -> None:
    assert service.submitter.status([b"\x09" * 32]) == {}


# -------------------------------------------------------------------------------- turned away


def test_an_entry_after_its_deadline_is_turned_away(service: Service) -> None:
    entry = service.ledger.entry("DisableAccount", service.issuer, reason="lost")
    late = Entry.of("DisableAccount", **{**entry.values, "deadline": 5})
    error = error_of(service, service.ledger.sign(late, service.issuer.signer))
    assert (error.code, error.field) == ("entry.expired", "entries[0].deadline")


def test_an_entry_without_a_signature_is_turned_away(service: Service) -> None:
    error = error_of(service, SignedEntry(service.issue().entry, ()))
    assert (error.code, error.field) == ("entry.signature", "entries[0].signatures")


def test_an_entry_with_a_signature_of_nothing_is_turned_away(service: Service) -> None:
    error = error_of(service, SignedEntry(service.issue().entry, (bytes(64),)))
    assert (error.code, error.field) == ("entry.signature", "entries[0].signatures")


@pytest.mark.parametrize("text", ["长" * 683, "a\0b"])
def test_a_text_that_no_contract_takes_is_turned_away(service: Service, text: str) -> None:
    error = error_of(service, service.issue(text))
    assert (error.code, error.field) == ("entry.text", "entries[0].number")


def test_one_bad_entry_turns_away_the_whole_request_and_nothing_is_kept(service: Service) -> None:
    good = service.issue()
    with pytest.raises(RequestError) as caught:
        service.submitter.accept([good, SignedEntry(good.entry, (bytes(64),))])
    assert caught.value.field == "entries[1].signatures"
    digest = service.ledger.deployment.domain("QualificationRegistry")
    assert service.submitter.status([good.entry.digest(digest)]) == {}


@pytest.mark.parametrize("count", [0, MOST_ENTRIES + 1])
def test_none_and_too_many_entries_are_turned_away(service: Service, count: int) -> None:
    with pytest.raises(RequestError) as caught:
        service.submitter.accept([service.issue()] * count)
    assert caught.value.code == "submission.count"


def test_an_entry_of_a_contract_that_the_ledger_has_not_is_turned_away(service: Service) -> None:
    deployment = replace(
        service.ledger.deployment,
        contracts={n: c for n, c in service.ledger.deployment.contracts.items() if n[0] != "Q"},
    )
    submitter = Submitter(
        service.store, service.index, deployment, clock=service.ledger.now, key=service_key
    )
    with pytest.raises(RequestError) as caught:
        submitter.accept([service.issue()])
    assert (caught.value.code, caught.value.field) == ("entry.contract", "entries[0].action")


def test_a_full_queue_turns_away_with_a_time_to_come_again_and_keeps_nothing(
    service: Service,
) -> None:
    store = Store(service.database, queue_limit=3)
    submitter = Submitter(
        store, service.index, service.ledger.deployment, clock=service.ledger.now, key=service_key
    )
    submitter.accept([service.issue("1"), service.issue("2")])
    with pytest.raises(BusyError) as caught:
        submitter.accept([service.issue("3"), service.issue("4")])
    assert caught.value.retry_after > 0
    assert store.outbox.queue_length() == 2
    submitter.accept([service.issue("5")])
    service.settle()


# ------------------------------------------------------------------------------------ refused


def test_a_refusal_names_error_field_and_values_in_both_languages(service: Service) -> None:
    [status] = service.carry(service.issue(kind="unheard-of"))
    assert status.state == "refused"
    refusal = status.refusal
    assert refusal is not None
    assert (refusal.name, refusal.field) == ("QualificationNotAccredited", "kind")
    assert refusal.values["organisation"] == "0x" + service.issuer.id.hex()
    assert "'unheard-of'" in refusal.message
    assert "'unheard-of'" in refusal.message_zh
    assert (
        status.final_after == service.store.outbox.entries([status.digest])[status.digest].deadline
    )


def test_a_bad_entry_spoils_nothing_for_the_others(service: Service) -> None:
    entries = [
        service.issue(str(i), kind="wrong" if i == 3 else "business-licence") for i in range(6)
    ]
    states = [s.state for s in service.carry(*entries)]
    assert states == ["final"] * 3 + ["refused"] + ["final"] * 2


def test_what_was_refused_can_be_sent_again_when_what_it_lacked_has_come(
    service: Service,
) -> None:
    kind = f"later-{service.maker.name}"
    entry = service.issue(kind=kind)
    [refused] = service.carry(entry)
    assert refused.state == "refused"
    service.ledger.accredit(service.issuer, kind)
    [status] = service.carry(entry)
    assert (status.state, status.refusal) == ("final", None)


def test_an_act_that_lacked_a_signature_is_recorded_once_it_has_it(service: Service) -> None:
    """The same message with another signature is the same entry, in another form."""
    entry = service.issue().entry
    stranger = service.ledger.sign(entry, key("eve"))
    [refused] = service.carry(stranger)
    assert refused.refusal is not None
    assert refused.refusal.name == "EntrySignerNotLive"
    [status] = service.carry(service.ledger.sign(entry, service.issuer.signer))
    assert status.state == "final"
    assert status.digest == refused.digest


def test_a_copy_with_a_stranger_s_signature_does_not_keep_the_entry_from_the_ledger(
    service: Service,
) -> None:
    entry = service.issue().entry
    service.submitter.accept([service.ledger.sign(entry, key("eve"))])
    [status] = service.carry(service.ledger.sign(entry, service.issuer.signer))
    assert status.state == "final"


def test_an_entry_signed_for_another_chain_is_refused(service: Service) -> None:
    entry = service.issue().entry
    domain = replace(service.ledger.deployment.domain("QualificationRegistry"), chain_id=99)
    signature = service.issuer.signer.sign_digest(entry.digest(domain))
    [status] = service.carry(SignedEntry(entry, (signature,)))
    assert status.refusal is not None
    assert status.refusal.name == "EntrySignerNotLive"


def test_a_nonce_used_for_another_entry_is_refused_as_that(service: Service) -> None:
    first = service.issue("first")
    nonce = first.entry.values["nonce"]
    second = service.issue("second", nonce=nonce)
    states = service.carry(first, second)
    assert states[0].state == "final"
    assert states[1].refusal is not None
    assert (states[1].refusal.name, states[1].refusal.field) == ("EntryNonceUsed", "nonce")


def test_every_error_of_the_contracts_has_a_sentence_in_both_languages(service: Service) -> None:
    shipped = {
        e["name"]: [i["name"] for i in e["inputs"]]
        for artifact in load_artifacts().values()
        for e in artifact.abi
        # The libraries' own are for what cannot happen to an entry that was taken in here.
        if e["type"] == "error" and e["name"] not in ("InvalidShortString", "StringTooLong")
    }
    assert set(TEXTS) == {*shipped, OUT_OF_GAS}
    entry = service.issue().entry
    for name, inputs in shipped.items():
        refusal = explain(name, dict.fromkeys(inputs, 3), entry)
        assert "{" not in refusal.message + refusal.message_zh, name
        assert refusal.in_language("zh") != refusal.in_language("en"), name


def test_an_unknown_error_is_told_by_its_name(service: Service) -> None:
    refusal = explain("BatchTooSmall", {"least": 5}, service.issue().entry)
    assert (refusal.name, refusal.field) == ("BatchTooSmall", None)
    assert "BatchTooSmall" in refusal.message


# --------------------------------------------------------------------------------- the relay


def test_batches_keep_to_their_size_and_all_go_into_few_blocks(service: Service) -> None:
    entries = [service.issue(str(i)) for i in range(25)]
    digests = [s.digest for s in service.submitter.accept(entries)]
    service.settle(service.relay(batch_size=10, in_flight=4))
    states = service.submitter.status(digests)
    transactions = [states[d].transaction for d in digests]
    assert [transactions.count(t) for t in dict.fromkeys(transactions)] == [10, 10, 5]
    assert len({states[d].block for d in digests}) == 1
    sequences = [states[d].sequence for d in digests]
    assert sequences == sorted(sequences, key=lambda s: s or 0)


class Faulty:
    """The gateway, with one method replaced."""

    def __init__(self, behind: Any, **methods: Any) -> None:
        self._behind = behind
        self.__dict__.update(methods)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._behind, name)


def test_while_the_chain_is_silent_entries_wait_and_go_on_by_themselves(service: Service) -> None:
    def silent(*_: object) -> None:
        raise ChainUnavailableError("no answer")

    relay = service.relay()
    [status] = service.submitter.accept([service.issue()])
    relay._gateway = Faulty(service.ledger.gateway, send_raw_transactions=silent)
    for _ in range(3):
        with pytest.raises(ChainUnavailableError):
            relay.step()
    assert relay.health().under_way == 1
    assert service.submitter.status([status.digest])[status.digest].state == "signed"
    relay._gateway = service.ledger.gateway
    service.settle(relay)
    assert service.submitter.status([status.digest])[status.digest].state == "final"


def test_an_answer_that_was_lost_is_looked_up_and_never_a_failure(service: Service) -> None:
    """The chain mined it, and says only that the nonce is too low (R7)."""
    gateway = service.ledger.gateway
    relay = service.relay()

    def mines_and_complains(raws: list[bytes]) -> list[Handover]:
        gateway.send_raw_transactions(raws)
        return [Handover(b"", Refusal("nonce-used", "nonce too low")) for _ in raws]

    relay._gateway = Faulty(gateway, send_raw_transactions=mines_and_complains)
    [status] = service.submitter.accept([service.issue()])
    service.settle(relay)
    assert service.submitter.status([status.digest])[status.digest].state == "final"


def test_each_sending_is_the_same_bytes_and_they_are_kept_before_the_first(
    service: Service,
) -> None:
    gateway = service.ledger.gateway
    sent: list[bytes] = []
    relay = service.relay()

    def dropped(raws: list[bytes]) -> list[Handover]:
        [kept] = service.store.outbox.open_transactions(*relay._account)
        assert [kept.raw] == raws
        sent.extend(raws)
        return [Handover(b"") for _ in raws]

    relay._gateway = Faulty(gateway, send_raw_transactions=dropped)
    [status] = service.submitter.accept([service.issue()])
    relay.step()
    state = service.submitter.status([status.digest])[status.digest].state
    assert state == "sent"
    now = service.ledger.now()
    relay._clock = lambda: now + 5
    relay.step()
    assert len(sent) == 2
    assert len(set(sent)) == 1
    relay._gateway = gateway
    relay._clock = lambda: now + 10
    service.settle(relay)
    assert service.submitter.status([status.digest])[status.digest].state == "final"


def give_little_gas(relay: Relay, gas: int) -> None:
    relayer: Any = relay._relayer
    relay._relayer = Faulty(relayer, sign=partial(relayer.sign, gas=gas))  # type: ignore[assignment]


def test_a_batch_that_runs_out_of_gas_goes_again_in_smaller_ones(service: Service) -> None:
    relay = service.relay()
    give_little_gas(relay, 450_000)
    entries = [service.issue(str(i)) for i in range(20)]
    digests = [s.digest for s in service.submitter.accept(entries)]
    # `call` runs with all the gas there is and does not fail: the batch is merely split.
    service.settle(relay)
    states = service.submitter.status(digests)
    assert {states[d].state for d in digests} == {"final"}
    transactions = [states[d].transaction for d in digests]
    assert len(set(transactions)) == 4
    assert [states[d].sequence for d in digests] == sorted(states[d].sequence or 0 for d in digests)


def test_an_entry_that_alone_needs_too_much_gas_is_refused_as_that(service: Service) -> None:
    relay = service.relay()
    give_little_gas(relay, 60_000)
    [status] = service.submitter.accept([service.issue()])
    service.settle(relay)
    refusal = service.submitter.status([status.digest])[status.digest].refusal
    assert refusal is not None
    assert refusal.name == OUT_OF_GAS


def test_a_nonce_that_went_to_another_transaction_is_noticed_and_the_entries_go_again(
    service: Service,
) -> None:
    """A second service with the same key, or a database that was set back while one ran."""
    relay = service.relay()
    service.carry(service.issue())  # at least one nonce is used
    relay.step()
    service.set_back()
    [status] = service.submitter.accept([service.issue()])
    now = service.ledger.now()
    relay._clock = lambda: now
    relay.step()
    assert service.submitter.status([status.digest])[status.digest].state == "sent"
    for later in (2, 4, 6):
        relay._clock = lambda later=later: now + later  # type: ignore[misc]
        relay.step()
    service.settle(relay)
    assert service.submitter.status([status.digest])[status.digest].state == "final"


def test_what_an_old_backup_has_forgotten_is_found_on_the_ledger(service: Service) -> None:
    """Queued in the backup, recorded since: sent again, it is final and not refused (R22)."""
    [status] = service.carry(service.issue())
    size = service.index.position().size
    service.set_back(status.digest)
    service.settle()
    found = service.submitter.status([status.digest])[status.digest]
    assert (found.state, found.sequence) == ("final", status.sequence)
    assert service.index.position().size == size


def test_an_entry_that_waits_long_is_reported_as_delayed(service: Service) -> None:
    [status] = service.submitter.accept([service.issue()])
    later = service.ledger.now() + 60
    patient = Submitter(
        service.store,
        service.index,
        service.ledger.deployment,
        clock=lambda: later,
        key=service_key,
    )
    assert not status.delayed
    assert patient.status([status.digest])[status.digest].delayed
    service.settle()


# ------------------------------------------------------------------------------- the contract


def test_entries_of_a_contract_that_was_not_admitted_are_refused_as_that(
    tmp_path: Path,
) -> None:
    chain = EmbeddedChain(tmp_path / "chain.db", chain_id=5, clock=time.time)
    ledger = open_ledger(chain, admit=False)
    database = Database(f"sqlite:///{tmp_path / 'service.db'}")
    database.migrate()
    Indexer(chain, database, ledger.deployment).sync()
    store, index = Store(database), Index(database)
    submitter = Submitter(store, index, ledger.deployment, clock=time.time, key=service_key)
    relayer = Relayer(
        key("r"), chain_id=5, profile=chain.profile, contracts=ledger.deployment.addresses
    )
    relay = Relay(store, index, chain, ledger.deployment, relayer, clock=time.time)
    entries = [
        ledger.signed(
            "SetCategory",
            rawMaterial=False,
            category=f"c{i}",
            parent="",
            nameZh="",
            nameEn="c",
            unit="H87",
            codes="",
        )
        for i in range(8)
    ]
    digests = [s.digest for s in submitter.accept(entries)]
    relay.step()
    states = submitter.status(digests)
    database.close()
    chain.close()
    names = {s.refusal.name for s in states.values() if s.refusal}
    assert names == {"EntryLogNotAdmitted"}
    assert len(states) == 8


# ------------------------------------------------------------------------------------- nonces


@pytest.mark.timeout(1_800)
def test_nonces_are_contiguous_and_none_is_given_twice(service: Service, deep: bool) -> None:
    """R5: 32 threads, each signing 500 transactions for one sender (a few without ``--deep``)."""
    rounds = 500 if deep else 8
    outbox = service.store.outbox
    sender = b"\x32" * 20
    failed: list[BaseException] = []

    def ending(start: bytes, nonce: int) -> bytes:
        return start + b"%d" % nonce

    def sign_many(thread: int) -> None:
        try:
            for turn in range(rounds):
                raw = b"%d/%d/" % (thread, turn)
                outbox.sign(7, sender, [Batch("X", (), partial(ending, raw))], now=1.0)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=sign_many, args=(i,)) for i in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    made = outbox.open_transactions(7, sender)
    assert [t.nonce for t in made] == list(range(32 * rounds))
    assert all(t.raw.endswith(b"/%d" % t.nonce) for t in made)


def test_a_key_that_fails_to_sign_leaves_no_gap(service: Service) -> None:
    outbox = service.store.outbox
    sender = b"\x33" * 20

    def fails(nonce: int) -> bytes:
        raise OSError("the signer is gone")

    outbox.sign(7, sender, [Batch("X", (), lambda n: b"a%d" % n)], now=1.0)
    with pytest.raises(OSError, match="gone"):
        outbox.sign(7, sender, [Batch("X", (), lambda n: b"b"), Batch("X", (), fails)], now=1.0)
    outbox.sign(7, sender, [Batch("X", (), lambda n: b"c%d" % n)], now=1.0)
    assert [t.nonce for t in outbox.open_transactions(7, sender)] == [0, 1]


# ------------------------------------------------------------------------------ same requests


def answer_of(statuses: Any) -> Answer:
    listed: list[EntryStatus] = list(statuses)
    return Answer(202, b",".join(s.state.encode() for s in listed))


def test_the_answer_is_kept_with_what_was_accepted(service: Service) -> None:
    once = Once("buyer", f"k-{service.maker.name}", b"\x01" * 32)
    with service.store.once(once) as earlier:
        assert earlier is None
        service.submitter.accept([service.issue()], once=once, answer=answer_of)
    with service.store.once(once) as earlier:
        assert earlier == Answer(202, b"queued")
    service.settle()


def test_when_nothing_was_accepted_no_answer_is_kept(service: Service) -> None:
    once = Once("buyer", f"bad-{service.maker.name}", b"\x01" * 32)
    bad = SignedEntry(service.issue().entry, (bytes(64),))
    with pytest.raises(RequestError), service.store.once(once):
        service.submitter.accept([bad], once=once, answer=answer_of)
    with service.store.once(once) as earlier:
        assert earlier is None


def test_every_event_of_a_relayed_transaction_is_one_of_the_ledger_s(service: Service) -> None:
    [status] = service.carry(service.issue())
    assert status.transaction is not None
    receipt = service.ledger.gateway.receipt(status.transaction)
    assert receipt is not None
    assert all(decode_event(log) is not None for log in receipt.logs)
