"""What a person types, pastes or scans to name a lot.

>>> scanned("(01)09520000000059(10)QL100-A")
LotName(id=b'', gtin='09520000000059', lot='QL100-A', maker=b'')
>>> scanned("https://id.gs1.org/01/09520000000059/10/QL100-A").lot
'QL100-A'
>>> scanned("QL100") is None
True
"""

from api.search.understanding import Form, understand
from ledger.errors import RequestError
from ledger.offer import LotName


def scanned(text: str) -> LotName | None:
    """The lot that a text names whole: ``GTIN:LOT``, an id, what is printed under a bar code, what
    a scanner types of it, or a GS1 Digital Link. None where it is none of these, and may be (the
    beginning of) a lot number.

    :class:`RequestError` where it says what it is, and is wrong or names no lot.
    """
    plain = text.strip()
    meant = understand(plain)
    if meant.form in (Form.WORDS, Form.CODE):
        # Typed, not scanned: goods without a GTIN and makers are named so, too.
        names = plain.startswith("0x") or ":" in plain.replace("：", ":")
        return LotName.read(plain, 0) if names else None
    if meant.faults:
        fault = meant.faults[0]
        raise RequestError(fault.en, message_zh=fault.zh, field="find", code=fault.code)
    if not meant.lot:
        raise RequestError(
            "find: no lot number, (10), can be read in it",
            message_zh="find：其中读不出批号（10）",
            field="find",
            code="lots.scan",
        )
    return LotName(gtin=meant.gtin, lot=meant.lot)
