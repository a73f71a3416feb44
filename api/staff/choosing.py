"""Finding the organisation that somebody means who makes an account or a token for it.

Names of organisations are told to operators for this alone: whom an account is for.
"""

from typing import Final

from ledger.errors import RequestError
from ledger.index.records import OrganisationRecord
from ledger.index.repository import MAX_SEARCH, Index
from ledger.vocabulary import OrganisationStatus

#: As many are offered where a text fits several.
OFFERED: Final = 8


def candidates(index: Index, text: str) -> list[OrganisationRecord]:
    """The registered organisations that a text may mean: an id (0x hex), an identifier, a name or
    a part of one. One alone where it fits one exactly."""
    wanted = text.strip()
    if not wanted or len(wanted) > MAX_SEARCH:
        return []
    by_id = index.organisation(_id(wanted)) if _id(wanted) else None
    found = [by_id] if by_id else [hit.organisation for hit in index.search(wanted, 50).hits]
    registered = [o for o in found if o.status is not OrganisationStatus.LISTED]
    exact = [o for o in registered if wanted in (o.identifier, o.name_zh, o.name_en)]
    return (exact if len(exact) == 1 else registered)[:OFFERED]


def chosen(index: Index, text: str) -> bytes:
    """The id of the one organisation that is meant; :class:`RequestError` if none or several."""
    found = candidates(index, text)
    if len(found) != 1:
        raise RequestError(
            "several organisations fit: choose one"
            if found
            else "no organisation that is registered on the ledger fits; give its name or its "
            "credit code",
            message_zh="有多个单位符合，请选择其一"
            if found
            else "账本上没有符合的已登记单位；请填写名称或统一社会信用代码",
            field="organisation",
            code="staff.organisation",
        )
    return found[0].id


def _id(text: str) -> bytes:
    try:
        found = bytes.fromhex(text.removeprefix("0x")) if text.startswith("0x") else b""
    except ValueError:
        return b""
    return found if len(found) == 20 else b""
