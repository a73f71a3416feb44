"""All registers mirrored (read, planned, signed, relayed, mined, indexed) against stock eth-tester
recording the same entries one by one with ``transact`` and gas given."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eth_tester import EthereumTester, PyEVMBackend
from web3 import EthereumTesterProvider, Web3

from ledger import demo
from ledger.authoring import Author
from ledger.catalogue import load as load_catalogue
from ledger.chain.artifacts import load_artifacts
from ledger.typed_data import (
    Domain,
    Entry,
    SignedEntry,
    Value,
    organisation_id,
    publication_id,
)
from tests.benchmarks.measuring import (
    Figure,
    found,
    mirror,
    recorded,
    register_entries,
    signers,
)

#: So many of the entries are recorded one by one; all would take minutes.
SAMPLE = 300


def measure(folder: Path) -> Iterator[Figure]:
    keys = signers()
    workspace = found(folder, keys)
    try:
        author = mirror(workspace, keys)
        started = time.perf_counter()
        signed = [author.sign(entry) for entry in register_entries(workspace, author)]
        recorded(workspace, signed)
        seconds = time.perf_counter() - started
    finally:
        workspace.close()
    ours = len(signed) / seconds
    stock = _stock(signed)
    yield Figure(f"{len(signed)} entries of all registers, read to indexed", ours, "entries/s")
    yield Figure(f"stock eth-tester, the same entries one by one ({SAMPLE})", stock, "entries/s")
    yield Figure("ratio", ours / stock, "×", "at least 3", ours / stock >= 3)


def _stock(signed: list[SignedEntry]) -> float:
    """Entries per second of ``transact`` in a loop, on the contracts as deployed by web3."""
    tester = EthereumTester(PyEVMBackend())
    web3 = Web3(EthereumTesterProvider(tester))
    sender = web3.eth.accounts[0]
    artifacts = load_artifacts()
    keys = signers()
    authority = Web3.to_checksum_address(keys["authority"].address)

    def deploy(name: str, *arguments: object) -> Any:
        artifact = artifacts[name]
        contract = web3.eth.contract(abi=list(artifact.abi), bytecode=artifact.bytecode)
        sent = contract.constructor(*arguments).transact({"from": sender, "gas": 8_000_000})
        address = web3.eth.wait_for_transaction_receipt(sent)["contractAddress"]
        return web3.eth.contract(address=address, abi=list(artifact.abi))

    office = demo.AUTHORITY
    terms = ("uscc", office.uscc, office.name_zh, office.name_en, [authority], 1, 7 * 86400)
    participants = deploy("ParticipantRegistry", *terms)
    registry = deploy("QualificationRegistry", participants.address)
    contracts = {"ParticipantRegistry": participants, "QualificationRegistry": registry}
    domains = {
        name: Domain(name, web3.eth.chain_id, bytes.fromhex(contract.address[2:]))
        for name, contract in contracts.items()
    }

    def now() -> float:
        return float(web3.eth.get_block("latest")["timestamp"])

    def record(entry: SignedEntry) -> None:
        contract = contracts[entry.entry.action.contract]
        call = contract.functions.record([entry.pack()])
        sent = call.transact({"from": sender, "gas": 1_500_000})
        receipt = web3.eth.wait_for_transaction_receipt(sent)
        if len(receipt["logs"]) < 2:  # accepted: the entry's event and the log's
            raise RuntimeError("stock eth-tester refused an entry")

    story = demo.Story(keys, domains, load_catalogue(), now)
    for _, entries in list(story.chapters(lambda paper: paper[:32].ljust(32)))[:2]:
        for entry in entries:
            record(entry)
    mirroring = Author(
        keys["mirror"],
        next(o for o in demo.OFFICES if o.key == "mirror").id,
        domains,
        lambda contract, account: 0,
        now,
    )
    # The same messages, stamped and signed for this chain; signing is not part of the loop.
    again = _again(signed, mirroring)
    started = time.perf_counter()
    for entry in again:
        record(entry)
    return len(again) / (time.perf_counter() - started)


def _again(signed: list[SignedEntry], author: Author) -> list[SignedEntry]:
    """A sample of the same entries for another chain: firms, their publication, its rows."""
    firms = [s.entry for s in signed if s.entry.action.name == "ListOrganisation"]
    publication = next(s.entry for s in signed if s.entry.action.name == "RecordPublication")
    known = {_holder(f) for f in firms[: SAMPLE // 3]}
    rows = [
        s.entry
        for s in signed
        if s.entry.action.name == "MirrorQualification" and s.entry.values["holder"] in known
    ]
    made = [author.write(f.action.name, **_own(f)) for f in firms[: SAMPLE // 3]]
    recorded_publication = author.write("RecordPublication", **_own(publication))
    id_ = publication_id(author.organisation, author.digest(recorded_publication))
    made.append(recorded_publication)
    made += [
        author.write("MirrorQualification", **{**_own(row), "publication": id_})
        for row in rows[: SAMPLE - len(made)]
    ]
    return [author.sign(entry) for entry in made]


def _own(entry: Entry) -> dict[str, Value]:
    return {k: v for k, v in entry.values.items() if k not in ("nonce", "happenedAt", "deadline")}


def _holder(entry: Entry) -> bytes:
    return organisation_id(str(entry.values["identifierKind"]), str(entry.values["identifier"]))
