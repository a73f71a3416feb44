"""Lists of relief goods: each usable receipt becomes a lot whose origin is not shown.

Rules this module keeps:

* The organisation that received the goods states what its list says, in the list's own unit, with
  the hash of the row. Where the goods came from is told, not shown, so nothing is cited.
* A lot is named after its file and row (``ledger.relief.lot_text``): a list that is imported again
  finds its lots and adds none.
* A row is entered whole or not at all. One without a quantity, without a unit that has one code or
  without a plain category is refused and said: a category cannot be put right afterwards.
* When goods were received the lists do not say; whoever imports them states the day.
* Issues are reported and never entered: the recipients take no part in the ledger, and which of the
  receipts their goods came from is not stated.
"""

from collections.abc import Collection, Iterable, Sequence

from ledger.authoring import Author
from ledger.importing.report import Line, Outcome, Plan, problem_lines
from ledger.relief import ReceiptValues, ReliefList, receipt_values
from ledger.relief.balance import shown
from ledger.signing import Signer
from ledger.tabular import Problem, Severity
from ledger.typed_data import Entry, lot_id


def lots_of(receipts: Iterable[ReliefList], organisation: bytes) -> frozenset[bytes]:
    """The ids of the lots that these lists can become when this organisation imports them."""
    return frozenset(
        lot_id(organisation, 0, values.lot)
        for found in receipts
        for values in receipt_values(found)[0]
    )


def plan_relief(
    receipts: Sequence[ReliefList],
    issues: Sequence[ReliefList],
    happened_at: int,
    place: str,
    held: Collection[bytes],
    author: Author,
    beside: Sequence[Signer] = (),
) -> Plan:
    """The commissions still missing, and the report on every row.

    ``happened_at`` (seconds, UTC) is when the goods were received, ``place`` where, both as the
    author says; ``held`` are the ids of lots that exist; ``beside`` sign beside the author.
    """
    lines: list[Line] = []
    entries: list[Entry] = []
    stated_in: dict[bytes, int] = {}
    for found in receipts:
        name = found.document.name
        values, problems = receipt_values(found)
        lines += problem_lines(name, (*(p for _, p in found.problems), *problems))
        for one in values:
            if one.category is None:
                lines.append(_uncategorised(name, one))
            elif lot_id(author.organisation, 0, one.lot) in held:
                lines.append(Line(Outcome.UNCHANGED, name, one.line.row, _what(one)))
            else:
                stamp = author.stamp("Commission", *beside)
                entry = Entry.of(
                    "Commission",
                    **{
                        **stamp,
                        "happenedAt": happened_at,
                        "quantity": one.quantity,
                        "gtin": 0,
                        "originNotShown": True,
                        "document": one.document,
                        "lot": one.lot,
                        "category": one.category,
                        "model": one.model,
                        "unit": one.unit,
                        "place": place,
                        "origin": _origin(one),
                        "cited": (),
                    },
                )
                entries.append(entry)
                stated_in[entry.body] = len(lines)
                lines.append(Line(Outcome.ADDED, name, one.line.row, _what(one)))
    for found in issues:
        lines += problem_lines(found.document.name, tuple(p for _, p in found.problems))
        for line in found.issued:
            amount = "?" if line.quantity is None else shown(line.quantity)
            what = f"{line.item} · {amount} {line.unit} → {line.party}"
            lines.append(Line(Outcome.NOTICE, found.document.name, line.row, what))
    return Plan(tuple(entries), tuple(lines), stated_in)


def _what(one: ReceiptValues) -> str:
    return f"{one.lot} · {one.line.item} · {one.quantity:,} {one.unit}"


def _origin(one: ReceiptValues) -> str:
    """What the list says of the origin, and what it makes doubtful of the amount."""
    if "amount-may-be-unknown" in one.marks:
        return f"{one.origin}; 数量或未清点 / may not have been counted"
    return one.origin


def _uncategorised(name: str, one: ReceiptValues) -> Line:
    item = one.line.item
    problem = Problem(
        one.line.row,
        "category",
        Severity.ERROR,
        "category.unknown",
        f"{item!r} does not plainly say a category of the catalogue; no entry is made",
        f"{item!r} 未明确对应目录中的品类，不予登记",
    )
    return Line(Outcome.REFUSED, name, one.line.row, "category", problem)
