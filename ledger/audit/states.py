"""Every state of a chain, complete: what any node names, and every block's state root, is there.

Nodes are named by their hash, so a state is complete when its root is there and whatever is named
by something that is there is there, too. That takes no walk through the states: all names are
collected on one pass over the stored nodes, sorted into files by their first byte, and each file's
names are looked for among the stored ones of that byte. Memory is a small share of the names.

Sources: Ethereum Yellow Paper, section 4.1 (accounts) and appendix D (nodes).
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from ledger.ethereum import EMPTY_CODE, EMPTY_ROOT, decode

_HASH: Final = 32
#: What RLP sets before a list of up to 255 bytes, of more, before 32 bytes, and for nothing.
_LONG_LIST, _LONGER_LIST, _CHILD, _NO_CHILD = 0xF8, 0xF9, 0xA0, 0x80
#: No value in a contract's storage is longer than this; an account always is.
_LONGEST_VALUE: Final = 33
#: So many bytes of names are kept before they are written.
_KEPT: Final = 1 << 22


class Names:
    """The names that were met, in files of the folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()
        self._buckets = [bytearray() for _ in range(256)]
        self._kept = 0

    def add_from(self, node: bytes) -> None:
        """Note what a node names; bytes that are none, as a contract's code, name nothing."""
        names = _children(node)
        for name in names:
            self._buckets[name[0]] += name
        self._kept += _HASH * len(names)
        if self._kept > _KEPT:
            self._write()

    def add_root(self, root: bytes) -> None:
        """Note a state's root."""
        if root != EMPTY_ROOT:
            self._buckets[root[0]] += root
            self._kept += _HASH

    def lacking(self, stored: Callable[[bytes, bytes | None], Iterator[bytes]]) -> Iterator[bytes]:
        """The names of which nothing is stored. ``stored`` gives the stored ones from one on and
        before another (None: to the end)."""
        self._write()
        for first in range(256):
            path = self._path(first)
            if not path.exists():
                continue
            raw = path.read_bytes()
            named = {raw[i : i + _HASH] for i in range(0, len(raw), _HASH)}
            following = bytes((first + 1,)) if first < 255 else None
            named.difference_update(stored(bytes((first,)), following))
            yield from sorted(named)

    def _path(self, first: int) -> Path:
        return self._folder / f"{first:02x}"

    def _write(self) -> None:
        for first, bucket in enumerate(self._buckets):
            if bucket:
                with self._path(first).open("ab") as file:
                    file.write(bucket)
                bucket.clear()
        self._kept = 0


def _children(raw: bytes) -> list[bytes]:
    """The hashes that a node names. Branches of hashes, nearly all there are, are read here: it is
    what an audit does most."""
    first = raw[0] if raw else 0
    at = 3 if first == _LONGER_LIST else 2 if first == _LONG_LIST else 1
    size, places, names = len(raw), 0, []
    while at < size:
        head = raw[at]
        if head == _CHILD:
            names.append(raw[at + 1 : at + 33])
            at += 33
        elif head == _NO_CHILD:
            at += 1
        else:
            break
        places += 1
    if places == 17 and at == size:
        return names
    try:
        return list(_named(decode(raw)))
    except (ValueError, TypeError, IndexError):
        return []


def _named(node: Any) -> Iterator[bytes]:
    if not isinstance(node, list):
        return
    if len(node) == 17:
        for child in node[:16]:
            yield from (child,) if isinstance(child, bytes) and child else _named(child)
    elif len(node) == 2 and isinstance(node[0], bytes) and node[0]:
        path, content = node
        if path[0] < 0x20:  # an extension
            yield from (content,) if isinstance(content, bytes) else _named(content)
        elif isinstance(content, bytes) and len(content) > _LONGEST_VALUE:
            _, _, storage, code = decode(content)
            yield from (n for n in (storage, code) if n not in (EMPTY_ROOT, EMPTY_CODE))
