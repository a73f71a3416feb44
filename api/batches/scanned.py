"""What a person types, pastes or scans to name a lot.

>>> scanned("(01)09520000000059(10)QL100-A")
LotName(id=b'', gtin='09520000000059', lot='QL100-A', maker=b'')
>>> scanned("https://id.gs1.org/01/09520000000059/10/QL100-A").lot
'QL100-A'
>>> scanned("QL100") is None
True
"""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

import biip

from ledger.errors import RequestError
from ledger.offer import LotName

#: Application identifiers of GS1 for the article and its batch or lot.
_ARTICLE: Final = "01"
_LOT: Final = "10"
#: Element strings as they are printed under a bar code. A lot number may hold brackets itself; only
#: two to four digits in them are an identifier.
_PRINTED: Final = re.compile(r"\(([0-9]{2,4})\)(.*?)(?=\([0-9]{2,4}\)|$)")
#: How a scanner says which kind of bar code it read (ISO/IEC 15424).
_SYMBOLOGY: Final = re.compile(r"\](C1|d2|Q3|e0|J1)")


def scanned(text: str) -> LotName | None:
    """The lot that a text names whole: ``GTIN:LOT``, an id, what is printed under a bar code, what
    a scanner types of it, or a GS1 Digital Link. None where it is none of these, and may be (the
    beginning of) a lot number.

    :class:`RequestError` names ``find`` where it says what it is, and is wrong.
    """
    plain = text.strip()
    if plain.startswith("0x") or (":" in plain.replace("：", ":") and "//" not in plain):
        return LotName.read(plain, 0)
    printed = _PRINTED.findall(plain) if plain.startswith("(") else []
    if printed:
        return _of((identifier, value.strip()) for identifier, value in printed)
    coded = _SYMBOLOGY.match(plain) or re.match(r"01[0-9]{14}", plain)
    if coded or urlsplit(plain).scheme in ("http", "https"):
        try:
            found = biip.parse(plain)
        except biip.ParseError:
            raise _unread() from None
        read = found.gs1_message or found.gs1_digital_link_uri
        return _of((e.ai.ai, e.value) for e in (read.element_strings if read else ()))
    return None


def _of(elements: Iterable[tuple[str, str]]) -> LotName:
    found = dict(elements)
    if _LOT not in found:
        raise _unread()
    return LotName(gtin=found.get(_ARTICLE, ""), lot=found[_LOT])


def _unread() -> RequestError:
    return RequestError(
        "find: no lot number, (10), can be read in it",
        message_zh="find：其中读不出批号（10）",
        field="find",
        code="lots.scan",
    )
