"""What a file turns out to be: evidence, or a document that the ledger knows by its hash."""

from typing import Literal

from pydantic import Field

from api.wire import HexText, Position, Shape


class Text(Shape):
    """A sentence in both languages, with a stable code."""

    code: str
    en: str
    zh: str


class CheckBody(Shape):
    number: int
    name: str
    result: Literal["valid", "invalid", "unknown", "skipped"]
    code: str | None
    en: str
    zh: str


class ReportBody(Shape):
    """The report of the verifier, as `suyuan verify` and the verifier's page give it."""

    format: Literal["suyuan verification 1"]
    kind: str | None
    result: Literal["valid", "invalid", "unknown"]
    checks: list[CheckBody]
    limits: list[Text]
    shown: dict[str, object]


class UseBody(Shape):
    """An entry that names the document."""

    entry: int
    action: str
    what: Literal["qualification", "report", "publication"]
    id: HexText = Field(description="The qualification, the lot reported on, or the publication.")
    organisation: HexText = Field(description="Who holds the qualification, or made the lot.")
    author: HexText
    kind: str = Field(description="The kind, the standard or the register.")
    number: str
    category: str
    model: str
    recorded_at: int
    status: str | None = Field(
        description="Where the qualification stands now, or the result of the report."
    )
    in_force: bool | None = Field(description="For qualifications: whether it stands now.")


class DocumentReport(Shape):
    """What the ledger knows of a file by its hash. `unaltered` says that it is, to the byte, what
    an entry names; null where none does: then it may be altered, or may never have been stated."""

    hash: HexText
    size: int
    unaltered: Literal[True] | None
    kept: bool = Field(description="Whether the service keeps the same file.")
    shown: dict[str, str] | None = Field(
        description="The fields of a document of salted fields; null for another file."
    )
    taken_out: int = Field(ge=0, description="How many of its fields were taken out.")
    uses: list[UseBody]
    withheld: int = Field(ge=0, description="Uses that the caller may not see.")
    findings: list[Text]


class VerificationBody(Shape):
    """One of the two, as the file is."""

    what: Literal["evidence", "document"]
    evidence: ReportBody | None
    document: DocumentReport | None
    ledger: Position
