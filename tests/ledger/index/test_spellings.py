"""Chinese names are found however they are written or spelt, on every database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from ledger.index.database import Database, upgrade
from ledger.index.projection import digest
from ledger.index.repository import Index
from ledger.index.terms import TermField, normal
from ledger.indexing import Indexer
from ledger.vocabulary import NO_END, Role
from tests.support.databases import DATABASES, new_database
from tests.support.ledger import TestLedger, embedded_ledger

CHINESE = {
    "Blue Phoenix": "示例青鸾口罩厂",
    "Old Phoenix": "示例青鸞醫療器械",
    "River Town": "重庆单县绿洲用品",
    "Sunrise": "朝阳区曾氏卫生",
}


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestLedger]:
    with embedded_ledger(tmp_path_factory.mktemp("spelt") / "chain.db") as ledger:
        ledger.category("mask")
        issuer = ledger.organisation("Office", Role.ISSUER)
        ledger.accredit(issuer, "licence")
        for name, chinese in CHINESE.items():
            made = ledger.organisation(name, Role.SUPPLIER, chinese=chinese)
        ledger.act(
            "IssueQualification", issuer,
            holder=made.id, category="mask", model="", kind="licence", number="衛部製字第001號",
            document=bytes(32), validFrom=1, validUntil=NO_END,
        )  # fmt: skip
        yield ledger


@pytest.fixture(scope="module", params=DATABASES)
def read(
    request: pytest.FixtureRequest, ledger: TestLedger, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    with new_database(request.param, tmp_path_factory.mktemp("read")) as database:
        Indexer(ledger.gateway, database, ledger.deployment).sync()
        yield database


def found(read: Database, query: str) -> list[str]:
    return [hit.organisation.name_en for hit in Index(read).search(query).hits]


@pytest.mark.parametrize(
    "query",
    [
        "青鸾", "青鸞", "qingluan", "Qing Luan", "QINGLUAN", "qīng luán", "qing1 luan2", "qinglu",
        "ｑｉｎｇｌｕａｎ", "luan", "slql", "qL",
    ],
)  # fmt: skip
def test_a_name_is_found_however_it_is_written(read: Database, query: str) -> None:
    assert found(read, query)[:2] == ["Blue Phoenix", "Old Phoenix"]


@pytest.mark.parametrize("query", ["chongqing shanxian lv", "danxian", "cqdx", "lüzhou", "lyuzhou"])
def test_every_likely_reading_finds_a_name(read: Database, query: str) -> None:
    assert found(read, query) == ["River Town"]


@pytest.mark.parametrize("query", ["chaoyang", "cengshi", "zengshi", "曾氏 卫生", "衛生 朝陽"])
def test_heteronyms_and_words_apart_are_found(read: Database, query: str) -> None:
    assert found(read, query) == ["Sunrise"]


def test_a_number_is_found_in_either_script(read: Database) -> None:
    for query in ("衛部製字", "卫部制字第001号"):
        assert found(read, query) == ["Sunrise"]
        [record] = Index(read).numbered(query)
        assert record.number == "衛部製字第001號"


@pytest.mark.parametrize("query", ["ingluan", "uan ko", "|", "qing|luan", "q luan", "lanqing"])
def test_a_spelling_begins_with_a_syllable(read: Database, query: str) -> None:
    assert found(read, query) == []


def test_a_name_as_it_is_written_comes_before_a_spelling(read: Database) -> None:
    assert found(read, "office")[0] == "Office"
    assert [h.field for h in Index(read).search("qingluan").hits] == [TermField.PINYIN] * 2


def test_a_hit_by_a_spelling_shows_the_reading_that_was_found(read: Database) -> None:
    [hit] = Index(read).search("danxian").hits
    assert (hit.field, hit.text) == (TermField.PINYIN, "chong qing dan xian lu zhou yong pin")
    [hit] = Index(read).search("cqdx").hits
    assert (hit.field, hit.text) == (TermField.INITIALS, "cqdxlzyp")


def test_one_organisation_alone_can_be_searched(read: Database) -> None:
    index = Index(read)
    first, second = (h.organisation.id for h in index.search("青鸾").hits)
    assert [h.organisation.id for h in index.search("青鸾", only=second).hits] == [second]
    assert index.search("朝阳", only=first).hits == ()


def test_normal_forms_of_parts_are_parts_of_the_normal_form() -> None:
    whole = "乾隆發展後麼衛部"
    for i in range(len(whole)):
        assert normal(whole[i:]) in normal(whole)
    assert normal(normal(whole)) == normal(whole)


@pytest.mark.parametrize("kind", DATABASES)
def test_an_older_database_is_brought_up_to_date(
    kind: str, ledger: TestLedger, tmp_path: Path
) -> None:
    with new_database(kind, tmp_path) as fresh, new_database(kind, tmp_path) as old:
        for database in (fresh, old):
            Indexer(ledger.gateway, database, ledger.deployment).sync()
        with old.write() as session:
            # As it was before the migration: every text as it was stated, in lower case, and no
            # spelling of any.
            connection = session.connection()
            connection.execute(text("DELETE FROM search_term WHERE field > 4"))
            for as_stated in ("示例青鸞醫療器械", "衛部製字第001號"):
                connection.execute(
                    text("UPDATE search_term SET text = :old, key = :key WHERE text = :new"),
                    {"old": as_stated, "key": as_stated.encode(), "new": normal(as_stated)},
                )
            connection.execute(text("DROP INDEX ix_lot_gtin_number"))
            connection.execute(text("UPDATE alembic_version SET version_num = '0005_staff'"))
        assert digest(old) != digest(fresh)
        assert found(old, "qingluan") == []
        with old.write() as session:
            upgrade(session.connection(), "0006_spellings")
        assert digest(old) == digest(fresh)
        assert found(old, "qingluan") == ["Blue Phoenix", "Old Phoenix"]


@pytest.mark.parametrize("kind", DATABASES)
def test_an_index_that_is_made_again_is_the_same(
    kind: str, ledger: TestLedger, tmp_path: Path
) -> None:
    with new_database(kind, tmp_path) as database:
        indexer = Indexer(ledger.gateway, database, ledger.deployment)
        indexer.sync()
        before = digest(database)
        indexer.rebuild()
        assert digest(database) == before
