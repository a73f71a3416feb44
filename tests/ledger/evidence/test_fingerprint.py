"""What is read out over the telephone to compare two anchors files."""

import re
from dataclasses import replace

from ledger.evidence.anchors import PinnedCheckpoint
from ledger.evidence.fingerprint import fingerprint
from tests.support.evidence import STRANGER, EvidenceWorld


def test_it_is_eight_groups_of_four_digits(world: EvidenceWorld) -> None:
    assert re.fullmatch(r"([0-9a-f]{4} ){7}[0-9a-f]{4}", fingerprint(world.anchors()))


def test_it_stays_while_checkpoints_are_pinned(world: EvidenceWorld) -> None:
    pinned = PinnedCheckpoint(1, bytes(32), bytes(32))
    grown = replace(world.anchors(), checkpoints=(pinned,))
    assert fingerprint(grown) == fingerprint(world.anchors())


def test_it_changes_with_whatever_else_is_trusted(world: EvidenceWorld) -> None:
    anchors = world.anchors()
    others = [
        replace(anchors, chain_id=anchors.chain_id + 1),
        replace(anchors, receipts=(STRANGER.address,)),
        replace(anchors, policies=anchors.policies[1:] or ({"version": "other"},)),
        replace(anchors, founding=replace(anchors.founding, name_zh="另一机构")),
    ]
    assert len({fingerprint(a) for a in (anchors, *others)}) == 5
