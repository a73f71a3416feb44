"""Every failure of the ledger layer, in three families that never mix.

* :class:`EvidenceError` -- the evidence is bad: a signature, proof or record does not hold.
* :class:`UnavailableError` -- we could not find out: a node, database or file did not answer.
* :class:`RequestError` -- the caller made a mistake and can mend it.

This module knows nothing of the others.
"""

from collections.abc import Mapping
from typing import Any


class SuyuanError(Exception):
    """Base of all errors raised on purpose by this project."""

    #: Stable, dotted code for programs; subclasses or instances set it.
    code: str = "error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code


class EvidenceError(SuyuanError):
    """Something that should prove a fact does not prove it."""

    code = "evidence"


class UnavailableError(SuyuanError):
    """The truth could not be found out now; trying later may help."""

    code = "unavailable"


class RequestError(SuyuanError):
    """The caller asked for something that cannot be done as asked.

    ``field`` names what to mend (a field name, a ``row 12: column`` or an option);
    ``message_zh`` says the same as the message in Chinese. ``values`` carries what a
    program needs to react (limits, figures, identifiers).
    """

    code = "request"

    def __init__(
        self,
        message: str,
        *,
        message_zh: str,
        field: str | None = None,
        code: str | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, code=code)
        self.message_zh = message_zh
        self.field = field
        self.values: Mapping[str, Any] = dict(values or {})

    def message(self, language: str) -> str:
        """The message in ``zh`` or, for every other language, in English."""
        return self.message_zh if language == "zh" else str(self)


class ForeignLedgerError(EvidenceError):
    """This chain, database or contract is not the one that was pinned (R9)."""

    code = "ledger.foreign"


class LedgerInUseError(UnavailableError):
    """Another process holds the embedded ledger; the message says which."""

    code = "ledger.in-use"


class ChainUnavailableError(UnavailableError):
    """The chain did not answer, or answered something no chain would say."""

    code = "chain.unavailable"
