"""A client of the service that signs at home: keys never leave the process that holds them.

>>> with SuyuanClient("http://127.0.0.1:8000", token, signer) as client:
...     entry = client.submit("SuspendQualification", qualification=…, document=bytes(32),
...                           reason="inspection")
...     client.verdict(organisation="0x…", category="mask.surgical", quantity=50_000,
...                    deliver_on="2026-12-04")
"""

import json
import time
import uuid
from binascii import a2b_base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote

import httpx
import orjson

from ledger.authoring import DEADLINE
from ledger.errors import EvidenceError, RequestError, UnavailableError
from ledger.evidence.bundle import Witness
from ledger.hosts import is_loopback
from ledger.importing.register_state import RegisterState
from ledger.signing import Signer
from ledger.typed_data import ACTIONS, Domain, Entry, SignedEntry, Value

_FINAL: Final = ("final", "refused")
#: So many signed entries, and bytes of them, go into one request; a service takes more of both.
_CHUNK: Final = 500
_CHUNK_BYTES: Final = 3 * 1024 * 1024
#: What has just become final can be read after so many seconds.
_READABLE_AFTER: Final = 0.5
#: How often a busy or silent service is asked again, and how long it is waited for at most.
_ATTEMPTS: Final = 4
_LONGEST_PAUSE: Final = 10.0


class SuyuanClient:
    """One caller of one service; not to be shared between threads.

    ``token`` is the access token, ``signer`` the account that signs entries (None: read only),
    ``contracts`` the addresses that this ledger's contracts must have, by name, where they are
    known from elsewhere (a deployment file): without them the service's own word is believed.

    Failures are those of the ledger layer: :class:`RequestError` for what the service refuses,
    :class:`UnavailableError` where it cannot find out or does not answer (after some attempts;
    writes are sent again under the same Idempotency-Key), :class:`EvidenceError` for the rest.
    """

    def __init__(
        self,
        base_url: str,
        token: str,
        signer: Signer | None = None,
        *,
        language: str = "en",
        contracts: Mapping[str, bytes] | None = None,
        transport: httpx.BaseTransport | None = None,
        timeout: float = 30.0,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        url = httpx.URL(base_url)
        local = is_loopback(url.host)
        if url.scheme != "https" and not local:
            raise RequestError(
                f"{base_url}: a token goes over https only, except within one machine",
                message_zh=f"{base_url}：除本机外，令牌只能通过 https 发送",
                field="base_url",
                code="client.plain-http",
            )
        self._signer = signer
        self._clock = clock
        self._sleep = sleep
        self._pinned = dict(contracts or {})
        self._domains: dict[str, Domain] = {}
        self._nonces: dict[str, int] = {}
        self._http = httpx.Client(
            base_url=base_url,
            transport=transport,
            timeout=timeout,
            trust_env=not local,
            headers={"Authorization": f"Bearer {token}", "Accept-Language": language},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    # -- reading ---------------------------------------------------------------------------------

    def search(self, text: str = "") -> Iterator[dict[str, Any]]:
        """Every supplier that is found, the best first, page by page."""
        query = {"q": text, "limit": "100"}
        while True:
            page = self._json("GET", "/v1/suppliers", params=query)
            yield from page["suppliers"]
            if page["next"] is None:
                return
            query["cursor"] = page["next"]

    def supplier(self, organisation: str, **asked: str) -> dict[str, Any]:
        """A supplier with where it stands; ``asked``: at, known_at, clock, zone."""
        return self._json("GET", f"/v1/suppliers/{organisation}", params=asked)

    def qualifications(self, organisation: str, **asked: str) -> dict[str, Any]:
        return self._json("GET", f"/v1/suppliers/{organisation}/qualifications", params=asked)

    def lots_made(self, organisation: bytes) -> Iterator[bytes]:
        """The ids (32 bytes) of all lots that the organisation made, in the ledger's order."""
        query = {"maker": f"0x{organisation.hex()}", "limit": "100"}
        while True:
            page = self._json("GET", "/v1/batches", params=query)
            yield from (bytes.fromhex(batch["id"][2:]) for batch in page["batches"])
            if page["next"] is None:
                return
            query["after"] = str(page["next"])

    def qualification(self, qualification: str, **asked: str) -> dict[str, Any]:
        return self._json("GET", f"/v1/qualifications/{qualification}", params=asked)

    # -- batches ---------------------------------------------------------------------------------

    def batches(self, **wanted: str) -> Iterator[dict[str, Any]]:
        """Every batch that is found, page by page; ``wanted``: gtin and lot, maker, q."""
        query = {**wanted, "limit": "100"}
        while True:
            page = self._json("GET", "/v1/batches", params=query)
            yield from page["batches"]
            if page["next"] is None:
                return
            query["after"] = str(page["next"])

    def batch(self, batch: str, **asked: str) -> dict[str, Any]:
        """A batch by its 0x id; ``asked``: at, known_at, clock, zone."""
        return self._json("GET", f"/v1/batches/{batch}", params=asked)

    def trace_back(self, batch: str, **asked: str) -> dict[str, Any]:
        """A page of what the batch was made of; ``asked``: at, known_at, clock, depth, size, after,
        zone. Where it says ``more``, send its ``continuation`` as ``after``."""
        return self._json("GET", f"/v1/batches/{batch}/trace-back", params=asked)

    def trace_forward(self, batch: str, **asked: str) -> dict[str, Any]:
        """A page of what was made of the batch; ``asked`` as for :meth:`trace_back`."""
        return self._json("GET", f"/v1/batches/{batch}/trace-forward", params=asked)

    def custody(self, batch: str, **asked: str) -> dict[str, Any]:
        """Where the batch is and a page of how it got there; ``asked``: known_at, size, after."""
        return self._json("GET", f"/v1/batches/{batch}/custody", params=asked)

    def recall_scope(self, batch: str, **asked: str) -> dict[str, Any]:
        """A page of what a recall reaches, with the entries to sign; ``asked``: known_at, size,
        after, reason, document."""
        return self._json("GET", f"/v1/batches/{batch}/recall-scope", params=asked)

    def campaign(self, campaign: str, **asked: str) -> dict[str, Any]:
        """A page of who answered the recalls of a campaign; ``asked``: known_at, size, after."""
        return self._json("GET", f"/v1/batches/campaigns/{campaign}", params=asked)

    def digital_link(self, gtin: str, lot: str) -> dict[str, Any]:
        """What anybody may know of a box, by its GS1 Digital Link."""
        return self._json("GET", f"/01/{quote(gtin, safe='')}/10/{quote(lot, safe='')}")

    # -- accounts and registers ------------------------------------------------------------------

    def account(self, address: bytes) -> dict[str, Any]:
        """Whose an account is, and whether it still signs."""
        return self._json("GET", f"/v1/accounts/0x{address.hex()}")

    def dependents(self, address: str, since: str) -> dict[str, Any]:
        """What depends on what the account signed and was recorded from ``since`` on."""
        return self._json(
            "GET", f"/v1/accounts/{quote(address)}/dependents", params={"since": since}
        )

    def register_state(self, register: str, mirror: bytes) -> RegisterState:
        """What the mirror (20-byte id of its organisation) has stated of the register so far."""
        told = self._json(
            "GET", f"/v1/registers/{register}", params={"mirror": f"0x{mirror.hex()}"}
        )
        told.pop("ledger", None)
        state = RegisterState.from_json(told)
        if (state.register_name, state.mirror) != (register, mirror):
            raise EvidenceError(
                f"asked for {register} of 0x{mirror.hex()}, the service tells of "
                f"{state.register_name} of 0x{state.mirror.hex()}",
                code="register.form",
            )
        return state

    def ledger(self) -> dict[str, Any]:
        """Chain, contracts, domains and founding, as the service says them."""
        return self._json("GET", "/v1/ledger")

    # -- verdicts --------------------------------------------------------------------------------

    def verdict(
        self, *, store: bool = True, key: str | None = None, **question: Any
    ) -> dict[str, Any]:
        """Ask for a verdict; members of the question as in the HTTP interface."""
        headers = {"Idempotency-Key": key or _new_key()} if store else {}
        return self._json(
            "POST",
            "/v1/verdicts",
            params={} if store else {"store": "false"},
            content=json.dumps(question).encode(),
            headers={**headers, "Content-Type": "application/json"},
        )

    def read_verdict(self, verdict: str) -> bytes:
        """The verdict as it was given, byte for byte."""
        return self._send("GET", f"/v1/verdicts/{verdict}").content

    def recompute(self, verdict: str) -> dict[str, Any]:
        return self._json("POST", f"/v1/verdicts/{verdict}/recomputations")

    # -- documents -------------------------------------------------------------------------------

    def store_document(
        self, data: bytes, media_type: str, name: str, visibility: str = "parties"
    ) -> bytes:
        """Store a document; the hash (32 bytes) that entries cite."""
        told = self._json(
            "POST",
            "/v1/documents",
            params={"name": name, "visibility": visibility},
            content=data,
            headers={"Content-Type": media_type},
        )
        return bytes.fromhex(told["hash"][2:])

    def fetch_document(self, digest: bytes) -> bytes:
        return self._send("GET", f"/v1/documents/0x{digest.hex()}").content

    # -- writing ---------------------------------------------------------------------------------

    def sign(self, action: str, /, *others: Signer, **fields: Value) -> SignedEntry:
        """Stamp (nonce, time, deadline) and sign an entry here; ``others`` add the authority's
        signatures. Fields that are given win over the stamp."""
        contract = ACTIONS[action].contract if action in ACTIONS else ""
        now = int(self._clock())
        stamp: dict[str, Value] = {"happenedAt": now, "deadline": now + DEADLINE}
        if contract and "nonce" not in fields:
            stamp["nonce"] = self._next_nonce(contract)
        return self.sign_entry(Entry.of(action, **{**stamp, **fields}), *others)

    def sign_entry(self, entry: Entry, *others: Signer) -> SignedEntry:
        """Sign an entry that is stamped already."""
        digest = entry.digest(self.domains()[entry.action.contract])
        signers = (self._account, *others)
        return SignedEntry(entry, tuple(s.sign_digest(digest) for s in signers))

    @property
    def _account(self) -> Signer:
        if self._signer is None:
            raise RequestError(
                "this client has no key to sign with",
                message_zh="此客户端没有签名密钥",
                field="signer",
                code="client.signer",
            )
        return self._signer

    def submit(self, action: str, /, *others: Signer, **fields: Value) -> dict[str, Any]:
        """Sign an entry, hand it in and wait until it is final; a refusal is RequestError."""
        [told] = self.submit_signed([self.sign(action, *others, **fields)])
        return told

    def submit_signed(
        self, entries: Sequence[SignedEntry], *, key: str | None = None, patience: float = 60.0
    ) -> list[dict[str, Any]]:
        """Hand signed entries in and wait until each is final, at most ``patience`` seconds.

        Raises :class:`RequestError` for the first that the ledger refused, with its reason.
        """
        hrefs = self._hand_in([orjson.dumps(e.to_json()) for e in entries], key or _new_key())
        until = self._clock() + patience
        return [_taken(self._settled(href, until)) for href in hrefs]

    def submit_many(
        self,
        entries: Sequence[SignedEntry],
        progress: Callable[[int, int], None] = lambda done, of: None,
        *,
        patience: float = 60.0,
    ) -> Iterator[dict[str, Any]]:
        """Hand in any number of signed entries, request by request, and yield in order what
        became of each: its ``state`` is final, or refused with a ``refusal``.

        ``patience``: how many seconds may pass without any of them getting there. What was
        accepted goes on if this is interrupted.
        """
        done = 0
        for chunk in _chunks(orjson.dumps(e.to_json()) for e in entries):
            for href in self._hand_in(chunk, _new_key()):
                yield self._settled(href, self._clock() + patience)
                done += 1
            progress(done, len(entries))

    def await_idle(self, patience: float = 60.0) -> None:
        """Wait until no entry is on its way, anybody's; :class:`UnavailableError` if that takes
        too long. What waits is not on the ledger yet, so a plan would have it done again."""
        until = self._clock() + patience
        pause = 0.02
        waited = False
        while True:
            told = self._json("GET", "/health")
            if not (told["queued"] or told["under_way"]):
                if waited:
                    self._sleep(_READABLE_AFTER)
                return
            waited = True
            if self._clock() >= until:
                raise UnavailableError(
                    f"{told['queued']} entries and {told['under_way']} transactions are still on "
                    "their way; try again when they are recorded",
                    code="entry.waiting",
                )
            self._sleep(pause)
            pause = min(2 * pause, 1.0)

    def _hand_in(self, entries: Sequence[bytes], key: str) -> list[str]:
        """Hand entries in, each as JSON; where each can be followed."""
        accepted = self._json(
            "POST",
            "/v1/entries",
            content=b"[" + b",".join(entries) + b"]",
            headers={"Idempotency-Key": key, "Content-Type": "application/json"},
        )
        return [e["href"] for e in accepted["entries"]]

    def _settled(self, href: str, until: float) -> dict[str, Any]:
        """What became of an entry: final, or refused."""
        pause = 0.02
        while True:
            told = self._json("GET", href)
            if told["state"] in _FINAL:
                return told
            if self._clock() >= until:
                raise UnavailableError(
                    f"the entry {told['digest']} is {told['state']} and not yet final",
                    code="entry.waiting",
                )
            self._sleep(pause)
            pause = min(2 * pause, 1.0)

    def next_nonce(self, contract: str, account: bytes) -> int:
        """The lowest nonce above all that the account used in the contract, as recorded."""
        told = self._json(
            "GET", f"/v1/accounts/0x{account.hex()}/nonce", params={"contract": contract}
        )
        return int(told["next"])

    def _next_nonce(self, contract: str) -> int:
        nonce = self._nonces.get(contract)
        if nonce is None:
            nonce = self.next_nonce(contract, self._account.address)
        self._nonces[contract] = nonce + 1
        return nonce

    def domains(self) -> Mapping[str, Domain]:
        """The domain of each contract to sign in, by its name; :class:`EvidenceError` where it is
        another ledger than the one that this client was pinned to."""
        if not self._domains:
            told = self.ledger()
            found = {
                name: Domain(name, d["chainId"], bytes.fromhex(d["verifyingContract"][2:]))
                for name, d in told["domains"].items()
            }
            for name, address in self._pinned.items():
                if name in found and found[name].address != address:
                    raise EvidenceError(
                        f"the service's {name} is at 0x{found[name].address.hex()}, "
                        f"not at 0x{address.hex()}: it is another ledger",
                        code="ledger.foreign",
                    )
            self._domains = found
        return self._domains

    # -- checkpoints -----------------------------------------------------------------------------

    def checkpoint(self) -> dict[str, Any]:
        """The newest checkpoint, with what proves it."""
        return self._json("GET", "/v1/checkpoints/latest")

    def consistency(self, block: int, since: int) -> bytes:
        """The path from the log of ``since`` entries to that of the checkpoint at the block."""
        told = self._json(
            "GET", f"/v1/checkpoints/{block}/consistency", params={"since": str(since)}
        )
        return a2b_base64(told["path"])

    def countersign(self, block: int, witness: Witness) -> dict[str, Any]:
        """Hand in a countersignature of the checkpoint at the block."""
        return self._json(
            "POST",
            f"/v1/checkpoints/{block}/witnesses",
            json=witness.to_json(),
            headers={"Idempotency-Key": _new_key()},
        )

    # -- evidence --------------------------------------------------------------------------------

    def evidence(self, of: str, **asked: str) -> bytes:
        """The evidence of something, byte for byte. ``of`` is the path of what it is about below
        /v1, such as ``entries/17`` or ``batches/0x…``; ``asked`` as in the HTTP interface."""
        return self._send("GET", f"/v1/{of}/evidence", params=asked).content

    # -- transport -------------------------------------------------------------------------------

    def _json(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        told: dict[str, Any] = orjson.loads(self._send(method, path, **request).content)
        return told

    def _send(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Send; again if the service is busy or silent: reads repeat freely, writes carry a key
        or are named by their content."""
        last: Exception | None = None
        for attempt in range(_ATTEMPTS):
            pause = 0.1 * 2**attempt
            try:
                response = self._http.request(method, path, **request)
            except httpx.TransportError as error:
                last = UnavailableError(
                    f"the service does not answer: {error}", code="service.silent"
                )
            else:
                if response.status_code not in (429, 503):
                    return _checked(response)
                last = _failure(response)
                pause = float(response.headers.get("Retry-After", pause))
            if attempt + 1 < _ATTEMPTS:
                self._sleep(min(pause, _LONGEST_PAUSE))
        assert last is not None
        raise last


def _new_key() -> str:
    return str(uuid.uuid4())


def _chunks(entries: Iterable[bytes]) -> Iterator[list[bytes]]:
    """As they come, so many at a time as go into one request."""
    chunk: list[bytes] = []
    size = 0
    for entry in entries:
        if chunk and (len(chunk) == _CHUNK or size + len(entry) > _CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(entry)
        size += len(entry) + 1
    if chunk:
        yield chunk


def _taken(told: dict[str, Any]) -> dict[str, Any]:
    """The entry if the ledger took it; its refusal is raised."""
    if told["state"] == "refused":
        refusal = told["refusal"]
        raise RequestError(
            refusal["detail"]["en"],
            message_zh=refusal["detail"]["zh"],
            field=refusal["field"],
            code=f"entry.refused.{refusal['name']}",
            values=refusal["values"],
        )
    return told


def _checked(response: httpx.Response) -> httpx.Response:
    if response.is_success:
        return response
    raise _failure(response)


def _failure(response: httpx.Response) -> Exception:
    """The failure that a problem tells of, as the ledger layer would raise it here."""
    try:
        told = orjson.loads(response.content)
        code, detail = str(told["code"]), str(told["detail"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return UnavailableError(
            f"the service answered {response.status_code} without a problem", code="service.foreign"
        )
    if response.status_code in (429, 502, 503, 504):
        return UnavailableError(detail, code=code)
    if response.status_code >= 500:
        return EvidenceError(detail, code=code)
    return RequestError(
        detail,
        message_zh=detail,
        field=told.get("field"),
        code=code,
        values=told.get("values") or {},
    )
