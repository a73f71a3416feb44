"""The access log: what is written there, and who asked for what of it."""

from dataclasses import dataclass

from api.context import Context
from ledger.index.store import Access


@dataclass(frozen=True, slots=True)
class Filter:
    """Which looks are wanted; None or "": whatever it is. ``at`` is a half-open interval."""

    subject: str | None = None
    organisation: bytes | None = None
    person: str | None = None
    action: str | None = None
    at: tuple[int, int] | None = None


def found(
    context: Context, wanted: Filter, limit: int, before: int | None
) -> tuple[list[tuple[int, Access]], int | None]:
    """The newest such looks with their numbers, newest first, and what asks for the next page."""
    rows = context.workspace.store.accesses(
        subject=wanted.subject or None,
        organisation=wanted.organisation,
        person=wanted.person or None,
        action=wanted.action or None,
        at=wanted.at,
        limit=limit + 1,
        before=before,
    )
    return rows[:limit], rows[limit - 1][0] if len(rows) > limit else None
