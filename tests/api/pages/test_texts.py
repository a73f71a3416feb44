"""Every sentence of the pages exists in both languages, is said somewhere, and is translated."""

import json
import re
from pathlib import Path
from string import Formatter

import pytest

from api import pages
from api.access import Scope
from api.pages.evidence import NOT_REACHED, group_of
from api.pages.wording import wording
from ledger.evidence.report import CHECKS, CODES
from ledger.index.terms import TermField
from ledger.policy import Weight
from ledger.registers import REGISTERS
from ledger.standing import Result
from ledger.typed_data import ACTIONS
from ledger.verdict import Answer
from ledger.vocabulary import Clock, OrganisationStatus, Role

FOLDER = Path(pages.__file__).parent
SOURCES = [*FOLDER.glob("*.py"), *(FOLDER / "templates").glob("*.html")]
TEXTS = {
    language: json.loads((FOLDER / f"texts/{language}.json").read_text(encoding="utf-8"))
    for language in ("zh", "en")
}
#: The closed sets that have a word for each member, by family.
FAMILIES = {
    "result": [r.value for r in Result],
    "weight": [w.value for w in Weight],
    "clock": [c.value for c in Clock],
    "found": [f.name.lower() for f in TermField],
    "organisation": [s.name.lower() for s in OrganisationStatus if s],
    "role": [str(r.name).lower() for r in Role],
    "action": list(ACTIONS),
    "field": sorted({f.name for a in ACTIONS.values() for f in a.fields}),
    "verdict.meaning": [a.value for a in Answer],
    "link.decided": ["same", "different"],
    "evidence.form": ["string", "boolean", "object"],
    "evidence.section": ["kinds", "trust", "checks", "limits", "fields"],
    "evidence.check": list(CHECKS),
    "evidence.do": sorted({group_of(code) for code in CODES} - {NOT_REACHED}),
}
#: The same for sets to which the ledger may add.
OPEN_FAMILIES = {
    "identifier": ["uscc", "gln", "lei"],
    "register": sorted(REGISTERS),
}


def said() -> set[str]:
    """The keys that templates and modules look up, those of families included."""
    found: set[str] = set()
    for source in SOURCES:
        text = source.read_text(encoding="utf-8")
        found.update(re.findall(r"""\bt\(\s*["']([a-z0-9.-]+)["']""", text))
        found.update(
            re.findall(r"""\bwording\([^()]*(?:\([^()]*\))?\)\(["']([a-z0-9.-]+)["']""", text)
        )
        for family in re.findall(r"""\.word\(\s*["']([a-z.-]+)["']""", text):
            found.update(f"{family}.{member}" for member in FAMILIES[family])
        for family in re.findall(r"""\.word_or\(\s*["']([a-z.-]+)["']""", text):
            found.update(f"{family}.{member}" for member in OPEN_FAMILIES[family])
    return found | {"alarm.document", "alarm.number"}  # by what is used twice


def test_every_sentence_that_is_looked_up_exists_in_both_languages() -> None:
    for language, texts in TEXTS.items():
        assert not said() - texts.keys(), f"missing in {language}"


def test_no_sentence_is_left_over() -> None:
    for language, texts in TEXTS.items():
        assert not texts.keys() - said(), f"unused in {language}"


def test_chinese_never_repeats_the_english() -> None:
    # The name of the other language is written in it, and so is a language's own name.
    same = [k for k, zh in TEXTS["zh"].items() if zh.strip() == TEXTS["en"][k].strip()]
    assert not same


def test_chinese_is_chinese_and_english_is_not() -> None:
    names = {"site.name", "site.other-language", "home.search-hint"}
    for key, zh in TEXTS["zh"].items():
        words = re.sub(r"\{[a-z]+\}", "", zh)
        if key not in names and any(c.isalpha() for c in words):
            assert re.search(r"[\u4e00-\u9fff]", zh), key
            assert not re.search(r"[\u4e00-\u9fff]", TEXTS["en"][key]), key


def test_both_languages_state_the_same_values() -> None:
    def values(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    for key, zh in TEXTS["zh"].items():
        assert values(zh) == values(TEXTS["en"][key]), key


def test_the_texts_are_in_one_order() -> None:
    assert list(TEXTS["zh"]) == list(TEXTS["en"])


def test_a_key_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError):
        wording("en")("no.such-key")


def test_no_template_has_a_sentence_of_its_own() -> None:
    for template in (FOLDER / "templates").glob("*.html"):
        text = template.read_text(encoding="utf-8")
        assert not re.search(r"[\u4e00-\u9fff]", re.sub(r'"[、]"', "", text)), template.name
        visible = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<[^>]*>", " ", text, flags=re.S)
        visible = re.sub(r'[a-z-]+="[^"]*"', " ", visible)
        assert not re.search(r"[A-Za-z]{2,}", visible), template.name


def test_scopes_that_pages_need_are_scopes_of_tokens() -> None:
    source = (FOLDER / "endpoints.py").read_text(encoding="utf-8")
    assert set(re.findall(r"Scope\.([A-Z_]+)", source)) <= set(Scope.__members__)
