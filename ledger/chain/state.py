"""The accounts and storage of the embedded chain, as py-evm asks for them.

Takes the place of py-evm's ``AccountDB``. That one keeps six stacked journals and walks a
pure-Python trie for every slot read and written; this one keeps plain dictionaries, an undo list
and changes the trie once per block. The rules are the same (it is tested against the original).

Life of a value: loaded from the trie at first use → changed by transactions, each change with its
opposite on the undo list → folded into the trie by :meth:`LedgerState.fold`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from eth_typing import Address, Hash32

from ledger.chain.pyevm import AccountDatabaseAPI, JournalDBCheckpoint, MetaWitnessAPI
from ledger.chain.store import ChainStore
from ledger.ethereum import EMPTY_CODE, EMPTY_ROOT, Node, Trie, decode, encode, integer
from ledger.hashing import keccak


class Account(NamedTuple):
    """The four fields of an account (Yellow Paper, section 4.1)."""

    nonce: int = 0
    balance: int = 0
    storage_root: bytes = EMPTY_ROOT
    code_hash: bytes = EMPTY_CODE

    def to_bytes(self) -> bytes:
        return encode(
            [integer(self.nonce), integer(self.balance), self.storage_root, self.code_hash]
        )

    @classmethod
    def from_bytes(cls, raw: bytes) -> "Account":
        nonce, balance, storage_root, code_hash = decode(raw)
        return cls(
            int.from_bytes(nonce, "big"), int.from_bytes(balance, "big"), storage_root, code_hash
        )


_ABSENT: Final = Account()
_EMPTY: Final = Hash32(EMPTY_ROOT)
#: Slots kept in memory before the cache is dropped between two blocks (some 100 MB).
_MAX_SLOTS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Folded:
    """What a block changed: the new state root, the new trie nodes and contract codes."""

    root: bytes
    nodes: dict[bytes, Node]
    codes: dict[bytes, bytes]


def slot_key(slot: int) -> bytes:
    """The key of a storage slot in the storage trie."""
    return keccak(slot.to_bytes(32, "big"))


class LedgerState(AccountDatabaseAPI):
    """Accounts and storage at one state root, with the changes on top of it."""

    def __init__(self, db: ChainStore, state_root: Hash32 = _EMPTY) -> None:
        self._store = db
        self._trie = Trie(self._store.node)
        self._root = bytes(state_root)
        self._accounts: dict[bytes, Account | None] = {}
        self._storage: dict[bytes, dict[int, int]] = {}
        #: The storage root under the cached slots; empty after an account was deleted.
        self._base: dict[bytes, bytes] = {}
        self._codes: dict[bytes, bytes] = {}
        self._dirty_accounts: set[bytes] = set()
        self._dirty_slots: dict[bytes, set[int]] = {}
        self._before: dict[tuple[bytes, int], int] = {}
        self._warm: set[Any] = set()
        self._undo: list[Callable[[], object]] = []

    # -- what the block builder calls ----------------------------------------------------

    def fold(self) -> Folded:
        """Fold all changes into the trie. Until :meth:`folded` they can still be dropped by
        throwing this object away; nothing is written here."""
        nodes: dict[bytes, Node] = {}
        changed: dict[bytes, bytes] = {}
        for address, slots in self._dirty_slots.items():
            account = self._account(address)
            if account is None:
                continue
            values = self._storage[address]
            root, made = self._trie.update(
                self._base_root(address),
                {
                    slot_key(slot): encode(integer(values[slot])) if values[slot] else b""
                    for slot in slots
                },
            )
            nodes.update(made)
            self._base[address] = root
            if root != account.storage_root:
                self._accounts[address] = account._replace(storage_root=root)
                self._dirty_accounts.add(address)
        for address in self._dirty_accounts:
            account = self._accounts[address]
            changed[keccak(address)] = b"" if account is None else account.to_bytes()
        root, made = self._trie.update(self._root, changed)
        nodes.update(made)
        self._root = root
        folded = Folded(root, nodes, self._codes)
        self._codes = {}
        self._dirty_accounts = set()
        self._dirty_slots = {}
        self._undo.clear()
        self._before.clear()
        self._warm.clear()
        return folded

    def trim(self) -> None:
        """Between two blocks, once the nodes are stored: keep the caches bounded."""
        if sum(map(len, self._storage.values())) > _MAX_SLOTS:
            self._storage.clear()
            self._base.clear()
            self._accounts.clear()

    def account(self, address: bytes) -> Account:
        """The account; an absent one reads as empty."""
        return self._account(address) or _ABSENT

    # -- storage ----------------------------------------------------------------------------

    def _base_root(self, address: bytes) -> bytes:
        root = self._base.get(address)
        if root is None:
            root = self._base[address] = self.account(address).storage_root
        return root

    def get_storage(self, address: Address, slot: int, from_journal: bool = True) -> int:
        if not from_journal:
            original = self._before.get((address, slot))
            if original is not None:
                return original
        slots = self._storage.get(address)
        if slots is None:
            slots = self._storage[address] = {}
        value = slots.get(slot)
        if value is None:
            raw = self._trie.get(self._base_root(address), slot_key(slot))
            value = slots[slot] = int.from_bytes(decode(raw), "big") if raw else 0
        return value

    def set_storage(self, address: Address, slot: int, value: int) -> None:
        old = self.get_storage(address, slot)
        if old == value:
            return
        slots = self._storage[address]
        self._before.setdefault((address, slot), old)
        # A reverted slot stays marked: folding an unchanged value gives the same trie.
        self._dirty_slots.setdefault(address, set()).add(slot)
        self._undo.append(lambda: slots.__setitem__(slot, old))
        slots[slot] = value

    def delete_storage(self, address: Address) -> None:
        slots, dirty = self._storage.get(address, {}), self._dirty_slots.get(address, set())
        base = self._base_root(address)

        def restore() -> None:
            self._storage[address] = slots
            self._dirty_slots[address] = dirty
            self._base[address] = base

        self._undo.append(restore)
        self._storage[address] = {}
        self._base[address] = EMPTY_ROOT
        self._dirty_slots[address] = set()

    def is_storage_warm(self, address: Address, slot: int) -> bool:
        return (address, slot) in self._warm

    def mark_storage_warm(self, address: Address, slot: int) -> None:
        self._mark((address, slot))

    def is_address_warm(self, address: Address) -> bool:
        return address in self._warm

    def mark_address_warm(self, address: Address) -> None:
        self._mark(address)

    def _mark(self, key: object) -> None:
        if key not in self._warm:
            self._warm.add(key)
            self._undo.append(lambda: self._warm.discard(key))

    # -- accounts ---------------------------------------------------------------------------

    def _account(self, address: bytes) -> Account | None:
        try:
            return self._accounts[address]
        except KeyError:
            raw = self._trie.get(self._root, keccak(address))
            account = self._accounts[address] = Account.from_bytes(raw) if raw else None
            return account

    def _set_account(self, address: bytes, account: Account | None) -> None:
        old = self._account(address)
        if old == account:
            return
        self._undo.append(lambda: self._accounts.__setitem__(address, old))
        self._dirty_accounts.add(address)
        self._accounts[address] = account

    def get_balance(self, address: Address) -> int:
        return self.account(address).balance

    def set_balance(self, address: Address, balance: int) -> None:
        self._set_account(address, self.account(address)._replace(balance=balance))

    def get_nonce(self, address: Address) -> int:
        return self.account(address).nonce

    def set_nonce(self, address: Address, nonce: int) -> None:
        self._set_account(address, self.account(address)._replace(nonce=nonce))

    def increment_nonce(self, address: Address) -> None:
        self.set_nonce(address, self.get_nonce(address) + 1)

    def get_code_hash(self, address: Address) -> Hash32:
        return Hash32(self.account(address).code_hash)

    def get_code(self, address: Address) -> bytes:
        digest = self.account(address).code_hash
        if digest == EMPTY_CODE:
            return b""
        return self._codes.get(digest) or self._store.code(digest)

    def set_code(self, address: Address, code: bytes) -> None:
        digest = keccak(code)
        self._codes[digest] = code
        self._set_account(address, self.account(address)._replace(code_hash=digest))

    def delete_code(self, address: Address) -> None:
        self._set_account(address, self.account(address)._replace(code_hash=EMPTY_CODE))

    def account_has_code_or_nonce(self, address: Address) -> bool:
        account = self.account(address)
        return account.nonce != 0 or account.code_hash != EMPTY_CODE

    def delete_account(self, address: Address) -> None:
        self.delete_storage(address)
        self._set_account(address, None)

    def account_exists(self, address: Address) -> bool:
        return self._account(address) is not None

    def touch_account(self, address: Address) -> None:
        self._set_account(address, self.account(address))

    def account_is_empty(self, address: Address) -> bool:
        return not self.account_has_code_or_nonce(address) and self.get_balance(address) == 0

    # -- checkpoints ------------------------------------------------------------------------

    def record(self) -> JournalDBCheckpoint:
        return JournalDBCheckpoint(len(self._undo))

    def discard(self, checkpoint: JournalDBCheckpoint) -> None:
        undo = self._undo
        while len(undo) > checkpoint:
            undo.pop()()

    def commit(self, checkpoint: JournalDBCheckpoint) -> None:
        """Nothing to do: the changes stay, and an outer checkpoint can still undo them."""

    def lock_changes(self) -> None:
        """A new transaction begins: what stands now is its "original" (EIP-2200), all is cold."""
        self._undo.clear()
        self._before.clear()
        self._warm.clear()

    # -- what py-evm's interface asks for and the block builder does otherwise --------------

    @property
    def state_root(self) -> Hash32:
        return Hash32(self._root)

    @state_root.setter
    def state_root(self, value: Hash32) -> None:
        # py-evm sets it when it reverts a call; roots only change between two blocks here.
        assert value == self._root

    def has_root(self, state_root: bytes) -> bool:
        return state_root == self._root

    def make_state_root(self) -> Hash32:
        raise NotImplementedError("the block builder folds the state")

    def persist(self) -> MetaWitnessAPI:
        raise NotImplementedError("the block builder writes the state")
