"""One ledger at work: its data directory opened, its parts joined.

A data directory holds everything of one service: ``settings.json``, ``deployment.json`` (what is
pinned), ``keys/`` (the relayer's key and the one for checkpoints and receipts, each in a keystore
with a password file, mode 0600), ``documents/``, the
embedded chain (``chain.sqlite``) unless a node is named, and the database (``service.sqlite``)
unless one is named. One process at a time; a second gets ``LedgerInUseError``.

>>> workspace = Workspace.open(Path("data"), clock=time.time)
>>> workspace.decide(question)
"""

import json
import logging
import mimetypes
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from ledger.bundling import Bundler
from ledger.catalogue import Catalogue
from ledger.catalogue import load as load_catalogue
from ledger.chain.artifacts import load_artifacts
from ledger.chain.deployment import BATCHES, Deployment, FoundingTerms, deploy, deploy_batches
from ledger.chain.embedded import EmbeddedChain
from ledger.chain.json_rpc import JsonRpcChain
from ledger.chain.profiles import PROFILES
from ledger.chain.protocol import LedgerGateway
from ledger.chain.relayer import Deployer, Relayer
from ledger.chain.store import ProcessLock
from ledger.checkpointing import Checkpoints
from ledger.documents import DocumentStore
from ledger.errors import RequestError, UnavailableError
from ledger.evidence.bundle import ClaimedReceipt
from ledger.gathering import gather, touches
from ledger.history import History
from ledger.index.checkpoints import KeptCheckpoint
from ledger.index.database import Database
from ledger.index.repository import Index
from ledger.index.store import Document, Store
from ledger.indexing import Indexer
from ledger.keystore import check_new, load_key, new_key, read_password, save_key, write_secret
from ledger.offer import Offer, gather_offer
from ledger.policy import Policy, default_policy
from ledger.question import Question
from ledger.signing import Signer, recover
from ledger.submission import Relay, Submitter
from ledger.typed_data import Domain, SignedEntry
from ledger.verdict import Verdict, decide

#: The file in a data directory that the process holds which has it open.
LOCK: Final = "service.lock"

_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a data directory is made for. ``rpc_url`` empty: the embedded chain.
    ``database_url`` empty: SQLite in the directory. ``password_file`` empty: the one beside each
    keystore."""

    chain_id: int
    profile: str = "embedded"
    rpc_url: str = ""
    database_url: str = ""
    password_file: str = ""

    def __post_init__(self) -> None:
        if type(self.chain_id) is not int or not 0 < self.chain_id < 1 << 63:
            raise _wrong_setting("chain_id", "must be a whole number above 0", "须为正整数")
        for name in ("profile", "rpc_url", "database_url", "password_file"):
            if not isinstance(getattr(self, name), str):
                raise _wrong_setting(name, "must be text", "须为文本")
        if self.profile not in PROFILES:
            known = ", ".join(PROFILES)
            raise _wrong_setting("profile", f"must be one of {known}", f"须为 {known} 之一")
        if (self.profile == "embedded") != (not self.rpc_url):
            raise _wrong_setting(
                "profile",
                "a node (rpc_url) goes with its profile; without one the profile is embedded",
                "指定节点（rpc_url）时须指定其 profile；否则 profile 为 embedded",
            )

    def save(self, path: Path) -> None:
        """Write the file as a whole or not at all."""
        temporary = path.with_name(path.name + ".new")
        temporary.write_text(json.dumps(asdict(self), indent=2) + "\n")
        temporary.replace(path)

    @classmethod
    def load(cls, path: Path) -> "Settings":
        """The settings in the file; :class:`RequestError` names the one that is wrong."""
        try:
            data: Mapping[str, Any] = json.loads(path.read_text())
            return cls(**data)
        except FileNotFoundError:
            raise RequestError(
                f"{path.parent} is no data directory of a ledger; make one with `suyuan deploy`",
                message_zh=f"{path.parent} 不是账本数据目录；请用 `suyuan deploy` 创建",
                field="data",
                code="workspace.missing",
            ) from None
        except (TypeError, ValueError) as error:
            raise RequestError(
                f"{path}: {error}",
                message_zh=f"{path}：{error}",
                field="settings",
                code="workspace.settings",
            ) from error
        except OSError as error:
            raise UnavailableError(f"{path} cannot be read: {error.strerror}") from error


def _wrong_setting(name: str, english: str, chinese: str) -> RequestError:
    return RequestError(
        f"{name} {english}",
        message_zh=f"{name} {chinese}",
        field=name,
        code="workspace.settings",
    )


class Workspace:
    """An open ledger. Reading is safe from any thread; one background thread relays and indexes."""

    #: How many suppliers' histories are kept ready.
    KEPT_HISTORIES: Final = 4096
    #: For so long a repeated request gets its first answer again, in seconds.
    KEPT_ANSWERS: Final = 7 * 86400

    def __init__(
        self,
        data: Path,
        settings: Settings,
        deployment: Deployment,
        gateway: LedgerGateway,
        clock: Callable[[], float],
        resources: ExitStack,
    ) -> None:
        """See :meth:`create` and :meth:`open`; ``resources`` are given back on :meth:`close`."""
        self.data = data
        self.settings = settings
        self.deployment = deployment
        self.gateway = gateway
        self.clock = clock
        deployment.verify(gateway)
        self.database = Database(_database_url(data, settings))
        resources.callback(self.database.close)
        self.database.migrate()
        self.index = Index(self.database)
        self.store = Store(self.database)
        self.documents = DocumentStore(data / "documents")
        self.catalogue: Catalogue = load_catalogue()
        self.policy: Policy = default_policy()
        self.relayer = Relayer(
            _relayer_key(data, settings),
            chain_id=settings.chain_id,
            profile=gateway.profile,
            contracts=[deployment.address(name) for name in deployment.ledgers],
        )
        self.indexer = Indexer(gateway, self.database, deployment)
        self.indexer.sync()
        self._service_key: Signer | None = None
        self._opening_key = threading.Lock()
        self.checkpoints = Checkpoints(
            gateway,
            self.indexer,
            self.index,
            self.store.checkpoints,
            deployment,
            key=self.service_key,
            clock=clock,
        )
        self.evidence = Bundler(
            self.index,
            self.checkpoints,
            self.store.checkpoints,
            deployment,
            self.policy.freshness,
        )
        self.submitter = Submitter(
            self.store, self.index, deployment, clock=clock, key=self.service_key
        )
        self.relay = Relay(self.store, self.index, gateway, deployment, self.relayer, clock=clock)
        self._histories: OrderedDict[tuple[bytes, str], History] = OrderedDict()
        self._seen = self.index.position().size
        self._recorded_until = self._time_of_last_entry()
        self._tidied = 0.0
        self._guard = threading.Lock()
        self._worker: threading.Thread | None = None
        self._wake = threading.Event()
        self._stopping = threading.Event()
        #: Why the ledger does not move on, if it does not (R21).
        self.trouble: Exception | None = None
        self._resources = resources

    # -- making and opening ----------------------------------------------------------------------

    @classmethod
    def create(
        cls,
        data: Path,
        settings: Settings,
        terms: FoundingTerms,
        *,
        clock: Callable[[], float],
    ) -> "Workspace":
        """Deploy a new ledger and open it. The directory must not hold one already."""
        (data / "keys").mkdir(parents=True, exist_ok=True, mode=0o700)
        # Verdicts, tokens' hashes and the access log are nobody else's on this machine.
        data.chmod(0o700)
        with held(data) as resources:
            if (data / "deployment.json").exists():
                raise RequestError(
                    f"{data} holds a ledger already",
                    message_zh=f"{data} 中已有账本",
                    field="data",
                    code="workspace.exists",
                )
            relayer = _new_relayer_key(data, settings)
            gateway = _gateway(data, settings, None, clock)
            resources.callback(gateway.close)
            deployer = Deployer(relayer, chain_id=settings.chain_id, profile=gateway.profile)
            deployment = deploy(gateway, load_artifacts(), terms, deployer)
            settings.save(data / "settings.json")
            deployment.save(data / "deployment.json")
            return cls(data, settings, deployment, gateway, clock, resources)

    @classmethod
    def open(cls, data: Path, *, clock: Callable[[], float]) -> "Workspace":
        """Open an existing ledger; :class:`ForeignLedgerError` where chain, contracts or database
        are not the pinned ones, :class:`LedgerInUseError` where another process has it open."""
        settings = Settings.load(data / "settings.json")
        deployment = _pinned(data / "deployment.json")
        with held(data) as resources:
            gateway = _gateway(data, settings, deployment.genesis_hash, clock)
            resources.callback(gateway.close)
            return cls(data, settings, deployment, gateway, clock, resources)

    def add_batches(self) -> None:
        """Deploy the contracts for batches beside those of a ledger that was founded without them.

        They are pinned at once and used from the next opening on. Nothing may be under way to the
        chain, for the relayer deploys them.
        """
        if BATCHES in self.deployment.contracts:
            raise RequestError(
                f"this ledger has {BATCHES} already",
                message_zh=f"本账本已有 {BATCHES} 合约",
                field="add",
                code="workspace.deployed",
            )
        if self.relay.health().under_way:
            raise UnavailableError("entries are under way to the chain; try again when they are in")
        chain_id, profile = self.settings.chain_id, self.gateway.profile
        key = _relayer_key(self.data, self.settings)
        deployer = Deployer(key, chain_id=chain_id, profile=profile)
        added = deploy_batches(self.gateway, load_artifacts(), self.deployment, deployer)
        added.save(self.data / "deployment.json")

    def close(self) -> None:
        self.stop()
        self._resources.close()

    @property
    def domains(self) -> Mapping[str, Domain]:
        """The EIP-712 domain of each contract that takes entries."""
        return {name: self.deployment.domain(name) for name in self.deployment.ledgers}

    def service_key(self) -> Signer:
        """The service's own key, for checkpoints and receipts and nothing else; made when it is
        needed for the first time."""
        with self._opening_key:
            if self._service_key is None:
                keystore, password_file = _key_files(self.data, self.settings, "checkpoint")
                self._service_key = (
                    load_key(keystore, read_password(password_file))
                    if keystore.exists()
                    else make_key(keystore, password_file)
                )
            return self._service_key

    def checkpoint(
        self, known_at: int | None = None, *, size: int | None = None, fresh: bool = False
    ) -> KeptCheckpoint:
        """A checkpoint with all entries that the index has (or with ``size`` of them at least), not
        made before ``known_at``; see :meth:`Checkpoints.usable`."""
        return self.checkpoints.usable(size=size, known_at=known_at, fresh=fresh)

    def withheld(self, digest: bytes, *, witnesses: bool = False) -> bytes:
        """Evidence that the entry with this digest, which was accepted here, was not recorded by
        its deadline, with the receipt that it would be.

        :class:`RequestError` for ``id`` where no such entry was accepted (``entry.unknown``), or
        its deadline is yet to pass (``evidence.not-yet``).
        """
        waiting = self.store.outbox.entries([digest]).get(digest)
        if waiting is None:
            raise RequestError(
                "no entry of this digest was accepted here",
                message_zh="此处未受理过该摘要的条目",
                field="id",
                code="entry.unknown",
            )
        if int(self.clock()) <= waiting.deadline:
            raise RequestError(
                "the entry is not recorded yet; that it was not, is only proved after its deadline",
                message_zh="该条目尚未被记录；未被记录须在其期限之后方可证明",
                field="id",
                code="evidence.not-yet",
                values={"deadline": waiting.deadline},
            )
        signed = SignedEntry.unpack(waiting.contract, waiting.packed)
        nonce, given = signed.entry.values["nonce"], self.submitter.receipt(digest)
        assert isinstance(nonce, int)
        receipt = None
        if given is not None:
            said = given.statement
            receipt = ClaimedReceipt(digest, said.deadline, said.accepted_at, given.signature)
        account = recover(digest, signed.signatures[0])
        return self.evidence.absence(
            waiting.contract, account, nonce, digest=digest, receipt=receipt, witnesses=witnesses
        )

    def keep_document(self, data: bytes, name: str, organisation: bytes) -> bytes:
        """Keep a document of an organisation's own, visible to who can read the ledger."""
        digest = self.documents.put(data)
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        self.store.put_document(
            Document(
                hash=digest,
                organisation=organisation,
                person="",
                size=len(data),
                media_type=media_type,
                name=name,
                visibility="ledger",
                stored_at=int(self.clock()),
            )
        )
        return digest

    # -- moving on -------------------------------------------------------------------------------

    def pump(self) -> bool:
        """One round: relay what waits, index what is final, make a checkpoint if it is time.
        Whether anything moved."""
        moved = self.relay.step()
        after = self.indexer.sync().size
        self.checkpoints.step(after)
        if after == self._seen:
            return moved
        self._forget(after)
        return True

    def start(self) -> bool:
        """Relay and index in the background until :meth:`stop`; whether it was not done already."""
        if self._worker is not None:
            return False
        self._stopping.clear()
        self._worker = threading.Thread(target=self._work, name="ledger", daemon=True)
        self._worker.start()
        return True

    def stop(self) -> None:
        if self._worker is not None:
            self._stopping.set()
            self._wake.set()
            self._worker.join()
            self._worker = None

    def wake(self) -> None:
        """Say that there is something to relay."""
        self._wake.set()

    def _work(self) -> None:
        self.service_key()  # to open it takes a second, which nobody shall wait for
        while not self._stopping.is_set():
            moved = False
            try:
                moved = self.pump()
                self._tidy()
                self._note(None)
            except Exception as trouble:
                # Everything accepted stays queued, and the next round tries again. A broken chain
                # or index must be seen, not end the thread unseen: `health` says it.
                self._note(trouble)
            if not moved:
                self._wake.wait(1.0 if self.trouble else 0.25)
                self._wake.clear()

    def _tidy(self) -> None:
        """Forget the answers to requests that nobody repeats any more, once an hour."""
        now = self.clock()
        if now >= self._tidied + 3600:
            self.store.forget_answers(now - self.KEPT_ANSWERS)
            self._tidied = now

    def _note(self, trouble: Exception | None) -> None:
        """Remember and log what stands in the way, once for as long as it is the same."""
        before, self.trouble = self.trouble, trouble
        if trouble is None:
            if before is not None:
                _log.warning("the ledger moves on again")
        elif (type(trouble), str(trouble)) != (type(before), str(before)):
            expected = isinstance(trouble, UnavailableError)
            _log.error("the ledger does not move: %s", trouble, exc_info=not expected)

    def pause(self, rounds: int) -> None:
        """Wait a little for a chain that makes blocks in its own time."""
        if self.gateway.profile.block_period and rounds:
            self._stopping.wait(self.gateway.profile.block_period / 4)

    # -- deciding --------------------------------------------------------------------------------

    @property
    def position(self) -> int:
        """How many entries of the ledger judgements stand on now."""
        return self._seen

    @property
    def recorded_until(self) -> int:
        """The time of the last of them; a little ahead of the clock after many fast blocks."""
        return self._recorded_until

    def is_ready(self, organisation: bytes, category: str) -> bool:
        """Whether :meth:`history` answers at once, without reading the index."""
        return (organisation, category) in self._histories

    def history(self, organisation: bytes, category: str) -> History:
        """All that bears on the organisation in this category, as of the index's position."""
        key = (organisation, category)
        with self._guard:
            kept = self._histories.get(key)
            position = self._seen
            if kept is not None:
                self._histories.move_to_end(key)
        if kept is not None:
            return kept if kept.position == position else kept.at(position)
        founding = self.index.founding()
        history = gather(self.index, founding, organisation, category, position)
        with self._guard:
            if self._seen == position:
                self._histories[key] = history
                while len(self._histories) > self.KEPT_HISTORIES:
                    self._histories.popitem(last=False)
        return history

    def decide(self, question: Question) -> Verdict:
        history = self.history(question.organisation, question.category)
        offer = self.offer(question, self.policy, history.position) if question.lots else None
        return decide(history, question, self.policy, offer)

    def decide_at(self, question: Question, policy: Policy, position: int) -> Verdict:
        """The same by this policy, from the first ``position`` entries alone."""
        history = self.history_at(question.organisation, question.category, position)
        offer = self.offer(question, policy, position) if question.lots else None
        return decide(history, question, policy, offer)

    def history_at(self, organisation: bytes, category: str, position: int) -> History:
        """As :meth:`history`, as of a position that may have passed."""
        kept = self.history(organisation, category)
        if kept.position == position:
            return kept
        return gather(self.index, self.index.founding(), organisation, category, position)

    def offer(self, question: Question, policy: Policy, position: int) -> Offer | None:
        """All that bears on the lots that the question offers, as of the position."""
        return gather_offer(
            self.index.lots,
            self.index,
            self.index.founding(),
            lambda organisation, category: self.history_at(organisation, category, position),
            question,
            policy,
            position,
        )

    def _forget(self, size: int) -> None:
        """Drop the histories that the new entries touch."""
        touched: set[bytes] = set()
        until = self._recorded_until
        for entry in self.index.entries(self._seen, size - self._seen):
            touched |= touches(entry)
            until = entry.recorded_at
        with self._guard:
            for key in [k for k, h in self._histories.items() if h.watched & touched]:
                del self._histories[key]
            self._seen = size
            self._recorded_until = until

    def _time_of_last_entry(self) -> int:
        last = self.index.entry(self._seen - 1)
        return 0 if last is None else last.recorded_at


@contextmanager
def held(data: Path) -> Iterator[ExitStack]:
    """Hold the directory for this process, until the resources are given back. What is opened
    meanwhile belongs to them; all is given back at once if the block fails.

    :class:`LedgerInUseError` names the process that holds it."""
    resources = ExitStack()
    try:
        resources.callback(ProcessLock(data / LOCK).release)
        yield resources
    except BaseException:
        resources.close()
        raise


def make_key(keystore: Path, password_file: Path) -> Signer:
    """A new key in a key file with a random password beside it, both readable by their owner. A
    password that stands there already is the new key's; a key file is never touched."""
    check_new(keystore)
    if not password_file.exists():
        write_secret(password_file, secrets.token_urlsafe(32).encode() + b"\n")
    return save_key(keystore, new_key(), read_password(password_file))


def _key_files(data: Path, settings: Settings, name: str) -> tuple[Path, Path]:
    """The keystore of this name, and the file with its password."""
    folder = data / "keys"
    return folder / f"{name}.json", Path(settings.password_file or folder / f"{name}.password")


def _new_relayer_key(data: Path, settings: Settings) -> Signer:
    """A key for the relayer, or the one that a founding which came to nothing has left there."""
    keystore, password_file = _key_files(data, settings, "relayer")
    if keystore.exists():
        return _relayer_key(data, settings)
    return make_key(keystore, password_file)


def _relayer_key(data: Path, settings: Settings) -> Signer:
    keystore, password_file = _key_files(data, settings, "relayer")
    return load_key(keystore, read_password(password_file))


def _pinned(path: Path) -> Deployment:
    try:
        return Deployment.load(path)
    except OSError as error:
        raise UnavailableError(
            f"{path}, which pins the ledger, cannot be read: {error.strerror}"
        ) from error


def _database_url(data: Path, settings: Settings) -> str:
    return settings.database_url or f"sqlite:///{data.resolve() / 'service.sqlite'}"


def _gateway(
    data: Path,
    settings: Settings,
    genesis_hash: bytes | None,
    clock: Callable[[], float],
) -> LedgerGateway:
    if settings.rpc_url:
        return JsonRpcChain(
            settings.rpc_url,
            chain_id=settings.chain_id,
            profile=PROFILES[settings.profile],
            genesis_hash=genesis_hash,
        )
    return EmbeddedChain(
        data / "chain.sqlite", chain_id=settings.chain_id, clock=clock, genesis_hash=genesis_hash
    )
