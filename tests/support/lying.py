"""A gateway that changes what the chain says, to see who believes it."""

from collections.abc import Callable, Sequence
from typing import Any

from ledger.chain.protocol import Block, LedgerGateway, Log


class LyingGateway:
    """Passes everything on; ``logs`` and ``block`` change their answers, if they are given."""

    def __init__(
        self,
        gateway: LedgerGateway,
        *,
        logs: Callable[[list[Log]], list[Log]] = list,
        block: Callable[[Block], Block] = lambda block: block,
        final: int | None = None,
    ) -> None:
        self._gateway = gateway
        self._logs = logs
        self._block = block
        self._final = final

    def logs(self, first: int, last: int, addresses: Sequence[bytes]) -> list[Log]:
        return self._logs(self._gateway.logs(first, last, addresses))

    def block(self, number: int) -> Block | None:
        found = self._gateway.block(number)
        return None if found is None else self._block(found)

    def final_head(self) -> Block:
        if self._final is None:
            return self._gateway.final_head()
        found = self._gateway.block(self._final)
        assert found is not None
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gateway, name)
