"""An issuer's own table: each row that the ledger does not hold yet becomes an issue."""

from collections.abc import Mapping, Set

from ledger.authoring import Author
from ledger.importing.report import Line, Outcome, Plan, problem_lines
from ledger.tabular import Problem, Severity
from ledger.template import Issue, TemplateReading
from ledger.typed_data import Entry, organisation_id


def issue_key(holder: bytes, category: str, model: str, kind: str, number: str) -> bytes:
    """What makes a row the same issue when the table is read again."""
    return holder + "\0".join((category, model, kind, number)).encode()


def plan_issues(
    name: str,
    reading: TemplateReading,
    documents: Mapping[str, bytes],
    held: Set[bytes],
    organisations: Set[bytes],
    author: Author,
) -> Plan:
    """The issues still missing. ``documents``: the hash of each file that rows may name; ``held``:
    keys (:func:`issue_key`) of what the ledger holds of this issuer; ``organisations``: ids that
    exist. A row for an unknown holder, or with a file that is not there, is refused."""
    lines: list[Line] = problem_lines(name, reading.problems)
    entries: list[Entry] = []
    stated_in: dict[bytes, int] = {}
    seen = set(held)
    for issue in reading.issues:
        holder = organisation_id(issue.holder.kind, issue.holder.value)
        what = f"{issue.holder.value} · {issue.kind} · {issue.number}"
        key = issue_key(holder, issue.category, issue.model, issue.kind, issue.number)
        document = issue.document_hash or documents.get(issue.document_name, b"")
        if key in seen:
            lines.append(Line(Outcome.UNCHANGED, name, issue.row, what))
        elif holder not in organisations:
            lines.append(_unknown_holder(name, issue))
        elif issue.document_name and not document:
            lines.append(_missing_document(name, issue))
        else:
            seen.add(key)
            issued = author.write(
                "IssueQualification",
                holder=holder,
                validFrom=issue.valid_from,
                validUntil=issue.valid_until,
                document=document or bytes(32),
                category=issue.category,
                model=issue.model,
                kind=issue.kind,
                number=issue.number,
            )
            entries.append(issued)
            stated_in[issued.body] = len(lines)
            lines.append(Line(Outcome.ADDED, name, issue.row, what))
    return Plan(tuple(entries), tuple(lines), stated_in)


def _unknown_holder(name: str, issue: Issue) -> Line:
    problem = Problem(
        issue.row,
        "holder",
        Severity.ERROR,
        "holder.unknown",
        f"no organisation with the {issue.holder.kind} {issue.holder.value} is on the ledger",
        f"账本上没有标识为 {issue.holder.kind} {issue.holder.value} 的机构",
    )
    return Line(Outcome.REFUSED, name, issue.row, "holder", problem)


def _missing_document(name: str, issue: Issue) -> Line:
    problem = Problem(
        issue.row,
        "document",
        Severity.ERROR,
        "document.missing",
        f"the file {issue.document_name!r} is not among the documents given",
        f"所给文件中没有 {issue.document_name!r}",
    )
    return Line(Outcome.REFUSED, name, issue.row, "document", problem)
