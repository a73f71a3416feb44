"""How long something took, or is ago, in the largest whole unit."""

from api.pages.wording import Wording


def age(t: Wording, seconds: int) -> str:
    """``3 hours``; from two of a unit on it is told in that unit."""
    if seconds >= 2 * 86400:
        return t.count("audit.age.days", seconds // 86400)
    if seconds >= 2 * 3600:
        return t.count("audit.age.hours", seconds // 3600)
    if seconds >= 2 * 60:
        return t.count("audit.age.minutes", seconds // 60)
    return t.count("audit.age.seconds", max(seconds, 0))
