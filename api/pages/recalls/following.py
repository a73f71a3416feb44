"""A campaign as it stands: who answered, who did not, what one's own organisation still owes."""

import re
from collections import Counter
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
#: What a form asks of each lot.
_FIELDS: Final = ("aside", "gone", "note")
#: How an answer stands to the ledger, as a state with its shape; in the order in which it is read.
_STATES: Final[Mapping[str, str]] = {
    "overdue": "invalid",
    "open": "unknown",
    "differs": "buy-with-conditions",
    "under-way": "buy-with-conditions",
    "agrees": "valid",
}
#: What is told of the whereabouts of goods even where there is none of it.
_ALWAYS: Final = ("aside", "gone", "open")


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
        """The organisation's last word on the lot, if that answers a recall that stands."""
        said = [a for a in _answers(lot) if a["custodian"] == self.own]
        return said[-1] if said else None

    def own_calls(self) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        """The recalls that the caller's organisation set and that stand, each with its lot."""
        return [
            (lot, call) for lot in self.lots for call in standing(lot) if call["by"] == self.own
        ]


def standing(lot: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The recalls of the lot that are not released."""
    return [call for call in lot["calls"] if call["stands"]]


def _answers(lot: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The last word of each who answered; what somebody said to a recall that was released is
    none to another that stands."""
    silent = {stock["custodian"] for stock in lot["missing"]} if standing(lot) else set()
    return [
        a for a in lot["acknowledged"] if a["code"] != "superseded" and a["custodian"] not in silent
    ]


def _due(lot: Mapping[str, Any]) -> int:
    """Until when an answer to the recall that stands of the lot is not overdue."""
    since: int = standing(lot)[0]["recorded_at"]
    return since + ANSWERED_WITHIN


def _days_late(now: int, due: int) -> int:
    """So many days begun since it was due."""
    return max(0, -(-(now - due) // _DAY))


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
    due = min((_due(lot) for lot in owed), default=None)
    # Nothing that is not shown may be taken for answered.
    sees_all = not (hidden or hidden_lots or found.told["more"])
    counts = {
        "done": sum(row["state"] == "agrees" for row in rows),
        "part": sum(row["state"] in ("differs", "under-way") for row in rows),
        "open": len(silent),
        "hidden": hidden,
    }
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
        "overdue": sum(row["state"] == "overdue" for row in rows),
        "longest": max((row["overdue_days"] for row in silent), default=0),
        "made": amounts.listed(
            lexicon, [(lot["quantity"], lot["unit"]) for lot in lots if standing(lot)]
        ),
        "whereabouts": _whereabouts(lexicon, lots, rows, sees_all=sees_all),
        "within_days": ANSWERED_WITHIN // _DAY,
        "now": found.now,
        "in_all": asked + hidden,
        "bar": _bar(lexicon, counts),
        "hidden": hidden,
        "hidden_lots": hidden_lots,
        "sees_all": sees_all,
        "more": found.told["more"],
        "tasks": [_task(lexicon, found, lot, values) for lot in tasks[:PER_FORM]],
        "tasks_owed": len(owed),
        "tasks_due": due,
        "tasks_late": 0 if due is None else _days_late(found.now, due),
        "tasks_reasons": list(
            dict.fromkeys(call["reason"] for lot in owed or tasks for call in standing(lot))
        ),
        "tasks_left": max(0, len(tasks) - PER_FORM),
        "own_calls": [
            {"lot": lot["lot"], "number": lot["number"], "entry": call["entry"]}
            for lot, call in found.own_calls()
        ],
        "values": {"counted": "", "why": "", "which": "", **values},
    }


def _bar(lexicon: Lexicon, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """The parts of the bar that there are, each with its words, where it begins and how wide it is,
    of 1000; nothing that is there is too thin to see."""
    t = lexicon.t
    words = {
        "done": t.count("recall.bar-done", counts["done"]),
        "part": t.count("recall.bar-part", counts["part"]),
        "open": t.count("recall.bar-open", counts["open"]),
        "hidden": t.count("recall.bar-hidden", counts["hidden"]),
    }
    there = {name: n for name, n in counts.items() if n}
    whole = sum(there.values())
    wide = {name: max(12, round(1000 * n / whole)) for name, n in there.items()}
    if wide:
        wide[max(wide, key=lambda name: wide[name])] += 1000 - sum(wide.values())
    parts, begins = [], 0
    for name, width in wide.items():
        parts.append({"name": name, "words": words[name], "begins": begins, "width": width})
        begins += width
    return parts


def _whereabouts(
    lexicon: Lexicon,
    lots: Sequence[Mapping[str, Any]],
    rows: Sequence[Mapping[str, Any]],
    *,
    sees_all: bool,
) -> list[tuple[str, str]]:
    """What became of all that was made of the lots whose recall stands, as answered and, where
    nobody answered, as the ledger says; in words. It adds up to what was made, lot by lot: what
    nobody was asked about, or is not shown, or where an answer differs from the ledger, is told."""
    t = lexicon.t
    labels = {
        "aside": t("recall.total-aside"),
        "gone": t("recall.total-gone"),
        "open": t("recall.total-open"),
        "open-gone": t("recall.total-open-gone"),
        "way": t("recall.total-way"),
        "rest": t("recall.total-rest"),
        "unseen": t("recall.total-unseen"),
        "over": t("recall.total-over"),
    }
    told: dict[str, list[tuple[int, str]]] = {name: [] for name in labels}
    accounted: Counter[int] = Counter()
    for row in rows:
        if not standing(row["lot"]):
            continue
        if row["said"]:
            parts = {"aside": row["aside"], "gone": row["gone"]}
        else:
            parts = {"open": row["there"], "open-gone": row["gone"]}
        if row["state"] in ("under-way", "open", "overdue"):
            parts["way"] = row["coming"]
        for name, quantity in parts.items():
            told[name].append((quantity, row["unit"]))
            accounted[row["lot"]["number"]] += quantity
    for lot in lots:
        rest = lot["quantity"] - accounted[lot["number"]]
        if standing(lot) and rest:
            name = "over" if rest < 0 else "rest" if sees_all else "unseen"
            told[name].append((abs(rest), lot["unit"]))
    return [
        (labels[name], amounts.listed(lexicon, found))
        for name, found in told.items()
        if name in _ALWAYS or any(quantity for quantity, _ in found)
    ]


def _rows(lexicon: Lexicon, found: Campaign) -> list[dict[str, Any]]:
    """Who was asked, for each lot; who has not answered, and owes it longest, first."""
    rows = []
    for lot in found.lots:
        calls = standing(lot)
        lines = [_answered(lexicon, lot, a) for a in _answers(lot)]
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
                }
            )
    order = list(_STATES)
    return sorted(rows, key=lambda row: (order.index(row["state"]), row["at"], -row["there"]))


def _answered(lexicon: Lexicon, lot: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
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
        "remark": _remark(lexicon, lot["unit"], said),
        "overdue_days": 0,
        "had": said["had"],
        "before": sum(
            a["custodian"] == said["custodian"] and a["code"] == "superseded"
            for a in lot["acknowledged"]
        ),
    }


def _remark(lexicon: Lexicon, unit: str, said: Mapping[str, Any]) -> str:
    """What an answer that is not the ledger's leaves open, or what the ledger has instead."""
    coming = lexicon.amount(said["ledger_under_way"], unit)
    if said["code"] == "under-way":
        return lexicon.t("recall.not-answered-for", coming=coming)
    if said["code"] == "differs":
        return lexicon.t(
            "recall.ledger-instead",
            there=lexicon.amount(said["ledger_there"], unit),
            coming=coming,
            gone=lexicon.amount(said["ledger_gone"], unit),
        )
    return ""


def _silent(
    found: Campaign, lot: Mapping[str, Any], stock: Mapping[str, Any], call: Mapping[str, Any]
) -> dict[str, Any]:
    late = _days_late(found.now, _due(lot))
    return {
        "state": "overdue" if late else "open",
        "who": stock["custodian"],
        "open": True,
        "said": False,
        "at": call["recorded_at"],
        "due": _due(lot),
        "entry": call["entry"],
        "aside": 0,
        "gone": amounts.gone(stock) + stock["used"],
        "there": amounts.there(stock),
        "coming": stock["under_way_to"],
        "note": "",
        "remark": "",
        "overdue_days": late,
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
        **{
            f"{name}_value": values.get(f"{name}-{number}", last)
            for name, last in zip(_FIELDS, _last(answer), strict=True)
        },
    }


def _last(answer: Mapping[str, Any] | None) -> tuple[str, str, str]:
    """A form's fields as they were answered last."""
    if answer is None:
        return "", "", ""
    return formats.number(answer["set_aside"]), formats.number(answer["gone"]), answer["note"]


def _expected(own: Mapping[str, Any]) -> tuple[int, int]:
    """What the ledger says one has, with what is on its way to one, and what is gone."""
    return amounts.there(own) + own["under_way_to"], amounts.gone(own) + own["used"]


# ---------------------------------------------------------------------------- what is signed


def acknowledgements(found: Campaign, values: Mapping[str, str]) -> list[Draft]:
    """What a filled form says, for each lot on which it says something new.

    :class:`RequestError` names the field to mend: no number, nothing at all, or other amounts than
    the ledger has without the word that they were counted.
    """
    drafts = []
    differing: list[tuple[Mapping[str, Any], int, int]] = []
    for lot in found.tasks():
        number, answer = lot["number"], found.answer_of(lot)
        texts = [values.get(f"{name}-{number}", "").strip() for name in _FIELDS]
        if not any(texts):
            continue
        aside, gone = (
            _amount(f"{name}-{number}", text)
            for name, text in zip(("aside", "gone"), texts, strict=False)
        )
        note = texts[2]
        if answer and (aside, gone, note) == (
            answer["set_aside"], answer["gone"], answer["note"].strip()
        ):  # fmt: skip
            continue
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
        raise _nothing_said(found)
    if differing and not values.get("counted"):
        raise _differs(differing)
    return drafts


def _nothing_said(found: Campaign) -> RequestError:
    first = next(iter(found.tasks()), None)
    field = f"aside-{first['number']}" if first else "aside"
    if first and found.answer_of(first):
        return _fault(
            field,
            "this is what you answered last; change what is different now",
            "这与上次答复相同；请先改动现在不同之处",
            "recall.nothing-said",
        )
    return _fault(
        field,
        "say how much is set aside and how much is gone",
        "请填写已隔离多少、已流出多少",
        "recall.nothing-said",
    )


def _differs(differing: Sequence[tuple[Mapping[str, Any], int, int]]) -> RequestError:
    """``marked`` are the fields whose amounts are not the ledger's."""
    marked = []
    for lot, aside, gone in differing:
        own = lot["own"]
        left, used_up = _expected(own)
        if aside not in (left, amounts.there(own)):
            marked.append(f"aside-{lot['number']}")
        if gone != used_up:
            marked.append(f"gone-{lot['number']}")
    return RequestError(
        "correct what is wrong; if the amounts are right, tick that you counted again",
        message_zh="有误请改正；数量属实，请勾选已重新清点",
        field="counted",
        code="recall.differs",
        values={"lots": [one["number"] for one, _, _ in differing], "marked": marked},
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
