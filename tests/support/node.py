"""The verifier in JavaScript, run by the Node of the virtual environment.

>>> with node_verifier(anchors) as verify:
...     assert verify(bundle.to_bytes())["result"] == "valid"
"""

import json
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

import pytest

from ledger.evidence.anchors import Anchors

ROOT: Final = Path(__file__).resolve().parents[2]
NODE: Final = Path(sys.executable).parent / "node"

_LIBRARIES: Final = ROOT / "node_modules/@noble/curves"
#: The verifier's sources run as they are, with two libraries beside them.
needs_node: Final = pytest.mark.skipif(
    not (NODE.exists() and _LIBRARIES.is_dir()),
    reason="Node or the npm packages are not installed (scripts/test sets them up)",
)


class Verify(Protocol):
    """Checks one bundle: its bytes, other anchors than the usual, documents given along."""

    def __call__(
        self, data: bytes, anchors: Anchors | None = None, documents: Sequence[bytes] = ()
    ) -> dict[str, Any]: ...


@contextmanager
def node_verifier(trusted: Anchors) -> Iterator[Verify]:
    """One process for many bundles; ``trusted`` unless others are given along."""
    usual = _base64(_written(trusted))
    command = [str(NODE), str(ROOT / "api/verifier/cli.mjs"), "--batch"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        send, receive = process.stdin, process.stdout

        def verify(
            data: bytes, anchors: Anchors | None = None, documents: Sequence[bytes] = ()
        ) -> dict[str, Any]:
            case = {
                "bundle": _base64(data),
                "anchors": usual if anchors is None else _base64(_written(anchors)),
                "documents": [_base64(d) for d in documents],
            }
            send.write(json.dumps(case).encode() + b"\n")
            send.flush()
            line = receive.readline()
            assert line, f"the process ended at a bundle of {len(data)} bytes"
            found: dict[str, Any] = json.loads(line)
            return found

        yield verify
        send.close()
        assert process.wait(60) == 0


def outcome(report: dict[str, Any]) -> tuple[Any, ...]:
    """Of a report what both verifiers must say alike: all but the detail within the sentences, and
    what is shown where nothing was found against it."""
    checks = tuple((c["number"], c["name"], c["result"], c["code"]) for c in report["checks"])
    limits = tuple((limit["code"], limit["en"], limit["zh"]) for limit in report["limits"])
    shown = None if report["result"] == "invalid" else report["shown"]
    return report["format"], report["kind"], report["result"], checks, limits, shown


def _written(anchors: Anchors) -> bytes:
    return json.dumps(anchors.to_json()).encode()


def _base64(data: bytes) -> str:
    return b64encode(data).decode()
