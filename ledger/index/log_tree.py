"""The log as a tree in the index: the paths of which evidence is made.

Rules this module keeps:

* A path costs a few look-ups however long the log is: the leaves stand in the entries, the roots of
  complete subtrees at every fourth level in a table of their own, and what lies between is computed
  from sixteen neighbours at a time.
* A complete subtree never changes, so what was computed of it is kept.
"""

from typing import Final

from ledger.errors import EvidenceError
from ledger.index.reader import Reader
from ledger.merkle import (
    KEPT_LEVELS,
    consistency_path,
    inclusion_path,
    log_root,
    node_hash,
)

#: Neighbours that are read at once: those with one root at the next level that is kept.
_WIDTH: Final = 1 << KEPT_LEVELS
#: Groups of neighbours kept ready; about 2.5 kB each.
_KEPT: Final = 8_192

_LEAVES: Final = (
    'SELECT "sequence", "leaf" FROM "entry" WHERE "sequence" >= ? AND "sequence" < ?'
    ' ORDER BY "sequence"'
)
_NODES: Final = (
    'SELECT "number", "hash" FROM "log_node" WHERE "number" >= ? AND "number" < ? AND "level" = ?'
    ' ORDER BY "number"'
)

#: Sixteen neighbours and the complete subtrees above them, level by level, as far as there are.
_Group = tuple[tuple[bytes, ...], ...]


class LogTree:
    """Proofs over the log as the index has it. Safe to use from several threads.

    ``ValueError`` for a size beyond the entries that were read; ``EvidenceError`` where the index
    has lost some of them.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._groups: dict[tuple[int, int], _Group] = {}
        place = "?" if reader.is_sqlite else "%s"
        self._leaves, self._nodes = (s.replace("?", place) for s in (_LEAVES, _NODES))

    def root(self, size: int) -> bytes:
        """The root of the first ``size`` entries."""
        return log_root(size, self.node)

    def inclusion(self, sequence: int, size: int) -> bytes:
        """The path from the leaf of entry ``sequence`` to the root of the first ``size`` entries
        (RFC 6962, section 2.1.1)."""
        return inclusion_path(sequence, size, self.node)

    def consistency(self, old: int, new: int) -> bytes:
        """The path that shows that the first ``new`` entries begin with the first ``old``
        (RFC 6962, section 2.1.2)."""
        return consistency_path(old, new, self.node)

    def node(self, level: int, number: int) -> bytes:
        """The root of a complete subtree, as :data:`ledger.merkle.NodeReader`."""
        above = level % KEPT_LEVELS
        width = KEPT_LEVELS - above
        key = level - above, number >> width
        place = number & (1 << width) - 1
        group = self._groups.get(key)
        if group is None or place >= len(group[above]):
            # What was kept of the log's right edge may have grown since.
            group = self._groups[key] = self._read(*key)
            if place >= len(group[above]):
                raise ValueError(f"the log has no complete subtree {number} at level {level} yet")
            if len(self._groups) > _KEPT:
                self._groups = {}
        return group[above][place]

    def _read(self, level: int, number: int) -> _Group:
        first = number * _WIDTH
        if level:
            rows = self._reader.tuples(self._nodes, (first, first + _WIDTH, level))
        else:
            rows = self._reader.tuples(self._leaves, (first, first + _WIDTH))
        if [row[0] for row in rows] != list(range(first, first + len(rows))):
            raise EvidenceError("the index has lost entries: audit it", code="index.damaged")
        found = [tuple([bytes(row[1]) for row in rows])]
        for _ in range(KEPT_LEVELS - 1):
            below = found[-1]
            pairs = zip(below[::2], below[1::2], strict=False)
            found.append(tuple([node_hash(left, right) for left, right in pairs]))
        return tuple(found)
