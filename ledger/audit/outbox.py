"""What the outbox says became of its entries and transactions, against the ledger; and the
receipts that the service gave for the entries, against its key.

Of what it calls queued, carried or under way it does not yet say what became, so there is nothing
to contradict.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, Final, get_args

from ledger.audit import transactions
from ledger.audit.merging import Values
from ledger.audit.report import Part, Progress
from ledger.chain.deployment import Deployment
from ledger.chain.protocol import LedgerGateway
from ledger.errors import EvidenceError, SuyuanError
from ledger.evidence.signed import LOG, ReceiptStatement
from ledger.hashing import keccak
from ledger.index.outbox import TransactionState, signed_by
from ledger.index.raw import Form, Source, service_form
from ledger.index.repository import Index
from ledger.signing import recover
from ledger.typed_data import SignedEntry

#: The words for where a row of ``outbox_entry`` stands, and one of ``outbox_transaction``.
ENTRY_STATES: Final = ("queued", "carried", "final", "refused")
_TRANSACTION_STATES: Final = get_args(TransactionState)

#: The first row with a receipt: what came before was accepted before there were any.
_FIRST_RECEIPT: Final = 'SELECT min("id") FROM "outbox_entry" WHERE "receipt" IS NOT NULL'
#: What the ledger has of an entry, by its sequence.
_RECORDED = 'SELECT "sequence", "digest", "packed", "signers" FROM "entry" ORDER BY "sequence"'


@dataclasses.dataclass
class Checking:
    """Check the tables ``outbox_entry``, ``outbox_transaction`` and ``nonce_book`` of ``live``.

    ``ledger`` is the index made again from the chain, ``index`` answers single questions of
    it. ``keys``: the addresses of the service's, none where nothing tells them."""

    _live: Source
    _ledger: Source
    _index: Index
    _gateway: LedgerGateway
    _deployment: Deployment
    _keys: frozenset[bytes]
    _part: Part
    _progress: Progress
    _first_receipt: int | None = dataclasses.field(default=None, init=False)

    def __post_init__(self) -> None:
        self._log = self._deployment.domain(LOG)

    def run(self) -> None:
        """Check both tables and the nonces handed out."""
        entries = sum(1 for _ in self._entries())
        numbers = self._transactions()
        self._check_nonces(numbers)
        self._part.count(entries=entries)

    def _rows(self, form: Form, order: str) -> Iterator[Mapping[str, Any]]:
        names = ", ".join(f'"{name}"' for name in form.columns)
        for row in self._live.rows(f'SELECT {names} FROM "{form.name}" ORDER BY {order}'):
            yield dict(zip(form.columns, row, strict=True))

    # -- entries

    def _entries(self) -> Iterator[None]:
        [self._first_receipt] = next(self._live.rows(_FIRST_RECEIPT))
        recorded = self._ledger.rows(_RECORDED)
        at: Values | None = next(recorded, None)
        for row in self._rows(service_form("outbox_entry"), '"sequence", "id"'):
            sequence = row["sequence"]
            if type(sequence) is int:
                while at is not None and at[0] < sequence:
                    at = next(recorded, None)
            try:
                self._entry(row, at if at is not None and at[0] == sequence else None)
            except (SuyuanError, ValueError, TypeError, KeyError) as error:
                self._says(row, "packed", "entry-form", str(error), f"条目无法读取：{error}")
            yield

    def _says(
        self, row: Mapping[str, Any], field: str, code: str, en: str, zh: str, expected: Any = None
    ) -> None:
        self._part.found(
            code,
            "outbox_entry",
            en,
            zh,
            row=row["id"],
            field=field,
            expected=expected,
            found=row[field],
        )

    def _entry(self, row: Mapping[str, Any], recorded: Values | None) -> None:
        packed, digest = row["packed"], row["digest"]
        if row["packed_hash"] != keccak(packed):
            self._says(
                row,
                "packed_hash",
                "entry-hash",
                "the hash is not that of the packed entry",
                "哈希与打包条目不符",
                keccak(packed),
            )
        if row["state"] not in ENTRY_STATES:
            self._part.found(
                "state",
                "outbox_entry",
                "this is no state of an entry",
                "该值不是条目的有效状态",
                row=row["id"],
                field="state",
                expected=ENTRY_STATES,
                found=row["state"],
            )
        signed, own = SignedEntry.unpack_digested(self._deployment.domain(row["contract"]), packed)
        if own != digest:
            self._says(
                row,
                "digest",
                "entry-digest",
                "the digest is not that of the entry",
                "摘要与条目不符",
                own,
            )
        if recorded is not None and (digest, packed) == (recorded[1], recorded[2]):
            signer = recorded[3][:20]  # as the index, made again, has recovered it
        else:
            signer = signed_by(digest, packed)
        self._check_receipt(row, signed, signer)
        if row["state"] == "final":
            if recorded is None:
                self._says(
                    row,
                    "sequence",
                    "not-recorded",
                    "it is called final, and the ledger has no entry of this sequence number",
                    "标为已入账，但账本中没有该序号的条目",
                )
            elif digest != recorded[1] or (packed != recorded[2] and signer != recorded[3][:20]):
                self._says(
                    row,
                    "digest",
                    "other-entry",
                    f"the ledger's entry {row['sequence']} is another one",
                    f"账本中序号 {row['sequence']} 为另一条目",
                    recorded[1],
                )
        elif row["state"] == "refused":
            self._check_refused(row, signed, signer)

    def _check_receipt(self, row: Mapping[str, Any], signed: SignedEntry, signer: bytes) -> None:
        deadline, nonce = signed.entry.values["deadline"], signed.entry.values["nonce"]
        assert isinstance(nonce, int)
        if row["deadline"] != deadline:
            self._says(
                row,
                "deadline",
                "deadline",
                "the deadline is not that of the entry",
                "截止时间与条目不符",
                deadline,
            )
        if row["receipt"] is None:
            if self._first_receipt is not None and row["id"] > self._first_receipt:
                self._says(
                    row,
                    "receipt",
                    "receipt-missing",
                    "the entry has no receipt, and one accepted before it has",
                    "该条目没有回执，而更早接收的条目有回执",
                )
            return
        try:
            said = ReceiptStatement(
                self._deployment.address(row["contract"]),
                signer,
                nonce,
                row["digest"],
                row["deadline"],
                int(row["accepted_at"]),
            )
            found = recover(said.digest(self._log), row["receipt"])
        except (EvidenceError, ValueError, TypeError, AttributeError, OverflowError) as error:
            self._receipt_differs(row, str(error))
        else:
            if self._keys and found not in self._keys:
                self._receipt_differs(row, found)

    def _receipt_differs(self, row: Mapping[str, Any], found: object) -> None:
        self._part.found(
            "receipt",
            "outbox_entry",
            "the receipt is not the service's word over this entry, its deadline and when it was "
            "accepted",
            "回执不是服务对该条目、其截止时间及接收时间的签名",
            row=row["id"],
            field="receipt",
            expected=sorted(self._keys),
            found=found,
        )

    def _check_refused(self, row: Mapping[str, Any], signed: SignedEntry, signer: bytes) -> None:
        key = (row["digest"], signer)
        sequence = self._index.recorded([key]).get(key)
        entry = None if sequence is None else self._index.entry(sequence)
        if entry is not None and entry.signatures == signed.signatures:
            self._says(
                row,
                "state",
                "recorded",
                f"it is called refused, and the ledger has it as entry {sequence}",
                f"标为被拒绝，但账本中为第 {sequence} 条",
                "final",
            )

    # -- transactions

    def _transactions(self) -> dict[bytes, int]:
        """The highest nonce of each sender."""
        highest: dict[bytes, int] = {}
        count = 0
        for row in self._rows(service_form("outbox_transaction"), '"id"'):
            count += 1
            self._progress("outbox", count, 0)
            try:
                self._transaction(row)
                highest[row["sender"]] = max(highest.get(row["sender"], -1), row["nonce"])
            except (EvidenceError, ValueError, TypeError) as error:
                self._differs(row, "raw", "a transaction of the relayer", str(error))
        self._part.count(transactions=count)
        return highest

    def _transaction(self, row: Mapping[str, Any]) -> None:
        raw = row["raw"]
        if row["state"] not in _TRANSACTION_STATES:
            self._part.found(
                "state",
                "outbox_transaction",
                "this is no state of a transaction",
                "该值不是交易的有效状态",
                row=row["id"],
                field="state",
                expected=_TRANSACTION_STATES,
                found=row["state"],
            )
        if keccak(raw) != row["hash"]:
            self._differs(row, "hash", keccak(raw), row["hash"])
        sent = transactions.read(raw)
        for field, expected in (
            ("chain_id", sent.chain_id),
            ("sender", sent.sender),
            ("nonce", sent.nonce),
            ("contract", self._deployment.name_of(sent.to)),
        ):
            if row[field] != expected:
                self._differs(row, field, expected, row[field])
        if row["state"] not in ("final", "reverted"):
            return
        receipt = self._gateway.receipt(row["hash"])
        if receipt is None:
            self._part.found(
                "not-mined",
                "outbox_transaction",
                f"it is called {row['state']}, and the chain does not have it: the chain is older",
                f"标为 {row['state']}，但链上没有该交易：链较旧",
                row=row["id"],
                field="hash",
                expected=row["hash"],
            )
            return
        if receipt.block_number != row["block"]:
            self._differs(row, "block", receipt.block_number, row["block"])
        state = "final" if receipt.succeeded else "reverted"
        if state != row["state"]:
            self._differs(row, "state", state, row["state"])

    def _differs(self, row: Mapping[str, Any], field: str, expected: Any, found: Any) -> None:
        self._part.found(
            "transaction",
            "outbox_transaction",
            "the stored value is not that of the transaction's bytes or of the chain",
            "存储值与交易字节或链上记录不符",
            row=row["id"],
            field=field,
            expected=expected,
            found=found,
        )

    def _check_nonces(self, highest: Mapping[bytes, int]) -> None:
        for row in self._rows(service_form("nonce_book"), '"chain_id", "sender"'):
            if row["chain_id"] != self._deployment.chain_id:
                self._part.found(
                    "nonce-chain",
                    "nonce_book",
                    "the nonces are those of another chain",
                    "这些 nonce 属于另一条链",
                    row=(row["chain_id"], row["sender"]),
                    field="chain_id",
                    expected=self._deployment.chain_id,
                    found=row["chain_id"],
                )
            least = highest.get(row["sender"], -1) + 1
            if type(row["next"]) is not int or row["next"] < least:
                self._part.found(
                    "nonce",
                    "nonce_book",
                    "a nonce would be handed out a second time",
                    "nonce 会被重复发放",
                    row=(row["chain_id"], row["sender"]),
                    field="next",
                    expected=least,
                    found=row["next"],
                )
