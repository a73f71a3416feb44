"""Who may open a page, as dependencies that read like the sentence; and the forms they send."""

from collections.abc import Callable, Mapping
from typing import Annotated, Final

from fastapi import Depends, Request

from api.access import Caller, Scope
from api.pages import session

_MOST_FIELDS: Final = 40


def _signed_in(scope: Scope) -> Callable[[Request], Caller]:
    def needs(request: Request) -> Caller:
        return session.caller(request, scope)

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
    """The fields of a form that one of our own pages sent."""
    sent = await request.form(max_files=0, max_fields=_MOST_FIELDS)
    session.check_form(request, sent)
    fields = {name: typed(value) for name, value in sent.items() if isinstance(value, str)}
    request.state.sent = fields  # for the same page in the other language
    return fields


OwnForm = Annotated[Mapping[str, str], Depends(_own_form)]
