"""What the pages about accounts show."""

import re
from typing import Any, Final

from fastapi import Request

from api.access import CallerRole
from api.context import Context
from api.pages import session
from api.pages.lexicon import Lexicon, Named
from api.pages.rendering import reader_language
from api.pages.wording import wording
from api.problems import not_found
from api.staff.passwords import SHORTEST
from api.tokens.schemas import NewTokenBody
from api.tokens.service import told
from ledger.errors import RequestError
from ledger.index.staff import StaffAccount
from ledger.typed_data import hexed

#: The shape that goes with an account's state.
_SHAPES: Final = {"active": "valid", "invited": "unknown", "disabled": "invalid"}
#: What browsers and systems call themselves in their long names, the first that fits.
_BROWSERS: Final = (
    ("MicroMessenger/", "WeChat"), ("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS: Final = (
    ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
    ("Windows", "Windows"), ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


# -------------------------------------------------------------------------------- coming in


def said(request: Request, failed: RequestError) -> str:
    """What is wrong with a form, as a sentence: without the name of the field, which programs
    need, and with the words for roles."""
    t = wording(reader_language(request))
    if failed.code == "token.role":
        needed = t("staff.or").join(
            t.word("role", str(name).lower()) for name in failed.values["needed"]
        )
        return t("staff.role-unfit", role=t.word("caller", failed.values["role"]), needed=needed)
    plain = re.sub(r"^\w+(: |：)", "", failed.message(t.language))
    return plain[:1].upper() + plain[1:]


def providers(request: Request) -> list[dict[str, Any]]:
    """The organisations that have a sign-in of their own, with its number."""
    return [
        {"number": n, "name_zh": p.name_zh, "name_en": p.name_en, "identifier": p.issuer}
        for n, p in enumerate(Context.of(request).staff.oidc.providers)
    ]


def provider_number(request: Request, sent: str) -> int:
    """The number of a provider as a form sends it."""
    if sent not in map(str, range(len(Context.of(request).staff.oidc.providers))):
        raise not_found("the sign-in", "该登录方式", "provider", code="oidc.provider")
    return int(sent)


def invitation(request: Request, code: str) -> dict[str, Any]:
    """What became of a link, and for whom it is, as far as whoever has it may know. ``other``: who
    is signed in in this browser and will not be any more once the link is used; "" if nobody else
    is."""
    context, lexicon = Context.of(request), Lexicon.of(request)
    staff, now = context.staff, context.workspace.clock()
    found = staff.book.invitation(code)
    if found is None:
        return {"state": "unknown"}
    link, account = found
    if link.state(now) != "open":
        return {"state": link.state(now)}
    own = {n for n, _ in staff.oidc.for_organisation(account.organisation)}
    here = staff.sessions.current(session.secret(request), now)
    return {
        "state": "open",
        "member": _member(lexicon, account),
        "other": here[1].person if here and here[1].id != account.id else "",
        "expires_at": link.expires_at,
        "providers": [p for p in providers(request) if p["number"] in own],
        "shortest": SHORTEST,
    }


# ----------------------------------------------------------------------------- one's account


def account(request: Request) -> dict[str, Any]:
    """Who is signed in, as what, and where else."""
    context, lexicon = Context.of(request), Lexicon.of(request)
    here, mine = session.current(request)
    open_ = context.staff.sessions.of(mine.id, context.workspace.clock())
    return {
        "member": _member(lexicon, mine),
        "by_provider": mine.issuer or "",
        "shortest": SHORTEST,
        "sessions": [
            {
                "number": s.id,
                "here": s.id == here.id,
                "browser": browser_name(s.browser),
                "begun_at": s.begun_at,
                "seen_at": s.seen_at,
                "expires_at": s.expires_at,
            }
            for s in sorted(open_, key=lambda s: s.id != here.id)
        ],
    }


def browser_name(called: str) -> str:
    """What a browser calls itself, short: "Chrome, Android"; "" if it says nothing that is known.
    Anybody can call themselves anything."""
    found = (
        next((name for sign, name in known if sign in called), "")
        for known in (_BROWSERS, _SYSTEMS)
    )
    return ", ".join(name for name in found if name)


# ------------------------------------------------------------------------------ for operators


def staff(request: Request, q: str, after: int, limit: int) -> dict[str, Any]:
    lexicon, book = Lexicon.of(request), Context.of(request).staff.book
    found = book.accounts(None, q, limit=limit + 1, after=after)
    named = lexicon.organisations(a.organisation for a in found)
    return {
        "members": [_member(lexicon, a, named) for a in found[:limit]],
        "after": after,
        "following": found[limit - 1].id if len(found) > limit else None,
    }


def member(request: Request, number: int) -> dict[str, Any]:
    """One account; :class:`NotFound` if there is none."""
    context, lexicon = Context.of(request), Lexicon.of(request)
    account = context.staff.account(number)
    last = context.staff.last_invitation(number)
    return {
        "member": _member(lexicon, account),
        "invitation": {"state": last[0], "expires_at": last[1].expires_at} if last else None,
        "sessions": len(context.staff.sessions.of(number, context.workspace.clock())),
        "roles": list(CallerRole),
    }


def invited(request: Request, number: int, code: str) -> dict[str, Any] | None:
    """An account with its link, whole, as it can be sent; None if the code is not that of an open
    invitation to it."""
    context = Context.of(request)
    found, last = context.staff.invitation(code), context.staff.last_invitation(number)
    if found is None or last is None or found[0] != "open" or found[1].id != number:
        return None
    return {
        "member": _member(Lexicon.of(request), found[1]),
        "link": f"{context.public(request)}/invitation?code={code}",
        "expires_at": last[1].expires_at,
    }


def token(request: Request, number: int) -> dict[str, Any]:
    """One token; :class:`NotFound` if there is none that works."""
    for listed in tokens(request)["tokens"]:
        if listed["id"] == number and listed["state"] == "active":
            return dict(listed)
    raise not_found("the token", "该令牌", "number", code="token.unknown")


def tokens(request: Request, revoked: int | None = None) -> dict[str, Any]:
    """All tokens, the newest first: those that work, then the others. ``revoked``: one that was
    just revoked, to be told of."""
    context, lexicon = Context.of(request), Lexicon.of(request)
    now = context.workspace.clock()
    kept = context.workspace.store.tokens()
    named = lexicon.organisations(t.organisation for t in kept)
    listed = [
        {
            **told(token).model_dump(),
            "organisation": named[hexed(token.organisation)],
            "state": "active"
            if token.is_valid(now)
            else "expired"
            if token.revoked_at is None
            else "revoked",
            "shape": "valid" if token.is_valid(now) else "invalid",
        }
        for token in reversed(kept)
    ]
    over = next((t for t in listed if t["id"] == revoked and t["state"] == "revoked"), None)
    return {"tokens": sorted(listed, key=lambda t: t["state"] != "active"), "revoked": over}


def made_token(request: Request, made: NewTokenBody) -> dict[str, Any]:
    named = Lexicon.of(request).organisations([bytes.fromhex(made.organisation[2:])])
    return {
        "secret": made.secret,
        "organisation": named[made.organisation],
        "person": made.person,
        "role": made.role.value,
        "expires_at": made.expires_at,
    }


def _member(
    lexicon: Lexicon, account: StaffAccount, named: dict[str, Named] | None = None
) -> dict[str, Any]:
    names = named or lexicon.organisations([account.organisation])
    return {
        "number": account.id,
        "login": account.login,
        "person": account.person,
        "organisation": names[hexed(account.organisation)],
        "role": account.role,
        "state": account.state,
        "shape": _SHAPES[account.state],
        "created_at": account.created_at,
        "signed_in_at": account.signed_in_at,
        "has_password": account.password_hash is not None,
    }
