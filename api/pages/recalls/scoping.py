"""What a recall would reach, before anybody decides; and what is signed when somebody does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from fastapi import Request

from api.access import Caller
from api.batches import service
from api.batches.asking import Asking, Wanted, asking
from api.batches.sight import Sight
from api.context import Context
from api.pages.lexicon import Lexicon
from api.pages.recalls import amounts
from api.pages.signing.stamping import MOST as MOST_SIGNED
from api.pages.signing.stamping import Draft
from ledger.errors import RequestError
from ledger.provenance.answer import MOST_ANSWERED
from ledger.provenance.model import Lot

#: A recall starts from at most so many lots at once.
MOST_ROOTS: Final = 50
#: So many lots of a scope are listed on one page.
PER_PAGE: Final = 25
#: So many custodians are named with what they have.
_HOLDERS: Final = 60
#: From so many signatures on, the file for the command is what is proposed.
MANY: Final = 50
#: What the ledger takes as one text, in bytes of UTF-8.
_LONGEST: Final = 2047


@dataclass(frozen=True)
class Scope:
    """All that a recall of ``roots`` reaches, in pages of the service laid together; ``whole``: no
    page was left out. ``told`` is the first page's answer with all ``lots`` of them."""

    roots: tuple[Lot, ...]
    told: Mapping[str, Any]
    whole: bool

    @property
    def lots(self) -> Sequence[Mapping[str, Any]]:
        found: Sequence[Mapping[str, Any]] = self.told["lots"]
        return found

    @property
    def complete_to(self) -> int:
        found: int = self.told["complete_to"]
        return found

    @property
    def standing(self) -> dict[int, list[Mapping[str, Any]]]:
        """The recalls that stand already, by lot."""
        found: dict[int, list[Mapping[str, Any]]] = {}
        for one in self.told["standing"]:
            found.setdefault(one["lot"], []).append(one)
        return found

    def entries(self, *, again: bool) -> list[Mapping[str, Any]]:
        """The recalls to sign: of all, or of those that no recall stands of."""
        number = {lot["id"]: lot["number"] for lot in self.lots}
        standing = self.standing
        return [
            entry["message"]
            for entry in self.told["recalls"]
            if again or number[entry["message"]["lot"]] not in standing
        ]


class Recalling:
    """One caller before the lots of a ledger, now."""

    def __init__(self, request: Request, caller: Caller) -> None:
        self.context = Context.of(request)
        self.workspace = self.context.workspace
        self.now, self.position = self.context.now(), self.context.position
        self.caller = caller
        self.sight = Sight(self.workspace, caller, self.now, self.position)

    def asked(self, complete_to: int | None = None) -> Asking:
        """The question as of now, or over as many entries as somebody has looked at."""
        found = asking(self.workspace, self.now, self.position, Wanted(size=MOST_ANSWERED))
        return found if complete_to is None else replace(found, upto=complete_to)

    def lots(self, ids: Sequence[bytes]) -> tuple[Lot, ...]:
        """The lots with these ids; :class:`RequestError` for one that is not to be seen."""
        return tuple(
            service.batch(self.workspace, self.sight, self.position, id_)
            for id_ in dict.fromkeys(ids)
        )

    def scope(
        self,
        roots: Sequence[Lot],
        complete_to: int | None = None,
        *,
        document: bytes = bytes(32),
        reason: str = "",
        most: int = MOST_ANSWERED,
    ) -> Scope:
        """What a recall of these reaches, as far as ``most`` lots, written down as looked at."""
        asked = self.asked(complete_to)
        first, *others = roots
        whole: dict[str, Any] | None = None
        while True:
            page = service.scoped(
                self.workspace,
                self.sight,
                first,
                asked,
                also=others,
                document=document,
                reason=reason,
            )
            if whole is None:
                whole = page
            else:
                for name in ("lots", "standing", "recalls"):
                    whole[name] = [*whole[name], *page[name]]
                whole["organisations"] |= page["organisations"]
                for name, count in page["withheld"].items():
                    whole["withheld"][name] = whole["withheld"].get(name, 0) + count
            if not page["more"] or len(whole["lots"]) >= most:
                break
            token, *_ = page["continuation"].split(".")
            asked = replace(asked, after=token)
        for root in roots:
            self.context.note_access(self.caller, "batch.scope-read", "0x" + root.id.hex())
        return Scope(tuple(roots), whole, not page["more"])


def shown(lexicon: Lexicon, recalling: Recalling, scope: Scope, place: int) -> dict[str, Any]:
    """What the page shows of a scope; ``place`` is the first of the lots that it lists."""
    lots, standing, sight = scope.lots, scope.standing, recalling.sight
    some = lots[place : place + PER_PAGE]
    stopped = service.stopped(
        recalling.workspace, recalling.position, [lot["number"] for lot in some]
    )
    chosen = {root.number for root in scope.roots}
    to_sign, all_of_them = scope.entries(again=False), scope.entries(again=True)
    signs = [sight.may_sign_recall(bytes.fromhex(lot["maker"][2:])) for lot in lots]
    organisations = {bytes.fromhex(id_[2:]) for id_ in scope.told["organisations"]}
    goods = amounts.of_goods(lots)
    return {
        "goods": [
            {
                "name": lexicon.scope(one.category, one.model)
                if one.model
                else lexicon.category(one.category),
                "unit": lexicon.unit(one.unit),
                "count": count,
                "amounts": sums,
            }
            for one, count, sums in goods
        ],
        # Where nothing is shown, nothing may look like none.
        "hidden_amounts": any(sums.hidden for _, _, sums in goods),
        "holders": _holders(lexicon, lots),
        "most_holders": _HOLDERS,
        "lots": [
            _lot(lexicon, lot, stopped.get(lot["number"]), lot["number"] in chosen) for lot in some
        ],
        "place": place,
        "per_page": PER_PAGE,
        "count": len(lots),
        "whole": scope.whole,
        "hidden_lots": scope.told["withheld"].get("lots", 0),
        "names": lexicon.organisations(organisations),
        "standing": len(standing),
        "campaigns": sorted(
            {one["campaign"] for ones in standing.values() for one in ones if one["campaign"]}
        ),
        "to_sign": len(to_sign),
        "to_sign_again": len(all_of_them),
        "not_yours": len(lots) - len(all_of_them),
        "signs": any(signs),
        "many": MANY,
        "most_signed": MOST_SIGNED,
        "complete_to": scope.complete_to,
    }


def _lot(
    lexicon: Lexicon, lot: Mapping[str, Any], stopped: str | None, chosen: bool
) -> dict[str, Any]:
    sums = amounts.Amounts()
    sums.add(lot["custody"])
    return {
        **lot,
        "chosen": chosen,
        "category_name": lexicon.category(lot["category"]),
        "unit_name": lexicon.unit(lot["unit"]),
        "amounts": sums,
        "stopped": stopped,
    }


def _holders(lexicon: Lexicon, lots: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Who has or is sent any of the lots, who has most lots first."""
    found: dict[str, dict[str, Any]] = {}
    for lot in lots:
        for stock in lot["custody"]["custodians"]:
            there, coming = amounts.there(stock), stock["under_way_to"]
            if not there and not coming:
                continue
            one = found.setdefault(stock["custodian"], {"lots": [], "there": [], "coming": []})
            one["lots"].append(lot["lot"])
            one["there"].append((there, lot["unit"]))
            if coming:
                one["coming"].append((coming, lot["unit"]))
    shown = [
        {
            "id": who,
            "lots": one["lots"],
            "there": amounts.listed(lexicon, one["there"]),
            "coming": amounts.listed(lexicon, one["coming"]),
        }
        for who, one in found.items()
    ]
    return sorted(shown, key=lambda one: -len(one["lots"]))


# ------------------------------------------------------------------------------- deciding


def reason_of(lexicon: Lexicon, wrong: str, act: str) -> str:
    """The reason that stands in the entries; :class:`RequestError` names the field to mend."""
    what, who = wrong.strip(), act.strip()
    missing = [name for name, text in (("wrong", what), ("act", who)) if not text]
    if missing:
        raise _fault(
            missing[0],
            "this must be given",
            "此项必须填写",
            "recall.text-missing",
            also=missing[1:],
        )
    reason = f"{what}\n{who}"
    size = len(reason.encode())
    if size > _LONGEST:
        raise _fault(
            "wrong" if len(what) >= len(who) else "act",
            f"both texts together have {size} bytes, {size - _LONGEST} more than the ledger takes; "
            "say it shorter, and put the rest into the notice",
            f"两段文字合计 {size} 字节，比账本可容纳的多 {size - _LONGEST} 字节；请精简，"
            "其余写入通知文件",
            "recall.text-long",
        )
    if "\0" in reason:
        raise _fault("wrong", "has a character that is none", "含有无效字符", "recall.text")
    return reason


def drafts(messages: Sequence[Mapping[str, Any]]) -> list[Draft]:
    """The recalls as they are offered to be signed."""
    return [
        Draft(
            "Recall",
            {
                "lot": _raw(message["lot"]),
                "completeTo": message["completeTo"],
                "campaign": _raw(message["campaign"]),
                "document": _raw(message["document"]),
                "reason": message["reason"],
            },
        )
        for message in messages
    ]


def _raw(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def _fault(
    field: str, english: str, chinese: str, code: str, also: Sequence[str] = ()
) -> RequestError:
    """``also`` are further fields with the same fault."""
    values = {"also": list(also)} if also else {}
    return RequestError(english, message_zh=chinese, field=field, code=code, values=values)
