"""What the guides say, in order; their sentences are in the catalogue ``guides``.

A step's picture is one of the pages as the tests see them (``tests/support/sights``), in each
language. ``scripts/guides`` makes them, and the tests fail when a page has changed since.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from api.pages import rendering
from api.pages.wording import Wording


@dataclass(frozen=True, slots=True)
class Step:
    """``name`` is the key of its heading; ``picture`` the sight that it shows, if any."""

    name: str
    picture: str = ""


GUIDES: Final[Mapping[str, tuple[Step, ...]]] = {
    "officer": (
        Step("find", "results-groups"),
        Step("stand", "supplier"),
        Step("ask"),
        Step("read", "verdict-do-not-buy"),
        Step("file"),
        Step("limits"),
    ),
    "auditor": (
        Step("trace", "batch-traced"),
        Step("clocks", "supplier-another-time"),
        Step("evidence", "verify-evidence"),
        Step("desk", "audit"),
        Step("log"),
    ),
    "reviewer": (
        Step("queue"),
        Step("compare", "review"),
        Step("decide"),
        Step("sign", "review-refusing"),
        Step("lost"),
    ),
    "supplier": (
        Step("see"),
        Step("submit", "submit"),
        Step("reply"),
        Step("goods"),
        Step("recall", "recall-campaign-store"),
    ),
    "operator": (
        Step("staff", "staff-inviting"),
        Step("out"),
        Step("run"),
        Step("backup"),
        Step("keys"),
    ),
}
#: Width and height of the pictures, in CSS pixels.
PICTURE: Final = (820, 540)


def picture_file(sight: str, language: str) -> str:
    """Where the picture of a sight stands among the static files."""
    return f"guides/{sight}-{language}.webp"


def contents(t: Wording) -> list[dict[str, str]]:
    """The guides with their titles and whom they are for."""
    return [
        {
            "path": f"/guides/{name}",
            "title": t.texts[f"guide.{name}.title"],
            "lead": t.texts[f"guide.{name}.lead"],
        }
        for name in GUIDES
    ]


def shown(t: Wording, name: str) -> dict[str, Any]:
    """One guide."""
    return {
        "title": t.texts[f"guide.{name}.title"],
        "lead": t.texts[f"guide.{name}.lead"],
        "steps": [
            {
                "name": step.name,
                "title": t.texts[f"guide.{name}.{step.name}"],
                "text": t.texts[f"guide.{name}.{step.name}-text"],
                "picture": rendering.static_url(picture_file(step.picture, t.language))
                if step.picture
                else "",
            }
            for step in GUIDES[name]
        ],
        "size": PICTURE,
        "others": [one for one in contents(t) if one["path"] != f"/guides/{name}"],
    }
