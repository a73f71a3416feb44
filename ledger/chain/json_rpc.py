"""Any EVM network behind JSON-RPC over HTTP, believed no further than it can be checked.

Rules this module keeps:

* **Which chain** (R9): each request travels in one batch with the questions for chain id and
  genesis block; another answer than the pinned one is :class:`ForeignLedgerError`, so a node
  that was swapped or restarted empty is noticed at the next call. A final block, once seen, must
  stay where it was.
* **Headers** (R12): a block's hash is recomputed from its header fields.
* **Events and receipts** (R12): taken from the block's receipts, whose trie root must be the one
  in the header; a block whose bloom filter excludes the contracts has none. ``eth_getLogs`` is
  not used: it can leave out events, and some nodes clip its range silently. What is *not* bound
  by the header is a receipt's ``transactionHash``, gas and created address: the node's word.
* **Shape and size** (R28): answers are capped, must be JSON of the expected shape, and come
  within a bounded time; anything else is :class:`ChainUnavailableError`.
* **Sending** (R7): no automatic repetition. If a node refuses or does not answer, the
  transaction is looked up by its hash before anything is said about it.
* **Where to**: ``https``, or plain ``http`` to this machine only; no redirects, no proxies from
  the environment, no credentials in the URL.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn, cast
from urllib.parse import urlsplit

import orjson
import requests
from web3.providers.rpc import HTTPProvider
from web3.types import RPCEndpoint

from ledger.chain.protocol import (
    AccountProof,
    Block,
    CallReverted,
    EngineProfile,
    Handover,
    Log,
    Receipt,
    Refusal,
    RefusalCode,
    StorageProof,
)
from ledger.errors import ChainUnavailableError, ForeignLedgerError, RequestError
from ledger.ethereum import (
    EMPTY_CODE,
    EMPTY_ROOT,
    Trie,
    decode,
    encode,
    integer,
    may_contain,
    ordered_root,
    receipt_bytes,
    sealed_header,
    transaction_chain_id,
)
from ledger.hashing import keccak
from ledger.hosts import is_loopback

#: Headers asked for in one request.
_HEADERS_PER_REQUEST: Final = 100

# Header fields in the order they are hashed: those of London, then later ones where present.
_HEADER: Final = (
    ("parentHash", 32),
    ("sha3Uncles", 32),
    ("miner", 20),
    ("stateRoot", 32),
    ("transactionsRoot", 32),
    ("receiptsRoot", 32),
    ("logsBloom", 256),
    ("difficulty", 0),
    ("number", 0),
    ("gasLimit", 0),
    ("gasUsed", 0),
    ("timestamp", 0),
    ("extraData", None),
    ("mixHash", 32),
    ("nonce", 8),
)
_LATER: Final = (
    ("baseFeePerGas", 0),
    ("withdrawalsRoot", 32),
    ("blobGasUsed", 0),
    ("excessBlobGas", 0),
    ("parentBeaconBlockRoot", 32),
    ("requestsHash", 32),
)

#: What engines say when they refuse a transaction (geth, Besu, anvil), lower case.
_REFUSALS: Final[tuple[tuple[str, RefusalCode], ...]] = (
    ("nonce too low", "nonce-used"),
    ("nonce below", "nonce-used"),
    ("nonce too high", "nonce-gap"),
    ("nonce too distant", "nonce-gap"),
    ("nonce gap", "nonce-gap"),
    ("chain id", "foreign-chain"),
    ("chainid", "foreign-chain"),
    ("insufficient funds", "funds"),
    ("upfront cost", "funds"),
    ("gas", "gas"),
    ("rlp", "malformed"),
    ("decode", "malformed"),
    ("signature", "malformed"),
)


@dataclass(frozen=True, slots=True)
class _Error:
    """A JSON-RPC error object."""

    code: int
    message: str
    data: Any


class BoundedProvider(HTTPProvider):
    """web3's HTTP provider with a limit on size and total time, and without repetition.

    ``timeout`` in seconds for connecting, for each wait, and (checked between them) in all.
    """

    def __init__(self, url: str, timeout: float, max_bytes: int) -> None:
        super().__init__(url, exception_retry_configuration=None)
        self._timeout = timeout
        self._max_bytes = max_bytes
        self._sessions = threading.local()
        self._opened: list[requests.Session] = []

    def ask(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        """The results of a batch, in order; an error stands as :class:`_Error`."""
        body = [
            {"jsonrpc": "2.0", "id": i, "method": method, "params": list(params)}
            for i, (method, params) in enumerate(calls)
        ]
        raw = self._make_request(RPCEndpoint("batch"), orjson.dumps(body))
        try:
            answers = orjson.loads(raw)  # bounded in depth, unlike the standard library's
        except ValueError as error:
            raise ChainUnavailableError(f"the chain did not answer in JSON: {error}") from error
        if isinstance(answers, dict):
            _strange("a batch", answers)
        by_id: dict[int, Any] = {}
        for answer in cast(list[Any], answers):
            if not isinstance(answer, dict) or type(answer.get("id")) is not int:
                _strange("a batch", answer)
            if "error" in answer:
                said = answer["error"]
                if not isinstance(said, dict):
                    _strange("an error", said)
                by_id[answer["id"]] = _Error(
                    said["code"] if type(said.get("code")) is int else 0,
                    str(said.get("message", ""))[:500],
                    said.get("data"),
                )
            elif "result" in answer:
                by_id[answer["id"]] = answer["result"]
        if len(by_id) != len(calls) or set(by_id) != set(range(len(calls))):
            _strange("a batch", "results are missing")
        return [by_id[i] for i in range(len(calls))]

    def _make_request(self, method: RPCEndpoint, request_data: bytes) -> bytes:
        session: requests.Session | None = getattr(self._sessions, "session", None)
        if session is None:
            session = self._sessions.session = requests.Session()
            session.trust_env = False
            self._opened.append(session)
        deadline = time.monotonic() + self._timeout
        try:
            with session.post(
                str(self.endpoint_uri),
                data=request_data,
                headers={"Content-Type": "application/json"},
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                if response.status_code != 200:
                    raise ChainUnavailableError(f"the chain answered HTTP {response.status_code}")
                body = bytearray()
                for chunk in response.iter_content(65536):
                    body += chunk
                    if len(body) > self._max_bytes:
                        raise ChainUnavailableError(
                            f"the chain answered more than {self._max_bytes} bytes"
                        )
                    if time.monotonic() > deadline:
                        raise ChainUnavailableError(
                            f"the chain did not finish within {self._timeout:g} s"
                        )
                return bytes(body)
        except requests.RequestException as error:
            raise ChainUnavailableError(
                f"the chain does not answer: {type(error).__name__}"
            ) from error

    def close(self) -> None:
        for session in self._opened:
            session.close()


def check_url(url: str) -> str:
    """The URL of a node, if we may speak to it; else :class:`RequestError` (R28)."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.username or parts.password:
        _refuse_url("credentials do not belong in the URL", "网址中不应包含凭据")
    if parts.scheme not in ("http", "https") or not host:
        _refuse_url("the URL must start with https://", "网址必须以 https:// 开头")
    if parts.scheme == "http" and not is_loopback(host):
        _refuse_url("plain http is for this machine only; use https", "http 仅限本机；请使用 https")
    return url


def _refuse_url(message: str, message_zh: str) -> NoReturn:
    raise RequestError(message, message_zh=message_zh, field="url", code="chain.url")


class JsonRpcChain:
    """A :class:`~ledger.chain.protocol.LedgerGateway` over JSON-RPC.

    ``genesis_hash=None`` pins whatever genesis the chain shows first: only for deploying.
    ``timeout`` in seconds per request, ``max_bytes`` per answer.
    """

    def __init__(
        self,
        url: str,
        *,
        chain_id: int,
        profile: EngineProfile,
        genesis_hash: bytes | None = None,
        timeout: float = 10.0,
        max_bytes: int = 64 * 1024 * 1024,
    ) -> None:
        self._provider = BoundedProvider(check_url(url), timeout, max_bytes)
        self._chain_id = chain_id
        self._genesis_hash = genesis_hash
        self._profile = profile
        self._final: Block | None = None

    @property
    def profile(self) -> EngineProfile:
        return self._profile

    def chain_id(self) -> int:
        self._ask()
        return self._chain_id

    def genesis_hash(self) -> bytes:
        self._ask()
        assert self._genesis_hash is not None
        return self._genesis_hash

    def close(self) -> None:
        self._provider.close()

    # -- blocks ------------------------------------------------------------------------------

    def head(self) -> Block:
        return self._heads()[0]

    def final_head(self) -> Block:
        return self._heads()[1]

    def _heads(self) -> tuple[Block, Block]:
        seen = self._final
        calls = [("eth_getBlockByNumber", ["latest", False])]
        if seen is not None:
            calls.append(("eth_getBlockByNumber", [hex(seen.number), False]))
        answers = self._ask(*calls)
        head = self._header(answers[0])
        if seen is not None:
            now = None if answers[1] is None else self._header(answers[1])
            if now is None or now.hash != seen.hash:
                raise ForeignLedgerError(
                    f"block {seen.number} was final as 0x{seen.hash.hex()} and is gone: "
                    "the chain was restarted, rolled back or swapped"
                )
        final = head
        if self._profile.confirmations:
            number = max(0, head.number - self._profile.confirmations)
            [final] = self._headers(number, number)
        if seen is None or final.number > seen.number:
            self._final = final.block
        return head.block, final.block

    def block(self, number: int) -> Block | None:
        if number < 0:
            return None
        [answer] = self._ask(("eth_getBlockByNumber", [hex(number), False]))
        return None if answer is None else self._header(answer, number).block

    def _headers(self, first: int, last: int) -> list["_Header"]:
        headers: list[_Header] = []
        for start in range(first, last + 1, _HEADERS_PER_REQUEST):
            numbers = range(start, min(start + _HEADERS_PER_REQUEST, last + 1))
            answers = self._ask(*(("eth_getBlockByNumber", [hex(n), False]) for n in numbers))
            for number, answer in zip(numbers, answers, strict=True):
                if answer is None:
                    raise ChainUnavailableError(f"the chain has no block {number}")
                header = self._header(answer, number)
                if headers and header.parent_hash != headers[-1].hash:
                    raise ChainUnavailableError(f"block {number} does not follow its parent")
                headers.append(header)
        return headers

    def _header(self, answer: Any, number: int | None = None) -> "_Header":
        header = _Header.of(answer, self._profile.header_hash)
        if number is not None and header.number != number:
            _strange("a block", f"number {header.number} instead of {number}")
        return header

    # -- state -------------------------------------------------------------------------------

    def code(self, address: bytes, block_number: int | None = None) -> bytes:
        [answer] = self._ask(("eth_getCode", [_hex(address), _tag(block_number)]))
        return _bytes(self._result(answer), None, "code")

    def storage_at(self, address: bytes, slot: int, block_number: int | None = None) -> bytes:
        [answer] = self._ask(("eth_getStorageAt", [_hex(address), _slot(slot), _tag(block_number)]))
        return _bytes(self._result(answer), 32, "storage")

    def transaction_count(self, address: bytes) -> int:
        [answer] = self._ask(("eth_getTransactionCount", [_hex(address), "latest"]))
        return _quantity(self._result(answer), "nonce")

    def call(self, to: bytes, data: bytes, block_number: int | None = None) -> bytes:
        request = {
            "from": _hex(bytes(20)),
            "to": _hex(to),
            "data": _hex(data),
            "gas": hex(self._profile.gas_limit),
        }
        [answer] = self._ask(("eth_call", [request, _tag(block_number)]))
        if isinstance(answer, _Error):
            reason = answer.message.lower()
            if isinstance(answer.data, str) and answer.data.startswith("0x"):
                raise CallReverted(_bytes(answer.data, None, "revert data"))
            if answer.code == 3 or any(w in reason for w in ("revert", "out of gas", "opcode")):
                raise CallReverted(b"")
        return _bytes(self._result(answer), None, "call result")

    def proof(
        self, address: bytes, slots: Sequence[int], block_number: int | None = None
    ) -> AccountProof:
        number = self.head().number if block_number is None else block_number
        [header] = self._headers(number, number)
        [answer] = self._ask(
            ("eth_getProof", [_hex(address), [_slot(s) for s in slots], hex(number)])
        )
        answer = _object(self._result(answer), "proof")
        nodes = _nodes(answer.get("accountProof"))
        account = [
            _quantity(answer.get("nonce"), "nonce"),
            _quantity(answer.get("balance"), "balance"),
            _bytes(answer.get("storageHash"), 32, "storageHash"),
            _bytes(answer.get("codeHash"), 32, "codeHash"),
        ]
        proved = _prove(nodes, header.state_root, keccak(address))
        stated = encode([integer(v) if isinstance(v, int) else v for v in account])
        if proved != stated and (proved or account[:2] != [0, 0]):
            _strange("a proof", "the account does not follow from the state root")
        if not proved:  # engines differ in how they state the hashes of an absent account
            account[2:] = [EMPTY_ROOT, EMPTY_CODE]
        nonce, balance, storage_root, code_hash = cast(tuple[int, int, bytes, bytes], account)
        storage = []
        entries = _array(answer.get("storageProof"), "storageProof")
        if len(entries) != len(slots):
            _strange("a proof", "slots are missing")
        for slot, entry in zip(slots, entries, strict=True):
            entry = _object(entry, "storageProof")
            value = _quantity(entry.get("value"), "value")
            slot_nodes = _nodes(entry.get("proof"))
            leaf = _prove(slot_nodes, storage_root, keccak(slot.to_bytes(32, "big")))
            if leaf != (encode(integer(value)) if value else b""):
                _strange("a proof", f"slot {slot} does not follow from the storage root")
            storage.append(StorageProof(slot, value, slot_nodes))
        return AccountProof(
            address=address,
            block_number=header.number,
            block_hash=header.hash,
            header=header.raw,
            sealed_header=header.sealed,
            state_root=header.state_root,
            nonce=nonce,
            balance=balance,
            code_hash=code_hash,
            storage_root=storage_root,
            nodes=nodes,
            storage=tuple(storage),
        )

    # -- transactions and events -------------------------------------------------------------

    def send_raw_transactions(self, raws: Sequence[bytes]) -> list[Handover]:
        """See the protocol. If the chain stops answering part-way, this raises, and what was
        sent so far is found out by handing over the same bytes again."""
        return [self._send(raw) for raw in raws]

    def _send(self, raw: bytes) -> Handover:
        digest = keccak(raw)
        try:
            named = transaction_chain_id(raw)
        except ValueError as error:
            return Handover(digest, Refusal("malformed", str(error)))
        if named != self._chain_id:
            message = f"the transaction names chain {named}, this is chain {self._chain_id}"
            return Handover(digest, Refusal("foreign-chain", message))
        try:
            self._ask()  # never hand anything to another chain
            [answer] = self._ask(("eth_sendRawTransaction", [_hex(raw)]))
        except ChainUnavailableError:
            if self._knows(digest):
                return Handover(digest)
            raise
        if isinstance(answer, _Error):
            if self._knows(digest):
                return Handover(digest)
            reason = answer.message.lower()
            code = next((code for word, code in _REFUSALS if word in reason), "refused")
            return Handover(digest, Refusal(cast(RefusalCode, code), answer.message))
        if _bytes(answer, 32, "transaction hash") != digest:
            _strange("a transaction hash", answer)
        return Handover(digest)

    def _knows(self, digest: bytes) -> bool:
        [answer] = self._ask(("eth_getTransactionByHash", [_hex(digest)]))
        return answer is not None and (
            _bytes(_object(self._result(answer), "transaction").get("hash"), 32, "hash") == digest
        )

    def receipt(self, transaction_hash: bytes) -> Receipt | None:
        [answer] = self._ask(("eth_getTransactionReceipt", [_hex(transaction_hash)]))
        if answer is None:
            return None
        stated = _object(self._result(answer), "receipt")
        number = _quantity(stated.get("blockNumber"), "blockNumber")
        [header] = self._headers(number, number)
        if _bytes(stated.get("blockHash"), 32, "blockHash") != header.hash:
            return None  # reorganised between the two questions: not mined as far as we know
        for receipt in self._receipts(header):
            if receipt.transaction_hash == transaction_hash:
                return receipt
        _strange("a receipt", "its block does not contain it")

    def logs(self, first: int, last: int, addresses: Sequence[bytes]) -> list[Log]:
        logs: list[Log] = []
        asked = set(addresses)
        for header in self._headers(first, last):
            if any(may_contain(header.bloom, address) for address in asked):
                for receipt in self._receipts(header):
                    logs += [log for log in receipt.logs if log.address in asked]
        return logs

    def _receipts(self, header: "_Header") -> list[Receipt]:
        """All receipts of a block, checked against the root in its header."""
        [answer] = self._ask(("eth_getBlockReceipts", [hex(header.number)]))
        encoded = []
        receipts = []
        log_index = 0
        for position, item in enumerate(_array(self._result(answer), "receipts")):
            item = _object(item, "receipt")
            digest = _bytes(item.get("transactionHash"), 32, "transactionHash")
            logs = []
            for entry in _array(item.get("logs"), "logs"):
                entry = _object(entry, "log")
                logs.append(
                    Log(
                        block_number=header.number,
                        block_hash=header.hash,
                        transaction_hash=digest,
                        transaction_index=position,
                        log_index=log_index,
                        address=_bytes(entry.get("address"), 20, "address"),
                        topics=tuple(
                            _bytes(topic, 32, "topic")
                            for topic in _array(entry.get("topics"), "topics")
                        ),
                        data=_bytes(entry.get("data"), None, "data"),
                    )
                )
                log_index += 1
            succeeded = _quantity(item.get("status"), "status") == 1
            encoded.append(
                receipt_bytes(
                    _quantity(item.get("type", "0x0"), "type"),
                    succeeded,
                    _quantity(item.get("cumulativeGasUsed"), "cumulativeGasUsed"),
                    [(log.address, log.topics, log.data) for log in logs],
                )
            )
            created = item.get("contractAddress")
            receipts.append(
                Receipt(
                    transaction_hash=digest,
                    block_number=header.number,
                    block_hash=header.hash,
                    succeeded=succeeded,
                    gas_used=_quantity(item.get("gasUsed"), "gasUsed"),
                    contract_address=None
                    if created is None
                    else _bytes(created, 20, "contractAddress"),
                    logs=tuple(logs),
                )
            )
        if ordered_root(encoded) != header.receipts_root:
            raise ChainUnavailableError(
                f"the receipts of block {header.number} are not those its header commits to"
            )
        return receipts

    # -- asking ------------------------------------------------------------------------------

    def _ask(self, *calls: tuple[str, Sequence[Any]]) -> list[Any]:
        """The answers, from the pinned chain and no other."""
        chain, genesis, *answers = self._provider.ask(
            [("eth_chainId", []), ("eth_getBlockByNumber", ["0x0", False]), *calls]
        )
        chain_id = _quantity(self._result(chain), "chainId")
        if chain_id != self._chain_id:
            raise ForeignLedgerError(f"the node is of chain {chain_id}, not {self._chain_id}")
        found = _bytes(_object(self._result(genesis), "block").get("hash"), 32, "hash")
        if self._genesis_hash is None:
            self._genesis_hash = found
        elif found != self._genesis_hash:
            raise ForeignLedgerError(
                f"the chain has genesis 0x{found.hex()}, not 0x{self._genesis_hash.hex()}"
            )
        return answers

    @staticmethod
    def _result(answer: Any) -> Any:
        if isinstance(answer, _Error):
            raise ChainUnavailableError(f"the chain answered with an error: {answer.message}")
        return answer


@dataclass(frozen=True, slots=True)
class _Header:
    """A header whose hash was recomputed."""

    number: int
    hash: bytes
    parent_hash: bytes
    time: int
    state_root: bytes
    receipts_root: bytes
    bloom: int
    raw: bytes
    sealed: bytes

    @classmethod
    def of(cls, answer: Any, rule: str) -> "_Header":
        answer = _object(answer, "block")
        fields = [_field(answer, name, size) for name, size in _HEADER]
        # Absent ones are left out, also between others: so anvil hashes a London genesis.
        fields += [_field(answer, name, size) for name, size in _LATER if name in answer]
        raw = sealed_header(fields, rule)
        digest = keccak(raw)
        if digest != _bytes(answer.get("hash"), 32, "hash"):
            _strange("a block", "its hash is not that of its header")
        return cls(
            number=int.from_bytes(fields[8], "big"),
            hash=digest,
            parent_hash=fields[0],
            time=int.from_bytes(fields[11], "big"),
            state_root=fields[3],
            receipts_root=fields[5],
            bloom=int.from_bytes(fields[6], "big"),
            raw=raw,
            sealed=encode(fields),
        )

    @property
    def block(self) -> Block:
        return Block(self.number, self.hash, self.parent_hash, self.time)


# -------------------------------------------------------------- shapes of JSON-RPC's answers


def _strange(what: str, answer: object) -> NoReturn:
    raise ChainUnavailableError(f"the chain answered no proper {what}: {str(answer)[:200]}")


def _object(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        _strange(what, value)
    return value


def _array(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        _strange(what, value)
    return value


def _quantity(value: Any, what: str) -> int:
    if not isinstance(value, str) or not value.startswith("0x") or len(value) > 66:
        _strange(what, value)
    try:
        return int(value, 16)
    except ValueError:
        _strange(what, value)


def _bytes(value: Any, size: int | None, what: str) -> bytes:
    if not isinstance(value, str) or not value.startswith("0x"):
        _strange(what, value)
    try:
        found = bytes.fromhex(value[2:])
    except ValueError:
        _strange(what, value)
    if size is not None and len(found) != size:
        _strange(what, value)
    return found


def _field(block: dict[str, Any], name: str, size: int | None) -> bytes:
    """A header field as it is hashed; ``size`` 0 marks an integer."""
    value = block.get(name)
    return integer(_quantity(value, name)) if size == 0 else _bytes(value, size, name)


def _nodes(value: Any) -> tuple[bytes, ...]:
    return tuple(_bytes(node, None, "proof node") for node in _array(value, "proof"))


def _prove(nodes: Sequence[bytes], root: bytes, key: bytes) -> bytes:
    """The value that the nodes prove for the key, or b"" for proven absence."""
    by_hash = {keccak(node): node for node in nodes}
    try:
        return Trie(lambda digest: decode(by_hash[digest])).get(root, key)
    except (KeyError, ValueError, IndexError, TypeError) as error:
        raise ChainUnavailableError("the chain gave an incomplete proof") from error


def _hex(value: bytes) -> str:
    return "0x" + value.hex()


def _slot(slot: int) -> str:
    return _hex(slot.to_bytes(32, "big"))  # some engines want all digits


def _tag(number: int | None) -> str:
    return "latest" if number is None else hex(number)
