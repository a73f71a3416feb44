"""How the service stands: its audits, its checkpoints, what is open."""

from dataclasses import dataclass

from api.alarms import service as alarms
from api.audits import service as audits
from api.pages import formats
from api.pages.lexicon import Lexicon


@dataclass(frozen=True)
class Row:
    """``state`` is the name of a shape, ``word`` what goes with it, ``note`` a sentence more;
    ``href`` is the page where auditors read on."""

    area: str
    state: str
    word: str
    note: str = ""
    href: str = ""


def standing(lexicon: Lexicon) -> list[Row]:
    """What an auditor looks at first."""
    return [audited(lexicon), checkpoint(lexicon), _alarms(lexicon), _keys(lexicon)]


def audited(lexicon: Lexicon) -> Row:
    """When the last audit was that is kept, and whether anything differed."""
    t, found = lexicon.t, audits.runs(lexicon.context)
    area, href = t("audit.last-audit"), "/audit/runs"
    if found.age == "never":
        return Row(area, "unknown", t("audit.last-audit.never"), t("audit.runs-never"), href)
    newest = found.runs[0]
    note = t("audit.last-audit.when", when=lexicon.instant(newest.ended))
    if newest.result == "differs":
        state, word = "invalid", t("audit.last-audit.differs")
    elif found.age == "old":
        state, word = "unknown", t("audit.last-audit.old")
    elif newest.not_checked:
        state, word = "unknown", t("audit.result.partly")
    else:
        state, word = "valid", t("audit.last-audit.same")
    return Row(area, state, word, note, href)


def checkpoint(lexicon: Lexicon) -> Row:
    """The newest checkpoint, and whether anybody countersigned it."""
    t, newest = lexicon.t, lexicon.context.workspace.store.checkpoints.latest()
    area, href = t("audit.newest-checkpoint"), "/audit/checkpoints"
    if newest is None:
        return Row(area, "unknown", t("audit.checkpoint.none"), "", href)
    size, when = formats.number(newest.size), lexicon.instant(newest.made_at)
    note = t("audit.checkpoint.size", size=size, when=when)
    if newest.checkpoint.witnesses:
        return Row(area, "valid", t("audit.checkpoint.witnessed"), note, href)
    return Row(area, "unknown", t("audit.checkpoint.alone"), note, href)


def _alarms(lexicon: Lexicon) -> Row:
    t, found = lexicon.t, alarms.open_alarms(lexicon.context)
    area, href = t("audit.open-alarms"), "/audit/alarms"
    note = "" if found.complete else t("audit.incomplete")
    if found.alarms:
        word = t.count("audit.alarms.some", len(found.alarms))
        return Row(area, "invalid", word, note, href)
    state = "valid" if found.complete else "unknown"
    return Row(area, state, t("audit.alarms.none"), note, href)


def _keys(lexicon: Lexicon) -> Row:
    t, found = lexicon.t, alarms.compromises(lexicon.context).compromises
    area, href = t("audit.bad-keys"), "/audit/alarms#keys"
    if found:
        return Row(area, "invalid", t.count("audit.keys.some", len(found)), "", href)
    return Row(area, "valid", t("audit.keys.none"), "", href)
