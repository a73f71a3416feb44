"""Offering something to be signed: the page with what is signed in clear, and three ways to sign.

A page that wants something signed answers its form with :func:`offered`. What is to be signed
travels in this page's form and back, so that nothing is kept on the service for it.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request, Response

from api.access import Caller
from api.context import Context
from api.pages import session
from api.pages.entries.shown import ShownField, fields
from api.pages.lexicon import Lexicon
from api.pages.rendering import address, page, status_of
from api.pages.signing import outcome
from api.pages.signing.stamping import (
    MOST,
    Draft,
    accounts,
    needed,
    next_nonces,
    quorum,
    sentence,
    stamped,
    unstamped,
)
from ledger.errors import RequestError
from ledger.index.records import AccountRecord
from ledger.typed_data import Entry, hexed
from ledger.vocabulary import Role

__all__ = ["Draft", "offered"]

#: The page may start its own script as a worker, which unlocks a key file.
POLICY: Final = "worker-src 'self'"
#: What everybody is told the times of; it is not asked for again among the fields.
_STAMP: Final = frozenset({"nonce", "happenedAt", "deadline"})


@dataclass(frozen=True)
class ShownEntry:
    """An entry as it is shown before it is signed; ``raw`` is its exact JSON."""

    action: str
    name: str
    subject: str
    fields: Sequence[ShownField]
    contract: str
    digest: str
    raw: str


@dataclass(frozen=True)
class Signer:
    """An account that may sign. The ledger says of its person no more than a salted hash, so it is
    called by its ``number`` among the organisation's accounts and the ``end`` of its address."""

    address: str
    number: int
    end: str
    name: str


def offered(
    request: Request,
    caller: Caller,
    drafts: Sequence[Draft],
    *,
    title: str,
    back: str,
    among: Collection[bytes] = (),
) -> Response:
    """The page on which the caller's organisation signs these; ``title`` says what for (in the
    reader's language), ``back`` is the path of this service to go on to afterwards. ``among``: only
    these accounts may sign it, whatever roles others have.

    :class:`~ledger.errors.RequestError` names the first field of a draft that can never be right,
    so that the page that asked can show its form again.
    """
    return offer(request, caller, drafts, title=title, back=back, among=among)


def offer(
    request: Request,
    caller: Caller,
    drafts: Sequence[Draft],
    *,
    title: str,
    back: str,
    among: Collection[bytes] = (),
    account: bytes | None = None,
    problem: Mapping[str, Any] | None = None,
) -> Response:
    """The same for a certain ``account`` (None: the first that may), with what went wrong."""
    context, lexicon = Context.of(request), Lexicon.of(request)
    if not 1 <= len(drafts) <= MOST:
        raise RequestError(
            f"1 to {MOST} entries can be signed at once, not {len(drafts)}",
            message_zh=f"一次可签署 1 至 {MOST} 条，现为 {len(drafts)} 条",
            field="entries",
            code="signing.count",
        )
    actions = [draft.action for draft in drafts]
    possible = accounts(context, caller.organisation, actions)
    if among:
        possible = [a for a in possible if a.address in among]
    chosen = next((a.address for a in possible if a.address == account), None)
    if chosen is None and possible:
        chosen = possible[0].address
    entries = stamped(context, caller, drafts, chosen or bytes(20))
    together = quorum(context) if needed(actions) == [Role.AUTHORITY] else 1
    domains = {e.action.contract: context.workspace.domains[e.action.contract] for e in entries}
    names = lexicon.organisations([caller.organisation])
    signers = _signers(lexicon, caller.organisation, possible)
    nonces = next_nonces(context, actions, [a.address for a in possible])
    return page(
        request,
        "signing/offer.html",
        status=status_of(problem),
        styles=("signing.css",),
        scripts=("signing.js",) if chosen and together == 1 else (),
        policy=POLICY,
        keepable=True,
        title=title,
        back=session.own_path(back),
        problem=problem,
        way_back=outcome.way_back(lexicon, caller, session.own_path(back)),
        organisation=next(iter(names.values())),
        authority=_authority(lexicon),
        accounts=signers,
        stamps=in_page(_stamps(signers, nonces)),
        account="" if chosen is None else hexed(chosen),
        among=" ".join(hexed(a) for a in among),
        roles=_roles(lexicon, actions),
        quorum=together,
        seal=seal(session.secret(request), entries, title, back, among),
        entries=[_shown(lexicon, context, entry) for entry in entries],
        happened_at=entries[0].values["happenedAt"],
        deadline=min(int(str(entry.values["deadline"])) for entry in entries),
        travelling=in_page([entry.to_json() for entry in entries]),
        chain=str(next(iter(domains.values())).chain_id),
        contracts=in_page({name: hexed(d.address) for name, d in domains.items()}),
        digests=in_page([hexed(_digest(context, entry)) for entry in entries]),
        command=_command(request, together),
        outcome=address(
            "/signing/outcome",
            {
                "entries": outcome.written([_digest(context, entry) for entry in entries]),
                "back": session.own_path(back),
            },
        ),
    )


def seal(
    secret: str, entries: Sequence[Entry], title: str, back: str, among: Collection[bytes] = ()
) -> str:
    """What shows that a page of ours offered this to be signed: only that is put into words, for
    the words tell of things by their ids, and whoever makes up a form could ask about any."""
    told = [
        [e.action.name, {k: v for k, v in e.to_json()["message"].items() if k not in _STAMP}]
        for e in entries
    ]
    content = [told, title, session.own_path(back), sorted(hexed(a) for a in among)]
    return session.seal(secret, json.dumps(content, sort_keys=True).encode())


def _signers(
    lexicon: Lexicon, organisation: bytes, possible: Collection[AccountRecord]
) -> list[Signer]:
    every = [a.address for a in lexicon.context.workspace.index.accounts_of(organisation)]
    found = []
    for account in possible:
        number, end = every.index(account.address) + 1, account.address.hex()[-6:]
        name = lexicon.t("signing.account-name", number=number, count=len(every), end=end)
        found.append(Signer(hexed(account.address), number, end, name))
    return found


def _authority(lexicon: Lexicon) -> str:
    """Who registers accounts, by name."""
    founding = lexicon.context.workspace.index.founding().organisation
    [found] = lexicon.organisations([founding]).values()
    return lexicon.name(found)


def _stamps(signers: Sequence[Signer], nonces: Mapping[bytes, Mapping[str, int]]) -> dict[str, Any]:
    """What the script needs to sign with any of them: how it is called and its next nonces."""
    return {
        signer.address: {
            "name": signer.name,
            "nonces": {c: str(n) for c, n in nonces[bytes.fromhex(signer.address[2:])].items()},
        }
        for signer in signers
    }


def in_page(value: Any) -> str:
    """JSON for an attribute: in ASCII alone, so that nothing in it is taken for a deceiving
    character and shown as another."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def _command(request: Request, together: int) -> str:
    """What is typed to sign the file with ``suyuan record``."""
    also = "".join(f" --also KEY-{number}.json" for number in range(2, together + 1))
    server = str(request.base_url).rstrip("/")
    return (
        f"suyuan record suyuan-entries.json --server {server} --token-file TOKEN --key KEY.json"
        + also
    )


def drafts_of(entries: Sequence[Entry]) -> list[Draft]:
    return [unstamped(entry) for entry in entries]


def _digest(context: Context, entry: Entry) -> bytes:
    return entry.digest(context.workspace.domains[entry.action.contract])


def _shown(lexicon: Lexicon, context: Context, entry: Entry) -> ShownEntry:
    told: Mapping[str, Any] = entry.to_json()
    action = entry.action.name
    every = zip(entry.action.names, fields(lexicon, action, told["message"]), strict=True)
    words = [field for name, field in every if name not in _STAMP]
    return ShownEntry(
        action,
        sentence(lexicon.t.word("action", action)),
        next((field.shown for field in words if field.code), ""),
        words,
        entry.action.contract,
        hexed(_digest(context, entry)),
        json.dumps(told, ensure_ascii=False, indent=1),
    )


def _roles(lexicon: Lexicon, actions: Sequence[str]) -> list[str]:
    """The words of the roles that an account needs one of, where it needs any."""
    found = [role for roles in needed(actions) for role in Role if role in roles]
    return [lexicon.t.word("role", str(role.name).lower()) for role in dict.fromkeys(found)]
