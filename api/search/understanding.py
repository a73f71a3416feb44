"""What somebody means who types, pastes or scans something into the one search field.

Rules this module keeps:

* Nothing is looked up here: the same text is always understood in the same way.
* A text is a link to a page of this service, a GS1 Digital Link (of any host), what a barcode
  scanner types, a code by itself, or else words. What looks like a code and is none stays words,
  too, so that it is searched for, and :class:`Fault` says what is wrong with it.
* A wrong check digit is never mended silently.

>>> understand("]d201095200000000591724123110QL100-A").lot
'QL100-A'
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from biip import ParseConfig, ParseError
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from biip.gs1_element_strings import GS1ElementString
from biip.gs1_messages import GS1Message

from ledger import identifiers
from ledger.errors import RequestError
from ledger.identifiers import Identifier

#: Longest text that is taken, in characters: links with many parameters are long.
MAX_TYPED: Final = 2_000

#: How scanners that are keyboards write the separator FNC1, besides the character itself.
_SEPARATOR: Final = re.compile(r"\u241d|[<{\[](?:GS|FNC1)[>}\]]", re.IGNORECASE)
_GS: Final = "\x1d"
_SYMBOLOGY: Final = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_URL: Final = re.compile(
    r"(?:https?:)?//\S|/|(?:[\w-]+\.)+[a-z]{2,}(?::\d+)?/|localhost(?::\d+)?/", re.IGNORECASE
)
#: A page of this service (or its JSON) that is about one thing, and how much its path holds.
_PAGE: Final = re.compile(
    r"(?:/v1)?/(?P<family>suppliers/0x[0-9a-f]{40}|entries/[0-9]{1,15}"
    r"|(?:verdicts|batches|reviews|recalls|qualifications)/0x[0-9a-f]{64})(?:/.*)?",
    re.IGNORECASE,
)
_HEX: Final = re.compile(r"0x(?:[0-9a-f]{64}|[0-9a-f]{40})", re.IGNORECASE)
#: The names that early Digital Links had for identifiers.
_NAMES: Final = {"gtin": "01", "cpv": "22", "lot": "10", "ser": "21", "sscc": "00"}
_NAMED_LOT: Final = re.compile(r"(?P<gtin>[0-9]{8}|[0-9]{12,14}) ?: ?(?P<lot>[!-~]{1,20})")
_BEGINS_AS_SCAN: Final = re.compile(r"01[0-9]{14}|00[0-9]{18}$")
#: Anything that GS1 lets stand in a lot number (its character set 82).
_LOT: Final = re.compile(r"[!\"%&'()*+,./0-9:;<=>?A-Z_a-z-]{1,20}")
#: Who registers a legal person, and of which kind it is: how a credit code begins.
_CREDIT: Final = re.compile("1[1239]|21|29|3[1-59]|[468][19]|5[1-49]|[67]2|9[123]|A[19]|N[1239]|Y1")
_CONFIG: Final = ParseConfig(gs1_element_strings_verify_date=False)
_SSCC_LENGTH: Final = 18


class Form(StrEnum):
    """What was typed."""

    PAGE = "page"
    LINK = "link"
    SCAN = "scan"
    CODE = "code"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Element:
    """An element string of GS1: the application identifier, its value, and what is in it if that
    is a day (YYYY-MM-DD)."""

    ai: str
    value: str
    day: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with what was typed: a stable code, and a sentence in both languages."""

    code: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Understood:
    """What was meant. ``words`` is what to look for as it was typed, "" where a code says all.

    ``path``: a page of this service. ``gtin`` has 14 digits and ``sscc`` 18, right check digits
    included; ``lot`` is a whole lot number, ``beginning`` what may be the beginning of one.
    ``identifiers`` name organisations; ``digest`` is an id or a hash of the ledger.
    """

    form: Form
    words: str = ""
    path: str = ""
    gtin: str = ""
    lot: str = ""
    sscc: str = ""
    beginning: str = ""
    identifiers: tuple[Identifier, ...] = ()
    digest: bytes = b""
    elements: tuple[Element, ...] = ()
    faults: tuple[Fault, ...] = ()


def understand(typed: str) -> Understood:
    """What the text means. Control characters other than the separator count as spaces."""
    text = _SEPARATOR.sub(_GS, unicodedata.normalize("NFKC", typed[:MAX_TYPED]))
    text = "".join(c if c == _GS or unicodedata.category(c) != "Cc" else " " for c in text)
    text = text.strip(" ")
    symbology = _SYMBOLOGY.match(text)
    scanned = text[symbology.end() :] if symbology else text
    if _URL.match(scanned):
        found = _url(scanned.strip(_GS).strip())
        if found is not None:
            return found
    # An EAN or UPC symbol holds its digits only.
    digits_only = symbology is not None and symbology[0][1] == "E"
    elements = (
        [] if digits_only else _scanned(scanned, is_scan=symbology is not None or _GS in text)
    )
    if elements:
        return _of_elements(Form.SCAN, elements)
    plain = " ".join((scanned if symbology else text).replace(_GS, " ").split())
    return _code(plain) or Understood(
        Form.WORDS, plain, beginning=_beginning(plain), faults=tuple(_mistakes(plain))
    )


# ------------------------------------------------------------------------------------ links


def _url(text: str) -> Understood | None:
    """The page or the Digital Link that the address is; None for any other."""
    whole = text if "//" in text.partition("?")[0] else "//" + text.removeprefix("/")
    if text.startswith("/") and not text.startswith("//"):
        whole = "//here" + text
    try:
        parts = urlsplit(whole)
    except ValueError:  # a host that is none
        return None
    page = _PAGE.fullmatch(unquote(parts.path))
    if page:
        return Understood(Form.PAGE, path="/" + page["family"].lower())
    segments = [_NAMES.get(s.casefold(), s) for s in parts.path.split("/")]
    begins = next((i for i, s in enumerate(segments[:-1]) if s in ("01", "00")), None)
    if begins is None:
        return None
    tail = "/".join(segments[begins:]).rstrip("/")
    query = f"?{parts.query}" if parts.query else ""
    try:
        link = GS1DigitalLinkURI.parse(f"https://host/{tail}{query}", config=_CONFIG)
        return _of_elements(Form.LINK, _elements(link.element_strings))
    except ParseError:
        # Something in it is not as GS1 has it: what names the goods may yet be read.
        pairs = [unquote(s) for s in tail.split("/")]
        stated = [*zip(pairs[::2], pairs[1::2], strict=False), *parse_qsl(parts.query)]
        elements = [Element(ai, value) for ai, value in stated if ai in ("00", "01", "10", "21")]
        return _of_elements(Form.LINK, elements) if elements else None


# ------------------------------------------------------------------------------------ scans


def _scanned(text: str, *, is_scan: bool) -> list[Element]:
    """The element strings of what a scanner typed, or of what is printed under a barcode; none
    where it is something else."""
    if text.startswith("(") and re.match(r"\( ?[0-9]{2,4} ?\)", text):
        return _printed(text)
    if not is_scan and not _BEGINS_AS_SCAN.match(text):
        return []
    try:
        read = _elements(GS1Message.parse(text.lstrip(_GS), config=_CONFIG).element_strings)
    except ParseError:
        return _first_parts(text.lstrip(_GS))
    if not is_scan and len(read) == 1 and _wrong_digit(read[0].value):
        return []  # sixteen digits that are no GTIN are a number of some other kind
    return read


def _printed(text: str) -> list[Element]:
    """(01)…(10)…: a lot number may have brackets itself, so only known identifiers divide it."""
    joined = "".join(text.split())
    try:
        message = GS1Message.parse_hri(joined, config=_CONFIG)
        if message.as_hri() == joined:
            return _elements(message.element_strings)
    except ParseError:
        pass
    parts = re.split(r"\((00|01|10|11|13|15|17|21)\)", joined)
    return [Element(ai, v) for ai, v in zip(parts[1::2], parts[2::2], strict=False) if v]


def _first_parts(text: str) -> list[Element]:
    """What names the goods at the beginning of a message that cannot be read to its end."""
    named = re.match(r"01(?P<gtin>[0-9]{14})(?:10(?P<lot>[!-~]{1,20}))?", text)
    if named is None:
        return []
    lot = [Element("10", named["lot"])] if named["lot"] else []
    return [Element("01", named["gtin"]), *lot]


def _elements(found: Iterable[GS1ElementString]) -> list[Element]:
    return [Element(e.ai.ai, e.value, e.date.isoformat() if e.date else "") for e in found]


def _of_elements(form: Form, elements: list[Element]) -> Understood:
    first = {e.ai: e.value for e in reversed(elements)}
    faults: list[Fault] = []
    gtin, lot, sscc = first.get("01", ""), first.get("10", ""), first.get("00", "")
    if gtin:
        gtin, wrong = _gtin(gtin)
        faults.extend(wrong)
    if sscc:
        sscc, wrong = _sscc(sscc)
        faults.extend(wrong)
    if lot and not _LOT.fullmatch(lot):
        faults.append(
            Fault(
                "lot.characters",
                f"lot number {lot[:40]!r}: one has at most 20 letters, digits and common signs",
                f"批号 {lot[:40]!r}：最多 20 个字母、数字和常用符号",
            )
        )
        lot = ""
    if not (gtin or lot or sscc or faults):
        faults.append(
            Fault(
                "scan.nothing",
                "the code names no product, lot or logistic unit",
                "该条码中没有产品、批次或物流单元的标识",
            )
        )
    return Understood(
        form, gtin=gtin, lot=lot, sscc=sscc, elements=tuple(elements), faults=tuple(faults)
    )


# ------------------------------------------------------------------------------------ codes


def _code(text: str) -> Understood | None:
    """What a code by itself means; None for what is none, or has a mistake."""
    if _HEX.fullmatch(text):
        return Understood(Form.CODE, digest=bytes.fromhex(text[2:]))
    named = _NAMED_LOT.fullmatch(text)
    if named:
        gtin, faults = _gtin(named["gtin"])
        elements = (Element("01", named["gtin"].zfill(14)), Element("10", named["lot"]))
        return Understood(
            Form.CODE, gtin=gtin, lot=named["lot"], elements=elements, faults=tuple(faults)
        )
    organisations, gtin, sscc = [], "", ""
    for found in identifiers.recognise(text):
        if found.kind == "gtin":
            gtin = found.value
        elif found.kind in ("uscc", "lei", "gln"):
            organisations.append(found)
    digits = _compact(text)
    if digits.isdigit():
        if len(digits) == _SSCC_LENGTH:
            sscc = _sscc(digits)[0]
    elif any(c.isdigit() for c in text) and not organisations:
        return None
    if not (organisations or gtin or sscc):
        return None
    # A number of eight or twelve digits may as well be that of a certificate.
    return Understood(
        Form.CODE,
        text,
        gtin=gtin,
        sscc=sscc,
        beginning=_beginning(text),
        identifiers=tuple(organisations),
    )


def _mistakes(text: str) -> Iterable[Fault]:
    """What is wrong with a text that is nearly a code, in its check digit or its length, or an
    address of something else."""
    if re.match("https?://", text, re.IGNORECASE):
        yield Fault(
            "link.foreign",
            "this address is neither a page of this service nor a GS1 Digital Link",
            "该网址既不是本服务的页面，也不是 GS1 数字链接",
        )
        return
    code = _compact(text)
    if not code.isascii() or not code.isalnum() or sum(c.isdigit() for c in code) < 8:
        return
    as_credit = bool(_CREDIT.match(code))
    if code.isdigit() and len(code) in (13, 14):
        yield from _gtin(code)[1]
    elif code.isdigit() and len(code) == _SSCC_LENGTH and not as_credit:
        yield from _sscc(code)[1]
    elif as_credit and 16 <= len(code) <= 20 and sum(c.isdigit() for c in code) >= 10:
        yield from _wrong("uscc", code)
    elif len(code) == 20 and code[18:].isdigit() and code[:18].isupper():
        yield from _wrong("lei", code)
    elif code.isdigit() and len(code) in (10, 11, 15, 16, 17, 19, 20):
        yield Fault(
            "code.length",
            f"a number of {len(code)} digits: a GTIN has 8, 12, 13 or 14, the number of a logistic "
            "unit and a credit code have 18",
            f"共 {len(code)} 位数字：GTIN 为 8、12、13 或 14 位，"
            "物流单元代码和统一社会信用代码为 18 位",
        )


def _compact(text: str) -> str:
    return re.sub(r"[\s\u200b-\u200f\u2060\ufeff.‐-―-]+", "", text).upper()


def _gtin(digits: str) -> tuple[str, list[Fault]]:
    """The GTIN with 14 digits, or "" and what is wrong with it."""
    try:
        return identifiers.parse("gtin", digits).value, []
    except RequestError as error:
        return "", [_fault(error)]


def _wrong(kind: str, code: str) -> Iterable[Fault]:
    try:
        identifiers.parse(kind, code)
    except RequestError as error:
        yield _fault(error)


def _fault(error: RequestError) -> Fault:
    return Fault(f"{error.field}.{error.code.partition('.')[2]}", str(error), error.message_zh)


def _sscc(digits: str) -> tuple[str, list[Fault]]:
    if len(digits) != _SSCC_LENGTH or not digits.isdigit():
        return "", [
            Fault(
                "sscc.length",
                f"logistic unit {digits[:40]!r}: 18 digits are needed",
                f"物流单元代码 {digits[:40]!r}：应为 18 位数字",
            )
        ]
    right = _check_digit(digits)
    if digits[-1] == right:
        return digits, []
    return "", [
        Fault(
            "sscc.check-digit",
            f"logistic unit {digits!r}: the check digit (the last) is {digits[-1]!r}, for these "
            f"digits it would be {right!r}",
            f"物流单元代码 {digits!r}：校验码（末位）为 {digits[-1]!r}，"
            f"按其余各位计算应为 {right!r}",
        )
    ]


def _check_digit(digits: str) -> str:
    # The weights run from the right, so zeros in front change nothing; stdnum's are of 13 digits.
    return str(-sum(int(d) * (3, 1)[i % 2] for i, d in enumerate(reversed(digits[:-1]))) % 10)


def _wrong_digit(digits: str) -> bool:
    return digits.isdigit() and digits[-1] != _check_digit(digits)


def _beginning(text: str) -> str:
    return text if _LOT.fullmatch(text) else ""
