"""What everybody sees who looks at a record, or stands outside."""

from typing import Final

from tests.support.sights.sight import Sight, visit

SIGHTS: Final[dict[str, Sight]] = {
    "entry": Sight(visit("/entries/70")),
    "entry-of-a-batch": Sight(visit("/entries/175")),
    "evidence": Sight(visit("/evidence")),
    "failure": Sight(visit("/suppliers/0x" + "5a" * 20)),
}
