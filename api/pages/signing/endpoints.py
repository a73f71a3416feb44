"""The addresses of signing: what a signing page sends, and what became of it."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Annotated, Any, Final

import orjson
from fastapi import Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.access import Caller
from api.context import Context
from api.entries import service
from api.pages import rendering, session
from api.pages.lexicon import Lexicon
from api.pages.readers import EntryReader, EntryWriter, OwnForm
from api.pages.rendering import address, page, redirect
from api.pages.signing import outcome
from api.pages.signing.offering import drafts_of, offer, seal
from api.pages.signing.stamping import MOST, whole_sentence
from api.parameters import once
from ledger.errors import EvidenceError, RequestError
from ledger.signing import recover
from ledger.typed_data import Entry

routes = rendering.router()

#: Why an entry could not be carried on from the form, in both languages.
_NOT_OURS: Final = ("what was to be signed did not come back whole", "待签内容未能完整传回")


@routes.post("/signing/entries")
async def hand_in(request: Request, caller: EntryWriter, form: OwnForm) -> Response:
    """Take the signed entries in, exactly as ``POST /v1/entries`` does, and lead to what becomes of
    them. Sent again it does nothing twice: the key follows from what was signed."""
    context = Context.of(request)
    entries = _entries(request, form)
    try:
        signatures = _signatures(form, len(entries))
        digests = [e.digest(context.workspace.domains[e.action.contract]) for e in entries]
        for digest, signature in zip(digests, signatures, strict=True):
            await run_in_threadpool(_check_signer, context, caller, form, digest, signature)
        raw = orjson.dumps(
            [
                {**entry.to_json(), "signatures": [signature]}
                for entry, signature in zip(entries, signatures, strict=True)
            ]
        )
        asked = once(caller, _key(raw), "submit_entries", raw)
        with context.workspace.store.once(asked) as earlier:
            if earlier is None:
                await run_in_threadpool(service.hand_in, context, caller, raw, asked)
        context.workspace.wake()
    except RequestError as error:
        problem = rendering.problem_of(request, error)
        problem["detail"] = whole_sentence(problem["detail"], rendering.reader_language(request))
        return await run_in_threadpool(_offer_again, request, caller, form, entries, problem)
    return redirect(_outcome_of(digests, form))


@routes.post("/signing/account")
def choose_account(request: Request, caller: EntryWriter, form: OwnForm) -> Response:
    """The same to be signed by another account: its nonces are others."""
    return _offer_again(request, caller, form, _entries(request, form), None)


@routes.post("/signing/file")
def take_file(request: Request, caller: EntryWriter, form: OwnForm) -> Response:
    """The unsigned entries as a file for ``suyuan record``."""
    if form.get("account") != form.get("stamped-for"):
        # Another account was chosen: its nonces first.
        return _offer_again(request, caller, form, _entries(request, form), None)
    told = [entry.to_json() for entry in _entries(request, form)]
    if form.get("together"):
        # Several accounts sign: the command finds a nonce that none of them has used.
        for one in told:
            del one["message"]["nonce"]
    content = json.dumps(told, ensure_ascii=False, indent=1).encode()
    headers = {
        **rendering.HEADERS,
        "Content-Disposition": 'attachment; filename="suyuan-entries.json"',
    }
    return Response(content, headers=headers, media_type="application/json")


@routes.get("/signing/outcome")
async def read_outcome(
    request: Request,
    caller: EntryReader,
    entries: Annotated[str, Query(max_length=6000)],
    back: Annotated[str, Query(max_length=2000)] = "/",
) -> Response:
    back = session.own_path(back)
    found = await outcome.outcomes(request, caller, outcome.read(entries))
    # Browsers look again by themselves while something is on its way, without a script.
    headers = {"Refresh": "5"} if found["waiting"] else {}
    return await run_in_threadpool(
        page,
        request,
        "signing/outcome.html",
        headers=headers,
        styles=("signing.css",),
        back=back,
        way_back=outcome.way_back(Lexicon.of(request), caller, back),
        here=address("/signing/outcome", {"entries": entries, "back": back}),
        **found,
    )


def _outcome_of(digests: list[bytes], form: Mapping[str, str]) -> str:
    back = session.own_path(form.get("back", "/"))
    return address("/signing/outcome", {"entries": outcome.written(digests), "back": back})


def _offer_again(
    request: Request,
    caller: Caller,
    form: Mapping[str, str],
    entries: list[Entry],
    problem: Mapping[str, Any] | None,
) -> Response:
    return offer(
        request,
        caller,
        drafts_of(entries),
        title=form.get("title", ""),
        back=form.get("back", "/"),
        among=_addresses(form.get("among", "")),
        account=next(iter(_addresses(form.get("account", ""))), None),
        problem=problem,
    )


def _addresses(text: str) -> list[bytes]:
    """Addresses as the page has carried them; none where they are none."""
    try:
        return [bytes.fromhex(one.removeprefix("0x")) for one in text.split()]
    except ValueError:
        return []


def _entries(request: Request, form: Mapping[str, str]) -> list[Entry]:
    """What was to be signed, as the page has carried it."""
    found = _json(form.get("entries", ""))
    whole = isinstance(found, list) and 1 <= len(found) <= MOST
    if not whole or not all(isinstance(one, dict) for one in found):
        raise _not_whole("entries")
    entries = [Entry.from_json(one) for one in found]
    among = _addresses(form.get("among", ""))
    sealed = seal(
        session.secret(request), entries, form.get("title", ""), form.get("back", "/"), among
    )
    if not hmac.compare_digest(form.get("seal", "").encode(), sealed.encode()):
        raise _not_whole("entries")
    return entries


def _signatures(form: Mapping[str, str], count: int) -> list[str]:
    found = _json(form.get("signatures", ""))
    if not isinstance(found, list) or len(found) != count:
        raise _not_whole("signatures")
    return [str(one) for one in found]


def _json(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _not_whole(field: str) -> RequestError:
    english, chinese = _NOT_OURS
    return RequestError(english, message_zh=chinese, field=field, code="signing.form")


def _check_signer(
    context: Context, caller: Caller, form: Mapping[str, str], digest: bytes, signature: str
) -> None:
    """Turn away what another account signed than the page said: it was altered on the way, or is
    signed with another key."""
    try:
        signer = recover(digest, bytes.fromhex(signature.removeprefix("0x")))
    except (EvidenceError, ValueError):
        signer = b""
    account = context.workspace.index.account(signer) if signer else None
    own = account is not None and account.organisation == caller.organisation
    wanted = next(iter(_addresses(form.get("account", ""))), b"")
    if own and signer == wanted:
        return
    # What was altered on the way reads as if any account had signed it.
    english, chinese = "of no account", "不属于任何账户"
    if signer:
        end = _end(signer)
        english, chinese = f"of the account ending in {end}", f"属于末六位 {end} 的账户"
    raise RequestError(
        f"the signature is {english}, not of the one ending in {_end(wanted)}, or what was signed "
        f"was altered on the way; sign again with the account ending in {_end(wanted)}",
        message_zh=f"签名{chinese}，而不是末六位 {_end(wanted)} 的账户，或所签内容在途中被改动；"
        f"请改用末六位 {_end(wanted)} 的账户重新签名",
        field="signatures",
        code="signing.signer",
    )


def _end(address: bytes) -> str:
    """How an account is called on the page."""
    return address.hex()[-6:]


def _key(raw: bytes) -> str:
    return "signing-" + hashlib.sha256(raw).hexdigest()
