"""A real JSON-RPC peer for tests: the anvil binary of the npm package, on this machine only."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

BINARY = (
    Path(__file__).resolve().parents[2] / "node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil"
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Anvil:
    """One anvil process: zero base fee, no dev accounts' funds needed, mines each transaction."""

    def __init__(
        self,
        *,
        chain_id: int = 1234,
        port: int | None = None,
        timestamp: int | None = None,
        hardfork: str = "london",
    ) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = [
            str(BINARY), "--quiet", "--host", "127.0.0.1", "--port", str(self.port),
            "--chain-id", str(chain_id), "--hardfork", hardfork, "--accounts", "1",
            "--block-base-fee-per-gas", "0", "--disable-min-priority-fee",
            "--gas-limit", "1000000000", "--no-cors",
        ]  # fmt: skip
        if timestamp is not None:
            command += ["--timestamp", str(timestamp)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        self._wait()

    def _wait(self) -> None:
        for _ in range(400):
            if self._process.poll() is not None:
                raise RuntimeError(f"anvil ended with {self._process.returncode}")
            try:
                self.ask("eth_chainId")
                return
            except httpx.HTTPError:
                time.sleep(0.025)
        raise RuntimeError("anvil did not start")

    def ask(self, method: str, *params: object) -> object:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        return httpx.post(self.url, json=body, timeout=5, trust_env=False).json().get("result")

    def stall(self) -> None:
        """Stop the process; only when all its threads stand still does this return."""
        os.kill(self._process.pid, signal.SIGSTOP)
        os.waitpid(self._process.pid, os.WUNTRACED)

    def go_on(self) -> None:
        os.kill(self._process.pid, signal.SIGCONT)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


@contextmanager
def anvil(**options: int | str | None) -> Iterator[Anvil]:
    node = Anvil(**options)  # type: ignore[arg-type]
    try:
        yield node
    finally:
        node.kill()
