"""Every sentence of the pages exists in both languages, is said somewhere, and is translated."""

import re
from collections import Counter
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

from api import pages
from api.access import CallerRole, Scope, Visibility
from api.accounts.dependents import DependentEntry
from api.attention.schemas import CODES as CODES_OF_ATTENTION
from api.language import Language
from api.pages.evidence.shown import NOT_REACHED, group_of
from api.pages.formats import MEASURES
from api.pages.guides.shown import GUIDES
from api.pages.navigation import _PLACES
from api.pages.public.shown import LOOKS
from api.pages.suppliers.timeline import EVERY_LOOK
from api.pages.verdicts.told import GROUPS as VERDICT_GROUPS
from api.pages.verify.shown import HEADS as DOCUMENT_HEADS
from api.pages.wording import catalogues, wording
from api.reviews.schemas import Obstacle, Queue
from ledger import catalogue
from ledger.evidence.report import CODES
from ledger.index.terms import TermField
from ledger.policy import Weight
from ledger.provenance.assurance import Assurance
from ledger.provenance.texts import FINDINGS
from ledger.provenance.tracing import Direction
from ledger.registers import REGISTERS
from ledger.standing import Result, Status, Why
from ledger.typed_data import ACTIONS
from ledger.verdict import Answer
from ledger.vocabulary import AccountState, Clock, InspectionResult, OrganisationStatus, Role, Way

FOLDER = Path(pages.__file__).parent
SOURCES = [*FOLDER.rglob("*.py"), *(FOLDER / "templates").rglob("*.html")]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
#: Every form of every sentence, by language: a sentence that counts has one for one and one for
#: more in English, and one form in Chinese.
FORMS = {
    language: {
        **{key: (text,) for key, text in wording(language).texts.items()},
        **wording(language).counted,
    }
    for language in LANGUAGES
}
TEXTS = {
    language: {key: forms[-1] for key, forms in found.items()} for language, found in FORMS.items()
}
#: What stands in the access log.
ACCESSES = [
    *("sign-in", "sign-out", "sign-in.failed", "sign-in.unknown", "session.end"),
    *("password.change", "invitation.use"),
    *("staff.create", "staff.invite", "staff.disable", "staff.role"),
    *("token.create", "token.revoke", "document.read", "dependents.read", "audit.checked"),
    *("verdict.read", "verdict.recomputed", "verdict.evidence-taken"),
    *("batch.custody-read", "batch.scope-read", "batch.evidence-taken"),
]
#: The closed sets that have a word for each member, by family.
FAILURES = ["form", "forbidden", "nowhere", "not-found", "address", "wait", "broken", "mend"]
FAMILIES = {
    "failure.title": FAILURES,
    "failure.next": FAILURES,
    "failure.lead": ["nowhere", "address", "broken"],
    "sign-in.ended": ["page", "form"],
    "staff.done": ["disabled", "role"],
    "result": [r.value for r in Result],
    "status": [s.value for s in Status],
    "weight": [w.value for w in Weight],
    "clock": [c.value for c in Clock],
    "found": [f.name.lower() for f in TermField],
    "found.group": ["suppliers", "batches", "units", "certificates", "verdicts"],
    "found.unit": ["packed", "under-way", "taken-apart"],
    "attention": list(CODES_OF_ATTENTION),
    "attention.about": list(CODES_OF_ATTENTION),
    "attention.tone": ["now", "soon", "open"],
    "organisation": [s.name.lower() for s in OrganisationStatus if s],
    "role": [str(r.name).lower() for r in Role],
    "action": list(ACTIONS),
    "field": sorted({f.name for a in ACTIONS.values() for f in a.fields}),
    "verify.result": ["valid", "invalid", "unknown"],
    "verify.means": ["valid", "invalid", "unknown"],
    "verify.direction": [d.value for d in Direction],
    "verify.document": list(DOCUMENT_HEADS),
    "verify.document.means": list(DOCUMENT_HEADS),
    "verify.document.what": ["qualification", "report", "publication"],
    "verify.document.report": [r.name.lower() for r in InspectionResult],
    "verify.fault": ["none", "evidence-too-large"],
    "audit.fault": [
        "no-supplier",
        "many-suppliers",
        "no-batch",
        "many-batches",
        "no-qualification",
        "many-qualifications",
        "no-verdict",
        "no-entry",
        "no-day",
        "future",
    ],
    "audit.place": [
        "asof",
        "compare",
        "evidence",
        "checkpoints",
        "runs",
        "alarms",
        "accesses",
    ],
    "audit.account": [s.name.lower() for s in AccountState if s],
    "audit.alarm": ["document", "number"],
    "audit.because": list(get_args(DependentEntry.model_fields["because"].annotation)),
    "audit.compare-alarm": ["open", "closed"],
    "qualification.way": [w.name.lower() for w in Way if w],
    "qualification.why": [w.value for w in Why],
    "caller": [r.value for r in CallerRole],
    "caller.does": [r.value for r in CallerRole],
    "invitation.state": ["used", "replaced", "expired", "unknown"],
    "staff.is": ["invited", "active", "disabled"],
    "staff.means": ["invited", "active", "disabled"],
    "staff.link": ["open", "used", "replaced", "expired"],
    "tokens.is": ["active", "expired", "revoked"],
    "verdict.meaning": [a.value for a in Answer],
    "verdict.decisive": [a.value for a in Answer],
    "verdict.result": [r.value for r in Result],
    "verdict.group": [word for word, _, _ in VERDICT_GROUPS],
    "verdict.mark": ["document", "number", "report"],
    "recall.state": ["overdue", "open", "unseen", "nobody", "done", "released", "uncounted"],
    "lot.stopped": ["recall", "hold"],
    "recall.answer": ["overdue", "open", "differs", "under-way", "agrees"],
    "link.decided": ["same", "different"],
    "link.says": ["same", "different"],
    "timeline.look": list(EVERY_LOOK),
    "timeline.mark": ["today", "chosen", "delivery"],
    "way": [w.name.lower() for w in Way if w],
    "review.queue": [q.value for q in Queue],
    "review.do": ["verify", "edit", "publish"],
    "review.step": ["submit", "verify", "edit", "publish", "refuse"],
    "review.title": ["verify", "edit", "publish", "refuse"],
    "review.means": ["verify", "edit", "publish"],
    "review.accept": ["verify", "edit", "publish"],
    "review.obstacle": list(get_args(Obstacle)),
    "review.same": ["number", "document", "report"],
    "submit.visibility": [v.value for v in Visibility],
    "outcome.stand": ["recorded", "refused", "waiting", "unknown"],
    "mark": sorted(FINDINGS),
    "assurance": [a.value for a in Assurance],
    "assurance.meaning": [a.value for a in Assurance],
    "withheld": [
        *("lots", "edges", "links", "marks", "actors", "findings"),
        *("custodians", "under_way", "units", "hops"),
    ],
    "stock": [
        *("on_hand", "in_units", "under_way_from", "under_way_to"),
        *("used", "dispensed", "destroyed", "lost"),
    ],
    **{family: list(LOOKS) for family in ("box", "box.meaning")},
    **{family: list(LOOKS) for family in ("box.first", "box.second", "box.third")},
    "purpose": ["ordinary", "return", "quarantine"],
    "evidence.form": ["string", "boolean", "object"],
    "evidence.section": ["kinds", "trust", "checks", "limits", "fields"],
    "evidence.do": sorted({group_of(code) for code in CODES} - {NOT_REACHED}),
}
#: The same for sets to which the ledger may add.
OPEN_FAMILIES = {
    "access": ACCESSES,
    "identifier": ["uscc", "gln", "lei"],
    "ai": ["00", "01", "10", "11", "13", "15", "17", "21", "30", "37"],
    "health": [
        *("relay.slow", "relay.full", "internal"),
        *("chain.unavailable", "database.unavailable"),
    ],
    "register": sorted(REGISTERS),
}


def said() -> set[str]:
    """The keys that templates and modules look up, those of families included."""
    found: set[str] = set()
    for source in SOURCES:
        text = source.read_text(encoding="utf-8")
        found.update(re.findall(r"""\bt(?:\.count)?\(\s*["']([a-z0-9.-]+)["']""", text))
        found.update(
            re.findall(r"""\bwording\([^()]*(?:\([^()]*\))?\)\(["']([a-z0-9.-]+)["']""", text)
        )
        for family in re.findall(r"""\.word\(\s*["']([a-z.-]+)["']""", text):
            found.update(f"{family}.{member}" for member in FAMILIES[family])
        for family in re.findall(r"""\.word_or\(\s*["']([a-z.-]+)["']""", text):
            found.update(f"{family}.{member}" for member in OPEN_FAMILIES[family])
    found.update(name for _, name, _ in _PLACES)
    found.update(f"unit.{code}" for code in catalogue.load().units if code not in MEASURES)
    for guide, steps in GUIDES.items():
        found.update(f"guide.{guide}.{part}" for part in ("title", "lead"))
        found.update(f"guide.{guide}.{s.name}{part}" for s in steps for part in ("", "-text"))
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


def test_both_catalogues_of_a_family_have_the_same_sentences_in_one_order() -> None:
    zh, en = (
        {family: [m.id for m in found] for family, found in catalogues(language).items()}
        for language in LANGUAGES
    )
    assert zh == en


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_empty_doubtful_or_said_by_two_families(language: Language) -> None:
    every = [m for found in catalogues(language).values() for m in found if m.id]
    for message in every:
        forms = [message.string] if isinstance(message.string, str) else message.string
        assert forms, message.id
        assert all(form.strip() for form in forms), message.id
        assert not message.fuzzy, message.id
    assert not [key for key, n in Counter(str(m.id) for m in every).items() if n > 1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_counts_has_the_plural_forms_of_its_language(language: Language) -> None:
    for key, forms in wording(language).counted.items():
        assert len(forms) == {"zh": 1, "en": 2}[language], key
        assert "{count}" in forms[-1], key


def test_a_key_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError):
        wording("en")("no.such-key")


def test_no_template_has_a_sentence_of_its_own() -> None:
    for template in (FOLDER / "templates").rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        assert not re.search(r"[\u4e00-\u9fff]", re.sub(r'"[、]"', "", text)), template.name
        visible = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<[^>]*>", " ", text, flags=re.S)
        visible = re.sub(r'[a-z-]+="[^"]*"', " ", visible)
        assert not re.search(r"[A-Za-z]{2,}", visible), template.name


def test_scopes_that_pages_need_are_scopes_of_tokens() -> None:
    source = (FOLDER / "readers.py").read_text(encoding="utf-8")
    assert set(re.findall(r"Scope\.([A-Z_]+)", source)) <= set(Scope.__members__)
