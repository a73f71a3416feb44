"""Both readmes say the same, and what they name is there."""

import re
from pathlib import Path

import pytest

from api.cli import COMMANDS

ROOT = Path(__file__).parents[2]
ENGLISH, CHINESE = (
    (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md")
)
BOTH = pytest.mark.parametrize("readme", [ENGLISH, CHINESE], ids=["English", "Chinese"])


def shape(readme: str) -> list[str]:
    """What must be the same in every language: levels of headings, commands, rows of tables, and
    for prose that it is there."""
    told = []
    for block in re.split(r"\n{2,}", re.sub(r"```sh\n.*?```", _plain, readme, flags=re.S).strip()):
        line = block.strip().splitlines()[0]
        if block.startswith("```"):
            told.append("picture" if line == "```" else block)
        elif block.startswith("#"):
            told.append(line.split(" ")[0])
        elif block.startswith("|"):
            told.append(f"table of {len(block.splitlines())} rows")
        else:
            told.append("prose")
    return told


def _plain(found: re.Match[str]) -> str:
    """Commands without blank lines between them, so that they stay one block."""
    return re.sub(r"\n{2,}", "\n", found[0])


def names(readme: str) -> set[str]:
    """Paths, commands, addresses: what stands between backticks and is no sentence."""
    prose = re.sub(r"```.*?```", "", readme, flags=re.S)
    return {n for n in re.findall(r"`([^`]+)`", prose) if not re.search(r"[\u4e00-\u9fff]", n)}


def links(readme: str) -> set[str]:
    """What they link to; a picture stands for the same page in either language."""
    found = {re.sub(r"-(en|zh)\.webp$", ".webp", t) for t in re.findall(r"\]\(([^)]+)\)", readme)}
    return found - {"README.md", "README.zh-CN.md"}


def test_both_have_the_same_parts_in_the_same_order() -> None:
    assert shape(CHINESE) == shape(ENGLISH)


def test_both_name_the_same_things() -> None:
    assert names(CHINESE) == names(ENGLISH)
    assert links(CHINESE) == links(ENGLISH)


@BOTH
def test_every_file_linked_is_there(readme: str) -> None:
    targets = re.findall(r"\]\(([^)]+)\)", readme)
    assert targets
    assert all((ROOT / target).exists() for target in targets), targets


def test_every_path_in_the_map_is_there() -> None:
    rows = re.findall(r"^\| (`[^|]*`) \|", ENGLISH, flags=re.M)
    paths = [path for row in rows for path in re.findall(r"`([^`]+)`", row) if "/" in path]
    folder = ""
    for path in paths:
        # A name after the first of a row stands in the same folder.
        assert (ROOT / path).exists() or (ROOT / folder / path).exists(), path
        folder = path if path.endswith("/") else str(Path(path).parent)


@BOTH
def test_every_command_is_one(readme: str) -> None:
    blocks = re.findall(r"^suyuan ([a-z]+)", readme, flags=re.M)
    inline = re.findall(r"`suyuan ([a-z]+)", readme)
    assert blocks
    assert set(blocks + inline) <= set(COMMANDS)


@BOTH
def test_every_script_is_there(readme: str) -> None:
    scripts = set(re.findall(r"\bscripts/[a-z]+\b", readme))
    assert scripts
    assert all((ROOT / script).exists() for script in scripts)
