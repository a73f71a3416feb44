"""Checkpoints, who countersigned them and who did not, and the anchors to read out."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final

from fastapi import Request

from api.checkpoints import service
from api.checkpoints.schemas import CheckpointBody
from api.context import Context
from api.pages import formats
from api.pages.audit.ages import age
from api.pages.lexicon import Lexicon, Named
from ledger.evidence.fingerprint import fingerprint

PAGE: Final = 20


def shown(request: Request, before: int | None) -> dict[str, Any]:
    """A page of checkpoints, by the function of ``GET /v1/checkpoints``."""
    context, lexicon = Context.of(request), Lexicon.of(request)
    # One more than is shown: how much the log had grown since the one before.
    page = service.page(context, PAGE + 1, before)
    every = page.checkpoints
    accounts = {str(w["account"]) for c in every for w in c.checkpoint["witnesses"]}
    names = _organisations(context, lexicon, accounts)
    older = [(c, b) for c, b in pairwise([*every, None]) if c is not None]
    rows = [_row(lexicon, names, c, b) for c, b in older[:PAGE]]
    return {
        "rows": rows,
        "next": every[PAGE - 1].block if len(every) > PAGE else None,
        "before": before,
        "groups": fingerprint(context.workspace.checkpoints.anchors()).split(),
    }


def _row(
    lexicon: Lexicon,
    names: Mapping[str, Named],
    checkpoint: CheckpointBody,
    before: CheckpointBody | None,
) -> dict[str, Any]:
    t = lexicon.t
    grown = None if before is None else checkpoint.size - before.size
    return {
        "block": checkpoint.block,
        "size": checkpoint.size,
        "made_at": checkpoint.made_at,
        "made": lexicon.instant(checkpoint.made_at),
        "grown": "" if not grown else t("audit.grown", count=formats.number(grown)),
        "option": t(
            "audit.growth-option",
            size=formats.number(checkpoint.size),
            # Without its zone, which the page tells of all times: a line of a choice is short.
            when=lexicon.instant(checkpoint.made_at).partition("\N{NO-BREAK SPACE}")[0],
        ),
        "witnesses": [
            {
                "by": names[w["account"]],
                "when": t(
                    "audit.witness-age",
                    when=lexicon.instant(w["witnessed_at"]),
                    age=age(t, w["witnessed_at"] - checkpoint.made_at),
                ),
            }
            for w in checkpoint.checkpoint["witnesses"]
        ],
    }


def _organisations(context: Context, lexicon: Lexicon, accounts: set[str]) -> dict[str, Named]:
    """Whose these accounts are; an account that the ledger does not know is called by itself."""
    found = {a: context.workspace.index.account(bytes.fromhex(a[2:])) for a in accounts}
    names = lexicon.organisations([record.organisation for record in found.values() if record])
    return {
        a: Named("", "", "", a) if record is None else names["0x" + record.organisation.hex()]
        for a, record in found.items()
    }
