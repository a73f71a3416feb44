"""What an audit found: every difference with its place, and how much was looked at.

A finding's ``code`` is stable; its texts say the same in English and 中文. ``row`` names the row by
its primary key, ``field`` the column; what could not be told apart so far has neither. Values are
as JSON has them: bytes as 0x hex, long ones cut.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

#: The parts of an audit, in the order in which they are done.
PARTS: Final = ("chain", "index", "documents", "verdicts", "checkpoints", "outbox")


class Texts(NamedTuple):
    """The same in English and Chinese."""

    en: str
    zh: str


#: What the parts are called.
TITLES: Final[Mapping[str, Texts]] = {
    "chain": Texts("chain", "链"),
    "index": Texts("index", "索引"),
    "documents": Texts("documents", "文件"),
    "verdicts": Texts("verdicts", "结论"),
    "checkpoints": Texts("checkpoints", "检查点"),
    "outbox": Texts("outbox", "发件箱"),
}
#: What was looked at, by the report's word for it: one of it and many in English, and in 中文.
_LOOKED_AT: Final = {
    "contents": ("stored content", "stored contents", "项存储内容"),
    "blocks": ("block", "blocks", "个区块"),
    "transactions": ("transaction", "transactions", "笔交易"),
    "events": ("event", "events", "个事件"),
    "rows": ("row", "rows", "行数据"),
    "entries": ("entry", "entries", "条记录"),
    "files": ("file", "files", "份文件"),
    "verdicts": ("verdict", "verdicts", "个结论"),
    "held": ("checkpoint held by others", "checkpoints held by others", "个他方所持检查点"),
    "checkpoints": ("checkpoint", "checkpoints", "个检查点"),
    "countersignatures": ("countersignature", "countersignatures", "个见证签名"),
}


def looked_at(what: str, count: int) -> Texts:
    """So much of it was looked at, in words."""
    one, many, chinese = _LOOKED_AT[what]
    return Texts(f"{count} {one if count == 1 else many}", f"{count} {chinese}")


#: What no audit can check, in English and 中文.
LIMITS: Final = (
    "Not checked, for the ledger does not tell it: tokens, access records, stored answers, names "
    "and persons of documents and verdicts, and whether verdicts or countersignatures were "
    "deleted. The contracts' execution is not repeated.",
    "以下内容账本无从证明，故未核对：令牌、访问记录、已存的回复、文件与结论的名称和人员，"
    "以及是否有结论或见证签名被删除。合约未重新执行。",
)

#: So many findings of one part are kept; all are counted.
KEPT: Final = 10_000
#: Longest value that is shown whole, in characters.
_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference. ``where`` is a table, or a file by its path in the data directory."""

    part: str
    code: str
    where: str
    en: str
    zh: str
    row: str | None = None
    field: str | None = None
    expected: Any = None
    found: Any = None

    def to_json(self) -> dict[str, Any]:
        return {
            "part": self.part,
            "code": self.code,
            "where": self.where,
            "row": self.row,
            "field": self.field,
            "expected": self.expected,
            "found": self.found,
            "en": self.en,
            "zh": self.zh,
        }

    @property
    def place(self) -> str:
        """Part, table or file, row and field, as far as they are known."""
        row = f"[{self.row}]" if self.row is not None else ""
        return f"{self.part}: {self.where}{row}" + (f".{self.field}" if self.field else "")


def shown(value: object) -> Any:
    """A value as the report shows it."""
    if isinstance(value, bytes | memoryview):
        value = "0x" + bytes(value).hex()
    if isinstance(value, str):
        text = value.encode("utf-8", "backslashreplace").decode()
        return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text)} characters)"
    if isinstance(value, dict):
        return {name: shown(v) for name, v in value.items()}
    if isinstance(value, tuple | list):
        return [shown(v) for v in value]
    return value


@dataclass
class Report:
    """``counts`` by part: what was looked at, by a word for it. ``notes`` are true and no
    differences, in English and 中文; the first is :data:`LIMITS`."""

    tell: Callable[[Finding], None] = lambda finding: None
    findings: list[Finding] = field(default_factory=list)
    differences: Counter[str] = field(default_factory=Counter)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    notes: list[tuple[str, str]] = field(default_factory=lambda: [LIMITS])

    def add(self, finding: Finding) -> None:
        """Take in a finding and tell of it."""
        self.differences[finding.part] += 1
        if self.differences[finding.part] <= KEPT:
            self.findings.append(finding)
            self.tell(finding)

    def count(self, part: str, **looked_at: int) -> None:
        """So much of the part was looked at."""
        self.counts.setdefault(part, {}).update(looked_at)

    @property
    def is_clean(self) -> bool:
        """Nothing differs."""
        return not self.differences

    def to_json(self) -> dict[str, Any]:
        return {
            "format": "suyuan audit 1",
            "result": "same" if self.is_clean else "differs",
            "parts": [
                {
                    "part": part,
                    "differences": self.differences[part],
                    "looked_at": self.counts[part],
                }
                for part in PARTS
                if part in self.counts
            ],
            "notes": [{"en": en, "zh": zh} for en, zh in self.notes],
            "left_out": self.differences.total() - len(self.findings),
            "findings": [finding.to_json() for finding in self.findings],
        }


@dataclass(frozen=True)
class Part:
    """Where one part's findings go."""

    name: str
    report: Report

    def found(
        self,
        code: str,
        where: str,
        en: str,
        zh: str,
        *,
        row: object = None,
        field: str | None = None,
        expected: object = None,
        found: object = None,
    ) -> None:
        """Report a difference; a row of several keys is a tuple."""
        self.report.add(
            Finding(
                self.name,
                f"{self.name}.{code}",
                where,
                en,
                zh,
                _row(row),
                field,
                shown(expected),
                shown(found),
            )
        )

    def count(self, **looked_at: int) -> None:
        self.report.count(self.name, **looked_at)


def _row(row: object) -> str | None:
    if row is None:
        return None
    values = row if isinstance(row, tuple) else (row,)
    return ", ".join(str(shown(v)) for v in values)


#: ``progress(part, done, of)``.
Progress = Callable[[str, int, int], None]
