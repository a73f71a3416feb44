"""What each field of evidence means: made from the schema, so that none is left out."""

from typing import Any, Final

from api.pages.wording import Wording
from ledger.evidence.schema import Explained, Part, parts
from ledger.verdict_texts import Both

#: The plain forms of JSON, which have no explanation of their own.
_PLAIN: Final = frozenset({"string", "boolean", "object"})


def shown(t: Wording) -> dict[str, Any]:
    """The parts of a bundle with their members, in the reader's language."""
    every = parts()
    return {
        "objects": [_part(t, part) for part in every if part.members],
        "forms": [_part(t, part) for part in every if not part.members],
    }


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


def _in(t: Wording, text: Both) -> str:
    return (text.zh if t.language == "zh" else text.en).replace("`", "")
