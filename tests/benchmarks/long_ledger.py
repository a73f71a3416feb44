"""A data directory whose chain has as many real entries as wanted: goods commissioned, licences
issued, firms listed, in blocks of a hundred. They go to the chain directly, past the outbox."""

import time
from collections.abc import Iterator
from pathlib import Path

from eth_hash.auto import keccak

from ledger import demo
from ledger.authoring import Author
from ledger.chain.codec import record_calldata
from ledger.typed_data import Entry, SignedEntry
from ledger.vocabulary import NO_END
from ledger.workspace import Workspace
from tests.benchmarks.measuring import found, signers

#: Entries of one transaction, and so of one block.
PER_BLOCK = 100


def make(data: Path, entries: int) -> None:
    """Found a ledger in the directory and record so many entries on top of its founding ones."""
    keys = signers()
    workspace = found(data, keys)
    try:
        authors = {
            name: Author(
                keys[name],
                next(o for o in demo.ALL if name in o.accounts).id,
                workspace.domains,
                workspace.index.next_nonce,
                time.time,
            )
            for name in ("warehouse", "regulator", "mirror")
        }
        for first in range(0, entries, 10 * PER_BLOCK):
            raws: list[bytes] = []
            nonce = workspace.gateway.transaction_count(workspace.relayer.address)
            for author, some in _thousand(authors, first):
                for start in range(0, len(some), PER_BLOCK):
                    signed = [author.sign(entry) for entry in some[start : start + PER_BLOCK]]
                    raws.append(_transaction(workspace, signed, nonce + len(raws)))
            for raw in raws:
                [handed] = workspace.gateway.send_raw_transactions([raw])
                assert handed.refusal is None, handed.refusal
        before = workspace.position
        workspace.pump()
        assert workspace.position == before + entries, (before, workspace.position)
    finally:
        workspace.close()


def _transaction(workspace: Workspace, signed: list[SignedEntry], nonce: int) -> bytes:
    address = workspace.deployment.address(signed[0].entry.action.contract)
    return workspace.relayer.sign(address, record_calldata(signed), nonce=nonce)


def _thousand(authors: dict[str, Author], first: int) -> Iterator[tuple[Author, list[Entry]]]:
    """A thousand entries, by who writes them."""
    store, regulator, mirror = (authors[n] for n in ("warehouse", "regulator", "mirror"))
    yield store, [_goods(store, first + i) for i in range(500)]
    yield regulator, [_licence(regulator, first + i) for i in range(400)]
    yield mirror, [_firm(mirror, first + i) for i in range(100)]


def _goods(author: Author, number: int) -> Entry:
    return author.write(
        "Commission",
        quantity=1000 + number,
        gtin=0,
        originNotShown=True,
        document=bytes(32),
        lot=f"GIFT-{number}",
        category=demo.MASK,
        model="",
        unit="H87",
        place="仓库一",
        origin="Left at the gate, no papers 放在门口，无单据",
        cited=(),
    )


def _licence(author: Author, number: int) -> Entry:
    return author.write(
        "IssueQualification",
        holder=demo.QINGLUAN.id if number % 2 else demo.WAREHOUSE.id,
        validFrom=1_700_000_000,
        validUntil=NO_END,
        document=keccak(b"licence %d" % number),
        category=demo.MASK,
        model=f"QL-{number}",
        kind="cn-production-licence",
        number=f"LIC-{number}",
    )


def _firm(author: Author, number: int) -> Entry:
    return author.write(
        "ListOrganisation",
        identifierKind="register:niosh-n95",
        identifier=f"Invented Firm {number}",
        nameZh="",
        nameEn=f"Invented Firm {number}",
    )
