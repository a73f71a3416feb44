"""What evidence says, how it is checked, and what each field means.

Made from the schema and from the list of checks, so that no field, check or code is left out.
"""

from itertools import groupby
from typing import Any, Final

from api.pages.wording import Wording
from ledger.evidence.report import CHECKS, CODES, LIMITS, TITLES, Report, Texts
from ledger.evidence.schema import Explained, Part, parts, schema
from ledger.verdict_texts import Both

#: The plain forms of JSON, which have no explanation of their own.
_PLAIN: Final = frozenset({"string", "boolean", "object"})
#: The kinds of evidence, in the order of the schema.
KINDS: Final[tuple[str, ...]] = tuple(schema()["properties"]["kind"]["enum"])
#: The code that belongs to no check of its own.
NOT_REACHED: Final = "not-reached"
#: The check of a group of codes (what stands before the dot) where it has another name.
_CHECK_OF: Final = {
    "witness": "witnesses",
    "entry": "entries",
    "chain": "chains",
    "author": "authors",
    "absence": "known",
    "claim": "recomputed",
}


def shown(t: Wording) -> dict[str, Any]:
    """Kinds, checks with their codes, limits, and the parts of a bundle with their members, in the
    reader's language."""
    every = parts()
    return {
        "kinds": [kind_of(t, kind) for kind in KINDS],
        "checks": [
            {
                "number": number,
                "name": name,
                "title": _in(t, TITLES[name]),
                "holds": _in(t, holds),
                "groups": _groups(t, name),
                "codes": len(_codes(name)),
                "skipped": [_code(t, code) for code in _codes(name) if _skips(code)],
            }
            for number, (name, holds) in enumerate(CHECKS.items(), 1)
        ],
        "not_reached": _code(t, NOT_REACHED),
        "limits": [
            {"code": code, "text": _in(t, text), "kinds": _limited(t, code)}
            for code, text in LIMITS.items()
        ],
        "objects": [_part(t, part) for part in every if part.members],
        "forms": [_part(t, part) for part in every if not part.members],
    }


def kind_of(t: Wording, kind: str) -> dict[str, str]:
    """A kind is called what its claim is."""
    claim = next(part for part in parts() if part.name == f"claim-{kind}")
    return {
        "kind": kind,
        "anchor": claim.name,
        "title": _in(t, claim.title),
        "description": _in(t, claim.description),
    }


def group_of(code: str) -> str:
    """What stands before the dot: codes of one group call for the same."""
    return code.partition(".")[0]


def check_of(code: str) -> str:
    """The name of the check that gives the code."""
    group = group_of(code)
    return _CHECK_OF.get(group, group)


def advice(t: Wording, code: str) -> str:
    """What to do about a code that tells against the file."""
    return t.word("evidence.do", group_of(code))


def _groups(t: Wording, check: str) -> list[dict[str, Any]]:
    """The codes that tell against the file, group by group, with what the reader should do."""
    against = (code for code in _codes(check) if not _skips(code))
    return [
        {"codes": [_code(t, code) for code in group], "advice": t.word("evidence.do", name)}
        for name, group in groupby(against, group_of)
    ]


def _codes(check: str) -> list[str]:
    return [code for code in CODES if check_of(code) == check]


def _skips(code: str) -> bool:
    """Whether it says that there was nothing to check."""
    return code.endswith(".none")


def _code(t: Wording, code: str) -> dict[str, str]:
    return {"code": code, "text": _in(t, CODES[code])}


def _limited(t: Wording, limit: str) -> str:
    """The kinds that have the limit; empty where all have."""
    kinds = [kind for kind in KINDS if limit in Report(kind, ()).limits]
    separator = {"zh": "；", "en": "; "}[t.language]
    return "" if kinds == list(KINDS) else separator.join(kind_of(t, k)["title"] for k in kinds)


def _part(t: Wording, part: Part) -> dict[str, Any]:
    return {
        "anchor": part.name,
        "title": _in(t, part.title),
        "description": _in(t, part.description),
        "members": [_member(t, m) for m in part.members],
    }


def _member(t: Wording, m: Explained) -> dict[str, Any]:
    title = next((p.title for p in parts() if p.name == m.form), None)
    word = t.word("evidence.form", m.form) if m.form in _PLAIN else ""
    return {
        "name": m.name,
        "title": _in(t, m.title),
        "description": _in(t, m.description),
        "form": word if title is None else _in(t, title),
        "anchor": m.form if m.refers else "",
        "many": m.many,
        "optional": m.optional,
    }


def _in(t: Wording, text: Both | Texts) -> str:
    return (text.zh if t.language == "zh" else text.en).replace("`", "")
