"""A campaign as it stands: who answered, who did not, what one's own organisation still owes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.access import Caller
from api.batches import service
from api.batches.campaigns import ANSWERED_WITHIN
from api.pages import formats
from api.pages.lexicon import Lexicon
from api.pages.recalls import amounts
from api.pages.recalls.listing import hidden_answers
from api.pages.recalls.scoping import Recalling
from api.pages.signing.stamping import MOST, Draft
from ledger.errors import RequestError
from ledger.typed_data import hexed

#: So many answers, or people who owe one, stand on one page.
PER_PAGE: Final = 100
#: So many lots one form asks a word on: three fields each, of the forty that a form has.
PER_FORM: Final = 12
_DAY: Final = 86_400
_LONGEST: Final = 2047
#: How an answer stands to the ledger, as a state with its shape; in the order in which it is read.
_STATES: Final[Mapping[str, str]] = {
    "overdue": "invalid",
    "open": "unknown",
    "differs": "buy-with-conditions",
    "under-way": "buy-with-conditions",
    "agrees": "valid",
}


@dataclass(frozen=True)
class Campaign:
    """A campaign as its service tells it, up to the most lots of one answer; ``now`` in seconds."""

    told: Mapping[str, Any]
    own: str
    now: int

    @property
    def lots(self) -> Sequence[Mapping[str, Any]]:
        """The lots that it recalled and the caller sees."""
        return [lot for lot in self.told["lots"] if lot["calls"]]

    @property
    def unnamed(self) -> Sequence[Mapping[str, Any]]:
        """What was made of these and is not recalled in this campaign."""
        return [lot for lot in self.told["lots"] if not lot["calls"]]

    def tasks(self) -> list[Mapping[str, Any]]:
        """The lots of which the caller's organisation was asked to say what became of them and has
        not; behind them those on which it may say it anew."""
        asked = [lot for lot in self.lots if self._is_asked(lot)]
        return sorted(asked, key=lambda lot: self.answer_of(lot) is not None)

    def _is_asked(self, lot: Mapping[str, Any]) -> bool:
        own, calls = lot["own"], standing(lot)
        if own is None or not calls or not (own["made"] or own["received"] or own["under_way_to"]):
            return False
        return self.answer_of(lot) is not None or any(
            stock["custodian"] == self.own for stock in lot["missing"]
        )

    def answer_of(self, lot: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The organisation's last word on the lot."""
        said = [a for a in lot["acknowledged"] if a["custodian"] == self.own]
        return said[-1] if said else None

    def own_calls(self) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        """The recalls that the caller's organisation set and that stand, each with its lot."""
        return [
            (lot, call) for lot in self.lots for call in standing(lot) if call["by"] == self.own
        ]


def standing(lot: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The recalls of the lot that are not released."""
    return [call for call in lot["calls"] if call["stands"]]


def campaign(recalling: Recalling, id_: bytes) -> Campaign:
    """The campaign, as far as the caller may see it."""
    told = service.answered(recalling.workspace, recalling.sight, id_, recalling.asked())
    return Campaign(told, hexed(recalling.caller.organisation), recalling.now)


def shown(
    lexicon: Lexicon,
    found: Campaign,
    caller: Caller,
    place: int,
    values: Mapping[str, str],
) -> dict[str, Any]:
    """What the page shows; ``place`` is the first of the answers that it lists, ``values`` what
    somebody filled in."""
    lots = found.lots
    calls = [call for lot in lots for call in lot["calls"]]
    rows = _rows(lexicon, found)
    silent = [row for row in rows if row["open"]]
    asked = len(rows)
    hidden = hidden_answers(found.told["withheld"])
    hidden_lots = found.told["withheld"].get("lots", 0)
    organisations = {bytes.fromhex(id_[2:]) for id_ in found.told["organisations"]}
    organisations.add(caller.organisation)
    tasks = found.tasks()
    owed = [lot for lot in tasks if found.answer_of(lot) is None]
    return {
        "campaign": found.told["campaign"],
        "is_campaign": int(found.told["campaign"], 16) != 0,
        "names": lexicon.organisations(organisations),
        "since": min(call["recorded_at"] for call in calls),
        "days": (found.now - min(call["recorded_at"] for call in calls)) // _DAY,
        "callers": list(dict.fromkeys(call["by"] for call in calls)),
        "reasons": list(dict.fromkeys(call["reason"] for call in calls)),
        "documents": list(
            dict.fromkeys(call["document"] for call in calls if call["document"] is not None)
        ),
        "released": sum(not standing(lot) for lot in lots),
        "lots": [
            {
                **lot,
                "category_name": lexicon.category(lot["category"]),
                "stands": bool(standing(lot)),
                "made": lexicon.amount(lot["quantity"], lot["unit"]),
            }
            for lot in lots
        ],
        "unnamed": [
            {**lot, "category_name": lexicon.category(lot["category"])} for lot in found.unnamed
        ],
        "rows": rows[place : place + PER_PAGE],
        "place": place,
        "per_page": PER_PAGE,
        "asked": asked,
        "unanswered": len(silent),
        "answered": asked - len(silent),
        "overdue": sum(row["state"] == "overdue" for row in rows),
        "longest": max((row["overdue_days"] for row in silent), default=0),
        "set_aside": amounts.listed(lexicon, [(r["aside"], r["unit"]) for r in rows if r["said"]]),
        "gone": amounts.listed(lexicon, [(r["gone"], r["unit"]) for r in rows if r["said"]]),
        "left_open": amounts.listed(lexicon, [(r["there"], r["unit"]) for r in silent]),
        "within_days": ANSWERED_WITHIN // _DAY,
        "bar": _bar(asked - len(silent), asked, hidden),
        "hidden": hidden,
        "hidden_lots": hidden_lots,
        # Nothing that is not shown may be taken for answered.
        "sees_all": not (hidden or hidden_lots or found.told["more"]),
        "more": found.told["more"],
        "tasks": [_task(lexicon, found, lot, values) for lot in tasks[:PER_FORM]],
        "tasks_owed": len(owed),
        "tasks_left": max(0, len(tasks) - PER_FORM),
        "own_calls": [
            {"lot": lot["lot"], "number": lot["number"], "entry": call["entry"]}
            for lot, call in found.own_calls()
        ],
        "values": {"counted": "", "why": "", "which": "", **values},
    }


def _bar(answered: int, asked: int, hidden: int) -> dict[str, int]:
    """How wide the parts of the bar are, of 1000, the rest being what is ``hidden``; nothing that
    is there is too thin to see."""
    parts = {"answered": answered, "open": asked - answered, "hidden": hidden}
    whole = sum(parts.values())
    wide = {name: max(12, round(1000 * n / whole)) if n else 0 for name, n in parts.items()}
    widest = max(wide, key=lambda name: wide[name])
    wide[widest] += 1000 - sum(wide.values())
    return wide


def _rows(lexicon: Lexicon, found: Campaign) -> list[dict[str, Any]]:
    """Who was asked, for each lot; who has not answered, and owes it longest, first."""
    rows = []
    for lot in found.lots:
        calls = standing(lot)
        lines = [_answered(lot, a) for a in lot["acknowledged"] if a["code"] != "superseded"]
        lines += [_silent(found, lot, stock, calls[0]) for stock in lot["missing"] if calls]
        for line in lines:
            unit = lot["unit"]
            there = "there" in line and lexicon.amount(line["there"], unit)
            rows.append(
                {
                    **line,
                    "lot": lot,
                    "unit": unit,
                    "shape": _STATES[line["state"]],
                    "word": lexicon.t.word("recall.answer", line["state"]),
                    "there_text": there,
                    "aside_text": lexicon.amount(line["aside"], unit),
                    "gone_text": lexicon.amount(line["gone"], unit),
                    "coming_text": lexicon.amount(line["coming"], unit) if line["coming"] else "",
                    "remark": line["remark"].get(lexicon.t.language, ""),
                }
            )
    order = list(_STATES)
    return sorted(rows, key=lambda row: (order.index(row["state"]), row["at"], -row["there"]))


def _answered(lot: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    remark = {} if said["code"] == "agrees" else {"en": said["en"], "zh": said["zh"]}
    return {
        "state": said["code"],
        "who": said["custodian"],
        "open": False,
        "said": True,
        "at": said["recorded_at"],
        "entry": said["entry"],
        "aside": said["set_aside"],
        "gone": said["gone"],
        "there": said["ledger_there"],
        "coming": said["ledger_under_way"],
        "note": said["note"],
        "remark": remark,
        "overdue_days": 0,
        "had": said["had"],
        "before": sum(
            a["custodian"] == said["custodian"] and a["code"] == "superseded"
            for a in lot["acknowledged"]
        ),
    }


def _silent(
    found: Campaign, lot: Mapping[str, Any], stock: Mapping[str, Any], call: Mapping[str, Any]
) -> dict[str, Any]:
    late = found.now - call["recorded_at"] - ANSWERED_WITHIN
    return {
        "state": "overdue" if late > 0 else "open",
        "who": stock["custodian"],
        "open": True,
        "said": False,
        "at": call["recorded_at"],
        "due": call["recorded_at"] + ANSWERED_WITHIN,
        "entry": call["entry"],
        "aside": 0,
        "gone": amounts.gone(stock) + stock["used"],
        "there": amounts.there(stock),
        "coming": stock["under_way_to"],
        "note": "",
        "remark": {},
        "overdue_days": max(0, -(-late // _DAY)),
        "had": True,
        "before": 0,
    }


def _task(
    lexicon: Lexicon, found: Campaign, lot: Mapping[str, Any], values: Mapping[str, str]
) -> dict[str, Any]:
    """A lot on which the caller's organisation is to say something."""
    number, own, unit = lot["number"], lot["own"], lot["unit"]
    answer = found.answer_of(lot)
    left = _expected(own)
    return {
        **lot,
        "category_name": lexicon.category(lot["category"]),
        "unit_name": lexicon.unit(unit),
        "there": lexicon.amount(amounts.there(own), unit),
        "coming": lexicon.amount(own["under_way_to"], unit) if own["under_way_to"] else "",
        "gone_text": lexicon.amount(left[1], unit),
        "answer": answer,
        "answer_aside": "" if answer is None else lexicon.amount(answer["set_aside"], unit),
        "answer_gone": "" if answer is None else lexicon.amount(answer["gone"], unit),
        "aside_value": values.get(f"aside-{number}", ""),
        "gone_value": values.get(f"gone-{number}", ""),
        "note_value": values.get(f"note-{number}", ""),
    }


def _expected(own: Mapping[str, Any]) -> tuple[int, int]:
    """What the ledger says one has, with what is on its way to one, and what is gone."""
    return amounts.there(own) + own["under_way_to"], amounts.gone(own) + own["used"]


# ---------------------------------------------------------------------------- what is signed


def acknowledgements(found: Campaign, values: Mapping[str, str]) -> list[Draft]:
    """What a filled form says, for each lot on which it says something.

    :class:`RequestError` names the field to mend: no number, nothing at all, or other amounts than
    the ledger has without the word that they were counted.
    """
    drafts = []
    differing: list[tuple[Mapping[str, Any], int, int]] = []
    for lot in found.tasks():
        number = lot["number"]
        texts = [values.get(f"{name}-{number}", "").strip() for name in ("aside", "gone", "note")]
        if not any(texts):
            continue
        aside, gone = (
            _amount(f"{name}-{number}", text)
            for name, text in zip(("aside", "gone"), texts, strict=False)
        )
        note = texts[2]
        if len(note.encode()) > _LONGEST:
            raise _fault(
                f"note-{number}",
                f"at most {_LONGEST} bytes of text are taken",
                f"文字最多 {_LONGEST} 字节",
                "recall.note-long",
            )
        left, used_up = _expected(lot["own"])
        if (aside, gone) != (left, used_up) and (aside, gone) != (
            amounts.there(lot["own"]),
            used_up,
        ):
            differing.append((lot, aside, gone))
        call = standing(lot)[-1]
        drafts.append(
            Draft(
                "Acknowledge",
                {
                    "lot": _raw(lot["id"]),
                    "recall": _raw(call["id"]),
                    "setAside": aside,
                    "gone": gone,
                    "note": note,
                },
            )
        )
    if not drafts:
        first = next(iter(found.tasks()), None)
        raise _fault(
            f"aside-{first['number']}" if first else "aside",
            "say how much is set aside and how much is gone",
            "请填写已隔离多少、已不在多少",
            "recall.nothing-said",
        )
    if differing and not values.get("counted"):
        raise _differs(differing)
    return drafts


def _differs(differing: Sequence[tuple[Mapping[str, Any], int, int]]) -> RequestError:
    lot, aside, gone = differing[0]
    left, used_up = _expected(lot["own"])
    n = formats.number
    return RequestError(
        f"{lot['lot']}: you say {n(aside)} set aside and {n(gone)} gone; the ledger has "
        f"{n(left)} with you and {n(used_up)} gone. Count again, and tick that you did",
        message_zh=f"{lot['lot']}：您填写已隔离 {n(aside)}、已不在 {n(gone)}；账本记您处有 "
        f"{n(left)}、已不在 {n(used_up)}。请重新清点，并勾选已清点",
        field="counted",
        code="recall.differs",
        values={"lots": [one["number"] for one, _, _ in differing]},
    )


def _amount(field: str, text: str) -> int:
    found = formats.typed_number(text)
    if found is not None and found < 2**40:
        return found
    if found is not None:
        english, chinese = "this is more than any lot has", "超过任何批次的数量"
    elif re.match(r"[-−－][0-9]", text):
        english, chinese = "it cannot be less than nothing; 0 for none", "不能小于 0；没有填 0"
    elif re.search("[十百千万亿]", text):
        english = "write it in digits alone: 50,000 for 5万"
        chinese = "请全部用数字填写：5万 写作 50,000"
    else:
        english = "must be a whole number such as 12000 or 12,000; 0 for none"
        chinese = "须为整数，如 12000 或 12,000；没有填 0"
    raise _fault(field, english, chinese, "recall.amount")


def why(values: Mapping[str, str]) -> str:
    """The reason of a release; :class:`RequestError` where there is none, or too long a one."""
    reason = values.get("why", "").strip()
    if not reason:
        raise _fault("why", "say why", "请说明理由", "recall.text-missing")
    if len(reason.encode()) > _LONGEST:
        raise _fault(
            "why",
            f"at most {_LONGEST} bytes of text are taken",
            f"文字最多 {_LONGEST} 字节",
            "recall.note-long",
        )
    return reason


def releases(found: Campaign, values: Mapping[str, str]) -> list[Draft]:
    """The releases of a filled form: of one lot or of all that the caller's organisation recalled,
    as many as can be signed at once. :class:`RequestError` names the field to mend."""
    reason, which = why(values), values.get("which", "")
    chosen = [
        (lot, call)
        for lot, call in found.own_calls()
        if which == "all" or which == str(call["entry"])
    ]
    if not chosen:
        raise _fault(
            "which", "choose what to release", "请选择要解除的批次", "recall.nothing-chosen"
        )
    return [
        Draft(
            "Release",
            {
                "lot": _raw(lot["id"]),
                "hold": _raw(call["id"]),
                "document": bytes(32),
                "reason": reason,
            },
        )
        for lot, call in chosen[:MOST]
    ]


def _raw(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def _fault(field: str, english: str, chinese: str, code: str) -> RequestError:
    return RequestError(english, message_zh=chinese, field=field, code=code)
