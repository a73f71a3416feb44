"""Who may open a page, as dependencies that read like the sentence; and the forms they send."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Final
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool

from api.access import Caller, Scope
from api.pages import session
from ledger.errors import RequestError

_MOST_FIELDS: Final = 40
#: What the fields of a form may take, encoded, in bytes; and of one that carries what is signed.
MOST_TYPED: Final = 256 * 1024
MOST_CARRIED: Final = 4 * 1024 * 1024
_CARRYING: Final = "/signing/"


def _signed_in(scope: Scope) -> Callable[[Request], Awaitable[Caller]]:
    async def needs(request: Request) -> Caller:
        # To change to a thread takes longer than to look into memory.
        if session.is_believed(request):
            return session.caller(request, scope)
        return await run_in_threadpool(session.caller, request, scope)

    return needs


#: Whoever is signed in, in whatever role.
Anybody = Annotated[Caller, Depends(session.anybody)]
Reader = Annotated[Caller, Depends(_signed_in(Scope.SUPPLIERS_READ))]
VerdictReader = Annotated[Caller, Depends(_signed_in(Scope.VERDICTS_READ))]
VerdictAsker = Annotated[Caller, Depends(_signed_in(Scope.VERDICTS_WRITE))]
BatchReader = Annotated[Caller, Depends(_signed_in(Scope.BATCHES_READ))]
EntryReader = Annotated[Caller, Depends(_signed_in(Scope.ENTRIES_READ))]
EntryWriter = Annotated[Caller, Depends(_signed_in(Scope.ENTRIES_WRITE))]
DocumentReader = Annotated[Caller, Depends(_signed_in(Scope.DOCUMENTS_READ))]
Auditor = Annotated[Caller, Depends(_signed_in(Scope.AUDIT_READ))]
Operator = Annotated[Caller, Depends(_signed_in(Scope.TOKENS_ADMIN))]


def typed(value: str) -> str:
    """What was typed or scanned into a field: one line break is one character, and a scanner's
    group separator, which no page can show, is the sign that stands for it."""
    return value.replace("\r\n", "\n").replace("\x1d", "\N{SYMBOL FOR GROUP SEPARATOR}")


async def _own_form(request: Request) -> dict[str, str]:
    """The fields of a form that one of our own pages sent.

    It is read here and not by the framework, which decodes by whatever character set a stranger
    names: some take seconds for a few kilobytes, and the whole service with them.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    longest = MOST_TYPED if not request.url.path.startswith(_CARRYING) else MOST_CARRIED
    raw = await request.body()
    if raw and (kind != "application/x-www-form-urlencoded" or len(raw) > longest):
        raise unreadable()
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise unreadable() from None
    sent = {name: typed(value) for name, value in pairs}
    session.check_form(request, sent)
    request.state.sent = sent  # for the same page in the other language
    return sent


def unreadable() -> RequestError:
    """What is said of a form that none of our pages can have sent."""
    return RequestError(
        "the form cannot be read; open its page again and send it anew",
        message_zh="无法读取该表单；请重新打开页面后再提交",
        code="form.unreadable",
    )


OwnForm = Annotated[Mapping[str, str], Depends(_own_form)]
