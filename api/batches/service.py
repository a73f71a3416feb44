"""Answers about batches: made by ``ledger.provenance``, with what the caller may not see left out.

Rules this module keeps:

* Nothing is decided here of what is true of a batch. What is left out is counted, by what it is, in
  ``withheld``; an answer with nothing in ``withheld`` and ``more`` false is whole.
* Lots and custody are judged by ``api.batches.sight`` alone.
* Names of organisations are given for those that the rest of the answer still mentions.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from api.batches.asking import Asking, place_of, place_token
from api.batches.sight import Sight
from api.problems import not_found
from ledger import identifiers
from ledger.checking import check_lot
from ledger.errors import RequestError
from ledger.history import History
from ledger.index.lots import Stop
from ledger.provenance import texts
from ledger.provenance.acknowledging import Checked, checked
from ledger.provenance.answer import Provenance, provenance
from ledger.provenance.assurance import Assurance
from ledger.provenance.custody import Custody, chains, custody
from ledger.provenance.model import Lot
from ledger.provenance.scope import (
    FollowUp,
    LotScope,
    campaign_id,
    follow_up,
    recall_scope,
    recall_values,
)
from ledger.provenance.tracing import Direction, Trace, made_since, trace_back
from ledger.provenance.writing import (
    both,
    custody_json,
    follow_up_json,
    hop_json,
    lot_json,
    stock_json,
)
from ledger.provenance.writing import scope_json as scope_page
from ledger.typed_data import hexed, lot_id
from ledger.vocabulary import NO_END
from ledger.workspace import Workspace

#: Actions that tell what was found of a lot, not where it went.
_ABOUT_GOODS: Final = frozenset({"Inspect", "Hold", "Recall", "Release", "Correct", "CloseLot"})
#: Findings about single entries, which may be of somebody's custody.
_OF_ENTRIES: Final = frozenset({"entry.late", "custody.key-compromised"})
#: How many lots are gone through for one page of a search.
_SCANNED: Final = 2_000

Told = dict[str, Any]


# ---------------------------------------------------------------------------------- one batch


def batch(workspace: Workspace, sight: Sight, position: int, id_: bytes) -> Lot:
    """The batch, if it is among the first ``position`` entries and the caller may see it."""
    lot = workspace.index.lots.lot(id_)
    if lot is None or lot.number >= position or lot.number not in sight.lots({lot.number}):
        raise unknown("id")
    return lot


def unknown(field: str) -> RequestError:
    return not_found("the batch", "该批次", field, code="batch.unknown")


def _known(lot: Lot, asked: Asking) -> None:
    if lot.number >= asked.upto:
        raise RequestError(
            "known_at: the batch was not on the ledger then",
            message_zh="known_at：当时账本上还没有该批次",
            field="known_at",
            code="batch.not-yet",
            values={"recorded_at": lot.recorded_at},
        )


def _existed(workspace: Workspace, lot: Lot, asked: Asking) -> None:
    """:class:`RequestError` for ``at`` where nothing of the lot had been made by then."""
    if asked.at >= NO_END:
        return
    first = begun(workspace, lot, asked)
    if first > asked.at:
        raise RequestError(
            "at: the batch did not exist then",
            message_zh="at：当时还没有该批次",
            field="at",
            code="batch.not-yet",
            values={"happened_at": first},
        )


def begun(workspace: Workspace, lot: Lot, asked: Asking) -> int:
    """When the first of the lot was made."""
    edges = workspace.index.lots.inputs_of([lot.number], asked.upto)
    return min([lot.happened_at, *(edge.happened_at for edge in edges)])


def _made_by_then(workspace: Workspace, lots: Collection[Told], asked: Asking) -> None:
    """Take off the quantities what was made of these lots since, by either clock."""
    numbers = [one["number"] for one in lots]
    later = made_since(workspace.index.lots, numbers, upto=asked.upto, at=asked.at)
    for one in lots:
        one["quantity"] -= later[one["number"]]


def _provenance(
    workspace: Workspace, lot: Lot, direction: Direction, asked: Asking, *, alone: bool = False
) -> Provenance:
    def gathered(organisation: bytes, category: str) -> History:
        return workspace.history_at(organisation, category, asked.position)

    return provenance(
        workspace.index.lots,
        workspace.index,
        workspace.index.founding(),
        lot.number,
        direction=direction,
        upto=asked.upto,
        known_at=asked.known_at,
        at=asked.at,
        depth=0 if alone else asked.depth,
        size=1 if alone else asked.size,
        after=None if alone else asked.after,
        clock=asked.clock,
        freshness=workspace.policy.freshness,
        histories=gathered,
        position=asked.position,
    )


def facts(workspace: Workspace, sight: Sight, lot: Lot, asked: Asking) -> Told:
    """What is known of the batch itself: its findings, what stops it, where it is."""
    _known(lot, asked)
    _existed(workspace, lot, asked)
    p = _provenance(workspace, lot, Direction.BACK, asked, alone=True)
    told = p.to_json(asked.zone)
    withheld: Counter[str] = Counter()
    [root] = told["lots"]
    _withhold_custody(root, lot, p, sight, withheld)
    stops = workspace.index.lots.stops([lot.number])
    found = {
        **lot_json(lot),
        "clocks": asked.clocks(),
        "findings": root["findings"],
        "actors": root["actors"],
        "stops": [_stop(s, asked.upto) for s in stops if s.sequence < asked.upto],
        "custody": _seen_custody(lot, p.custodies[lot.number], sight, withheld),
    }
    _made_by_then(workspace, [found], asked)
    return finished(workspace, found, withheld)


def _stop(stop: Stop, upto: int) -> Told:
    released = stop.released
    return {
        "kind": "recall" if stop.recall else "hold",
        "entry": stop.sequence,
        "id": hexed(stop.digest),
        "by": hexed(stop.author),
        "campaign": hexed(stop.campaign) if stop.recall else None,
        "stands": stop.stands(upto),
        "released": released if released is not None and released < upto else None,
    }


def stopped(workspace: Workspace, position: int, lots: Collection[int]) -> dict[int, str]:
    """What stops these lots (their numbers) after so many entries: "recall", also where a hold
    stands besides, or "hold". Those that nothing stops are left out."""
    found: dict[int, str] = {}
    for stop in workspace.index.lots.stops(lots):
        if stop.stands(position) and (stop.recall or stop.lot not in found):
            found[stop.lot] = "recall" if stop.recall else "hold"
    return found


def summaries(workspace: Workspace, position: int, lots: Sequence[Lot]) -> list[Told]:
    """The lots as lists tell them, each with what stops it."""
    stops = stopped(workspace, position, [lot.number for lot in lots])
    return [{**lot_json(lot), "stopped": stops.get(lot.number)} for lot in lots]


# ---------------------------------------------------------------------------------- finding


def find(
    workspace: Workspace,
    sight: Sight,
    *,
    gtin: str | None,
    lot: str | None,
    maker: bytes | None,
    text: str,
    after: int,
    limit: int,
) -> Told:
    """The batches of this name, or whose number begins with the text, as far as they are seen.

    Without a ``gtin`` a ``lot`` is looked for among all; an empty one means goods that have none.
    """
    found, following = lots(
        workspace, sight, gtin=gtin, lot=lot, maker=maker, text=text, after=after, limit=limit
    )
    told = {"batches": summaries(workspace, sight.position, found), "next": following}
    return finished(workspace, told, None)


def lots(
    workspace: Workspace,
    sight: Sight,
    *,
    gtin: str | None = None,
    lot: str | None = None,
    maker: bytes | None = None,
    text: str = "",
    after: int = -1,
    limit: int = 100,
) -> tuple[list[Lot], int | None]:
    """As :func:`find`, without words; and behind which to go on, None at the end."""
    if gtin is not None and lot is None:
        raise _together("gtin", "needs `lot`, too", "须与 lot 同用")
    if lot is not None and text:
        raise _together("q", "goes without `lot`", "不能与 lot 同用")
    graph = workspace.index.lots
    following: int | None = None
    if lot is not None and gtin is not None:
        named = _named(workspace, gtin, lot, maker)
        seen = sight.lots([one.number for one in named])
        found = [one for one in named if one.number in seen and one.number > after]
        if len(found) > limit:
            found, following = found[:limit], found[limit - 1].number
    else:
        if lot is not None:
            check_lot(lot)

        def page(last: int) -> list[Lot]:
            if maker is None:
                return graph.search(text if lot is None else lot, last, limit + 1)
            return graph.lots_of(maker, last, limit + 1)

        def wanted(one: Lot) -> bool:
            return one.lot.startswith(text) if lot is None else one.lot == lot

        found, following = _gone_through(page, sight, wanted, after, limit)
    return found, following


def _gone_through(
    page: Callable[[int], list[Lot]],
    sight: Sight,
    wanted: Callable[[Lot], bool],
    after: int,
    limit: int,
) -> tuple[list[Lot], int | None]:
    """A page of those that are seen; behind which to go on, None at the end."""
    found: list[Lot] = []
    scanned = 0
    while scanned < _SCANNED:
        lots = page(after)
        seen = sight.own([one.number for one in lots])
        for one in lots:
            if one.number in seen and wanted(one):
                if len(found) == limit:
                    return found, after
                found.append(one)
            after = one.number
        if len(lots) <= limit:
            return found, None
        scanned += len(lots)
    return found, after


def _together(field: str, english: str, chinese: str) -> RequestError:
    return RequestError(
        f"{field}: {english}",
        message_zh=f"{field}：{chinese}",
        field=field,
        code="batch.parameters",
    )


def _named(workspace: Workspace, gtin: str, lot: str, maker: bytes | None) -> list[Lot]:
    """The lots that bear this on their cartons, whoever made them; :class:`RequestError` names
    ``gtin`` or ``lot`` where nothing can."""
    number = int(identifiers.parse("gtin", gtin).value) if gtin.strip() else 0
    check_lot(lot)
    if maker is not None:
        only = workspace.index.lots.lot(lot_id(maker, number, lot))
        return [] if only is None else [only]
    return workspace.index.lots.find(number, lot)


# ---------------------------------------------------------------------------------- tracing


def traced(
    workspace: Workspace, sight: Sight, lot: Lot, direction: Direction, asked: Asking
) -> Told:
    """A page of what the batch was made of, or what was made of it."""
    _known(lot, asked)
    _existed(workspace, lot, asked)
    p = _provenance(workspace, lot, direction, asked)
    told = p.to_json(asked.zone)
    told["clocks"] = asked.clocks()
    _made_by_then(workspace, [*told["lots"], *told["earlier"]], asked)
    told["continuation"] = asked.continued(p.trace.continuation)
    # Who may see a lot may see everything upstream of it.
    seen = set(p.lots) if direction is Direction.BACK else sight.lots(p.lots)
    withheld: Counter[str] = Counter()
    _withhold_lots(told, seen, p.trace, withheld)
    for one in (*told["lots"], *told["earlier"]):
        _withhold_custody(one, p.lots[one["number"]], p, sight, withheld)
    return finished(workspace, told, withheld, told.pop("organisations"))


def _withhold_lots(told: Told, seen: Collection[int], page: Trace, withheld: Counter[str]) -> None:
    def keep(where: Told, name: str, ends: Callable[[Told], Iterable[int | None]]) -> None:
        kept = [one for one in where[name] if all(n is None or n in seen for n in ends(one))]
        if where is told or name == "links":
            withheld[name] += len(where[name]) - len(kept)
        else:
            withheld["marks"] += len(where[name]) - len(kept)
        where[name] = kept

    gone = [n for n in page.lots if n not in seen]
    told["lots"] = [one for one in told["lots"] if one["number"] in seen]
    told["earlier"] = [one for one in told["earlier"] if one["number"] in seen]
    withheld["lots"] += len(gone)
    keep(told, "edges", lambda e: (e["output"], e["input"]))
    assurance = told["assurance"]
    keep(assurance, "links", lambda link: (link["lot"], link["input"]))
    if assurance["least"] is not None and assurance["least"] not in assurance["links"]:
        assurance["least"] = max(
            assurance["links"], key=lambda link: Assurance(link["assurance"]).rank, default=None
        )
    for one in (*told["lots"], *told["earlier"]):
        keep(one, "inherits", lambda mark: mark["path"])


def _withhold_custody(
    told: Told, lot: Lot, p: Provenance, sight: Sight, withheld: Counter[str]
) -> None:
    """Leave out of one lot who dealt with whom in it, where that is no business of the caller's."""
    if sight.deals(lot.maker):
        return

    def deals(by: str | None) -> bool:
        return by is not None and sight.deals(lot.maker, bytes.fromhex(by[2:]))

    if "actors" in told:
        kept = [
            a
            for a in told["actors"]
            if a["making"] or a["action"] in _ABOUT_GOODS or deals(a["organisation"])
        ]
        withheld["actors"] += len(told["actors"]) - len(kept)
        told["actors"] = kept
    own = zip(told["findings"], p.findings[lot.number], strict=True)
    findings = [
        shown
        for shown, f in own
        if f.code not in _OF_ENTRIES
        or f.values.get("action") in _ABOUT_GOODS
        or f.author == lot.maker
        or deals(shown["by"])
    ]
    withheld["findings"] += len(told["findings"]) - len(findings)
    told["findings"] = findings


# ---------------------------------------------------------------------------------- custody


def followed(workspace: Workspace, sight: Sight, lot: Lot, asked: Asking) -> Told:
    """Where the batch is, and a page of how it got there."""
    _known(lot, asked)
    first = place_of(asked, lot.number)
    [chain] = chains(workspace.index.lots, [lot], asked.upto).values()
    found = custody(lot.id, chain)
    withheld: Counter[str] = Counter()
    seen = _seen_custody(lot, found, sight, withheld)
    hops = [
        hop
        for hop in found.hops
        if sight.deals(lot.maker, *filter(None, (hop.custodian, hop.other)))
    ]
    withheld["hops"] += len(found.hops) - len(hops)
    last = first + asked.size
    more = last < len(hops)
    told = {
        "lot": lot_json(lot),
        "clocks": asked.clocks(),
        **seen,
        "position": first,
        "hops": [hop_json(hop) for hop in hops[first:last]],
        "more": more,
        "continuation": asked.continued(place_token(lot.number, last)) if more else None,
    }
    return finished(workspace, told, withheld)


def _seen_custody(lot: Lot, found: Custody, sight: Sight, withheld: Counter[str]) -> Told:
    """Where the lot is now, as far as the caller has to do with it."""
    told = custody_json(found, hops=False)
    del told["lot"]
    for name, parties in (
        ("custodians", ("custodian",)),
        ("under_way", ("sender", "recipient")),
        ("units", ("holder", "recipient")),
    ):
        kept = [
            one
            for one in told[name]
            if sight.deals(lot.maker, *(bytes.fromhex(one[p][2:]) for p in parties if one[p]))
        ]
        withheld[name] += len(told[name]) - len(kept)
        told[name] = kept
    return told


# ---------------------------------------------------------------------------------- recalls


def scoped(
    workspace: Workspace,
    sight: Sight,
    lot: Lot,
    asked: Asking,
    *,
    also: Sequence[Lot] = (),
    document: bytes = bytes(32),
    reason: str = "",
) -> Told:
    """A page of all that a recall of the batch, and of these ``also``, reaches, and the entries
    that would recall it."""
    roots = {one.number: one for one in (lot, *also)}
    for one in roots.values():
        _known(one, asked)
    page = recall_scope(
        workspace.index.lots, list(roots), upto=asked.upto, size=asked.size, after=asked.after
    )
    seen = sight.lots([scope.lot.number for scope in page.lots])
    campaign = campaign_id([one.id for one in roots.values()], page.complete_to)
    withheld: Counter[str] = Counter(lots=sum(o.lot.number not in seen for o in page.lots))
    told = scope_page(page)
    told["clocks"] = asked.clocks()
    told["continuation"] = asked.continued(page.continuation)
    told["lots"] = [
        shown | {"custody": _seen_custody(one.lot, one.custody, sight, withheld)}
        for shown, one in zip(told["lots"], page.lots, strict=True)
        if one.lot.number in seen
    ]
    told["standing"] = [
        _standing(stop)
        for stop in workspace.index.lots.stops(sorted(seen))
        if stop.recall and stop.stands(asked.upto)
    ]
    values = recall_values(page, campaign=campaign, document=document, reason=reason)
    told["campaign"] = hexed(campaign)
    told["recalls"] = [
        {"action": "Recall", "message": {k: _plain(v) for k, v in message.items()}}
        for one, message in zip(page.lots, values, strict=True)
        if one.lot.number in seen and sight.may_recall(one.lot.maker)
    ]
    return finished(workspace, told, withheld)


def _standing(stop: Stop) -> Told:
    """A recall that stands already, and where its answers are to be seen."""
    campaign = hexed(stop.campaign) if any(stop.campaign) else None
    text = texts.STANDING["alone" if campaign is None else "campaign"]
    return {
        "lot": stop.lot,
        "entry": stop.sequence,
        "by": hexed(stop.author),
        "campaign": campaign,
        "en": text.en.format(entry=stop.sequence, campaign=campaign),
        "zh": text.zh.format(entry=stop.sequence, campaign=campaign),
    }


def _plain(value: Any) -> Any:
    return hexed(value) if isinstance(value, bytes) else value


def answered(workspace: Workspace, sight: Sight, campaign: bytes, asked: Asking) -> Told:
    """A page of who answered the recalls of a campaign: of the lots that it named, and of what was
    made of them, named or not."""
    graph = workspace.index.lots
    recalls = [stop for stop in graph.campaign(campaign) if stop.sequence < asked.upto]
    named = {stop.lot for stop in recalls}
    if not named or not sight.lots(named):
        raise not_found("the campaign", "该召回活动", "campaign", code="campaign.unknown")
    page = recall_scope(graph, named, upto=asked.upto, size=asked.size, after=asked.after)
    seen = sight.lots([one.lot.number for one in page.lots])
    recallers = {stop.lot: stop.author for stop in recalls}
    withheld: Counter[str] = Counter(lots=sum(o.lot.number not in seen for o in page.lots))
    told = {
        "campaign": hexed(campaign),
        "clocks": asked.clocks(),
        "position": page.position,
        "more": page.more,
        "continuation": asked.continued(page.continuation),
        "lots": [
            _answers(
                one,
                checked(one, scoped_lot.custody, scoped_lot.chain),
                recallers.get(one.lot.number),
                sight,
                withheld,
            )
            | {"own": _own(scoped_lot, sight)}
            for scoped_lot, one in zip(page.lots, follow_up(graph, page, campaign), strict=True)
            if one.lot.number in seen
        ],
    }
    return finished(workspace, told, withheld)


def _answers(
    one: FollowUp,
    acknowledged: Iterable[Checked],
    recaller: bytes | None,
    sight: Sight,
    withheld: Counter[str],
) -> Told:
    """Who recalled a lot sees all answers to it."""
    told = follow_up_json(one, acknowledged)
    parties = (recaller,) if recaller is not None else ()
    for name in ("acknowledged", "missing"):
        kept = [
            answer
            for answer in told[name]
            if sight.deals(one.lot.maker, bytes.fromhex(answer["custodian"][2:]), *parties)
        ]
        withheld[name] += len(told[name]) - len(kept)
        told[name] = kept
    return told


def _own(one: LotScope, sight: Sight) -> Told | None:
    """The caller's own books of a lot, if it ever had any of it."""
    stock = next((s for s in one.stocks if s.custodian == sight.organisation), None)
    return None if stock is None else stock_json(stock)


# ---------------------------------------------------------------------------------- for everybody


def public(workspace: Workspace, gtin: str, lot: str, asked: Asking) -> Told:
    """What anybody may know who holds the box: who made it, whether it is recalled, and whether
    anything that it was made of is recalled or held."""
    named = [one for one in _named(workspace, gtin, lot, None) if one.number < asked.upto]
    if not named:
        raise unknown("lot")
    told = [_public(workspace, one, asked) for one in named]
    found = {
        "gtin": f"{named[0].gtin:014d}",
        "lot": lot,
        "recalled": any(one["recalled"] for one in told),
        "upstream": _upstream_text([one["upstream"] for one in told]),
        "batches": told,
    }
    return finished(workspace, found, None)


#: What is public of what was found: that it is recalled, by whom and why.
_PUBLIC: Final = frozenset({"recall", "mirrored-recall"})


def _public(workspace: Workspace, lot: Lot, asked: Asking) -> Told:
    [one] = _provenance(workspace, lot, Direction.BACK, asked, alone=True).to_json(asked.zone)[
        "lots"
    ]
    recalls = [f for f in one["findings"] if f["code"] in _PUBLIC]
    names = ("id", "maker", "category", "model", "origin_not_shown")
    shown = ("code", "by", "happened_at", "recorded_at", "entries", "en", "zh")
    return {
        **{name: one[name] for name in names},
        "recalled": bool(recalls),
        "recalls": [{name: f[name] for name in shown} for f in recalls],
        "upstream": _upstream(workspace, lot, asked),
    }


#: So many lots behind a box are looked through for the public.
_MOST_BEHIND: Final = 2_000


def _upstream(workspace: Workspace, lot: Lot, asked: Asking) -> Told:
    """Whether a recall or a hold stands of anything that the lot was made of; not of what, for that
    is nobody's business who only holds the box. Unknown (None) where not all was looked at."""
    graph = workspace.index.lots
    page = trace_back(graph, lot.number, upto=asked.upto, size=_MOST_BEHIND)
    behind = [number for number in page.lots if number != lot.number]
    stops = [stop for stop in graph.stops(behind) if stop.stands(asked.upto)]
    recalled = any(stop.recall for stop in stops)
    held = any(not stop.recall for stop in stops)
    return _upstream_text(
        [
            {
                "recalled": recalled or (None if page.more else False),
                "held": held or (None if page.more else False),
                "complete": not page.more,
            }
        ]
    )


def _upstream_text(found: Sequence[Told]) -> Told:
    """What is behind all of these together, in words."""

    def any_of(name: str) -> bool | None:
        values = [one[name] for one in found]
        return True if True in values else None if None in values else False

    recalled, held = any_of("recalled"), any_of("held")
    if recalled or held:
        code = "recalled" if recalled else "held"
    else:
        code = "unknown" if recalled is None else "clear"
    return {
        "recalled": recalled,
        "held": held,
        "complete": all(one["complete"] for one in found),
        "code": code,
        **both(texts.UPSTREAM[code]),
    }


# ---------------------------------------------------------------------------------- finishing

#: The members of an answer that name an organisation.
_NAMING: Final = frozenset(
    {"maker", "organisation", "by", "giver", "taker", "custodian", "other", "sender", "recipient"}
    | {"holder"}
)


def finished(
    workspace: Workspace,
    told: Told,
    withheld: Mapping[str, int] | None,
    named: Mapping[str, Mapping[str, str]] | None = None,
) -> Told:
    """The answer with what was left out of it counted, and the names of whom it mentions."""
    mentioned: set[str] = set()
    _mentions(told, mentioned)
    known = dict(named or {})
    wanted = [bytes.fromhex(who[2:]) for who in mentioned if who not in known]
    for record in workspace.index.organisations(wanted).values():
        en, zh = record.name_en or record.name_zh, record.name_zh or record.name_en
        known[hexed(record.id)] = {"en": en, "zh": zh}
    told["organisations"] = {who: known[who] for who in sorted(mentioned) if who in known}
    if withheld is not None:
        told["withheld"] = {name: n for name, n in sorted(withheld.items()) if n}
    return told


def _mentions(told: Any, found: set[str]) -> None:
    if isinstance(told, dict):
        for name, value in told.items():
            # What cut a trace short stands under `by`, too.
            if name in _NAMING and isinstance(value, str) and value.startswith("0x"):
                found.add(value)
            else:
                _mentions(value, found)
    elif isinstance(told, list):
        for one in told:
            _mentions(one, found)
