"""A request that is sent twice has the effect of once and gets the same answer (R2).

The answer is written in the transaction that does what was asked, so there is no moment at which
one exists without the other. While a request is being worked on, a second one with the same key
is turned away; that is known in this process only, and elsewhere the table's primary key decides.

Source: draft-ietf-httpapi-idempotency-key-header.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, insert, select
from sqlmodel import Session

from ledger.errors import RequestError
from ledger.index.service_tables import ANSWERS


@dataclass(frozen=True, slots=True)
class Once:
    """A request: who sends it, under which key, and the hash of everything it asks."""

    owner: str
    key: str
    request_hash: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered: HTTP status and body."""

    status: int
    body: bytes


# Made once: to make such a statement costs more than to execute it.
_RECALL: Final = select(ANSWERS.c.request_hash, ANSWERS.c.status, ANSWERS.c.body).where(
    ANSWERS.c.owner == bindparam("owner_"), ANSWERS.c.key == bindparam("key_")
)
_REMEMBER: Final = insert(ANSWERS)


def reused(once: Once) -> RequestError:
    return RequestError(
        f"the Idempotency-Key {once.key!r} was used for another request",
        message_zh=f"Idempotency-Key {once.key!r} 已用于另一个请求",
        field="Idempotency-Key",
        code="idempotency.reused",
    )


def in_progress(once: Once) -> RequestError:
    return RequestError(
        f"the request with the Idempotency-Key {once.key!r} is still being worked on",
        message_zh=f"使用 Idempotency-Key {once.key!r} 的请求仍在处理中",
        field="Idempotency-Key",
        code="idempotency.in-progress",
    )


def recall(session: Session, once: Once) -> Answer | None:
    """The answer given before; :class:`RequestError` if the key was used for something else."""
    row = session.execute(_RECALL, {"owner_": once.owner, "key_": once.key}).first()
    if row is None:
        return None
    if row.request_hash != once.request_hash:
        raise reused(once)
    return Answer(row.status, row.body)


def remember(session: Session, once: Once, answer: Answer, now: float) -> None:
    """Write the answer; to be called in the transaction that does what was asked."""
    session.execute(
        _REMEMBER,
        {
            "owner": once.owner,
            "key": once.key,
            "request_hash": once.request_hash,
            "status": answer.status,
            "body": answer.body,
            "answered_at": now,
        },
    )


class InProgress:
    """The requests that this process is working on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: dict[tuple[str, str], bytes] = {}

    @contextmanager
    def working_on(self, once: Once) -> Iterator[None]:
        """Turns away, with :class:`RequestError`, whoever comes with the same key meanwhile."""
        key = (once.owner, once.key)
        with self._lock:
            found = self._keys.get(key)
            if found is not None:
                raise in_progress(once) if found == once.request_hash else reused(once)
            self._keys[key] = once.request_hash
        try:
            yield
        finally:
            with self._lock:
                del self._keys[key]
