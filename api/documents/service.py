"""Taking documents in and giving them out.

Rules this module keeps:

* Only media types that a browser does not run are taken, and only what looks like its type.
* Who keeps a document decides who else may read it; the parties are read from the ledger.
* Citing a document opens it to nobody: only entries by or about its keeper make parties.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from urllib.parse import quote

import orjson
from fastapi import Request

from api.access import Caller, DocumentRecord, Visibility, may_see
from api.context import Context
from api.problems import UnsupportedMedia, not_found
from ledger.errors import RequestError
from ledger.index.store import Document
from ledger.recorded import RecordedEntry
from ledger.typed_data import hexed
from ledger.vocabulary import Role

#: Media types that are taken, with the first bytes that such a file has (none: any).
MEDIA_TYPES: Final[Mapping[str, bytes]] = {
    "application/pdf": b"%PDF-",
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/webp": b"RIFF",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": b"PK\x03\x04",
    "application/json": b"",
    "text/csv": b"",
    "text/plain": b"",
}


#: Roles on the ledger whose work it is to look at what others state.
JUDGING: Final = Role.AUTHORITY | Role.ISSUER | Role.LABORATORY | Role.REVIEWER


def media_type_of(request: Request) -> str:
    """The media type that is announced, if it is one that is taken."""
    announced = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if announced not in MEDIA_TYPES:
        known = ", ".join(MEDIA_TYPES)
        raise UnsupportedMedia(
            f"{announced[:60] or 'no media type'} is not taken; there are {known}",
            message_zh=f"不接受 {announced[:60] or '未注明的媒体类型'}；可用的有 {known}",
            field="Content-Type",
            code="document.media-type",
            values={"known": list(MEDIA_TYPES)},
        )
    return announced


def keep(
    context: Context,
    caller: Caller,
    data: bytes,
    media_type: str,
    name: str,
    visibility: Visibility,
) -> Document:
    """Keep the document for the caller's organisation; the second time changes nothing."""
    if data and not looks_like(data, media_type):
        raise RequestError(
            f"the document is not what {media_type} is",
            message_zh=f"文件内容与 {media_type} 不符",
            field="document",
            code="document.not-its-type",
        )
    workspace = context.workspace
    digest = workspace.documents.put(data)
    return workspace.store.put_document(
        Document(
            hash=digest,
            organisation=caller.organisation,
            person=caller.person,
            size=len(data),
            media_type=media_type,
            name=_tidy(name),
            visibility=visibility.value,
            stored_at=int(workspace.clock()),
        )
    )


def looks_like(data: bytes, media_type: str) -> bool:
    """Whether the document begins as this media type, one of :data:`MEDIA_TYPES`, does."""
    if media_type == "image/webp" and data[8:12] != b"WEBP":
        return False
    if media_type == "application/json":
        try:
            orjson.loads(data)
        except orjson.JSONDecodeError:
            return False
    return data.startswith(MEDIA_TYPES[media_type])


def _tidy(name: str) -> str:
    """A file's name without what could steer a terminal, a path or a header."""
    kept = "".join(c for c in name if unicodedata.category(c)[0] != "C" and c not in '/\\"')
    return kept.strip(". ")[:200] or "document"


def fetch(context: Context, caller: Caller, digest: bytes) -> tuple[Document, bytes]:
    """The document, for those who may see it; looking at it is written down."""
    found = readable(context, caller, digest)
    data = None if found is None else context.workspace.documents.get(digest)
    if found is None or data is None:
        raise not_found("the document", "该文件", "hash", code="document.unknown")
    context.note_access(caller, "document.read", hexed(digest))
    return found, data


def readable(context: Context, caller: Caller, digest: bytes) -> Document | None:
    """Who keeps the document for the caller to read; None where nobody does."""
    return _first(context, caller, digest, context.workspace.store.documents(digest))


def readable_among(
    context: Context, caller: Caller, digests: Iterable[bytes]
) -> dict[bytes, Document]:
    """Those of the documents that somebody keeps for the caller to read, by their hashes."""
    wanted = list(digests)
    if not wanted:
        return {}
    keepers: dict[bytes, list[Document]] = {}
    for kept in context.workspace.store.kept_among(wanted):
        keepers.setdefault(kept.hash, []).append(kept)
    found = {digest: _first(context, caller, digest, kept) for digest, kept in keepers.items()}
    return {digest: document for digest, document in found.items() if document is not None}


def _first(
    context: Context, caller: Caller, digest: bytes, keepers: Sequence[Document]
) -> Document | None:
    """The first keeper for whose document the caller may read it, its own organisation first."""
    own_first = sorted(keepers, key=lambda k: k.organisation != caller.organisation)
    for keeper in own_first:
        # For these nobody need be looked up; the ledger can only let in more.
        owners, visibility = frozenset({keeper.organisation}), Visibility(keeper.visibility)
        if may_see(caller, DocumentRecord(owners, visibility, frozenset())):
            return keeper
    if not keepers:
        return None
    citing = [_involved(context, e) for e in context.workspace.index.by_document(digest)]
    judges = frozenset({caller.organisation} if _judges(context, caller) else ())
    for keeper in own_first:
        # Whoever knows a hash can cite it: an entry says nothing of a keeper whom it is not about.
        about = [involved for involved in citing if keeper.organisation in involved]
        record = DocumentRecord(
            frozenset({keeper.organisation}),
            Visibility(keeper.visibility),
            frozenset().union(*about),
            judges if about else frozenset(),
        )
        if may_see(caller, record):
            return keeper
    return None


def _involved(context: Context, entry: RecordedEntry) -> frozenset[bytes]:
    """Who signed an entry, and the organisations that it is about."""
    found = {entry.author}
    for subject in entry.subjects:
        qualification = context.workspace.index.qualification(subject)
        if qualification is not None:
            found.add(qualification.holder)
    return frozenset(found)


def _judges(context: Context, caller: Caller) -> bool:
    """Whether the caller's organisation judges others on the ledger."""
    found = context.workspace.index.organisation(caller.organisation)
    return found is not None and bool(found.roles & JUDGING)


def served_as(media_type: str) -> str:
    """A type that no browser runs; documents come here by other ways, too."""
    return media_type if media_type in MEDIA_TYPES else "application/octet-stream"


def disposition(name: str) -> str:
    """Content-Disposition that always downloads, with the name in both notations (RFC 6266)."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
