"""How every register reader collects what a row says.

A reader opens a :class:`Draft` per row, states what it finds and what is wrong; ``finish``
removes repetitions, says so, and makes the rows immutable.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ledger.registers.model import (
    MAX_MODEL,
    MAX_NAME,
    MAX_NUMBER,
    CapacityStatement,
    Holder,
    Relation,
    Row,
    Statement,
    row_hash,
)
from ledger.tabular import Problem, Record, Severity, Table, is_formula, line


@dataclass
class Draft:
    """A row while it is being read."""

    document: str
    number: int
    cells: Mapping[str, Any]
    holder: Holder | None = None
    statements: list[Statement] = field(default_factory=list)
    capacities: list[CapacityStatement] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.hash = row_hash(self.cells)

    def text(self, column: str) -> str:
        """The cell on one line, without what nobody sees."""
        return line(str(self.cells.get(column) or ""))

    def error(self, column: str, code: str, en: str, zh: str) -> None:
        self.problems.append(Problem(self.number, column, Severity.ERROR, code, en, zh))

    def warn(self, column: str, code: str, en: str, zh: str) -> None:
        self.problems.append(Problem(self.number, column, Severity.WARNING, code, en, zh))

    def name_holder(self, column: str, name: str, *, language: str = "en") -> bool:
        """Set the holder from its printed name; False (and a problem) where there is none."""
        if not name:
            self.error(column, "holder.missing", "the firm is not named", "未写明企业名称")
            return False
        if len(name) > MAX_NAME:
            self.error(
                column,
                "holder.too-long",
                f"the name has {len(name)} characters, at most {MAX_NAME} are taken",
                f"名称有 {len(name)} 个字符，上限为 {MAX_NAME}",
            )
            return False
        zh, en = (name, "") if language == "zh" else ("", name)
        self.holder = Holder(name, zh, en)
        return True

    def state(
        self,
        column: str,
        *,
        category: str,
        model: str,
        kind: str,
        number: str,
        valid_from: int = 0,
        valid_until: int = 0,
        withdrawn_from: int = 0,
        marks: Sequence[str] = (),
    ) -> None:
        """Add a statement about the row's holder; too long a model or number refuses it."""
        assert self.holder is not None
        for what, what_zh, text, most in (
            ("model", "型号", model, MAX_MODEL),
            ("number", "编号", number, MAX_NUMBER),
        ):
            if len(text) > most:
                self.error(
                    column,
                    f"{what}.too-long",
                    f"the {what} has {len(text)} characters, at most {most} are taken",
                    f"{what_zh}有 {len(text)} 个字符，上限为 {most}",
                )
                return
        self.statements.append(
            Statement(
                self.document, self.number, self.hash, self.holder, category, model, kind, number,
                valid_from, valid_until, withdrawn_from, tuple(marks),
            )
        )  # fmt: skip

    def state_capacity(self, category: str, per_day: int, unit: str, stated: str) -> None:
        assert self.holder is not None
        self.capacities.append(
            CapacityStatement(
                self.document, self.number, self.hash, self.holder, category, per_day, unit, stated
            )
        )

    def relate(self, other: str, note: str) -> None:
        """State that the holder sells the goods of ``other`` under its own label."""
        assert self.holder is not None
        self.relations.append(Relation(self.document, self.number, self.holder, other, note))


def draft_of(table: Table, record: Record) -> Draft:
    """A draft for one record of a table, with its fault and its formula cells reported."""
    draft = Draft(table.name, record.row, record.cells)
    if record.fault:
        draft.problems.append(record.fault)
    for column, cell in record.cells.items():
        if isinstance(cell, str) and is_formula(cell):
            draft.warn(
                column,
                "cell.formula",
                "the cell holds a formula; it is taken as the text that it is",
                "单元格内是公式，按文本原样读取，不作计算",
            )
    return draft


def usable(draft: Draft) -> bool:
    """Whether nothing so far keeps the row from being read further."""
    return not any(problem.severity is Severity.ERROR for problem in draft.problems)


def finish(drafts: Sequence[Draft]) -> tuple[Row, ...]:
    """The rows, each thing stated once.

    A row that repeats an earlier one of its document word for word, and a statement that repeats
    an earlier one with the same terms, are reported and stated once. Two statements under one
    key with different terms contradict each other: both stay and are marked.
    """
    rows_seen: dict[tuple[str, bytes], int] = {}
    stated: dict[tuple[str, str, str, str], tuple[Draft, int]] = {}
    for draft in drafts:
        first = rows_seen.setdefault((draft.document, draft.hash), draft.number)
        if first != draft.number:
            draft.statements.clear()
            draft.capacities.clear()
            draft.relations.clear()
            draft.warn(
                "",
                "row.duplicate",
                f"the row repeats row {first} word for word and is stated once",
                f"该行与第 {first} 行完全相同，只记一次",
            )
            continue
        kept: list[Statement] = []
        for statement in draft.statements:
            _keep(statement, draft, kept, stated)
        draft.statements[:] = kept
    return tuple(
        Row(
            d.document, d.number, d.hash, d.cells, d.holder, tuple(d.statements),
            tuple(d.capacities), tuple(d.relations), tuple(d.problems),
        )
        for d in drafts
    )  # fmt: skip


def _keep(
    statement: Statement,
    draft: Draft,
    kept: list[Statement],
    stated: dict[tuple[str, str, str, str], tuple[Draft, int]],
) -> None:
    if statement.key not in stated:
        stated[statement.key] = (draft, len(kept))
        kept.append(statement)
        return
    owner, position = stated[statement.key]
    earlier = kept[position] if owner is draft else owner.statements[position]
    where = f"row {owner.number}" + (f" of {owner.document}" if owner is not draft else "")
    if earlier.terms == statement.terms:
        draft.warn(
            "",
            "statement.repeated",
            f"model {statement.model!r} under {statement.number!r} is already stated by {where}",
            f"{where} 已有型号 {statement.model!r}、编号 {statement.number!r} 的相同记录",
        )
        return
    draft.warn(
        "",
        "statement.contradicted",
        f"{where} says something else about model {statement.model!r} under "
        f"{statement.number!r}; both are stated",
        f"{where} 对型号 {statement.model!r}、编号 {statement.number!r} 的记录与此不同，两者均保留",
    )
    kept.append(replace(statement, marks=(*statement.marks, "contradicted")))
