"""How the service does, for whoever runs it: by the functions behind ``/health``, the audits and
the checkpoints. Of an audit it is told when it was and whether anything differed; what did, is for
auditors to read."""

from dataclasses import dataclass

from api.audits import service as audits
from api.context import Context
from api.meta import service as meta
from api.pages import formats
from api.pages.lexicon import Lexicon
from ledger.errors import SuyuanError


@dataclass(frozen=True)
class Row:
    """``state`` is the name of a shape, ``word`` what goes with it, ``note`` a sentence more."""

    area: str
    state: str
    word: str
    note: str


def rows(lexicon: Lexicon) -> list[Row]:
    t, context = lexicon.t, lexicon.context
    try:
        health = meta.health(context)
    except SuyuanError as error:
        # Where the database does not answer, nothing else is known.
        note = t.word_or("health", error.code, error.code)
        return [Row(t("service.works"), "invalid", t("service.trouble"), note)]
    separator = {"zh": "；", "en": "; "}[t.language]
    works = Row(
        t("service.works"),
        "invalid" if health.reasons else "valid",
        t("service.trouble") if health.reasons else t("service.fine"),
        separator.join(t.word_or("health", reason, reason) for reason in health.reasons),
    )
    waits = health.queued or health.under_way
    waiting = Row(
        t("service.waiting"),
        "skipped" if waits else "valid",
        t("service.waits") if waits else t("service.nothing-waits"),
        t(
            "service.amounts",
            queued=formats.number(health.queued),
            under=formats.number(health.under_way),
            entries=formats.number(health.ledger.position),
        ),
    )
    return [works, waiting, _audited(context, lexicon), _checkpoint(context, lexicon)]


def _audited(context: Context, lexicon: Lexicon) -> Row:
    t, found = lexicon.t, audits.runs(context)
    area = t("audit.last-audit")
    if found.age == "never":
        return Row(area, "unknown", t("audit.last-audit.never"), t("audit.last-audit.never-why"))
    newest = found.runs[0]
    note = t("audit.last-audit.when", when=lexicon.instant(newest.ended))
    if newest.result == "differs":
        return Row(area, "invalid", t("audit.last-audit.differs"), note)
    if found.age == "old":
        return Row(area, "unknown", t("audit.last-audit.old"), note)
    if newest.not_checked:
        return Row(area, "unknown", t("audit.result.partly"), note)
    return Row(area, "valid", t("audit.last-audit.same"), note)


def _checkpoint(context: Context, lexicon: Lexicon) -> Row:
    t, newest = lexicon.t, context.workspace.store.checkpoints.latest()
    area = t("audit.newest-checkpoint")
    if newest is None:
        return Row(area, "unknown", t("audit.checkpoint.none"), "")
    size, when = formats.number(newest.size), lexicon.instant(newest.made_at)
    note = t("audit.checkpoint.size", size=size, when=when)
    if newest.checkpoint.witnesses:
        return Row(area, "valid", t("audit.checkpoint.witnessed"), note)
    return Row(area, "unknown", t("audit.checkpoint.alone"), note)
