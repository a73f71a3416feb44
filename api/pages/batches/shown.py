"""A batch in words: from the answers of ``api.batches.service``, and nothing besides.

What the reader may not see is left out and counted there; here the counts become sentences.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import quote

from fastapi import Request

from api.access import Caller, CallerRole, Scope, SupplierRecord, may_see
from api.batches import service
from api.batches.asking import Asking, Wanted, asking
from api.batches.sight import Sight
from api.context import Context
from api.pages import formats
from api.pages.batches.lineage import MOST_DRAWN, Lineage, Opened, Told, lineage, view
from api.pages.batches.picture import Picture, picture, tone
from api.pages.clocks import clocks_of, stated_clock
from api.pages.lexicon import Lexicon
from api.pages.rendering import address
from api.parameters import DEFAULT_ZONE
from ledger.errors import RequestError
from ledger.provenance.assurance import LinkKind
from ledger.provenance.custody import Act
from ledger.provenance.model import Lot
from ledger.provenance.tracing import Direction
from ledger.typed_data import hexed
from ledger.vocabulary import NO_END, Clock
from ledger.workspace import Workspace

#: Acts of custody, and rows of the table of the lineage, on one page.
_HOPS: Final = 40
_ROWS: Final = 100
#: So many of the least assured links are named.
_WEAKEST: Final = 5

_PURPOSES: Final = ("ordinary", "return", "quarantine")


@dataclass(frozen=True)
class Words:
    """What every part of the page needs: the words, whose they are, and the clocks in links."""

    lexicon: Lexicon
    caller: Caller
    names: Mapping[str, Mapping[str, str]]
    clocks: Mapping[str, str]
    here: str

    def text(self, told: Mapping[str, Any]) -> str:
        return str(told[self.lexicon.t.language])

    def name(self, organisation: str | None) -> str:
        if organisation is None:
            return ""
        found = self.names.get(organisation)
        return (found[self.lexicon.t.language] if found else "") or organisation

    def supplier(self, organisation: str) -> str:
        """The address of its page; "" for readers who may not see it."""
        if not may_see(self.caller, SupplierRecord(bytes.fromhex(organisation[2:]))):
            return ""
        return address("/suppliers/" + organisation, self.clocks)

    def batch(self, id_: str) -> str:
        return address("/batches/" + id_, self.clocks)

    def lineage(self, opened: Opened) -> str:
        """The address of this page with so much of the lineage open."""
        return address(self.here, {**self.clocks, **opened.query()}) + "#lineage"

    def amount(self, quantity: int, unit: str) -> str:
        return self.lexicon.amount(quantity, unit)


def found(request: Request, caller: Caller, id_: bytes) -> tuple[Lot, Sight]:
    """The batch, if the reader may see it; and what else the reader may see."""
    context = Context.of(request)
    sight = Sight(context.workspace, caller, context.now(), context.position)
    return service.batch(context.workspace, sight, context.position, id_), sight


def shown(request: Request, caller: Caller, id_: bytes) -> dict[str, Any]:
    """What the page of a batch shows, for those who may see it.

    :class:`RequestError` for ``at``, ``known_at``, ``clock`` or ``hops`` names what is to be
    mended.
    """
    context, lexicon = Context.of(request), Lexicon.of(request)
    workspace, query = context.workspace, request.query_params
    lot, sight = found(request, caller, id_)
    asked = _asked(context, request, size=MOST_DRAWN)
    facts = service.facts(workspace, sight, lot, asked)
    back = service.traced(workspace, sight, lot, Direction.BACK, asked)
    forward = service.traced(workspace, sight, lot, Direction.FORWARD, asked)
    hops = _asked(context, request, size=_HOPS, after=query.get("hops") or None, at=False)
    custody = service.followed(workspace, sight, lot, hops)
    context.note_access(caller, "batch.custody-read", facts["id"])
    told = (facts, back, forward, custody)
    names = {k: v for one in told for k, v in one["organisations"].items()}
    words = Words(lexicon, caller, names, clocks_of(request), "/batches/" + facts["id"])
    opened = Opened.read(query.get("expand", ""), query.get("fold", ""))
    graph = lineage(back, forward)
    later = _later(workspace, graph, asked)
    drawn = picture(words, graph, view(graph, opened), opened, later)
    return {
        **_heading(words, facts),
        "facts": facts,
        "words": words,
        "stops": _stops(words, sight, facts),
        "against": _findings(words, graph, facts, inspections=False),
        "inspections": _findings(words, graph, facts, inspections=True),
        "makers": _makers(words, facts),
        "picture": drawn,
        "table": _table(words, drawn, query.get("rows", "")),
        "least": [_least(words, graph, links) for links in graph.least],
        "partial": any(lot.partial for lot in drawn.lots),
        "whole": not (back["more"] or forward["more"]),
        "opened": opened,
        "total": len(graph.lots),
        "custody": _custody(words, facts, custody),
        "withheld": _withheld(words, facts, back, forward, custody),
        "clocks": words.clocks,
        "as_known": lexicon.instant(asked.known_at),
        "not_now": _not_now(words, asked),
        "note": facts["clocks"]["note"],
        "actions": _actions(words, sight, facts),
        "here": words.here,
        "problem": None,
        "as_text": _as_text(words.clocks),
    }


def mending(
    request: Request, caller: Caller, id_: bytes, error: RequestError, problem: Told
) -> dict[str, Any]:
    """The page with nothing but the name of the batch, what stops it now, and the clocks to
    mend."""
    context, lexicon = Context.of(request), Lexicon.of(request)
    lot, sight = found(request, caller, id_)
    asked = asking(context.workspace, context.now(), context.position, Wanted())
    facts = service.facts(context.workspace, sight, lot, asked)
    here = "/batches/" + facts["id"]
    words = Words(lexicon, caller, facts["organisations"], clocks_of(request), here)
    return {
        **_heading(words, facts),
        "stops": _stops(words, sight, facts),
        "clocks": words.clocks,
        "here": words.here,
        "problem": {**problem, "detail": _mended(lexicon, error, problem)},
        "not_now": "",
        "as_text": _as_text(words.clocks),
    }


def _mended(lexicon: Lexicon, error: RequestError, problem: Told) -> str:
    """What is to be mended, as a sentence; for a time before the lot, since when there is one."""
    values = error.values
    if "happened_at" in values:
        return lexicon.t("batch.not-made-yet", when=lexicon.instant(values["happened_at"]))
    if "recorded_at" in values:
        return lexicon.t("batch.not-known-yet", when=lexicon.instant(values["recorded_at"]))
    return _without_name(problem)


def _as_text(clocks: Mapping[str, str]) -> frozenset[str]:
    """The clocks that a field for a day would not show as they were typed."""
    return frozenset(
        name for name in ("at", "known_at") if clocks.get(name) and not _is_day(clocks[name])
    )


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _without_name(problem: Told) -> str:
    """What is to be mended, without the name that the field has for programs."""
    detail, field = str(problem["detail"]), str(problem.get("field", ""))
    return detail.removeprefix(field).lstrip(":： ") if detail.startswith(field) else detail


def _asked(
    context: Context, request: Request, *, size: int, after: str | None = None, at: bool = True
) -> Asking:
    clocks = clocks_of(request)
    wanted = Wanted(
        (clocks.get("at") or None) if at else None,
        clocks.get("known_at") or None,
        stated_clock(request) if at else None,
        DEFAULT_ZONE,
        size=size,
        after=after,
    )
    return asking(context.workspace, context.now(), context.position, wanted)


# ------------------------------------------------------------------------------ the lot itself


def _heading(words: Words, facts: Told) -> dict[str, Any]:
    lexicon = words.lexicon
    return {
        "lot": facts,
        "product": lexicon.scope(facts["category"], facts["model"])
        if facts["model"]
        else lexicon.category(facts["category"]),
        # Nobody said who made goods whose origin is not shown; on the ledger is who put them there.
        "entered": facts["origin_not_shown"],
        "category": lexicon.category(facts["category"]),
        "maker": words.name(facts["maker"]),
        "maker_address": words.supplier(facts["maker"]),
        "amount": words.amount(facts["quantity"], facts["unit"]),
        "public": f"/01/{facts['gtin']}/10/{_segment(facts['lot'])}" if facts["gtin"] else "",
    }


def _segment(text: str) -> str:
    """A lot number as one segment of a path: what has a meaning there is written otherwise."""
    return quote(text, safe="")


def _stops(words: Words, sight: Sight, facts: Told) -> list[Told]:
    """What stops the lot now: with the sentence of the finding behind it, and whether the reader's
    organisation has still to answer it."""
    said = {
        entry: words.text(finding)
        for finding in facts["findings"]
        if finding["code"] in ("hold", "recall")
        for entry in finding["entries"]
    }
    return [
        {
            "kind": stop["kind"],
            "entry": stop["entry"],
            # What was found follows the time asked about, what stops a lot the time of knowing.
            "text": said.get(stop["entry"])
            or words.lexicon.t("batch.stopped-later", by=words.name(stop["by"])),
            "campaign": stop["campaign"] if stop["campaign"] and int(stop["campaign"], 16) else "",
            "owed": stop["kind"] == "recall" and _owes_answer(words, sight, facts, stop["entry"]),
        }
        for stop in sorted(facts["stops"], key=lambda s: (s["kind"] != "recall", s["entry"]))
        if stop["stands"]
    ]


def _owes_answer(words: Words, sight: Sight, facts: Told, recall: int) -> bool:
    """Whether the reader's organisation has or had of the lot, and has not answered since."""
    own = hexed(words.caller.organisation)
    books = [one for one in facts["custody"]["custodians"] if one["custodian"] == own]
    return (
        Scope.ENTRIES_WRITE in words.caller.scopes
        and any(one["made"] or one["received"] or one["under_way_to"] for one in books)
        and not any(
            actor["action"] == "Acknowledge"
            and actor["organisation"] == own
            and actor["entry"] > recall
            for actor in facts["actors"]
        )
    )


def _later(workspace: Workspace, graph: Lineage, asked: Asking) -> Mapping[int, str]:
    """What stops lots of the lineage, as known, where only what happened earlier is shown."""
    if asked.at >= NO_END:
        return {}
    return service.stopped(workspace, asked.upto, graph.lots.keys())


def _findings(words: Words, graph: Lineage, facts: Told, *, inspections: bool) -> list[Told]:
    """The findings of the lot, what is against it first; and the marks that it inherits, with the
    lots on the way to each."""
    root = graph.lots[graph.root]
    own = [{**finding, "path": []} for finding in facts["findings"]]
    inherited = [
        {**mark, "path": [_step(words, graph, n) for n in mark["path"]]}
        for mark in root["inherits"]
    ]
    wanted = [f for f in own if f["code"].startswith("inspection.") == inspections]
    if not inspections:
        wanted += inherited
    order = ("invalid", "unknown", "caution", "plain", "valid")
    return sorted(
        (
            {
                "tone": tone(f["code"]),
                "word": _word(words, f),
                "text": words.text(f),
                "entries": f["entries"],
                "path": f["path"],
            }
            for f in wanted
        ),
        key=lambda f: (order.index(f["tone"]), len(f["path"])),
    )


def _word(words: Words, finding: Told) -> str:
    """What a finding is called, with the lot that it is about where that is another."""
    word = words.lexicon.t.word("mark", finding["code"])
    if not finding["path"]:
        return word
    return words.lexicon.t("batch.upstream", lot=finding["path"][-1]["lot"], word=word)


def _step(words: Words, graph: Lineage, number: int) -> Told:
    lot = graph.lots.get(number)
    if lot is None:
        return {"lot": f"#{number}", "href": ""}
    return {"lot": lot["lot"], "href": "" if number == graph.root else words.batch(lot["id"])}


def _makers(words: Words, facts: Told) -> list[Told]:
    return [
        {
            **actor,
            "by": words.name(actor["organisation"]),
            "text": words.text(actor),
            "word": words.lexicon.t.word("action", actor["action"]),
        }
        for actor in facts["actors"]
        if actor["making"]
    ]


# ------------------------------------------------------------------------------ the lineage


def _least(words: Words, graph: Lineage, links: Sequence[Told]) -> Told | None:
    """The least assured links in sentences, those of lots that carry a mark first, and what their
    kind of assurance means."""
    if not links:
        return None
    t = words.lexicon.t
    found = sorted(
        ({**link, "marks": _marks(words, graph.lots.get(link["lot"]), link)} for link in links),
        key=lambda link: (not link["marks"], link["entry"]),
    )
    weakest = links[0]["assurance"]
    return {
        "word": t.word("assurance", weakest),
        "meaning": t.word("assurance.meaning", weakest),
        "assurance": weakest,
        "links": [
            {
                "sentence": _link(words, graph, link),
                "entry": link["entry"],
                "marks": link["marks"],
            }
            for link in found[:_WEAKEST]
        ],
        "more": len(found[_WEAKEST:]),
    }


def _marks(words: Words, lot: Told | None, link: Told) -> list[Told]:
    """What is found of the lot that concerns everything made of it, but for what the link's own
    assurance says."""
    codes = dict.fromkeys(f["code"] for f in lot["findings"] if f["mark"]) if lot else {}
    codes.pop(link["assurance"], None)
    return [{"tone": tone(c), "word": words.lexicon.t.word("mark", c)} for c in codes]


def _link(words: Words, graph: Lineage, link: Told) -> str:
    t = words.lexicon.t

    def lot(number: int | None) -> str:
        known = graph.lots.get(number) if number is not None else None
        return known["lot"] if known else f"#{number}"

    values = {
        "lot": lot(link["lot"]),
        "input": lot(link["input"]),
        "giver": words.name(link["giver"]),
        "taker": words.name(link["taker"]),
    }
    match LinkKind(link["kind"]):
        case LinkKind.ORIGIN:
            return t("lineage.least-origin", lot=values["lot"], taker=values["taker"])
        case LinkKind.MAKING:
            return t(
                "lineage.least-making",
                lot=values["lot"],
                input=values["input"],
                taker=values["taker"],
            )
        case LinkKind.HANDING_OVER:
            return t(
                "lineage.least-handing-over",
                lot=values["lot"],
                giver=values["giver"],
                taker=values["taker"],
            )


def _table(words: Words, drawn: Picture, wanted: str) -> Told:
    """A page of the lots of the picture, in its order."""
    pages = -(-len(drawn.lots) // _ROWS)
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 5 else 1
    number = min(max(number, 1), pages)
    first = (number - 1) * _ROWS
    return {
        "lots": drawn.lots[first : first + _ROWS],
        "page": number,
        "pages": pages,
        "first": first + 1,
        "last": min(first + _ROWS, len(drawn.lots)),
        "level_before": drawn.lots[first - 1].level_word if first else "",
    }


# ------------------------------------------------------------------------------ custody


def _custody(words: Words, facts: Told, told: Told) -> Told:
    unit, t = facts["unit"], words.lexicon.t

    def amount(quantity: int) -> str:
        return words.amount(quantity, unit)

    stocks = []
    for one in told["custodians"]:
        parts = [(name, one[name]) for name in _THERE] + [(name, one[name]) for name in _GONE]
        stocks.append(
            {
                "name": words.name(one["custodian"]),
                "href": words.supplier(one["custodian"]),
                "there": amount(one["on_hand"] + one["in_units"]),
                "is_there": one["on_hand"] + one["in_units"] > 0,
                "parts": [
                    t("custody.part", what=t.word("stock", name), amount=amount(n))
                    for name, n in parts
                    if n
                ],
            }
        )
    return {
        "hidden": "custodians" in told["withheld"],
        "stocks": stocks,
        "under_way": [
            {
                **way,
                "from": words.name(way["sender"]),
                "to": words.name(way["recipient"]),
                "amount": amount(way["left"]),
                "purpose": _PURPOSES[way["purpose"]],
            }
            for way in told["under_way"]
        ],
        "units": [
            {
                **unit_told,
                "holder_name": words.name(unit_told["holder"]),
                "to": words.name(unit_told["recipient"]),
                "amount": amount(unit_told["quantity"]),
            }
            for unit_told in told["units"]
        ],
        "hops": [
            {
                **hop,
                "text": t("custody.entered")
                if hop["act"] == "made" and facts["origin_not_shown"]
                else words.text(hop),
                "note": _note(words, hop),
                "by": words.name(hop["custodian"]),
                "other_name": words.name(hop["other"]),
                "amount": amount(hop["quantity"]) if hop["quantity"] else "",
                "lost_amount": amount(hop["lost"]) if hop["lost"] else "",
                "outgoing": hop["act"] in ("shipped", "unit-shipped"),
            }
            for hop in told["hops"]
        ],
        "first": told["position"] + 1,
        "last": told["position"] + len(told["hops"]),
        "more": told["continuation"],
        "continued": told["position"] > 0,
    }


def _note(words: Words, hop: Told) -> str:
    """What an act says besides, and what that is; "" where it only repeats its keeper's name."""
    note, t = hop["note"], words.lexicon.t
    if not note or note in words.names.get(hop["custodian"], {}).values():
        return ""
    match Act(hop["act"]):
        case Act.MADE:
            return t("custody.at-place", what=note)
        case Act.USED:
            return t("custody.by-process", what=note)
        case Act.SHIPPED:
            return t("custody.by-number", what=note)
        case Act.DISPENSED:
            return t("custody.handed-to", what=note)
        case _:
            return t("custody.because", what=note)


#: Where a custodian's part of a lot is, and where it went.
_THERE: Final = ("on_hand", "in_units", "under_way_from", "under_way_to")
_GONE: Final = ("used", "dispensed", "destroyed", "lost")


def _withheld(words: Words, *answers: Told) -> list[str]:
    """What this reader may not see, counted, in words. Two answers that leave out the same are not
    added: the larger counts."""
    counted: Counter[str] = Counter()
    for told in answers:
        for name, n in told["withheld"].items():
            counted[name] = max(counted[name], n)
    t = words.lexicon.t
    return [
        t("withheld.some", what=t.word("withheld", name), count=formats.number(n))
        for name, n in sorted(counted.items())
    ]


# ------------------------------------------------------------------------------ around it


def _not_now(words: Words, asked: Asking) -> str:
    """What is shown instead of the present, in a sentence ("" for the present)."""
    clocks, lexicon = words.clocks, words.lexicon
    if not clocks:
        return ""
    parts = []
    if "at" in clocks:
        parts.append(lexicon.t("batch.happened-by", when=lexicon.instant(asked.at)))
    parts.append(lexicon.t("clocks.known-shown", when=lexicon.instant(asked.known_at)))
    if asked.clock is not Clock.RECORDED:
        parts.append(lexicon.t.word("clock", asked.clock.value))
    separator = {"zh": "；", "en": "; "}[lexicon.t.language]
    return lexicon.t("clocks.notice") + " " + separator.join(parts)


def _actions(words: Words, sight: Sight, facts: Told) -> Told:
    """What this reader may do with the lot, as addresses ("" where he may not)."""
    caller, id_ = words.caller, facts["id"]
    name = f"{facts['gtin']}:{facts['lot']}" if facts["gtin"] else id_
    asks = Scope.VERDICTS_WRITE in caller.scopes
    return {
        "evidence": caller.role is CallerRole.AUDITOR,
        "recall": address("/recalls/new", {"batch": id_})
        if sight.may_recall(bytes.fromhex(facts["maker"][2:]))
        and Scope.ENTRIES_WRITE in caller.scopes
        else "",
        "ask": address(
            "/verdicts/new",
            {
                "supplier": facts["maker"],
                "category": facts["category"],
                "model": facts["model"],
                "lots": name,
            },
        )
        if asks
        else "",
    }


def is_of_clocks(error: RequestError) -> bool:
    """Whether the error is about a field of the form for another time."""
    return error.field in ("at", "known_at", "clock")
