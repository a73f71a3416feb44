"""Forms with a file in them: checked like every form of ours, and never written to a disk.

``Bodies`` (``api.edge``) has read and bounded the body before a page sees it, so that a file stays
in memory here, whatever its size, and is gone with the answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request
from python_multipart.multipart import parse_options_header
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from api.pages import session
from api.pages.readers import typed, unreadable

#: What the other fields of a form may take, and what stands around its parts, in bytes.
AROUND: Final = 64 * 1024
_MOST_FIELDS: Final = 40
_LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file as the browser sent it. ``name`` is what the reader calls it: show it and trust it
    with nothing. A field for which no file was picked has no name and no data."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Upload:
    """The fields of a form, and its files by the names of their fields."""

    fields: Mapping[str, str]
    files: Mapping[str, Uploaded]

    def file(self, field: str) -> Uploaded:
        """The file of this field; one without name and data where there is none."""
        return self.files.get(field, Uploaded("", b""))


async def _own_upload(request: Request) -> Upload:
    """The form, sent by one of our own pages."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    # The parser would decode by any character set that is named, however long that takes.
    if kind != b"multipart/form-data" or options.get(b"charset", b"utf-8").lower() != b"utf-8":
        raise unreadable()
    parser = MultiPartParser(
        request.headers,
        request.stream(),
        max_files=1,
        max_fields=_MOST_FIELDS,
        max_part_size=AROUND,
    )
    # Starlette would keep what is larger than a megabyte in a temporary file.
    parser.spool_max_size = 1 << 40
    try:
        sent = await parser.parse()
    except MultiPartException:
        raise unreadable() from None
    fields: dict[str, str] = {}
    files: dict[str, Uploaded] = {}
    for name, value in sent.multi_items():
        if isinstance(value, UploadFile):
            files[name] = Uploaded((value.filename or "")[:_LONGEST_NAME], await value.read())
        else:
            fields[name] = typed(value)
    await sent.close()
    session.check_form(request, fields)
    if not any(file.data for file in files.values()):
        request.state.sent = fields  # for the same page in the other language
    return Upload(fields, files)


OwnUpload = Annotated[Upload, Depends(_own_upload)]
