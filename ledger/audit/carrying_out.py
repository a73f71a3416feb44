"""One audit of one data directory, from opening its files to the report.

The directory is held meanwhile as a running service holds it, so the service must be stopped; a
second process is told which one holds it. Nothing in it is changed: files are opened for reading
only, what has to be made is made in a temporary directory and removed at the end.
"""

import sqlite3
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from ledger.audit import chain_file, chain_node, documents, files, index, outbox, verdicts
from ledger.audit.checkpoints import Brought, Checking, read_brought
from ledger.audit.index import Rebuilt
from ledger.audit.report import PARTS, Finding, Part, Progress, Report
from ledger.audit.service_key import service_keys
from ledger.chain.deployment import Deployment
from ledger.chain.embedded import EmbeddedChain
from ledger.chain.json_rpc import JsonRpcChain
from ledger.chain.profiles import PROFILES
from ledger.chain.protocol import LedgerGateway
from ledger.chain.store import ProcessLock
from ledger.errors import RequestError, UnavailableError
from ledger.index.raw import Source, SqliteSource, postgres
from ledger.workspace import Settings, held

#: How the database is called in a data directory, unless another one is named.
DATABASE: Final = "service.sqlite"


def audit(
    data: Path,
    *,
    clock: Callable[[], float],
    parts: Collection[str] = PARTS,
    checkpoints: Path | None = None,
    progress: Progress = lambda part, done, of: None,
    tell: Callable[[Finding], None] = lambda finding: None,
) -> Report:
    """Check the parts (:data:`~ledger.audit.report.PARTS`) of the ledger in the directory.

    ``checkpoints`` is a file of checkpoints that others hold; with it a ledger that was restored
    whole from an old backup is found. ``clock``: seconds since 1970, which the chain is opened
    with. ``tell`` hears of each finding as
    it is made. :class:`~ledger.errors.LedgerInUseError` where a service has the ledger open,
    :class:`RequestError` where there is none, :class:`UnavailableError` where a database server or
    a node does not answer.
    """
    for part in parts:
        if part not in PARTS:
            raise RequestError(
                f"{part!r} is no part of an audit; parts are {', '.join(PARTS)}",
                message_zh=f"{part!r} 不是审计的组成部分；可选：{'、'.join(PARTS)}",
                field="only",
                code="audit.part",
            )
    brought = None if checkpoints is None else read_brought(checkpoints)
    settings = Settings.load(data / "settings.json")
    try:
        deployment = Deployment.load(data / "deployment.json")
    except OSError as error:
        raise UnavailableError(
            f"deployment.json, which pins the ledger, cannot be read: {error.strerror}"
        ) from error
    report = Report(tell)
    with ExitStack() as resources:
        resources.enter_context(_held(data))
        scratch = Path(resources.enter_context(tempfile.TemporaryDirectory(prefix="suyuan-audit-")))
        auditing = _Audit(data, settings, deployment, clock, scratch, report, progress, resources)
        auditing.run([part for part in PARTS if part in parts], brought)
    return report


def _held(data: Path) -> ExitStack:
    try:
        with held(data) as resources:
            chain = data / chain_file.FILE
            if chain.exists():
                resources.callback(ProcessLock(chain.with_name(chain.name + ".lock")).release)
            return resources
    except OSError as error:
        raise UnavailableError(
            f"{data} cannot be held for the audit: {error.strerror}", code="audit.lock"
        ) from error


class _Audit:
    def __init__(
        self,
        data: Path,
        settings: Settings,
        deployment: Deployment,
        clock: Callable[[], float],
        scratch: Path,
        report: Report,
        progress: Progress,
        resources: ExitStack,
    ) -> None:
        self._data = data
        self._settings = settings
        self._deployment = deployment
        self._clock = clock
        self._scratch = scratch
        self._report = report
        self._progress = progress
        self._resources = resources
        self._rebuilt: Rebuilt | None = None

    def run(self, parts: Collection[str], brought: Brought | None) -> None:
        """Check these parts, in this order."""
        first = Part(next(iter(parts), "chain"), self._report)
        gateway = self._chain("chain" in parts, first)
        if set(parts) == {"chain"}:
            return
        live = self._live(Part("index", self._report) if "index" in parts else first)
        if live is not None and "documents" in parts:
            with self._guarded(live, "documents", "stored_document") as part:
                documents.check(self._data / "documents", live, part, self._progress)
        if gateway is None or live is None or set(parts) <= {"chain", "documents"}:
            return
        rebuilt = self._read(gateway)
        if "index" in parts:
            part = Part("index", self._report)
            alone = not self._settings.rpc_url
            index.check(live, rebuilt, gateway, self._deployment, part, self._progress, alone=alone)
        position = rebuilt.read()
        if position is None or rebuilt.trouble is not None:
            if "index" not in parts:
                index.unreadable(rebuilt.trouble, first)
            return
        if "verdicts" in parts:
            with self._guarded(live, "verdicts", "stored_verdict") as part:
                verdicts.check(live, rebuilt.index, position.size, part, self._progress)
        keys: frozenset[bytes] = frozenset()
        if "checkpoints" in parts or "outbox" in parts:
            keys = self._keys(brought, live)
        if "checkpoints" in parts:
            with self._guarded(live, "checkpoints", "checkpoint") as part:
                checking = Checking(rebuilt.index, position.size, gateway, self._deployment, part)
                if brought is not None:
                    checking.check_held(brought.held, "--checkpoints")
                checking.check_kept(live, keys, self._progress)
        if "outbox" in parts:
            with self._guarded(live, "outbox", "outbox_entry") as part, rebuilt.source() as ledger:
                outbox.Checking(
                    live,
                    ledger,
                    rebuilt.index,
                    gateway,
                    self._deployment,
                    keys,
                    part,
                    self._progress,
                ).run()

    @contextmanager
    def _guarded(self, live: Source, part: str, where: str) -> Iterator[Part]:
        """What the live database cannot give is a finding of the part."""
        found = Part(part, self._report)
        try:
            yield found
        except live.errors as error:
            files.unreadable(found, where, error)

    # -- opening

    def _keys(self, brought: Brought | None, live: Source) -> frozenset[bytes]:
        """The addresses of the service's keys for checkpoints and receipts."""
        folder = self._data / "keys"
        return service_keys(
            folder / "checkpoint.json",
            Path(self._settings.password_file or folder / "checkpoint.password"),
            frozenset() if brought is None else brought.keys,
            live,
            self._deployment,
            self._report,
        )

    def _chain(self, check: bool, part: Part) -> LedgerGateway | None:
        """The chain, checked if it is asked for; None where its file cannot be read at all."""
        if self._settings.rpc_url:
            node = JsonRpcChain(
                self._settings.rpc_url,
                chain_id=self._settings.chain_id,
                profile=PROFILES[self._settings.profile],
                genesis_hash=self._deployment.genesis_hash,
            )
            self._resources.callback(node.close)
            if check:
                chain_node.check(node, self._deployment, part, self._progress)
            return node
        if not (self._data / chain_file.FILE).is_file():
            files.missing(part, chain_file.FILE)
            return None
        try:
            path = files.settled(self._data / chain_file.FILE, self._scratch)
            if check:
                chain_file.check(path, self._deployment, self._scratch, part, self._progress)
            chain = EmbeddedChain(
                path,
                chain_id=self._settings.chain_id,
                clock=self._clock,
                genesis_hash=self._deployment.genesis_hash,
                read_only=True,
            )
        except Exception as error:  # a damaged file may hold any bytes in any place
            files.unreadable(part, chain_file.FILE, error)
            return None
        self._resources.callback(chain.close)
        return chain

    def _live(self, part: Part) -> Source | None:
        """The live database; None where its file cannot be read at all."""
        if self._settings.database_url.startswith("postgresql"):
            return self._resources.enter_context(postgres(self._settings.database_url))
        path = self._data / DATABASE
        if self._settings.database_url:
            path = Path(self._settings.database_url.partition("///")[2])
        if not path.is_file():
            files.missing(part, path.name)
            return None
        try:
            connection = self._resources.enter_context(
                files.reading(files.settled(path, self._scratch))
            )
            if not files.check_structure(connection, path.name, part):
                return None
        except sqlite3.Error as error:
            files.unreadable(part, path.name, error)
            return None
        return SqliteSource(connection)

    def _read(self, gateway: LedgerGateway) -> Rebuilt:
        path = self._scratch / "rebuilt.sqlite"
        rebuilt = Rebuilt(path, gateway, self._deployment, self._progress)
        self._resources.callback(rebuilt.close)
        return rebuilt
