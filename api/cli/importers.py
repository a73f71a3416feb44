"""Where an import goes: the ledger in a directory, or the one that a running service holds.

Both say what is held already, keep documents and record entries. Keys stay on this machine.
"""

import argparse
import mimetypes
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Protocol, Self

from api.cli.keys import signer_of
from api.cli.where import client_of, workspace_of
from api.client import SuyuanClient
from ledger.authoring import Author
from ledger.catalogue import Catalogue
from ledger.catalogue import load as load_catalogue
from ledger.citing import citations
from ledger.errors import RequestError
from ledger.importing.holdings import issued_keys, organisations_of, register_state
from ledger.importing.issues import issue_key
from ledger.importing.recording import finish, record
from ledger.importing.register_state import RegisterState
from ledger.signing import Signer
from ledger.template import TemplateReading
from ledger.typed_data import Citation, SignedEntry, organisation_id
from ledger.vocabulary import AccountState
from ledger.workspace import Workspace

#: What ended an account, in Chinese.
_ENDED: Final[Mapping[AccountState, str]] = {
    AccountState.DISABLED: "停用",
    AccountState.REMOVED: "移除",
    AccountState.COMPROMISED: "被声明泄露",
}
#: A document's name at a service is no longer than this.
_LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Settled:
    """An entry at its end: its place in the log, or why it was refused, in English and Chinese."""

    digest: str
    sequence: int | None
    refusal: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Issued:
    """What concerns an issuer's table: which holders exist, and the keys (``issue_key``) of what
    they hold of this issuer."""

    organisations: frozenset[bytes]
    keys: frozenset[bytes]


class Importer(Protocol):
    """One ledger, open for one author. Leaving it closes it."""

    author: Author
    catalogue: Catalogue

    def register_state(self, register: str) -> RegisterState: ...

    def issued(self, reading: TemplateReading) -> Issued: ...

    def existing(self, lots: Collection[bytes]) -> frozenset[bytes]:
        """Which of these lots (ids) of the author's organisation the ledger has."""

    def keep(self, name: str, data: bytes) -> None:
        """Keep a document of the author's organisation, for everyone who reads the ledger."""

    def citations(self, category: str, model: str, at: int) -> tuple[Citation, ...]:
        """What the author's organisation cites for goods that it made at this time."""

    def max_lateness(self) -> int | None:
        """How far back an entry may lie, in seconds; None where only the ledger can say."""

    def record(
        self, entries: Sequence[SignedEntry], progress: Callable[[int, int], None]
    ) -> Iterator[Settled]: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def importer_of(options: argparse.Namespace) -> Importer:
    """The ledger that ``--data`` or ``--server`` names, with nothing on its way any more, for
    the account of ``--key``; :class:`RequestError` where that is none that signs."""
    signer = signer_of(options)
    client = client_of(options, signer)
    with ExitStack() as failing:
        if client is not None:
            failing.enter_context(client)
            importer: Importer = _Service(client, signer)
        else:
            workspace = workspace_of(options)
            failing.callback(workspace.close)
            importer = _Directory(workspace, signer)
        failing.pop_all()
    return importer


def _check(signer: Signer, state: AccountState) -> None:
    if state is AccountState.LIVE:
        return
    raise RequestError(
        f"the account 0x{signer.address.hex()} is {state.name.lower()}; "
        "nothing that it signs is recorded",
        message_zh=f"账户 0x{signer.address.hex()} 已{_ENDED[state]}，其签名不再有效",
        field="key",
        code="import.account",
    )


def _no_account(signer: Signer) -> RequestError:
    return RequestError(
        f"0x{signer.address.hex()} is no account on this ledger",
        message_zh=f"0x{signer.address.hex()} 不是本账本上的账户",
        field="key",
        code="import.account",
    )


class _Directory:
    """A ledger in a directory that no other process holds."""

    def __init__(self, workspace: Workspace, signer: Signer) -> None:
        finish(workspace)
        index = workspace.index
        account = index.account(signer.address)
        if account is None:
            raise _no_account(signer)
        _check(signer, account.state)
        self._workspace = workspace
        self.catalogue = workspace.catalogue
        self.author = Author(
            signer, account.organisation, workspace.domains, index.next_nonce, time.time
        )

    def register_state(self, register: str) -> RegisterState:
        return register_state(self._workspace.index, self.author.organisation, register)

    def issued(self, reading: TemplateReading) -> Issued:
        index = self._workspace.index
        return Issued(
            organisations_of(index, reading),
            issued_keys(index, self.author.organisation, reading),
        )

    def existing(self, lots: Collection[bytes]) -> frozenset[bytes]:
        return frozenset(self._workspace.index.lots.by_ids(lots))

    def keep(self, name: str, data: bytes) -> None:
        self._workspace.keep_document(data, name, self.author.organisation)

    def citations(self, category: str, model: str, at: int) -> tuple[Citation, ...]:
        workspace, holder = self._workspace, self.author.organisation
        return citations(
            workspace.history(holder, category),
            holder,
            category,
            model,
            at=at,
            now=int(time.time()),
            digest_of=self._digest,
        )

    def _digest(self, sequence: int) -> bytes:
        entry = self._workspace.index.entry(sequence)
        assert entry is not None
        return entry.digest

    def max_lateness(self) -> int | None:
        index = self._workspace.index
        # Rules of the whole ledger stand in the chain of the registry itself.
        registry = self._workspace.deployment.address("ParticipantRegistry").rjust(32, b"\0")
        said = [
            e["maxLateness"] for e in index.by_subject(registry) if e.action == "SetMaxLateness"
        ]
        return int(str(said[-1])) if said else index.founding().max_lateness

    def record(
        self, entries: Sequence[SignedEntry], progress: Callable[[int, int], None]
    ) -> Iterator[Settled]:
        for status in record(self._workspace, entries, progress):
            refusal = status.refusal
            reason = None if refusal is None else (refusal.message, refusal.message_zh)
            yield Settled("0x" + status.digest.hex(), status.sequence, reason)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._workspace.close()


class _Service:
    """The ledger of a running service."""

    def __init__(self, client: SuyuanClient, signer: Signer) -> None:
        try:
            account = client.account(signer.address)
        except RequestError as error:
            if error.code != "account.unknown":
                raise
            raise _no_account(signer) from None
        if not account["own"]:
            raise RequestError(
                "the token is of another organisation than the key, so it does not show what "
                "becomes of the entries; use a token of the key's organisation",
                message_zh="令牌与密钥不属于同一机构，无法查看条目的结果；请使用密钥所属机构的令牌",
                field="token-file",
                code="import.token",
            )
        _check(signer, AccountState[account["state"].upper()])
        client.await_idle()
        self._client = client
        self.catalogue = load_catalogue()
        self.author = Author(
            signer,
            bytes.fromhex(account["organisation"][2:]),
            client.domains(),
            client.next_nonce,
            time.time,
        )

    def register_state(self, register: str) -> RegisterState:
        return self._client.register_state(register, self.author.organisation)

    def issued(self, reading: TemplateReading) -> Issued:
        organisations, keys = set(), set()
        own = "0x" + self.author.organisation.hex()
        for holder in {organisation_id(i.holder.kind, i.holder.value) for i in reading.issues}:
            name = "0x" + holder.hex()
            try:
                told = self._client.qualifications(name)
            except RequestError as error:
                if error.code != "supplier.unknown":
                    raise
                continue
            organisations.add(holder)
            # What another record of the same firm holds is told too, and is not meant here.
            keys |= {
                issue_key(holder, q["category"], q["model"], q["kind"], q["number"])
                for q in told["qualifications"]
                if (q["holder"], q["author"]) == (name, own)
            }
        return Issued(frozenset(organisations), frozenset(keys))

    def existing(self, lots: Collection[bytes]) -> frozenset[bytes]:
        return frozenset(self._client.lots_made(self.author.organisation)).intersection(lots)

    def keep(self, name: str, data: bytes) -> None:
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        self._client.store_document(data, media_type, name[-_LONGEST_NAME:], "ledger")

    def citations(self, category: str, model: str, at: int) -> tuple[Citation, ...]:
        raise RequestError(
            "cited: over a service the citations must be given; beside the ledger they are found",
            message_zh="cited：通过服务提交时须给出引用；在账本所在目录可自动查找",
            field="cited",
            code="citation.remote",
        )

    def max_lateness(self) -> int | None:
        return None

    def record(
        self, entries: Sequence[SignedEntry], progress: Callable[[int, int], None]
    ) -> Iterator[Settled]:
        for told in self._client.submit_many(entries, progress):
            detail = told["refusal"] and told["refusal"]["detail"]
            reason = (detail["en"], detail["zh"]) if detail else None
            yield Settled(told["digest"], told["sequence"], reason)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()
