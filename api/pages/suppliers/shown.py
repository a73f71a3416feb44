"""A supplier in words: who it is, where it stands for each product, and on which records.

States and their reasons are those of the verdict's third check (``ledger.checks``), so a page
never says more than a verdict would: nothing required means unknown, not valid.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request

from api.access import Caller
from api.context import Context
from api.links import service as links
from api.pages import formats
from api.pages.lexicon import Lexicon
from api.pages.rendering import address
from api.parameters import DEFAULT_ZONE, Asked, known_until
from api.suppliers import service
from api.suppliers.schemas import QualificationSummary, StandingBody, SupplierBody
from api.wire import interval_of
from ledger.alarms import Alarm, alarms
from ledger.checks import Case
from ledger.history import Capacity, History
from ledger.question import Question, wrong
from ledger.standing import KindStanding, Scope, standing
from ledger.typed_data import REGISTER_PREFIX, hexed
from ledger.vocabulary import Clock


@dataclass(frozen=True)
class ShownKind:
    """One kind of qualification in a scope; ``result`` is a word of ``Result``."""

    name: str
    required: bool
    result: str
    reasons: list[str]
    entries: list[int]


@dataclass(frozen=True)
class ShownScope:
    """A product with where the supplier stands for it; ``missing`` are reasons of no kind."""

    category: str
    model: str
    product: str
    result: str
    missing: list[str]
    kinds: list[ShownKind]
    ask: str


def asked_for(request: Request) -> Asked:
    """The clocks of the page's address; what is empty is now. Days are of the pages' zone."""
    now = Context.of(request).now()
    query = request.query_params
    at, known_at = query.get("at", ""), query.get("known_at", "")
    try:
        clock = Clock(query.get("clock") or Clock.RECORDED)
    except ValueError:
        raise wrong(
            "clock", "must be recorded or published", "须为 recorded 或 published"
        ) from None
    interval = interval_of(at, DEFAULT_ZONE, "at") if at else (now, now + 1)
    return Asked(interval, known_until(now, known_at or None, DEFAULT_ZONE), clock)


def clocks_of(request: Request) -> dict[str, str]:
    """The clocks as they stand in the address, to be kept in links."""
    found = {name: request.query_params.get(name, "") for name in ("at", "known_at", "clock")}
    if found["clock"] == Clock.RECORDED:
        found["clock"] = ""
    return {name: value for name, value in found.items() if value}


def shown(request: Request, caller: Caller, organisation: bytes) -> dict[str, Any]:
    """What the page of a supplier shows, for those who may see it."""
    context, lexicon = Context.of(request), Lexicon.of(request)
    asked = asked_for(request)
    body = service.read(context, caller, organisation, asked)
    histories = service.histories(context, organisation)
    first = next(iter(histories.values()))
    firm = [bytes.fromhex(f[2:]) for f in body.firm]
    held = service.qualifications(context, caller, organisation, asked).qualifications
    proposals = links.proposals(context, caller, organisation, asked).proposals
    capacities = [
        c
        for c in first.capacities
        if c.organisation in firm and c.stated.known(asked.known_at, asked.clock)
    ]
    raised = alarms(first, organisation, asked.known_at)
    names = lexicon.organisations(_involved(firm, capacities, raised))
    clocks = clocks_of(request)
    return {
        "supplier": body,
        "identifier_kind_name": lexicon.identifier_kind(body.identifier_kind),
        "origin": lexicon.origin(body.identifier_kind),
        "registers": [
            {"name": lexicon.register(name), "published": day}
            for name, day in _registers(body, held, capacities).items()
        ],
        "firm": [names[hexed(f)] for f in firm if f != organisation],
        "scopes": [
            _scope(context, lexicon, histories[s.category], organisation, s, asked)
            for s in body.standings
        ],
        "capacities": [_capacity(lexicon, c) for c in capacities],
        "alarms": [_alarm(lexicon, a, firm, names) for a in raised],
        "proposals": proposals,
        "names": names,
        "lexicon": lexicon,
        "clocks": clocks,
        "asked": body.asked,
        "not_now": _not_now(lexicon, body, clocks),
        "ask": address("/verdicts/new", {"supplier": body.id}),
        "here": "/suppliers/" + body.id,
    }


def _registers(
    body: SupplierBody, held: Iterable[QualificationSummary], capacities: Iterable[Capacity]
) -> dict[str, int]:
    """The registers that speak of the supplier, each with the last day on which it did (0 where
    that is not known)."""
    found: dict[str, int] = {}
    if body.identifier_kind.startswith(REGISTER_PREFIX):
        found[body.identifier_kind.removeprefix(REGISTER_PREFIX)] = 0
    said = [(q.register_name, q.published) for q in held]
    said += [(c.register, c.stated.published) for c in capacities]
    for name, day in said:
        if name:
            plain = name.removeprefix(REGISTER_PREFIX)
            found[plain] = max(found.get(plain, 0), day or 0)
    return dict(sorted(found.items()))


def _involved(
    firm: Iterable[bytes], capacities: Iterable[Capacity], raised: Iterable[Alarm]
) -> set[bytes]:
    found = set(firm)
    found.update(c.stated.author for c in capacities)
    for alarm in raised:
        found.update(alarm.holders)
        found.update(r.stated.author for r in alarm.replies)
        if alarm.closed is not None:
            found.add(alarm.closed.stated.author)
    return found


def _scope(
    context: Context,
    lexicon: Lexicon,
    history: History,
    organisation: bytes,
    body: StandingBody,
    asked: Asked,
) -> ShownScope:
    policy = context.workspace.policy
    found = standing(
        history,
        organisation,
        Scope(body.category, body.model),
        asked.at,
        asked.known_at,
        asked.clock,
        policy.freshness,
    )
    # The checks speak about a purchase: the smallest there is, at the time asked for. The model is
    # in what was found already; as it stands on the ledger nobody may be able to ask for it.
    question = Question(
        organisation,
        body.category,
        "",
        1,
        lexicon.unit_of(body.category),
        asked.at,
        None,
        asked.known_at,
        asked.clock,
        DEFAULT_ZONE,
    )
    case = Case(history, question, policy, found, (), ZoneInfo(DEFAULT_ZONE))
    result, reasons = case.in_force()
    language = lexicon.t.language
    return ShownScope(
        body.category,
        body.model,
        lexicon.scope(body.category, body.model),
        result.value,
        [r.text(language) for r in reasons if r.code == "requirements.none"],
        [
            *(_kind(lexicon, case, k, True) for k in found.required),
            *(_kind(lexicon, case, k, False) for k in found.other),
        ],
        address(
            "/verdicts/new",
            {"supplier": hexed(organisation), "category": body.category, "model": body.model},
        ),
    )


def _kind(lexicon: Lexicon, case: Case, kind: KindStanding, required: bool) -> ShownKind:
    reasons = case.kind_reasons(kind)
    named = lexicon.kind(kind.kind)
    texts = [lexicon.reason(r.text(lexicon.t.language)) for r in reasons]
    return ShownKind(
        named,
        required,
        kind.result.value,
        [text.removeprefix(named).lstrip(":： ") for text in texts],
        sorted({e for r in reasons for e in r.entries if e >= 0}),
    )


def _capacity(lexicon: Lexicon, c: Capacity) -> dict[str, Any]:
    origin = ""
    if c.register and c.stated.published is not None:
        origin = lexicon.t(
            "capacity.from-register",
            register=lexicon.register(c.register),
            day=lexicon.day(c.stated.published),
        )
    return {
        "product": lexicon.scope(c.category, c.model),
        "per_day": c.per_day,
        "unit": lexicon.unit(c.unit),
        "author": hexed(c.stated.author),
        "recorded": c.stated.recorded,
        "origin": origin,
        "entry": c.stated.sequence,
    }


def _alarm(
    lexicon: Lexicon, alarm: Alarm, firm: list[bytes], names: dict[str, Any]
) -> dict[str, Any]:
    others = [h for h in alarm.holders if h not in firm]
    other = ", ".join(lexicon.name(names[hexed(h)]) for h in others)
    shown = alarm.mark.shown
    if alarm.mark.what == "number":
        kind, _, number = shown.partition(" ")
        shown = f"{lexicon.kind(kind)} {number}"
    closed = alarm.closed
    return {
        "open": alarm.open,
        "stops": any(alarm.stops(h) for h in alarm.holders if h in firm),
        "sentence": lexicon.t(f"alarm.{alarm.mark.what}", shown=shown, other=other),
        "others": [names[hexed(h)] for h in others],
        "opened_at": alarm.opened_at,
        "entries": list(alarm.uses),
        "closed": ""
        if closed is None
        else lexicon.t(
            "alarm.closed-by",
            by=lexicon.name(names[hexed(closed.stated.author)]),
            when=lexicon.instant(closed.stated.recorded),
            reason=closed.reason,
        ),
        "closed_entry": [] if closed is None else [closed.stated.sequence],
        "replies": [
            {
                "text": r.text,
                "by": names[hexed(r.stated.author)],
                "recorded": r.stated.recorded,
                "entry": r.stated.sequence,
            }
            for r in alarm.replies
        ],
    }


def _not_now(lexicon: Lexicon, body: SupplierBody, clocks: dict[str, str]) -> str:
    """What is shown instead of the present, in a sentence ("" for the present)."""
    if not clocks:
        return ""
    parts = []
    at, known_at = body.asked.at[0], body.asked.known_at
    if "at" in clocks:
        parts.append(
            lexicon.t(
                "clocks.at-shown",
                day=lexicon.day(at),
                zone=DEFAULT_ZONE,
                offset=formats.offset(at, DEFAULT_ZONE),
            )
        )
    parts.append(lexicon.t("clocks.known-shown", when=lexicon.instant(known_at)))
    parts.append(lexicon.t.word("clock", body.asked.clock))
    separator = {"zh": "；", "en": "; "}[lexicon.t.language]
    return lexicon.t("clocks.notice") + " " + separator.join(parts)
