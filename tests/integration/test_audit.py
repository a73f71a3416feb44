"""What an audit finds, and that it finds nothing where nothing is wrong."""

import json
import random
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from api.access import Visibility
from api.cli import main
from ledger import demo
from ledger.audit import LIMITS, PARTS, Finding, Report, audit, files
from ledger.audit.documents import VISIBILITIES
from ledger.audit.outbox import ENTRY_STATES
from ledger.chain.deployment import Deployment
from ledger.chain.store import ProcessLock
from ledger.errors import LedgerInUseError, RequestError
from ledger.evidence.signed import ReceiptStatement, domain
from ledger.hashing import keccak
from ledger.index import outbox
from ledger.index.raw import Form, projection_forms
from ledger.signing import Signer, recover
from ledger.typed_data import SignedEntry, hexed
from ledger.vocabulary import NO_END
from ledger.witnessing import Seen
from ledger.workspace import Workspace
from tests.support.audited import NOW, changing, copied, flip, found
from tests.support.databases import new_url
from tests.support.workspaces import BEGINNING, HandClock, author, opened, recorded, signer

CHAIN, DATABASE = "chain.sqlite", "service.sqlite"
LEDGER, *TABLES = projection_forms()
#: Every column of the chain's file; the keys come last.
CHAIN_COLUMNS = {
    "content": ("data", "hash"),
    "block": ("header", "hash", "number"),
    "txn": ("hash", "raw", "succeeded", "gas_used", "created", "block", "position"),
    "event": ("txn", "address", "topics", "data", "block", "position"),
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return copied(tmp_path)


def places(findings: Iterable[Finding]) -> set[tuple[str, str | None]]:
    return {(f.where, f.field) for f in findings}


def codes(findings: Iterable[Finding]) -> set[str]:
    return {f.code for f in findings}


def other(value: Any) -> Any:
    """Another value of the same kind, one bit away where there is a bit."""
    if value is None:
        return b"\1" * 20
    if isinstance(value, bytes):
        return bytes((value[0] ^ 4,)) + value[1:] if value else b"\1"
    if isinstance(value, str):
        return chr(ord(value[0]) ^ 1) + value[1:] if value else "x"
    return value ^ 1 if value in (0, 1) else value + 1_000


def change(connection: sqlite3.Connection, form: Form, row: tuple[Any, ...], column: str) -> None:
    keys = [form.columns[place] for place in form.keys]
    condition = " AND ".join(f'"{k}" IS ?' for k in keys)
    value = row[form.columns.index(column)]
    if column in ("sequence", "number", "lot", "unit", *keys) and isinstance(value, int):
        value += 100_000  # where no other row stands
    else:
        value = other(value)
    connection.execute(
        f'UPDATE "{form.name}" SET "{column}"=? WHERE {condition}', (value, *form.key(row))
    )


def rows_of(path: Path, form: Form) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(form.query(is_sqlite=True)).fetchall()


def licence(workspace: Workspace, number: str) -> None:
    by = author(workspace, "regulator")
    entry = by.write(
        "IssueQualification", holder=demo.QINGLUAN.id, validFrom=BEGINNING, validUntil=NO_END,
        document=bytes(32), category=demo.MASK, model="", kind="cn-production-licence",
        number=number,
    )  # fmt: skip
    recorded(workspace, by, entry)


# ------------------------------------------------------------------------------------ nothing wrong


def test_a_ledger_that_was_never_touched_has_nothing_to_find_and_stays_as_it_is(
    data: Path,
) -> None:
    def contents() -> dict[str, bytes]:
        return {
            str(path): path.read_bytes()
            for path in sorted(data.rglob("*"))
            if path.is_file() and path.suffix != ".lock"
        }

    before = contents()
    assert found(data) == []
    assert contents() == before


def test_what_a_crash_left_in_the_write_ahead_log_is_read_and_stays_there(
    data: Path, tmp_path: Path
) -> None:
    crashed = tmp_path / "crashed"
    with opened(data, HandClock(NOW)) as workspace:
        licence(workspace, "after")
        shutil.copytree(data, crashed)
    logs = {p: p.read_bytes() for p in crashed.glob("*-wal")}
    assert all(logs.values())
    assert len(logs) == 2
    assert found(crashed) == []
    assert {p: p.read_bytes() for p in crashed.glob("*-wal")} == logs


# ------------------------------------------------------------------------------------------- index


def test_a_changed_value_is_found_by_table_row_and_field_in_every_column(data: Path) -> None:
    changed = set()
    for form in TABLES:
        row = rows_of(data / DATABASE, form)[0]
        for column in form.columns:
            if form.columns.index(column) not in form.keys:
                changed.add((form.name, column))
                with changing(data / DATABASE) as connection:
                    change(connection, form, row, column)
    values = [f for f in found(data, "index") if f.code == "index.value"]
    assert places(values) == changed
    assert all(f.row is not None and f.expected != f.found for f in values)


@pytest.mark.parametrize("column", LEDGER.columns[1:])
def test_a_changed_value_of_the_ledgers_own_row_is_found(data: Path, column: str) -> None:
    [row] = rows_of(data / DATABASE, LEDGER)
    with changing(data / DATABASE) as connection:
        change(connection, LEDGER, row, column)
    assert ("ledger", column) in places(found(data, "index"))


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_changed_key_is_found_as_one_row_too_few_and_one_too_many(
    data: Path, number: int
) -> None:
    changed = []
    for form in projection_forms():
        if number < len(form.keys):
            changed.append(form.name)
            row = rows_of(data / DATABASE, form)[-1]
            with changing(data / DATABASE) as connection:
                change(connection, form, row, form.columns[form.keys[number]])
    findings = found(data, "index")
    for code in ("index.lacking", "index.added"):
        assert [f.where for f in findings if f.code == code] == changed


def test_rows_taken_away_and_rows_added_are_found_in_every_table(data: Path) -> None:
    for form in TABLES:
        row = rows_of(data / DATABASE, form)[-1]
        condition = " AND ".join(f'"{form.columns[place]}" IS ?' for place in form.keys)
        marks = ", ".join("?" for _ in row)
        with changing(data / DATABASE) as connection:
            connection.execute(f'DELETE FROM "{form.name}" WHERE {condition}', form.key(row))
            added = tuple(other(v) for v in row)
            connection.execute(f'INSERT INTO "{form.name}" VALUES ({marks})', added)
    findings = found(data, "index")
    for code in ("index.lacking", "index.added"):
        assert [f.where for f in findings if f.code == code] == [form.name for form in TABLES]


def test_a_value_of_another_kind_and_text_that_is_none_are_found(data: Path) -> None:
    with changing(data / DATABASE) as connection:
        connection.execute("UPDATE organisation SET name_en = CAST(x'ff41' AS TEXT)")
        connection.execute("UPDATE category SET name_en = CAST(name_en AS BLOB)")
    assert {("organisation", "name_en"), ("category", "name_en")} <= places(found(data, "index"))


def test_another_form_of_a_table_is_found(data: Path) -> None:
    with changing(data / DATABASE) as connection:
        connection.execute("DROP INDEX ix_entry_digest")
    [finding] = found(data, "index")
    assert (finding.code, finding.row) == ("index.schema", "index, ix_entry_digest")


def test_a_postgresql_index_is_compared_as_sqlite_is(data: Path, tmp_path: Path) -> None:
    from sqlalchemy import text

    from ledger.index.database import Database

    settings = data / "settings.json"
    url = new_url("postgresql", tmp_path)
    settings.write_text(json.dumps({**json.loads(settings.read_text()), "database_url": url}))
    with opened(data, HandClock(NOW)) as workspace:
        licence(workspace, "more")
        workspace.checkpoint()
    assert found(data, "index", "checkpoints", "outbox") == []
    database = Database(url)
    with database.write() as session:
        session.execute(text("UPDATE organisation SET name_zh = name_zh || '公' WHERE sequence=-1"))
        session.execute(text("DELETE FROM search_term WHERE field = 1"))
    database.close()
    findings = found(data, "index")
    assert {("organisation", "name_zh"), ("search_term", None)} <= places(findings)


# ------------------------------------------------------------------------------------------- chain


@pytest.mark.parametrize(
    ("table", "column"), [(t, c) for t, columns in CHAIN_COLUMNS.items() for c in columns]
)
def test_a_flipped_bit_in_any_column_of_the_chain_is_found(
    data: Path, table: str, column: str
) -> None:
    chance = random.Random(f"{table} {column}")
    with changing(data / CHAIN) as connection:
        keys = [
            name
            for _, name, _, _, _, key in connection.execute(f"PRAGMA table_info({table})")
            if key
        ]
        query = f"SELECT {column}, {', '.join(keys)} FROM {table}"
        value, *key = chance.choice(connection.execute(query).fetchall())
        if isinstance(value, bytes):
            place, bit = chance.randrange(len(value)), chance.randrange(8)
            value = value[:place] + bytes((value[place] ^ 1 << bit,)) + value[place + 1 :]
        elif column in ("number", "block", "position"):
            value += 1_000  # where no other row stands
        else:
            value = other(value)
        condition = " AND ".join(f"{name}=?" for name in keys)
        connection.execute(f"UPDATE {table} SET {column}=? WHERE {condition}", (value, *key))
    assert found(data, "chain")


@pytest.mark.parametrize("table", CHAIN_COLUMNS)
def test_a_row_taken_from_the_chain_is_found(data: Path, table: str) -> None:
    with changing(data / CHAIN) as connection:
        rows = connection.execute(f"SELECT * FROM {table}").fetchall()
        row = rows[len(rows) // 2]
        columns = [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")]
        condition = " AND ".join(f"{c} IS ?" for c in columns)
        connection.execute(f"DELETE FROM {table} WHERE {condition}", row)
    assert found(data, "chain")


def test_a_node_of_an_old_state_that_is_gone_is_named(data: Path) -> None:
    with changing(data / CHAIN) as connection:
        query = "SELECT header FROM block WHERE number=3"
        [header] = connection.execute(query).fetchone()
        [root] = [header[i : i + 32] for i in (3 + 33 + 33 + 21 + 1,)]
        assert connection.execute("DELETE FROM content WHERE hash=?", (root,)).rowcount == 1
    [finding] = found(data, "chain")
    assert (finding.code, finding.row) == ("chain.state", "0x" + root.hex())


def test_an_event_of_a_block_that_is_not_there_is_a_stray(data: Path) -> None:
    with changing(data / CHAIN) as connection:
        row = connection.execute("SELECT txn, address, topics, data FROM event").fetchone()
        connection.execute("INSERT INTO event VALUES (999, 0, ?, ?, ?, ?)", row)
    [finding] = found(data, "chain")
    assert (finding.code, finding.row) == ("chain.stray", "999, 0")


# ------------------------------------------------------------------------------- flipped at random


def covered(data: Path) -> list[Any]:
    """All content of the two files that an audit answers for, as it reads it."""
    content: list[Any] = []
    with files.reading(data / CHAIN) as connection:
        for table, columns in CHAIN_COLUMNS.items():
            content.append(
                connection.execute(
                    f"SELECT {', '.join(columns)} FROM {table} NOT INDEXED ORDER BY {columns[-1]}"
                ).fetchall()
            )
    with files.reading(data / DATABASE) as connection:
        for form in projection_forms():
            content.append(connection.execute(form.query(is_sqlite=True)).fetchall())
    return content


@pytest.mark.parametrize("name", [CHAIN, DATABASE])
def test_a_bit_flipped_anywhere_is_found_or_was_none_of_any_content(
    data: Path, name: str, request: pytest.FixtureRequest
) -> None:
    """A bit that is not found stands in a free page, between two rows, in a counter of SQLite's
    own, or in a table that no ledger could tell: what the audit answers for reads as before."""
    chance = random.Random(name)
    path = data / name
    before, pristine = covered(data), path.read_bytes()
    deep = request.config.getoption("--deep")
    flips, unseen = (400 if deep else 8), 0
    for _ in range(flips):
        flip(path, chance.randrange(len(pristine)), chance.randrange(8))
        if not found(data):
            unseen += 1
            assert covered(data) == before
        path.write_bytes(pristine)
    assert unseen < flips
    if deep:
        print(f"{name}: {flips - unseen} of {flips} found")


def test_a_file_that_is_no_database_at_all_is_a_finding(data: Path) -> None:
    for name in (CHAIN, DATABASE):
        (data / name).write_bytes(b"\0" * 5000)
    assert codes(found(data)) >= {"chain.unreadable", "index.unreadable"}


def test_a_file_cut_in_the_middle_is_a_finding(data: Path) -> None:
    for name in (CHAIN, DATABASE):
        path = data / name
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 // 4096 * 4096])
    assert found(data)


@pytest.mark.parametrize("name", [CHAIN, DATABASE])
def test_a_file_that_is_gone_is_a_finding(data: Path, name: str) -> None:
    (data / name).unlink()
    assert next(f.where for f in found(data)) == name


# --------------------------------------------------------------------------------------- documents


def papers(data: Path) -> list[Path]:
    return sorted(p for p in (data / "documents").rglob("*") if p.is_file())


def test_a_flipped_bit_in_a_document_is_found(data: Path) -> None:
    paper = papers(data)[3]
    flip(paper, paper.stat().st_size // 2, 7)
    [finding] = found(data, "documents")
    assert finding.code == "documents.altered"
    assert finding.where == paper.relative_to(data).as_posix()


def test_a_document_that_is_gone_cut_short_or_empty_is_found(data: Path) -> None:
    gone, cut, empty = papers(data)[:3]
    gone.unlink()
    cut.write_bytes(cut.read_bytes()[:-1])
    empty.write_bytes(b"")
    findings = found(data, "documents")
    assert codes(findings) == {
        *("documents.file-missing", "documents.altered", "documents.size", "documents.empty"),
    }


def test_two_documents_that_changed_places_are_found(data: Path) -> None:
    one, two = papers(data)[:2]
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    findings = [f for f in found(data, "documents") if f.code == "documents.altered"]
    assert len(findings) == 2


def test_files_that_nobody_knows_of_are_found(data: Path) -> None:
    documents = data / "documents"
    (documents / "tmp1.new").write_bytes(b"half")
    (documents / "notes.txt").write_bytes(b"notes")
    name = keccak(b"nobody's").hex()
    (documents / name[:2]).mkdir(exist_ok=True)
    (documents / name[:2] / name[2:]).write_bytes(b"nobody's")
    assert codes(found(data, "documents")) == {
        *("documents.unfinished", "documents.stranger", "documents.unknown"),
    }


# ---------------------------------------------------- verdicts, checkpoints, outbox: every column


@pytest.mark.parametrize(
    ("part", "table", "column"),
    [
        *[("verdicts", "stored_verdict", c) for c in (
            "id", "question", "policy_hash", "position", "verdict", "organisation")],
        *[("checkpoints", "checkpoint", c) for c in (
            "size", "root", "block_hash", "block_time", "made_at", "checkpoint", "nodes")],
        *[("checkpoints", "checkpoint_witness", c) for c in (
            "account", "previous_size", "previous_root", "witnessed_at", "signature")],
        *[("outbox", "outbox_entry", c) for c in (
            "digest", "packed_hash", "packed", "sequence", "contract", "state", "deadline",
            "accepted_at", "receipt")],
        *[("outbox", "outbox_transaction", c) for c in (
            "chain_id", "sender", "nonce", "hash", "contract", "raw", "block", "state")],
        ("outbox", "nonce_book", "chain_id"),
        *[("documents", "stored_document", c) for c in ("hash", "size", "visibility")],
    ],
)  # fmt: skip
def test_what_the_service_keeps_is_held_against_the_ledger(
    data: Path, part: str, table: str, column: str
) -> None:
    with changing(data / DATABASE) as connection:
        query = f'SELECT rowid, "{column}" FROM "{table}" ORDER BY rowid DESC LIMIT 1'
        if column == "sequence":
            query = f"SELECT rowid, sequence FROM {table} WHERE state = 'final' LIMIT 1"
        row, value = connection.execute(query).fetchone()
        connection.execute(f'UPDATE "{table}" SET "{column}"=? WHERE rowid=?', (other(value), row))
    assert [f for f in found(data, part) if f.part == part and f.where in (table, *_files(data))]


def _files(data: Path) -> set[str]:
    return {p.relative_to(data).as_posix() for p in papers(data)}


def test_an_entry_called_refused_that_the_ledger_has_is_found(data: Path) -> None:
    with changing(data / DATABASE) as connection:
        query = "UPDATE outbox_entry SET state='refused', sequence=NULL WHERE sequence=7"
        assert connection.execute(query).rowcount == 1
    [finding] = found(data, "outbox")
    assert (finding.code, finding.expected) == ("outbox.recorded", "final")


def test_other_words_under_a_recorded_entrys_digest_and_signature_are_found(data: Path) -> None:
    with changing(data / DATABASE) as connection:
        query = "SELECT packed FROM outbox_entry WHERE sequence=7"
        [packed] = connection.execute(query).fetchone()
        words = packed[:-1] + bytes((packed[-1] ^ 1,))
        query = "UPDATE outbox_entry SET packed=?, packed_hash=? WHERE sequence=7"
        connection.execute(query, (words, keccak(words)))
    [finding] = found(data, "outbox")
    assert finding.code == "outbox.entry-digest"


def test_a_nonce_that_would_be_handed_out_again_is_found(data: Path) -> None:
    with changing(data / DATABASE) as connection:
        connection.execute('UPDATE nonce_book SET "next" = "next" - 1')
    [finding] = found(data, "outbox")
    assert finding.code == "outbox.nonce"


def test_words_that_are_no_state_and_no_visibility_are_found(data: Path) -> None:
    with changing(data / DATABASE) as connection:
        for table, column in (
            *(("outbox_entry", "state"), ("outbox_transaction", "state")),
            ("stored_document", "visibility"),
        ):
            row = f"SELECT min(rowid) FROM {table}"
            connection.execute(f"UPDATE {table} SET {column}='nothing' WHERE rowid=({row})")
    findings = found(data, "outbox", "documents")
    assert [(f.code, f.field, f.found) for f in findings] == [
        ("documents.visibility", "visibility", "nothing"),
        ("outbox.state", "state", "nothing"),
        ("outbox.state", "state", "nothing"),
    ]


def test_the_words_for_who_may_see_a_document_are_those_of_the_service() -> None:
    assert set(VISIBILITIES) == {v.value for v in Visibility}


def test_the_words_for_an_entrys_state_are_those_of_the_outbox() -> None:
    assert set(ENTRY_STATES) == set(outbox._RANK)


# ---------------------------------------------------------------------------------------- receipts


def resealed(data: Path, how_many: str, key: Signer) -> None:
    """Let another key give these receipts."""
    deployment = Deployment.load(data / "deployment.json")
    log = domain(deployment.chain_id, deployment.address("EntryLog"))
    with changing(data / DATABASE) as connection:
        columns = "id, contract, digest, packed, deadline, accepted_at"
        query = f"SELECT {columns} FROM outbox_entry WHERE {how_many}"
        for row, contract, digest, packed, deadline, accepted in connection.execute(query):
            nonce = SignedEntry.unpack(contract, packed).entry.values["nonce"]
            assert isinstance(nonce, int)
            said = ReceiptStatement(
                deployment.address(contract),
                recover(digest, packed[2:66]),
                *(nonce, digest, deadline, int(accepted)),
            )
            receipt = key.sign_digest(said.digest(log))
            connection.execute("UPDATE outbox_entry SET receipt=? WHERE id=?", (receipt, row))


def keyless(data: Path) -> None:
    (data / "keys" / "checkpoint.json").unlink()


def noted(data: Path, *parts: str, **options: Any) -> tuple[Report, list[tuple[str, str]]]:
    """The report, and its notes about the service's key."""
    report = audit(data, clock=HandClock(NOW), parts=parts or PARTS, **options)
    return report, [note for note in report.notes if "key" in note[0] and note != LIMITS]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("receipt", "substr(receipt, 1, 60)"),
        ("receipt", "zeroblob(64)"),
        ("receipt", "'word'"),
        ("accepted_at", "accepted_at + 1"),
        ("accepted_at", "-1"),
        ("accepted_at", "9e999"),
        ("deadline", "deadline + 1"),
    ],
)
def test_a_receipt_that_is_not_over_its_row_is_found(data: Path, column: str, value: str) -> None:
    with changing(data / DATABASE) as connection:
        query = f"UPDATE outbox_entry SET {column} = {value} WHERE sequence = 7"
        assert connection.execute(query).rowcount == 1
    findings = found(data, "outbox")
    assert "outbox.receipt" in codes(findings)
    assert codes(findings) <= {"outbox.receipt", "outbox.deadline"}


def test_a_receipt_of_another_entry_is_found(data: Path) -> None:
    with changing(data / DATABASE) as connection:
        query = "(SELECT receipt FROM outbox_entry WHERE sequence=8)"
        connection.execute(f"UPDATE outbox_entry SET receipt={query} WHERE sequence=7")
    [finding] = found(data, "outbox")
    assert (finding.code, finding.field) == ("outbox.receipt", "receipt")


def test_a_receipt_of_another_key_is_found(data: Path) -> None:
    resealed(data, "sequence=7", signer("mirror"))
    [finding] = found(data, "outbox")
    assert (finding.code, finding.found) == ("outbox.receipt", hexed(signer("mirror").address))


def test_a_receipt_taken_away_is_found_unless_there_were_none_before(data: Path) -> None:
    with changing(data / DATABASE) as connection:
        [[first]] = connection.execute("SELECT min(id) FROM outbox_entry")
        connection.execute("UPDATE outbox_entry SET receipt=NULL WHERE id=?", (first,))
        connection.commit()
        assert found(data, "outbox") == []
        connection.execute("UPDATE outbox_entry SET receipt=NULL WHERE id=?", (first + 2,))
        connection.commit()
        [finding] = found(data, "outbox")
    assert (finding.code, finding.row) == ("outbox.receipt-missing", str(first + 2))


def test_without_a_deadlines_receipt_the_entry_itself_still_says_its_deadline(data: Path) -> None:
    with changing(data / DATABASE) as connection:
        connection.execute("UPDATE outbox_entry SET receipt=NULL")
        connection.execute("UPDATE outbox_entry SET deadline=deadline+1 WHERE sequence=7")
    [finding] = found(data, "outbox")
    assert finding.code == "outbox.deadline"


@pytest.mark.parametrize("gone", ["checkpoint.json", "checkpoint.password"])
def test_a_key_that_is_not_to_be_had_is_said_and_the_checkpoints_tell_it(
    data: Path, gone: str
) -> None:
    (data / "keys" / gone).unlink()
    report, [(english, chinese)] = noted(data)
    assert report.is_clean
    assert gone in english
    assert "kept checkpoints" in english
    assert gone in chinese
    assert "检查点" in chinese
    resealed(data, "sequence=7", signer("mirror"))
    assert codes(found(data)) == {"outbox.receipt"}


def test_a_key_that_is_there_or_not_needed_is_no_word_worth(data: Path) -> None:
    assert noted(data)[1] == []
    keyless(data)
    assert noted(data, "chain", "index", "documents", "verdicts")[1] == []


def test_the_keys_of_the_anchors_count_where_the_services_own_is_not_to_be_had(
    data: Path, backup: Path, tmp_path: Path
) -> None:
    anchors = tmp_path / "anchors.json"
    keyless(data)
    report, [(english, _)] = noted(data, checkpoints=anchors)
    assert report.is_clean
    assert "--checkpoints" in english
    told = json.loads(anchors.read_text())
    stranger = hexed(signer("mirror").address)
    told["seal"]["keys"], told["receipts"] = [stranger], [stranger]
    anchors.write_text(json.dumps(told))
    report, _ = noted(data, checkpoints=anchors)
    assert codes(report.findings) == {
        *("checkpoints.form", "checkpoints.witness", "outbox.receipt"),
    }


def test_where_no_key_is_known_at_all_that_is_said(data: Path) -> None:
    keyless(data)
    with changing(data / DATABASE) as connection:
        connection.execute("DELETE FROM checkpoint_witness")
        connection.execute("DELETE FROM checkpoint")
    report, [(english, _)] = noted(data, "outbox")
    assert report.is_clean
    assert "not checked" in english


# ---------------------------------------------------------------------------- restored old backups


@pytest.fixture
def backup(data: Path, tmp_path: Path) -> Path:
    """The directory as it was before three more entries, a document and a checkpoint."""
    old = tmp_path / "backup"
    shutil.copytree(data, old)
    clock = HandClock(NOW + 3600)
    with opened(data, clock) as workspace:
        for number in "123":
            licence(workspace, f"later {number}")
        workspace.keep_document(b"a later paper", "later.txt", demo.AUTHORITY.id)
        kept = workspace.checkpoint()
        memory = Seen(kept.checkpoint, kept.nodes).dumps()
        anchors = json.dumps(workspace.checkpoints.anchors().to_json())
    (tmp_path / "memory.json").write_bytes(memory)
    (tmp_path / "anchors.json").write_text(anchors)
    return old


@pytest.mark.parametrize("file", ["memory.json", "anchors.json"])
def test_a_backup_restored_whole_is_found_by_what_others_hold(
    data: Path, backup: Path, tmp_path: Path, file: str
) -> None:
    assert found(data, checkpoints=tmp_path / file) == []
    assert found(backup) == []
    findings = found(backup, checkpoints=tmp_path / file)
    assert codes(findings) == {"checkpoints.older"}


def test_a_backup_of_the_index_alone_is_found(data: Path, backup: Path) -> None:
    shutil.copy(backup / DATABASE, data / DATABASE)
    assert "index.behind" in codes(found(data))


def test_a_backup_of_the_chain_alone_is_found(data: Path, backup: Path) -> None:
    shutil.copy(backup / CHAIN, data / CHAIN)
    findings = codes(found(data))
    assert {"index.ahead", "checkpoints.older", "outbox.not-recorded", "outbox.not-mined"} <= (
        findings
    )


def test_a_backup_of_the_documents_alone_is_found(data: Path, backup: Path) -> None:
    shutil.rmtree(data / "documents")
    shutil.copytree(backup / "documents", data / "documents")
    [finding] = found(data)
    assert finding.code == "documents.file-missing"


def test_a_second_history_is_found_by_what_others_hold(
    data: Path, backup: Path, tmp_path: Path
) -> None:
    with opened(backup, HandClock(NOW + 3600)) as workspace:
        for number in "1234":
            licence(workspace, f"another {number}")
    assert found(backup) == []
    findings = found(backup, checkpoints=tmp_path / "memory.json")
    assert codes(findings) == {"checkpoints.fork"}


def test_a_file_without_a_checkpoint_is_the_callers_mistake(data: Path, tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.json"
    nothing.write_text('{"format": "something else"}')
    with pytest.raises(RequestError) as error:
        found(data, checkpoints=nothing)
    assert error.value.field == "checkpoints"


# ------------------------------------------------------------------------------------------ command


def test_the_exit_status_says_whether_anything_differs(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--lang", "en", "audit", "--data", str(data), "--only", "index"]) == 0
    assert "Nothing differs." in capsys.readouterr().out
    with changing(data / DATABASE) as connection:
        connection.execute("UPDATE organisation SET name_en='Somebody Else' WHERE sequence=-1")
    assert main(["--json", "audit", "--data", str(data), "--only", "index"]) == 1
    told = json.loads(capsys.readouterr().out)
    [finding] = told["findings"]
    assert (told["result"], finding["where"], finding["field"], finding["found"]) == (
        *("differs", "organisation", "name_en", "Somebody Else"),
    )
    assert main(["audit", "--data", str(data), "--only", "everything"]) == 2


def test_the_report_says_what_an_audit_cannot_check(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for language, words in (
        ("en", ("tokens", "access", "answers", "persons", "countersignatures", "not repeated")),
        ("zh", ("令牌", "访问记录", "回复", "人员", "见证签名", "未重新执行")),
    ):
        assert main(["--lang", language, "audit", "--data", str(data), "--only", "documents"]) == 0
        told = capsys.readouterr().out
        assert all(word in told for word in words)
    assert main(["--json", "audit", "--data", str(data), "--only", "documents"]) == 0
    assert json.loads(capsys.readouterr().out)["notes"] == [{"en": LIMITS[0], "zh": LIMITS[1]}]


def test_a_chinese_summary_has_no_english_words_in_it(
    data: Path, backup: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    anchors = str(tmp_path / "anchors.json")
    assert main(["--lang", "zh", "audit", "--data", str(data), "--checkpoints", anchors]) == 0
    summary = capsys.readouterr().out
    assert not re.search("[A-Za-z]", summary)
    assert summary.startswith("链：")


def test_an_english_summary_counts_in_whole_words(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with changing(data / DATABASE) as connection:
        connection.execute("UPDATE organisation SET name_en='Somebody Else' WHERE sequence=-1")
    assert main(["--lang", "en", "audit", "--data", str(data), "--only", "index"]) == 1
    told = capsys.readouterr().out
    assert "; 1 difference\n" in told
    assert "\n1 difference.\n" in told
    assert main(["--lang", "en", "audit", "--data", str(data), "--only", "checkpoints"]) == 0
    told = capsys.readouterr().out
    assert re.match(r"checkpoints: \d+ checkpoints, 1 countersignature; 0 differences\n", told)


def test_of_a_row_that_is_missing_the_key_is_printed_and_json_has_the_whole(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with changing(data / DATABASE) as connection:
        query = "SELECT digest FROM entry WHERE sequence = 7"
        [digest] = connection.execute(query).fetchone()
        connection.execute("DELETE FROM entry WHERE sequence = 7")
    assert main(["--lang", "en", "audit", "--data", str(data), "--only", "index"]) == 1
    [line] = [t for t in capsys.readouterr().out.splitlines() if t.startswith("index: entry[")]
    assert line == "index: entry[7]: the row that follows from the ledger is missing"
    assert main(["--json", "audit", "--data", str(data), "--only", "index"]) == 1
    [finding] = [
        f for f in json.loads(capsys.readouterr().out)["findings"] if f["where"] == "entry"
    ]
    assert finding["expected"]["digest"] == hexed(digest)


@pytest.mark.parametrize(("language", "nothing"), [("en", "nothing"), ("zh", "无")])
def test_a_value_that_is_not_there_has_a_word_in_both_languages(
    data: Path, capsys: pytest.CaptureFixture[str], language: str, nothing: str
) -> None:
    papers(data)[0].unlink()
    assert main(["--lang", language, "audit", "--data", str(data), "--only", "documents"]) == 1
    told = capsys.readouterr().out
    assert "None" not in told
    assert nothing in told


def test_a_ledger_that_is_open_is_not_audited_and_its_holder_is_named(data: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from ledger.chain.store import ProcessLock;"
        "held = ProcessLock(Path(sys.argv[1])); print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(data / "service.lock")], stdout=subprocess.PIPE
    )
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(LedgerInUseError, match=str(holder.pid)):
            found(data)
    finally:
        holder.kill()
        holder.communicate()
    ProcessLock(data / "service.lock").release()
