"""What the JSON-RPC gateway makes of nodes that die, stall, change, lie or answer nonsense."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from ledger.chain.json_rpc import JsonRpcChain, check_url
from ledger.errors import ChainUnavailableError, ForeignLedgerError, RequestError
from tests.support.anvil import Anvil, anvil
from tests.support.chains import (
    CHAIN_ID,
    Probe,
    Sender,
    calldata,
    deploy_probe,
    hand_over,
    open_rpc,
)
from tests.support.fault_proxy import fault_proxy


@pytest.fixture
def probe(node: Anvil) -> Iterator[Probe]:
    chain = open_rpc(node.url, timeout=2.0)
    yield deploy_probe(chain, Sender())
    chain.close()


# --------------------------------------------------------------------------- which chain it is


def test_a_node_of_another_chain_id_is_foreign(node: Anvil) -> None:
    with pytest.raises(ForeignLedgerError, match="chain 1234, not 77"):
        open_rpc(node.url, chain_id=77).head()


def test_a_node_of_another_genesis_is_foreign(node: Anvil) -> None:
    with pytest.raises(ForeignLedgerError, match="genesis"):
        open_rpc(node.url, genesis_hash=b"\x01" * 32).head()


@pytest.mark.parametrize(
    "swapped", [{"timestamp": 1_600_000_000}, {"chain_id": 77}], ids=["genesis", "chain id"]
)
@pytest.mark.parametrize(
    "act",
    [
        lambda probe: probe.count(),
        lambda probe: probe.chain.head(),
        lambda probe: probe.chain.logs(0, 0, [probe.address]),
        lambda probe: probe.chain.receipt(b"\x01" * 32),
        lambda probe: probe.chain.storage_at(probe.address, 0),
        lambda probe: probe.chain.send_raw_transactions(
            [probe.sender.sign(probe.address, calldata("count()"))]
        ),
    ],
)
def test_a_node_swapped_under_way_is_noticed_by_whatever_is_asked(
    node: Anvil, probe: Probe, swapped: dict[str, int], act: Callable[[Probe], object]
) -> None:
    node.kill()
    with anvil(port=node.port, **swapped) as other:
        with pytest.raises(ForeignLedgerError):
            act(probe)
        assert other.ask("eth_blockNumber") == "0x0", "nothing was handed to it"


def test_a_node_restarted_empty_with_the_same_genesis_is_noticed() -> None:
    with anvil(timestamp=1_700_000_000) as node:
        chain = open_rpc(node.url)
        deploy_probe(chain, Sender())
        chain.head()
        node.kill()
        with (
            anvil(port=node.port, timestamp=1_700_000_000),
            pytest.raises(ForeignLedgerError, match="restarted, rolled back or swapped"),
        ):
            chain.head()
        chain.close()


def test_a_final_block_that_is_replaced_is_noticed(node: Anvil, probe: Probe) -> None:
    snapshot = node.ask("evm_snapshot")
    probe.note(1, 1)
    probe.chain.head()
    node.ask("evm_revert", snapshot)
    node.ask("anvil_mine", "0x2", "0x5")
    with pytest.raises(ForeignLedgerError, match="was final"):
        probe.chain.head()


# ------------------------------------------------------------------------------ nodes that fail


def test_a_killed_node_is_unavailable_and_back_again_usable(node: Anvil, probe: Probe) -> None:
    node.kill()
    with pytest.raises(ChainUnavailableError):
        probe.count()


def test_a_stalled_node_is_unavailable_within_bounded_time(node: Anvil, probe: Probe) -> None:
    probe.note(1, 1)
    node.stall()
    try:
        start = time.monotonic()
        with pytest.raises(ChainUnavailableError):
            probe.chain.head()
        assert time.monotonic() - start < 4
        raw = probe.sender.sign(probe.address, calldata("fill(uint256,uint256)", 9, 1))
        start = time.monotonic()
        with pytest.raises(ChainUnavailableError):
            probe.chain.send_raw_transactions([raw])
        assert time.monotonic() - start < 8
    finally:
        node.go_on()
    assert hand_over(probe.chain, [raw])[0].refusal is None
    assert probe.count() == 2, "sent twice, effective once"


def test_a_connection_that_is_refused_or_reset_is_unavailable(node: Anvil) -> None:
    with fault_proxy(node.port) as (url, faults):
        chain = open_rpc(url)
        chain.head()
        chain.close()
        faults.refuse = True
        with pytest.raises(ChainUnavailableError):
            chain.head()
        faults.refuse = False
        assert chain.head().number == 0


def test_an_answer_cut_short_is_unavailable(node: Anvil) -> None:
    with fault_proxy(node.port) as (url, faults):
        chain = open_rpc(url)
        faults.cut_after = 300
        with pytest.raises(ChainUnavailableError):
            chain.head()


def test_an_answer_that_trickles_is_given_up(node: Anvil) -> None:
    with fault_proxy(node.port) as (url, faults):
        chain = open_rpc(url, timeout=0.5)
        faults.delay = 1.5
        start = time.monotonic()
        with pytest.raises(ChainUnavailableError):
            chain.head()
        assert time.monotonic() - start < 2


def test_a_transaction_whose_answer_was_lost_is_found_by_its_hash(
    node: Anvil, probe: Probe
) -> None:
    with fault_proxy(node.port) as (url, faults):
        chain = open_rpc(url, timeout=1.0)
        chain.head()
        raw = probe.sender.sign(probe.address, calldata("fill(uint256,uint256)", 0, 1))
        ask = chain._provider.ask
        lost: list[str] = []

        def lose_the_answer(calls: Any) -> Any:
            faults.drop_answers = calls[-1][0] == "eth_sendRawTransaction"
            if faults.drop_answers:
                chain.close()  # a fresh connection, through the proxy as it is now
                lost.append(calls[-1][0])
            return ask(calls)

        chain._provider.ask = lose_the_answer  # type: ignore[method-assign]
        [handover] = chain.send_raw_transactions([raw])
        assert lost == ["eth_sendRawTransaction"]
        assert handover.refusal is None
        faults.drop_answers = False
        assert chain.receipt(handover.transaction_hash)
        chain.close()
    assert probe.count() == 1


def test_sending_is_never_repeated_by_itself(node: Anvil) -> None:
    with fault_proxy(node.port) as (url, faults):
        chain = open_rpc(url, timeout=0.5)
        faults.drop_answers = True
        with pytest.raises(ChainUnavailableError):
            chain.send_raw_transactions([Sender().sign(b"\x01" * 20, b"")])
        assert faults.connections == 2, "asked once, then looked up once"


# -------------------------------------------------------------------------------- nodes that lie


@contextmanager
def liar(node: Anvil, change: Callable[[str, Any], Any]) -> Iterator[JsonRpcChain]:
    """A gateway to a node whose results pass through ``change(method, result)``."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            methods = {call["id"]: call["method"] for call in json.loads(body)}
            headers = {"Content-Type": "application/json"}
            answers = httpx.post(node.url, content=body, headers=headers, trust_env=False).json()
            for answer in answers:
                if "result" in answer:
                    answer["result"] = change(methods[answer["id"]], answer["result"])
            raw = json.dumps(answers).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        chain = open_rpc(f"http://127.0.0.1:{server.server_address[1]}", timeout=5)
        yield chain
        chain.close()
        server.shutdown()
        thread.join()


def _without_the_last_log(method: str, result: Any) -> Any:
    if method == "eth_getBlockReceipts":
        result[-1]["logs"] = result[-1]["logs"][:-1]
    return result


def _without_receipts(method: str, result: Any) -> Any:
    return [] if method == "eth_getBlockReceipts" else result


def _other_data(method: str, result: Any) -> Any:
    if method == "eth_getBlockReceipts":
        result[-1]["logs"][0]["data"] = result[-1]["logs"][0]["data"][:-1] + "1"
    return result


def _other_address(method: str, result: Any) -> Any:
    if method == "eth_getBlockReceipts":
        result[-1]["logs"][0]["address"] = "0x" + "11" * 20
    return result


def _empty_bloom(method: str, result: Any) -> Any:
    if method == "eth_getBlockByNumber":
        result["logsBloom"] = "0x" + "00" * 256
    return result


def _succeeded(method: str, result: Any) -> Any:
    if method == "eth_getBlockReceipts":
        result[-1]["status"] = "0x0"
    return result


@pytest.mark.parametrize(
    "lie",
    [
        _without_the_last_log, _without_receipts, _other_data, _other_address, _empty_bloom,
        _succeeded,
    ],
)  # fmt: skip
def test_events_that_the_block_does_not_commit_to_are_not_believed(
    node: Anvil, probe: Probe, lie: Callable[[str, Any], Any]
) -> None:
    probe.note(1, 1)
    head = probe.chain.head().number
    with liar(node, lie) as chain, pytest.raises(ChainUnavailableError):
        chain.logs(head, head, [probe.address])


def test_a_state_proof_that_does_not_hold_is_not_believed(node: Anvil, probe: Probe) -> None:
    probe.note(1, 1)

    def more(method: str, result: Any) -> Any:
        if method == "eth_getProof":
            result["storageProof"][0]["value"] = "0x2"
        return result

    def less(method: str, result: Any) -> Any:
        if method == "eth_getProof":
            result["accountProof"] = result["accountProof"][:-1]
        return result

    for lie in (more, less):
        with liar(node, lie) as chain, pytest.raises(ChainUnavailableError):
            chain.proof(probe.address, [0])


WRONG_SHAPES: dict[str, Any] = {
    "nothing": None, "number": 7, "text": "hello", "list": [1], "object": {"a": 1},
    "odd hex": "0x123", "huge": "0x" + "f" * 99, "no hex": "0xzz", "minus": "-0x1",
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG_SHAPES.values(), ids=WRONG_SHAPES.keys())
def test_answers_of_the_wrong_shape_are_refused(node: Anvil, probe: Probe, wrong: Any) -> None:
    acts: dict[str, Callable[[JsonRpcChain], object]] = {
        "eth_chainId": lambda c: c.head(),
        "eth_getBlockByNumber": lambda c: c.head(),
        "eth_getCode": lambda c: c.code(probe.address),
        "eth_getStorageAt": lambda c: c.storage_at(probe.address, 0),
        "eth_call": lambda c: c.call(probe.address, calldata("count()")),
        "eth_getTransactionReceipt": lambda c: c.receipt(b"\x01" * 32),
        "eth_getProof": lambda c: c.proof(probe.address, [0]),
        "eth_getBlockReceipts": lambda c: c.logs(1, c.head().number, [probe.address]),
    }
    probe.note(1, 1)
    for method, act in acts.items():
        if wrong is None and method == "eth_getTransactionReceipt":
            continue  # means: not mined
        if wrong == "0x123" and method == "eth_chainId":
            continue  # is a number, of another chain

        def swap(asked: str, result: Any, method: str = method) -> Any:
            return wrong if asked == method else result

        with liar(node, swap) as chain, pytest.raises(ChainUnavailableError):
            act(chain)


@contextmanager
def server(answer: bytes, status: int = 200) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            with suppress(BrokenPipeError, ConnectionResetError):
                self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{http.server_address[1]}"
        http.shutdown()
        thread.join()


BAD_ANSWERS = {
    "no JSON": (b"<html>", 200),
    "no batch": (b'{"jsonrpc":"2.0","id":0,"result":"0x1"}', 200),
    "strange items": (b"[1,2,3]", 200),
    "missing results": (b'[{"id":0,"result":"0x4d2"}]', 200),
    "deep nesting": (b"[" * 200_000, 200),
    "no text": (b"\xff\xfe", 200),
    "a redirect": (b"", 307),
    "an error page": (b"[]", 500),
    "too much": (b" " * 2_000_000, 200),
}


@pytest.mark.parametrize(("answer", "status"), BAD_ANSWERS.values(), ids=BAD_ANSWERS.keys())
def test_an_answer_that_is_no_answer_is_unavailable(answer: bytes, status: int) -> None:
    with server(answer, status) as url:
        chain = open_rpc(url, max_bytes=1_000_000, timeout=5)
        with pytest.raises(ChainUnavailableError):
            chain.head()
        chain.close()


def test_an_answer_that_is_too_long_is_cut_off_and_said_so() -> None:
    with server(b" " * 2_000_000) as url:
        chain = open_rpc(url, max_bytes=1_000_000)
        with pytest.raises(ChainUnavailableError, match="more than 1000000 bytes"):
            chain.head()
        chain.close()


# --------------------------------------------------------------------------------- where it goes


@pytest.mark.parametrize(
    "url",
    [
        "https://chain.example.org/rpc", "http://127.0.0.1:8545", "http://localhost:8545",
        "http://[::1]:8545", "http://127.9.9.9",
    ],
)  # fmt: skip
def test_urls_of_this_machine_or_encrypted_ones_are_taken(url: str) -> None:
    assert check_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://chain.example.org", "http://10.0.0.5:8545", "http://169.254.169.254/", "file:///etc",
        "ws://127.0.0.1", "127.0.0.1:8545", "https://", "https://user:secret@chain.example.org",
        "http://localhost.example.org", "http://0.0.0.0:8545", "",
    ],
)  # fmt: skip
def test_other_urls_are_refused_naming_the_field(url: str) -> None:
    with pytest.raises(RequestError) as refused:
        JsonRpcChain(url, chain_id=CHAIN_ID, profile=open_rpc("http://127.0.0.1:1").profile)
    assert refused.value.field == "url"
    assert re.search("[一-鿿]", refused.value.message_zh)
    assert "secret" not in str(refused.value)
