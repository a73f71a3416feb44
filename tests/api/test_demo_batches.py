"""The demo's goods: what its story comes to, read from the ledger alone."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from api.cli import demo_batches, demo_relief
from api.cli.output import Output
from ledger import demo
from ledger.chain.deployment import deploy_registries
from ledger.demo import relief
from ledger.divisions import LEVELS
from ledger.errors import EvidenceError
from ledger.provenance.custody import chains, custody
from ledger.workspace import Workspace
from tests.support.workspaces import BEGINNING, HandClock, found, new_data, opened

LATER = BEGINNING + 3_600
DAY = date(2026, 11, 27)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with opened(new_data(tmp_path, story=True), HandClock(LATER)) as workspace:
        yield workspace


def told(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], language: str = "en"
) -> tuple[dict[str, list[str]], str]:
    capsys.readouterr()
    came_out = demo_batches.tell(workspace, DAY, LATER, Output(False, language))
    return came_out, capsys.readouterr().out


def test_the_story_comes_out_as_it_must(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    came_out, printed = told(workspace, capsys)
    assert came_out == demo_batches.EXPECTED
    before, after = printed.split("withdraws the licence", 1)
    for maker in (demo.CANGLONG, demo.ZHUHUAN, demo.FENGHUANG, demo.QILIN, demo.QINGLUAN):
        assert maker.name_en in before
    assert "nothing speaks against any of it" in before
    assert "QL100-A ← MB-115 ← ZH-0318" in after
    assert "15,000 under way to it" in after


def test_it_is_told_in_chinese_with_the_same_figures(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    def figures(text: str) -> list[str]:
        return sorted(re.findall(r"\d{1,3}(?:,\d{3})+", text))

    english, chinese = (told(workspace, capsys, language)[1] for language in ("en", "zh"))
    assert figures(english) == figures(chinese)
    assert "没有任何不利记录" in chinese
    assert "reaches" not in chinese


def test_every_lot_of_the_story_adds_up(workspace: Workspace) -> None:
    graph = workspace.index.lots
    lots = [
        lot for office in demo.ALL for lot in graph.lots_of(office.id) if lot.maker == office.id
    ]
    assert len(lots) == 8 + demo_relief.EXPECTED["lots"]
    for number, chain in chains(graph, lots, workspace.position).items():
        [lot] = [one for one in lots if one.number == number]
        books = custody(lot.id, chain)
        assert books.accounted == books.made == lot.quantity, lot.lot


def test_the_lists_of_donated_goods_come_out_as_they_must(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = {}
    for language in ("en", "zh"):
        capsys.readouterr()
        assert demo_relief.tell(workspace, Output(False, language)) == demo_relief.EXPECTED
        printed[language] = capsys.readouterr().out
    assert "医用外科口罩: 25,000 只 received, 24,000 issued, difference 1,000" in printed["en"]
    assert "防护服: 360 套 issued, 300 received, 60 more" in printed["en"]
    assert "医用外科口罩：接收 25,000 只，发放 24,000，差额 1,000" in printed["zh"]


def test_the_lists_of_the_demo_are_always_the_same_files_and_kept(tmp_path: Path) -> None:
    assert relief.receipts_file() == relief.receipts_file()
    with opened(new_data(tmp_path, story=True), HandClock(LATER)) as workspace:
        demo_relief.keep(workspace)
        [received, issued] = relief.lists()
        for one in (received, issued):
            assert workspace.documents.get(one.document.hash) is not None


def test_the_communities_stand_below_one_province(workspace: Workspace) -> None:
    offices = (demo.WAREHOUSE, *demo.COMMUNITIES)
    codes = [workspace.index.organisation(o.id).division for o in offices]  # type: ignore[union-attr]
    assert codes == [o.division for o in offices]
    texts = [f"{code:012d}" for code in codes]
    assert {text[: LEVELS[0]] for text in texts} == {"99"}, "no province has it"
    assert len({text[: LEVELS[3]] for text in texts[1:]}) == 2, "two streets"
    assert len(set(texts[1:])) == 3


def test_a_demo_founded_before_there_were_goods_still_opens(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ledger.workspace.deploy", deploy_registries)
        found(tmp_path / "data", chapters=99)
    with opened(tmp_path / "data") as workspace:
        assert not demo_batches.has_goods(workspace)


def test_a_story_that_breaks_off_is_told_as_that(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found(tmp_path / "data", chapters=8)
    with opened(tmp_path / "data", HandClock(LATER)) as workspace:
        assert demo_batches.has_goods(workspace)
        with pytest.raises(EvidenceError, match="WithdrawQualification"):
            told(workspace, capsys)
