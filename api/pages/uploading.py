"""Forms with a file in them: checked like every form of ours, and never written to a disk.

``Bodies`` (``api.edge``) has read and bounded the body before a page sees it, so that a file stays
in memory here, whatever its size, and is gone with the answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from api.pages import session
from api.pages.readers import typed
from ledger.errors import RequestError

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
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise _unreadable()
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
        raise _unreadable() from None
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


def _unreadable() -> RequestError:
    return RequestError(
        "the form cannot be read; open its page again and send it anew",
        message_zh="无法读取该表单；请重新打开页面后再提交",
        code="form.unreadable",
    )


OwnUpload = Annotated[Upload, Depends(_own_upload)]
