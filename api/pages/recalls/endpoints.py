"""The addresses of recalls: listed, prepared, followed, answered, released."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import Path, Query, Request, Response

from api.access import Caller, Visibility
from api.batches import campaigns, service
from api.context import Context
from api.documents import service as documents
from api.pages import rendering
from api.pages.lexicon import Lexicon
from api.pages.readers import BatchReader, EntryWriter, OwnForm
from api.pages.recalls import choosing, following, listing, scoping
from api.pages.recalls.scoping import MOST_ROOTS, Recalling
from api.pages.rendering import page, redirect
from api.pages.signing.offering import Draft, offered
from api.pages.uploading import OwnUpload, Uploaded
from api.problems import not_found
from api.wire import Hash
from ledger.errors import RequestError
from ledger.index.lots import Stop
from ledger.provenance.model import Lot
from ledger.typed_data import hexed

routes = rendering.router()

_STYLES: Final = ("recalls.css",)
#: So many campaigns, and so many of the others, stand on one page.
_LISTED: Final = 20
_BRIEFLY: Final = 5

Before = Annotated[int | None, Query(ge=0, le=2**53)]


@routes.get("/recalls")
def list_recalls(
    request: Request, caller: BatchReader, before: Before = None, registers: Before = None
) -> Response:
    recalling = Recalling(request, caller)
    workspace, sight, position = recalling.workspace, recalling.sight, recalling.position
    told = campaigns.campaigns(workspace, sight, position, before, _LISTED)
    held = campaigns.holds(workspace, sight, position, None, _LISTED)
    mirrored = campaigns.mirrored(
        workspace, caller, sight.firm, position, registers, _LISTED if registers else _BRIEFLY
    )
    return page(
        request,
        "recalls/list.html",
        styles=_STYLES,
        **listing.shown(Lexicon.of(request), recalling, told, held, mirrored),
        before=before,
        registers=registers,
    )


# ------------------------------------------------------------------------------ preparing


@routes.get("/recalls/new")
def prepare(
    request: Request,
    caller: BatchReader,
    batch: Annotated[list[str] | None, Query(max_length=MOST_ROOTS)] = None,
    find: Annotated[str, Query(max_length=4000)] = "",
    take: Annotated[str, Query(max_length=80)] = "",
    leave: Annotated[str, Query(max_length=66)] = "",
    place: Annotated[int, Query(ge=0, le=10**6)] = 0,
) -> Response:
    """Choose lots and see what a recall of them reaches. ``take`` is one of the lots that a line
    could mean, behind the line's number; ``leave`` is one that was chosen."""
    recalling, lexicon = Recalling(request, caller), Lexicon.of(request)
    ids = [one for one in dict.fromkeys(batch or []) if one != leave]
    lines = [line for line in find.splitlines() if line.strip()]
    number, _, taken = take.partition(" ")
    if taken and number.isascii() and number.isdigit():
        lines = [line for n, line in enumerate(lines) if n != int(number)]
        ids = list(dict.fromkeys([*ids, taken]))[:MOST_ROOTS]
    looked_up = choosing.look_up(recalling.workspace, recalling.sight, lexicon.t, lines)
    named = [one["id"] for one in looked_up.lots if one["id"] not in ids]
    ids = list(dict.fromkeys([*ids, *named]))[:MOST_ROOTS]
    if (find or take or leave) and not looked_up.open:
        return redirect(_new(ids))
    roots = recalling.lots([_id(one) for one in ids])
    return _preparation(request, recalling, roots, looked_up, place, {}, None)


def _preparation(
    request: Request,
    recalling: Recalling,
    roots: Sequence[Lot],
    looked_up: choosing.Found,
    place: int,
    values: Mapping[str, str],
    problem: Mapping[str, Any] | None,
    *,
    grown: int = 0,
) -> Response:
    """The page, with the form filled and what is to be mended where something is. ``grown``: so
    many lots were made of these since somebody looked."""
    lexicon = Lexicon.of(request)
    ids = [hexed(root.id) for root in roots]
    makers = lexicon.organisations(
        {
            *(root.maker for root in roots),
            *(_raw(c["maker"]) for line in looked_up.open for c in line.candidates),
        }
    )
    numbers = [root.number for root in roots]
    stopped = service.stopped(recalling.workspace, recalling.position, numbers)
    seen = scoping.shown(lexicon, recalling, recalling.scope(roots), place) if roots else None
    may_prepare = listing.may_start(recalling) or recalling.sight.sees_all
    return page(
        request,
        "recalls/new.html",
        status=409 if grown else rendering.status_of(problem),
        styles=_STYLES,
        problem=problem,
        grown=grown,
        roots=[
            {
                "id": hexed(root.id),
                "lot": root.lot,
                "gtin": f"{root.gtin:014d}" if root.gtin else "",
                "maker": hexed(root.maker),
                "name": lexicon.category(root.category),
                "model": root.model,
                "stopped": stopped.get(root.number),
            }
            for root in roots
        ],
        makers=makers,
        open=[
            {
                "text": line.text,
                "fault": line.fault,
                "more": line.more,
                "candidates": [
                    {**one, "name": lexicon.category(one["category"])}
                    for one in line.candidates
                    if one["id"] not in ids
                ],
            }
            for line in looked_up.open
        ],
        find="\n".join(line.text for line in looked_up.open),
        ids=ids,
        most_roots=MOST_ROOTS,
        scope=seen,
        decides=seen["to_sign_again"] > 0 if seen else may_prepare,
        now=recalling.now,
        values={
            "wrong": "",
            "act": "",
            "document": "",
            "again": "",
            **{k: v for k, v in values.items() if k in ("wrong", "act", "document", "again")},
        },
        at=lambda first: _new(ids, place=first),
    )


def _new(ids: Sequence[str], **more: Any) -> str:
    pairs = [*(("batch", id_) for id_ in ids), *((k, v) for k, v in more.items() if v)]
    return "/recalls/new" + ("?" + urlencode(pairs) if pairs else "")


@routes.post("/recalls")
def decide(
    request: Request, reader: BatchReader, caller: EntryWriter, upload: OwnUpload
) -> Response:
    """Offer the recalls to be signed, just those that somebody has looked at; or what else the
    button said: the same as a file, or a hold of the chosen lots alone."""
    recalling, lexicon = Recalling(request, reader), Lexicon.of(request)
    fields = dict(upload.fields)
    roots = recalling.lots([_id(one) for one in fields.get("batches", "").split()])
    if not roots:
        return redirect("/recalls/new")
    try:
        complete_to = _looked_at(fields, recalling)
        if upload.file("notice").data:
            fields["document"] = hexed(_keep(request, caller, upload.file("notice")))
        document = _document(fields.get("document", ""))
        reason = scoping.reason_of(lexicon, fields.get("wrong", ""), fields.get("act", ""))
        if fields.get("do") == "hold":
            return _hold(request, caller, recalling, roots, document, reason)
        scope = recalling.scope(
            roots, complete_to, document=document, reason=reason, most=10**6
        )  # fmt: skip
        grown = _grown(recalling, roots, scope) if complete_to < recalling.position else 0
        if grown:
            return _preparation(
                request, recalling, roots, choosing.Found(), 0, fields, None, grown=grown
            )
        messages = scope.entries(again=bool(fields.get("again")))
        if not messages:
            raise _nothing_to_sign(scope)
        if fields.get("do") == "file":
            return _file(messages)
        campaign = scope.told["campaign"]
        return offered(
            request,
            caller,
            scoping.drafts(messages),
            title=lexicon.t.count("recall.sign-title", len(messages)),
            back=f"/recalls/{campaign}",
        )
    except RequestError as error:
        problem = rendering.problem_of(request, error)
        return _preparation(request, recalling, roots, choosing.Found(), 0, fields, problem)


def _grown(recalling: Recalling, roots: Sequence[Lot], scope: scoping.Scope) -> int:
    """How many lots of the scope nobody has seen who looked at it then."""
    now = recalling.scope(roots, most=10**6)
    return len({lot["id"] for lot in now.lots} - {lot["id"] for lot in scope.lots})


def _hold(
    request: Request,
    caller: Caller,
    recalling: Recalling,
    roots: Sequence[Lot],
    document: bytes,
    reason: str,
) -> Response:
    lexicon = Lexicon.of(request)
    own = [root for root in roots if recalling.sight.may_sign_recall(root.maker)]
    if not own:
        raise _not_yours()
    drafts = [
        Draft("Hold", {"lot": root.id, "document": document, "reason": reason}) for root in own
    ]
    title = lexicon.t.count("recall.hold-title", len(drafts))
    return offered(request, caller, drafts, title=title, back="/recalls")


def _file(messages: Sequence[Mapping[str, Any]]) -> Response:
    """What ``suyuan record`` signs."""
    entries = [{"action": "Recall", "message": message} for message in messages]
    content = json.dumps(entries, ensure_ascii=False, indent=1).encode()
    headers = {
        **rendering.HEADERS,
        "Content-Disposition": 'attachment; filename="suyuan-recall.json"',
    }
    return Response(content, headers=headers, media_type="application/json")


def _keep(request: Request, caller: Caller, file: Uploaded) -> bytes:
    """Keep the notice for everybody who reads the ledger: who must act must read it."""
    context = Context.of(request)
    media_type = next(
        (
            kind
            for kind, first in documents.MEDIA_TYPES.items()
            if first and file.data.startswith(first)
        ),
        "",
    )
    if not media_type:
        try:
            file.data.decode()
        except UnicodeDecodeError:
            raise _fault(
                "notice",
                "a PDF, a picture (PNG, JPEG), a spreadsheet (XLSX) or plain text is taken",
                "可上传 PDF、图片（PNG、JPEG）、表格（XLSX）或纯文本",
                "recall.notice-type",
            ) from None
        media_type = "text/plain"
    if len(file.data) > context.settings.max_document:
        raise _fault("notice", "is too large", "文件过大", "recall.notice-size")
    kept = documents.keep(context, caller, file.data, media_type, file.name, Visibility.LEDGER)
    return kept.hash


def _document(text: str) -> bytes:
    plain = text.strip()
    if not plain:
        return bytes(32)
    digits = plain.removeprefix("0x")
    try:
        found = bytes.fromhex(digits)
    except ValueError:
        found = b""
    if len(found) != 32:
        raise _fault(
            "document",
            "must be 0x and 64 hexadecimal digits (0–9, a–f)",
            "应为 0x 加 64 位十六进制数字（0–9、a–f）",
            "recall.document",
        )
    return found


def _looked_at(fields: Mapping[str, str], recalling: Recalling) -> int:
    text = fields.get("complete_to", "")
    found = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
    if not 0 < found <= recalling.position:
        raise _fault("complete_to", "open the page again", "请重新打开页面", "recall.looked-at")
    return found


def _nothing_to_sign(scope: scoping.Scope) -> RequestError:
    if not scope.entries(again=True):
        return _not_yours()
    return _fault(
        "again",
        "all of these are recalled already; tick the box to recall them once more",
        "这些批次均已召回；如需再次召回，请勾选",
        "recall.all-recalled",
    )


def _not_yours() -> RequestError:
    return _fault(
        "batches",
        "only the maker of a lot, a body accredited for oversight, or the authority can do this",
        "只有批次的生产者、获监督认可的机构或主管机构可以这样做",
        "recall.not-yours",
    )


# ------------------------------------------------------------------------------ following


@routes.get("/recalls/holds/{entry}")
def read_hold(
    request: Request, caller: BatchReader, entry: Annotated[int, Path(ge=0, lt=2**48)]
) -> Response:
    return _hold_page(request, Recalling(request, caller), entry, {}, None)


def _hold_page(
    request: Request,
    recalling: Recalling,
    entry: int,
    values: Mapping[str, str],
    problem: Mapping[str, Any] | None,
) -> Response:
    stop, lot = _stop(recalling, entry)
    return page(
        request,
        "recalls/hold.html",
        status=rendering.status_of(problem),
        styles=_STYLES,
        problem=problem,
        **listing.hold(Lexicon.of(request), recalling, stop, lot),
        why=values.get("why", ""),
    )


def _stop(recalling: Recalling, entry: int) -> tuple[Stop, Lot]:
    """The hold that the entry set, and its lot, if the caller may see that."""
    recorded = recalling.workspace.index.entry(entry)
    if recorded is not None and recorded.action == "Hold" and entry < recalling.position:
        [lot] = recalling.lots([recorded.subjects[0]])
        for stop in recalling.workspace.index.lots.stops([lot.number]):
            if stop.sequence == entry:
                return stop, lot
    raise not_found("the hold", "该封存", "entry", code="hold.unknown")


@routes.post("/recalls/holds/{entry}/release")
def release_hold(
    request: Request,
    reader: BatchReader,
    caller: EntryWriter,
    form: OwnForm,
    entry: Annotated[int, Path(ge=0, lt=2**48)],
) -> Response:
    recalling, lexicon = Recalling(request, reader), Lexicon.of(request)
    stop, lot = _stop(recalling, entry)
    try:
        if stop.author != caller.organisation or stop.released is not None:
            raise _not_yours()
        draft = Draft(
            "Release",
            {
                "lot": lot.id,
                "hold": stop.digest,
                "document": bytes(32),
                "reason": following.why(form),
            },
        )
        title = lexicon.t.count("recall.release-title", 1)
        return offered(request, caller, [draft], title=title, back=f"/recalls/holds/{entry}")
    except RequestError as error:
        problem = rendering.problem_of(request, error)
        return _hold_page(request, recalling, entry, form, problem)


@routes.get("/recalls/{campaign}")
def follow(
    request: Request,
    caller: BatchReader,
    campaign: Hash,
    place: Annotated[int, Query(ge=0, le=10**6)] = 0,
) -> Response:
    recalling = Recalling(request, caller)
    try:
        found = following.campaign(recalling, campaign)
    except RequestError as error:
        if error.code != "campaign.unknown":
            raise
        return page(request, "recalls/unknown.html", status=404, styles=_STYLES)
    return _followed(request, caller, found, place, {}, None)


def _followed(
    request: Request,
    caller: Caller,
    found: following.Campaign,
    place: int,
    values: Mapping[str, str],
    problem: Mapping[str, Any] | None,
) -> Response:
    return page(
        request,
        "recalls/campaign.html",
        status=rendering.status_of(problem),
        styles=_STYLES,
        problem=problem,
        at=lambda first: rendering.address(f"/recalls/{found.told['campaign']}", {"place": first}),
        **following.shown(Lexicon.of(request), found, caller, place, values),
    )


@routes.post("/recalls/{campaign}/acknowledge")
def acknowledge(
    request: Request, reader: BatchReader, caller: EntryWriter, form: OwnForm, campaign: Hash
) -> Response:
    """Offer a custodian's answers to be signed."""
    lexicon = Lexicon.of(request)
    found = following.campaign(Recalling(request, reader), campaign)
    try:
        drafts = following.acknowledgements(found, form)
        title = lexicon.t.count("recall.answer-title", len(drafts))
        return offered(request, caller, drafts, title=title, back=f"/recalls/{hexed(campaign)}")
    except RequestError as error:
        problem = rendering.problem_of(request, error)
        return _followed(request, reader, found, 0, form, problem)


@routes.post("/recalls/{campaign}/release")
def release(
    request: Request, reader: BatchReader, caller: EntryWriter, form: OwnForm, campaign: Hash
) -> Response:
    """Offer releases to be signed by who set the recalls."""
    lexicon = Lexicon.of(request)
    found = following.campaign(Recalling(request, reader), campaign)
    try:
        drafts = following.releases(found, form)
        title = lexicon.t.count("recall.release-title", len(drafts))
        return offered(request, caller, drafts, title=title, back=f"/recalls/{hexed(campaign)}")
    except RequestError as error:
        problem = rendering.problem_of(request, error)
        return _followed(request, reader, found, 0, form, problem)


def _id(text: str) -> bytes:
    try:
        found = bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        found = b""
    if len(found) != 32:
        raise not_found("the batch", "该批次", "batch", code="batch.unknown")
    return found


def _raw(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def _fault(field: str, english: str, chinese: str, code: str) -> RequestError:
    return RequestError(english, message_zh=chinese, field=field, code=code)
