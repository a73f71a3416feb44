"""Looking up what a file is: evidence is verified, a document is found by its hash.

Rules this module keeps:

* Evidence is judged by the pure verifier against the ledger's own anchors. That says that the
  bundle is sound and of this ledger; who does not trust this service verifies it elsewhere.
* Of a document's uses the caller is shown those whose entries it may see; the others are counted.
* Nothing of the file is kept.
"""

import threading
from collections.abc import Iterator
from typing import Final

from api.access import Caller, may_see
from api.context import Context
from api.entries.service import entry_record
from api.verifications.schemas import DocumentReport, ReportBody, Text, UseBody
from ledger.alarms import Alarm, alarms, lot_alarms
from ledger.disclosure import Disclosure, document_hash
from ledger.documents import check_not_empty
from ledger.errors import RequestError
from ledger.evidence.verification import verify
from ledger.folding import created_qualification, inspection, raw
from ledger.gathering import gather_reports
from ledger.recorded import RecordedEntry
from ledger.standing import Result, bands, status_at
from ledger.typed_data import hexed, publication_id
from ledger.vocabulary import Clock

#: The largest evidence that is verified for others, in bytes: some seconds at the worst.
MAX_EVIDENCE: Final = 4 * 1024 * 1024
#: However many ask, verifying takes one core at most.
_VERIFYING: Final = threading.Lock()

_TEXTS: Final = {
    "document.unknown": (
        "No qualification, report or publication on the ledger names this file: it may have been "
        "altered, or was never stated as one. Other entries are not looked through.",
        "账本中没有资质、报告或名录公布引用此文件：文件可能已被改动，或从未作为此类文件登记。"
        "其他记录未予查找。",
    ),
    "document.unaltered": (
        "It is, to the byte, the file that the entries below name.",
        "此文件与下列记录所引用的文件逐字节一致。",
    ),
    "document.fields-taken-out": (
        "Fields were taken out of it; what it still shows is unaltered.",
        "部分字段已删去；其余显示的字段未被改动。",
    ),
    "document.in-force": (
        "A qualification that shows it is in force now.",
        "引用此文件的资质目前有效。",
    ),
    "document.not-in-force": (
        "No qualification that shows it is in force now.",
        "引用此文件的资质目前均无效。",
    ),
    "document.report-failed": (
        "It is the report of a test that was not passed.",
        "此文件是一份未通过检验的报告。",
    ),
    "document.used-by-others": (
        "The same file is used by several who have nothing to do with each other, and the alarm "
        "over it is open.",
        "同一文件被多个互不相关的主体使用，相关警报尚未关闭。",
    ),
}


def is_evidence(data: bytes) -> bool:
    """Whether the file means to be evidence, be it sound or not."""
    return b"suyuan evidence" in data and data.lstrip().startswith(b"{")


def evidence_report(context: Context, data: bytes) -> ReportBody:
    """What the verifier finds in the bundle. One at a time, and none that takes long: who has more
    verifies it at home, where it should be verified anyway."""
    if len(data) > MAX_EVIDENCE:
        raise RequestError(
            f"the evidence has {len(data)} bytes; up to {MAX_EVIDENCE} are verified here, more by "
            "`suyuan verify` or the verifier's page",
            message_zh=f"证据有 {len(data)} 字节；此处最多核验 {MAX_EVIDENCE} 字节，更大的请用 "
            "`suyuan verify` 或核验页面",
            field="body",
            code="verification.too-large",
            values={"limit": MAX_EVIDENCE},
        )
    anchors = context.workspace.checkpoints.anchors()
    with _VERIFYING:
        report = verify(anchors, data)
    return ReportBody.model_validate(report.to_json())


def document_report(context: Context, caller: Caller, data: bytes) -> DocumentReport:
    """What the ledger knows of the file; :class:`RequestError` for one of zero bytes."""
    check_not_empty(data)
    disclosure = Disclosure.read(data)
    digest = document_hash(data)
    found = _Found(context, digest)
    uses = list(found.uses())
    seen = [use for entry, use in uses if _may_see(context, caller, entry)]
    withheld = len(uses) - len(seen)
    shown = None if disclosure is None else disclosure.shown
    return DocumentReport(
        hash=hexed(digest),
        size=len(data),
        unaltered=bool(uses) or None,
        kept=bool(context.workspace.store.documents(digest)),
        shown=shown,
        taken_out=0 if disclosure is None else len(disclosure.fields) - len(disclosure.shown),
        uses=seen,
        withheld=withheld,
        findings=[_text(code) for code in _codes(disclosure, [u for _, u in uses], found.alarms)],
    )


def _codes(
    disclosure: Disclosure | None, uses: list[UseBody], raised: list[Alarm]
) -> Iterator[str]:
    if not uses:
        yield "document.unknown"
        return
    yield "document.unaltered"
    if disclosure is not None and not disclosure.is_whole:
        yield "document.fields-taken-out"
    qualifications = [use for use in uses if use.what == "qualification"]
    if any(use.in_force for use in qualifications):
        yield "document.in-force"
    elif qualifications:
        yield "document.not-in-force"
    if any(use.what == "report" and use.status == "failed" for use in uses):
        yield "document.report-failed"
    if any(alarm.open for alarm in raised):
        yield "document.used-by-others"


def _text(code: str) -> Text:
    english, chinese = _TEXTS[code]
    return Text(code=code, en=english, zh=chinese)


def _may_see(context: Context, caller: Caller, entry: RecordedEntry) -> bool:
    return may_see(caller, entry_record(context, entry.digest, entry))


class _Found:
    """The uses of one document, as of now."""

    def __init__(self, context: Context, document: bytes) -> None:
        self.document = document
        self.now = context.now()
        self.workspace = context.workspace
        self._alarms: dict[bytes, Alarm] = {}

    @property
    def alarms(self) -> list[Alarm]:
        """The alarms over this document, once its uses were gone through."""
        return [
            a
            for a in self._alarms.values()
            if a.mark.what == "document" and a.mark.value == self.document
        ]

    def uses(self) -> Iterator[tuple[RecordedEntry, UseBody]]:
        index, position = self.workspace.index, self.workspace.position
        for entry in index.by_document(self.document):
            if entry.sequence >= position:
                continue
            if entry.action == "Inspect":
                yield entry, self._report(entry, position)
            else:
                yield entry, self._qualification(entry)
        for sequence in index.publishing(self.document):
            found = index.entry(sequence) if sequence < position else None
            if found is not None:
                yield found, self._publication(found)

    def _qualification(self, entry: RecordedEntry) -> UseBody:
        id_ = created_qualification(entry) or raw(entry["qualification"])
        record = self.workspace.index.qualification(id_)
        assert record is not None, "an entry makes or edits a qualification that exists"
        history = self.workspace.history(record.holder, record.category)
        self._alarms.update((a.id, a) for a in alarms(history, record.holder, self.now))
        q = history.qualifications[id_]
        band = status_at(
            bands(q, history, self.now, Clock.RECORDED, self.workspace.policy.freshness), self.now
        )
        # What was edited away is not shown any more.
        shows = q.terms[-1].document == self.document
        return UseBody(
            entry=entry.sequence,
            action=entry.action,
            what="qualification",
            id=hexed(id_),
            organisation=hexed(q.holder),
            author=hexed(entry.author),
            kind=q.kind,
            number=q.number,
            category=q.category,
            model=q.model,
            recorded_at=entry.recorded_at,
            status=band.status.value if shows else "edited-away",
            in_force=shows and band.status.result is Result.VALID,
        )

    def _report(self, entry: RecordedEntry, position: int) -> UseBody:
        report = inspection(entry)
        index = self.workspace.index
        history = gather_reports(index, index.founding(), [entry], position, self.now)
        self._alarms.update((a.id, a) for a in lot_alarms(history, report.lot, self.now))
        lot = index.lots.lot(report.lot)
        return UseBody(
            entry=entry.sequence,
            action=entry.action,
            what="report",
            id=hexed(report.lot),
            organisation=hexed(report.maker),
            author=hexed(entry.author),
            kind=report.standard,
            number=report.number,
            category=lot.category if lot else "",
            model=lot.model if lot else "",
            recorded_at=entry.recorded_at,
            status=report.result.name.lower(),
            in_force=None,
        )

    def _publication(self, entry: RecordedEntry) -> UseBody:
        return UseBody(
            entry=entry.sequence,
            action=entry.action,
            what="publication",
            id=hexed(publication_id(entry.author, entry.digest)),
            organisation=hexed(entry.author),
            author=hexed(entry.author),
            kind=str(entry["register"]),
            number=str(entry["title"]),
            category="",
            model="",
            recorded_at=entry.recorded_at,
            status=None,
            in_force=None,
        )
