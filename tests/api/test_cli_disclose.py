"""``suyuan disclose``: documents of fields, and copies from which some are taken out."""

import json
from pathlib import Path

import pytest

from api.cli import main


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    fields = tmp_path / "fields.json"
    fields.write_text('{"price": "1.20", "buyer": "示例医院"}', encoding="utf-8")
    assert main(["disclose", "make", str(fields), "-o", str(tmp_path / "whole.json")]) == 0
    return tmp_path / "whole.json"


def shown(path: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    capsys.readouterr()
    assert main(["--json", "disclose", "show", str(path)]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_a_copy_has_the_hash_of_the_whole(whole: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = whole.with_name("copy.json")
    assert main(["disclose", "copy", str(whole), "--without", "price", "-o", str(copy)]) == 0
    first, second = shown(whole, capsys), shown(copy, capsys)
    assert second == {"hash": first["hash"], "shown": {"buyer": "示例医院"}, "taken_out": 1}
    assert whole.stat().st_mode & 0o077 == 0, "only its owner reads it"


def test_a_file_that_is_there_is_not_written_over(
    whole: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = whole.read_bytes()
    fields = whole.with_name("fields.json")
    assert main(["--lang", "en", "disclose", "make", str(fields), "-o", str(whole)]) == 2
    assert "exists already" in capsys.readouterr().err
    assert whole.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "fields.json"], "no document of salted fields"),
        (["show", "nothing.json"], "no such file"),
        (["make", "whole.json", "-o", "new.json"], "fields"),
        (["copy", "whole.json", "--without", "prise", "-o", "new.json"], "no field 'prise'"),
        (["copy", "whole.json", "--without", "price", "-o", "missing/new.json"], "no such file"),
    ],
)
def test_what_is_wrong_is_named(
    whole: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(whole.parent)
    assert main(["--lang", "en", "disclose", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert not (whole.parent / "new.json").exists()
    assert main(["--lang", "zh", "disclose", *arguments]) == 2
    assert said not in capsys.readouterr().err or said == "fields"
