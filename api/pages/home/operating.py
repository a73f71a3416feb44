"""How the service does, for whoever runs it: by the functions behind ``/health``, the audits and
the checkpoints. Of an audit it is told when it was and whether anything differed; what did, is for
auditors to read."""

from api.meta import service as meta
from api.pages import formats
from api.pages.audit.standing import Row, audited, checkpoint
from api.pages.lexicon import Lexicon
from ledger.errors import SuyuanError


def rows(lexicon: Lexicon) -> list[Row]:
    t = lexicon.t
    try:
        health = meta.health(lexicon.context)
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
    return [works, waiting, audited(lexicon), checkpoint(lexicon)]
