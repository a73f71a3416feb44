"""NIOSH's list of approved N95 respirators (CDC/NIOSH NPPTL, "N95list1"), as CSV.

One row is one supplier, one approval and the models sold under it. Rules kept here:

* An approval number belongs to many suppliers (private labels); the number identifies nobody.
* "Obsolete" in the number cell is about the whole row, in the model cell about its models.
* The list has no dates of validity: beginning and end are unstated.
* An empty model cell does not cover all models: such a row states nothing.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from ledger.days import NEW_YORK
from ledger.registers.models import niosh_models, obsolete_since
from ledger.registers.reader import Content, Reader, Shape
from ledger.registers.reading import Draft, draft_of, finish, usable
from ledger.tabular import Table, clean, line, read_csv
from ledger.vocabulary import WITHDRAWN_UNDATED

CATEGORY: Final = "mask.respirator.n95"
KIND: Final = "niosh-approval"

_NUMBER: Final = re.compile(
    r"(?P<number>(?:TC-)?84A-[A-Z0-9]+)"
    r"(?:\s+(?P<obsolete>(?:(?:Discontinued|Inactive)\s*/\s*)?Obsolete)"
    r"\s*(?P<when>\d{1,2}/\d{1,2}/\d{4}|\d{1,2}/\d{4})?)?",
    re.IGNORECASE,
)
_ORDINARY: Final = re.compile(r"(?:TC-)?84A-\d{4}", re.IGNORECASE)
_PLACEHOLDER: Final = re.compile(r"(?:TC-)?84A-0+", re.IGNORECASE)
_LABEL_OF: Final = re.compile(r"private label of\s+", re.IGNORECASE)
_VALVES: Final = {"YES": "valve", "Y": "valve", "NO": "no-valve", "N": "no-valve"}


def _notes(tables: tuple[Table, ...]) -> Mapping[str, str]:
    """Letter of the note → the firm whose private label it marks."""
    return {
        line(record.cells["note"]).strip("*[] "): _LABEL_OF.sub("", line(record.cells["company"]))
        for table in tables
        for record in table.records
        if record.fault is None
    }


def _number(draft: Draft) -> tuple[str, int, tuple[str, ...]] | None:
    """The approval number as written, since when it is obsolete (0: not), and marks."""
    cell = draft.text("approval_number")
    match = _NUMBER.fullmatch(cell)
    if not match:
        draft.error(
            "approval_number",
            "number.form",
            f"{cell[:80]!r} is no approval number (84A-0000)",
            f"{cell[:80]!r} 不是批准号（84A-0000）",
        )
        return None
    number, since = match["number"], 0
    if _PLACEHOLDER.fullmatch(number):
        draft.error(
            "approval_number",
            "number.placeholder",
            f"{number!r} is a placeholder, not an approval; the row states nothing",
            f"{number!r} 是占位号，不是批准号，该行不作记录",
        )
        return None
    if match["obsolete"]:
        found = obsolete_since(match["when"])
        if found is None:
            draft.warn(
                "approval_number",
                "obsolete.date",
                f"{match['when']!r} is no date; taken as obsolete without a stated day",
                f"{match['when']!r} 不是有效日期，按未写明日期的停用处理",
            )
        since = WITHDRAWN_UNDATED if found is None else found
    marks: tuple[str, ...] = ()
    if not _ORDINARY.fullmatch(number):
        marks = ("special-number",)
        draft.warn(
            "approval_number",
            "number.special",
            f"{number!r} is not of the ordinary form 84A-0000; stated as written",
            f"{number!r} 不是通常的 84A-0000 形式，按原文记录",
        )
    return number, since, marks


def _valve(draft: Draft) -> tuple[str, ...]:
    cell = draft.text("valve")
    mark = _VALVES.get(cell.upper())
    if mark is None:
        draft.warn(
            "valve",
            "valve.unstated",
            f"whether it has a valve is not stated ({cell!r})",
            f"未写明有无呼气阀（{cell!r}）",
        )
    return (mark,) if mark else ()


def _private_label(draft: Draft, notes: Mapping[str, str]) -> tuple[str, ...]:
    letters = draft.text("private_label_note").strip("*[] ")
    if not letters:
        return ()
    if letters in notes:
        draft.relate(notes[letters], f"*{letters}")
    else:
        draft.warn(
            "private_label_note",
            "note.unknown",
            f"the note *{letters} is not in the list of private-label notes",
            f"自有品牌说明 *{letters} 不在说明表中",
        )
    return ("private-label",)


def _earliest(*since: int) -> int:
    """The earliest stated day of withdrawal; without one, whether there is a withdrawal at all."""
    stated = [instant for instant in since if instant]
    return min((i for i in stated if i != WITHDRAWN_UNDATED), default=min(stated, default=0))


def _read_row(draft: Draft, notes: Mapping[str, str]) -> None:
    if not draft.name_holder("supplier_name", draft.text("supplier_name")):
        return
    marks = (*_private_label(draft, notes), *_valve(draft))
    approval = _number(draft)
    designations = niosh_models(
        clean(draft.cells["models_cell"]),
        lambda code, en, zh: draft.warn("models_cell", code, en, zh),
    )
    if not designations:
        draft.error(
            "models_cell",
            "model.missing",
            "no model is named; an approval without a model covers none, not all",
            "未写明型号；没有型号的批准不等于涵盖全部型号",
        )
    if approval is None:
        return
    number, since, number_marks = approval
    for one in designations:
        draft.state(
            "models_cell",
            category=CATEGORY,
            model=one.model,
            kind=KIND,
            number=number,
            withdrawn_from=_earliest(one.withdrawn_from, since),
            marks=(*marks, *number_marks, *one.marks),
        )


def _updated(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%B %d, %Y").date()
    except ValueError:
        return None


def _read(tables: Mapping[str, tuple[Table, ...]]) -> Content:
    notes = _notes(tables["notes"])
    drafts, days = [], []
    for table in tables["list"]:
        for record in table.records:
            draft = draft_of(table, record)
            drafts.append(draft)
            if usable(draft):
                _read_row(draft, notes)
                day = _updated(draft.text("page_last_updated"))
                days += [day] if day else []
    title = "NIOSH-approved N95 filtering facepiece respirators"
    return Content(title, finish(drafts), max(days, default=None))


NIOSH: Final = Reader(
    register="niosh-n95",
    name_zh="美国 NIOSH 批准的 N95 防护口罩名录",
    name_en="NIOSH-approved N95 respirators (CDC/NIOSH NPPTL)",
    zone=NEW_YORK,
    freshness_days=30,
    kinds=(KIND,),
    shapes=(
        Shape(
            "list",
            ("page_last_updated", "supplier_name", "private_label_note", "models_cell",
             "approval_number", "valve"),
            read_csv,
        ),
        Shape("notes", ("note", "company"), read_csv, required=False),
    ),
    content=_read,
)  # fmt: skip
