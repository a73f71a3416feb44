"""Whose signatures under checkpoints and receipts are the service's.

The keystore tells it. Where that is not to be had, the anchors do that the auditor brought along,
and where there are none, the kept checkpoints: the key that sealed most of them. Which of these it
was is said in the report, for they are worth less and less.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from ledger.audit.report import Report
from ledger.chain.deployment import Deployment
from ledger.errors import RequestError, SuyuanError
from ledger.evidence import canonical
from ledger.evidence.bundle import Checkpoint
from ledger.evidence.headers import Header
from ledger.evidence.signed import LOG, CheckpointStatement, domain
from ledger.index.raw import Source
from ledger.keystore import load_key, read_password
from ledger.signing import recover


def service_keys(
    keystore: Path,
    password: Path,
    anchored: frozenset[bytes],
    live: Source,
    deployment: Deployment,
    report: Report,
) -> frozenset[bytes]:
    """The addresses (20 bytes each) of the service's keys; none where nothing tells them.
    ``anchored``: those that the auditor's anchors name."""
    try:
        return frozenset((load_key(keystore, read_password(password)).address,))
    except SuyuanError as error:
        why = str(error)
        why_zh = error.message_zh if isinstance(error, RequestError) else why
    english = f"The service's key could not be had ({why}). "
    chinese = f"无法取得服务密钥（{why_zh}）。"
    if anchored:
        english += "Checkpoints and receipts were held against the keys in --checkpoints."
        chinese += "检查点与回执按 --checkpoints 文件所列密钥核对。"
        report.notes.append((english, chinese))
        return anchored
    sealed = Counter(_sealers(live, deployment)).most_common(1)
    if sealed:
        english += (
            "Checkpoints and receipts were held against the key that sealed most of the kept "
            "checkpoints: whoever replaced all of them is not found out by that."
        )
        chinese += "检查点与回执按现存多数检查点的签署密钥核对：若全部被替换，则无法由此发现。"
    else:
        english += "Whose signatures the receipts bear was not checked: nothing else tells the key."
        chinese += "未核对回执由谁签署：没有其他依据可得知该密钥。"
    report.notes.append((english, chinese))
    return frozenset(key for key, _ in sealed)


def _sealers(live: Source, deployment: Deployment) -> Iterator[bytes]:
    """Who signed the kept checkpoints, as far as they can be read; what cannot is a finding of the
    part that checks them."""
    log = domain(deployment.chain_id, deployment.address(LOG))
    try:
        for (raw,) in live.rows('SELECT "checkpoint" FROM "checkpoint" ORDER BY "block_number"'):
            try:
                made = Checkpoint.from_json(canonical.loads(raw))
                header = Header.parse(made.header, made.seal.rule)
                said = CheckpointStatement(
                    *(made.size, made.root, header.number, header.hash, made.made_at)
                )
                yield from [recover(said.digest(log), s) for s in made.seal.signatures]
            except (SuyuanError, ValueError, TypeError, KeyError, IndexError):
                continue
    except live.errors:
        return
