"""Lots in free text: what a notice of recall names, and what of it could not be understood.

Rules kept here:

* A value counts for the word before it: ``Lot``, ``Serial``, ``REF``, ``UDI``, ``Exp``. Without a
  word a value is nothing, unless the text is a bare list of values, which is one of lots.
* A value is taken as written. A lot may hold hyphens and slashes; a hyphen makes a range only
  between two numbers of one form (``17081557-21062362``) or with white space around it.
* Numbers of pieces, and dates, are no lots. After "except" nothing is recalled, and nothing read.
* Whatever is not understood is given back as text. Nothing is dropped.
"""

import itertools
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from ledger.tabular import clean

#: Longest text that is read, in characters; a longer one is given back unparsed.
MAX_TEXT: Final = 100_000


class MentionKind(StrEnum):
    """CATALOGUE: a model, item, part or reference number. ALL: every lot or unit there is."""

    LOT = "lot"
    SERIAL = "serial"
    CATALOGUE = "catalogue"
    UDI = "udi"
    EXPIRY = "expiry"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class LotMention:
    """One value that a text names; ``text`` is how it does.

    ``start`` and ``end`` are the ends of a range, both included, equal for a single value and
    empty for ALL. Values are as written; an expiry is YYYY-MM-DD, or YYYY-MM without a day; a UDI
    is the device identifier, a GTIN of 14 digits.
    """

    text: str
    kind: MentionKind
    start: str
    end: str

    @property
    def is_range(self) -> bool:
        return self.start != self.end

    @property
    def decidable(self) -> bool:
        """Whether what lies between the ends of a range can be told: the ends have one form.

        What lies between ``NP-2406A`` and ``NP-2407F`` only the firm knows.
        """
        one, two = _form(_compared(self.start)), _form(_compared(self.end))
        return not self.is_range or bool(one and two and one[:2] == two[:2])


@dataclass(frozen=True, slots=True)
class LotReading:
    """What a text names, each thing once, in its order; and the passages not understood."""

    mentions: tuple[LotMention, ...]
    unparsed: tuple[str, ...]

    def of(self, kind: MentionKind) -> tuple[LotMention, ...]:
        return tuple(mention for mention in self.mentions if mention.kind is kind)

    @property
    def all_lots(self) -> bool:
        """Whether the text says that every lot or unit of the product is meant.

        What bounds it ("all units made in March", "all lots except …") stands in ``unparsed``.
        """
        return bool(self.of(MentionKind.ALL))


_NUMBER_WORD: Final = r"(?:[\s/]*(?:numbers?|nos?\b\.?|codes?|ids?|\#'?s?))*\s*(?:range)?"
_WORDS: Final = (
    (
        "all",
        r"all\s+(?:(?:affected|product|device|production|manufactured|finished)\s+)?"
        r"(?:lots?|batch(?:es)?|serial(?:\s+numbers?)?|units?|products?|devices?|models?|codes?)"
        r"|(?:所有|全部)(?:批次|批号|产品|序列号)",
    ),
    ("except", r"except(?:ing)?|excluding|other\s+than|除(?:了|外)?"),
    ("undated", r"no\s+expir\w*(?:\s+dates?)?"),
    (
        "none",
        r"manufactur\w+(?:\s+dates?)?|mfg\.?(?:\s+dates?)?"
        r"|生产日期|数量|quantity|qty|upc(?:\s+codes?)?|ndc|ean|phone|tel",
    ),
    (
        "expiry",
        r"exp(?:ir(?:y|ation|es|ing))?\.?(?:\s*dates?)?|use[\s-]+by(?:\s+date)?"
        r"|use\s+before|best\s+before|有效期至|有效期|失效日期|失效期",
    ),
    ("lot", rf"(?:lots?|batch(?:es)?){_NUMBER_WORD}|(?:产品|生产)?批(?:号|次)"),
    ("serial", rf"(?:serials?|s/n){_NUMBER_WORD}|(?:产品|出厂)?(?:序列|系列)号"),
    ("udi", r"(?:primary\s+)?udi(?:\s*-?\s*di)?|gtin|device\s+identifiers?|产品标识"),
    (
        "catalogue",
        rf"(?:ref|catalogu?e?|cat\.?|items?|models?|sku|upn){_NUMBER_WORD}"
        # Words of ordinary prose too, so a word for numbers has to follow.
        r"|(?:part|reorder|product|reference|article)[\s/]*(?:numbers?|nos?\b\.?|codes?|\#)"
        r"|型号|货号|规格型号",
    ),
)
_LABEL: Final = re.compile(
    "|".join(rf"(?P<{kind}>(?<![A-Za-z0-9])(?:{words})(?![A-Za-z0-9]))" for kind, words in _WORDS),
    re.IGNORECASE,
)
_DIGITS: Final = re.compile(r"[0-9]+")
_ELEMENT: Final = re.compile(r"\(([0-9]{2,4})\)([^\s(),;]+)")

_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
        start=1,
    )
}
_MONTH: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_EDGES: Final = r"(?<![A-Za-z0-9])(?:{})(?![A-Za-z0-9])"
#: Dates that can be nothing else.
_PLAIN: Final = re.compile(
    _EDGES.format(
        rf"(?P<d1>[0-9]{{1,2}})[\s-]+(?P<m1>{_MONTH})[\s,-]+(?P<y1>[0-9]{{4}})"
        rf"|(?P<m2>{_MONTH})[\s.]*(?P<d2>[0-9]{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y2>[0-9]{{4}})"
        rf"|(?P<m3>{_MONTH})[\s,-]*(?P<y3>[0-9]{{4}})"
        r"|(?P<m4>[0-9]{1,2})/(?P<d4>[0-9]{1,2})/(?P<y4>[0-9]{4}|[0-9]{2})"
        r"|(?P<y5>[0-9]{4})[/.-](?P<m5>[0-9]{1,2})[/.-](?P<d5>[0-9]{1,2})"
        r"|(?P<y6>[0-9]{4})年(?P<m6>[0-9]{1,2})月(?:(?P<d6>[0-9]{1,2})日)?"
        r"|(?P<m7>[0-9]{1,2})/(?P<y7>[0-9]{4})"
    ),
    re.IGNORECASE,
)
#: Month and year of two digits: a date after a word for it, or directly behind a lot.
_SHORT: Final = re.compile(
    _EDGES.format(
        rf"(?P<m1>0?[1-9]|1[0-2])/(?P<y1>[0-9]{{2}})|(?P<m2>{_MONTH})[-'’]\s?(?P<y2>[0-9]{{2}})"
    ),
    re.IGNORECASE,
)
#: Dates only after a word for them: they may be lots.
_BARE: Final = re.compile(
    r"(?P<y1>[0-9]{4})[/.-](?P<m1>[0-9]{1,2})|(?P<y2>20[0-9]{2})(?P<m2>[0-9]{2})(?P<d2>[0-9]{2})"
    r"|(?P<m3>[0-9]{1,2})-(?P<y3>[0-9]{2})"
)

_VALUE: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?")
_ORDINAL: Final = re.compile(r"(?<![A-Za-z0-9(./-])(?:[0-9]{1,2}|[a-z])\)")
_MARK: Final = re.compile(r"[,;:.()、。\n]")
_COUNTED: Final = re.compile(
    r"(?<![A-Za-z0-9])[0-9][0-9,.]*\s*(?:boxes|box|cases?|units?|kits?|packs?|pieces|pcs|pairs?"
    r"|cartons?|bottles?|vials?|each|ea|devices|tests|count|m[gl]|盒|箱|支|只|个|件|瓶|台|套)"
    r"(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_TO: Final = re.compile(r"\s*(?:\bthrough\b|\bthru\b|\bto\b|[–—~]|至|到|\s-\s)\s*", re.IGNORECASE)
_TO_WORDS: Final = frozenset({"through", "thru", "to"})
_NUMBERED: Final = re.compile(r"[0-9]{4,}|[A-Za-z0-9]*[A-Za-z][0-9]{2,}")
_CODE: Final = re.compile(r"[A-Z]{2,8}")
_LOT_BY_ITSELF: Final = re.compile(r"LOT[0-9][A-Za-z0-9-]*", re.IGNORECASE)
#: Words between a label and its values that say nothing of their own.
_FILLERS: Final = frozenset(
    {
        *("affected", "and", "are", "as", "below", "by", "following", "follows", "for", "from"),
        *("identified", "include", "includes", "including", "is", "listed", "of", "or", "the"),
        "with",
    }
)
#: Words in capitals behind the word for lots that name none.
_NO_LOTS: Final = frozenset({"MULTIPLE", "NONE", "NOT", "SEE", "SEVERAL", "UNKNOWN", "VARIOUS"})
_HEADS: Final = frozenset({"lot", "serial", "catalogue", "udi", "expiry", "none"})


@dataclass(frozen=True, slots=True)
class _Token:
    """A stretch of the text: a label of a kind, or what else it is; a date is ISO, or ""."""

    what: str
    start: int
    end: int
    value: str


def _iso(found: re.Match[str]) -> str | None:
    """YYYY-MM-DD or YYYY-MM of a matched date; None where there is no such day."""
    parts = {k[0]: v for k, v in found.groupdict().items() if v is not None}
    month_text = parts["m"].lower()[:3]
    month = _MONTHS[month_text] if month_text in _MONTHS else int(parts["m"])
    year = int(parts["y"]) + (2000 if len(parts["y"]) == 2 else 0)
    day = int(parts["d"]) if "d" in parts else 0
    try:
        date(year, month, day or 1)
    except ValueError:
        return None
    return f"{year:04}-{month:02}-{day:02}" if day else f"{year:04}-{month:02}"


def _element_date(digits: str) -> str | None:
    """AI (17): YYMMDD, day 00 meaning the month; some print the year with four digits."""
    if len(digits) == 6:
        digits = "20" + digits
    if len(digits) != 8 or not _DIGITS.fullmatch(digits):
        return None
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:])
    try:
        date(year, month, day or 1)
    except ValueError:
        return None
    return f"{year:04}-{month:02}-{day:02}" if day else f"{year:04}-{month:02}"


class _Reader:
    """One text while it is being read, left to right.

    ``kind`` is what a value counts for now, ``listed`` what it counts for again after a date or
    a colon. ``label`` is the word that said so and ``fresh`` that no value has followed it yet.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.taken = [False] * len(text)
        self.found: dict[tuple[MentionKind, str, str], tuple[int, LotMention]] = {}
        self.kind: str | None = None
        self.listed: str | None = None
        self.label: _Token | None = None
        self.fresh = False
        self.dates_follow = False
        self.depth = 0
        self.last: _Token | None = None

    def add(self, kind: MentionKind, at: tuple[int, int], start: str, end: str = "") -> None:
        mention = LotMention(self.text[at[0] : at[1]], kind, start, end or start)
        self.found.setdefault((kind, mention.start, mention.end), (at[0], mention))
        self.take(*at)
        if self.label is not None and self.fresh:
            self.take(self.label.start, self.label.end)
            self.fresh = False

    def take(self, start: int, end: int) -> None:
        self.taken[start:end] = [True] * (end - start)

    def elements(self) -> None:
        """GS1 element strings with their application identifiers in brackets."""
        for found in _ELEMENT.finditer(self.text):
            at, value = found.span(), found[2]
            if found[1] == "01" and len(value) == 14 and _DIGITS.fullmatch(value):
                self.add(MentionKind.UDI, at, value)
            elif found[1] == "10":
                self.add(MentionKind.LOT, at, value)
            elif found[1] == "21":
                self.add(MentionKind.SERIAL, at, value)
            elif found[1] == "17" and (day := _element_date(value)):
                self.add(MentionKind.EXPIRY, at, day)

    def tokens(self) -> list[_Token]:
        """Labels, dates, counted things, values and marks, left to right; each place once."""
        text = _ELEMENT.sub(lambda found: " " * len(found[0]), self.text)
        tokens = []
        for what, pattern in (
            ("", _LABEL), ("date", _PLAIN), ("short", _SHORT), ("ordinal", _ORDINAL),
            ("counted", _COUNTED), ("value", _VALUE), ("mark", _MARK),
        ):  # fmt: skip
            for match in pattern.finditer(text):
                dated = what in ("date", "short")
                value = (_iso(match) or "") if dated else match[0]
                tokens.append(_Token(what or str(match.lastgroup), *match.span(), value))
            # What is one thing is nothing else, and ends what stands beside it.
            text = pattern.sub(lambda found: "\0" * len(found[0]), text)
        return sorted(tokens, key=lambda token: token.start)

    def read(self) -> None:
        tokens = self.tokens()
        if not any(token.what in (*_HEADS, "all") and token.what != "expiry" for token in tokens):
            self._begin_without_labels(tokens)
        index = 0
        while index < len(tokens):
            token = tokens[index]
            if token.what == "except":
                break
            index = self._token(tokens, index)
            if token.what != "ordinal":
                self.last = token

    def _begin_without_labels(self, tokens: list[_Token]) -> None:
        """A text of nothing but values and their dates is a list of lots."""
        words = [
            t.value for t in tokens
            if t.what == "value" and not _has_digit(t.value) and not _CODE.fullmatch(t.value)
        ]  # fmt: skip
        if all(word.lower() in _FILLERS | _TO_WORDS for word in words):
            self.kind = self.listed = "lot"
        else:
            # Among prose, only a value with its date directly behind it is one.
            self.kind = self.listed = None
            for one, two in itertools.pairwise(tokens):
                if one.what == "value" and _has_digit(one.value) and two.what in ("date", "short"):
                    if two.value and not self.text[one.end : two.start].strip():
                        self.add(MentionKind.LOT, (one.start, one.end), one.value)
                        self.add(MentionKind.EXPIRY, (two.start, two.end), two.value)

    def _token(self, tokens: list[_Token], index: int) -> int:
        """Read one token, or a range that it begins; gives back the next index."""
        token = tokens[index]
        if token.what == "mark":
            self._mark(token)
        elif token.what == "ordinal":
            self.take(token.start, token.end)
            self.kind = self.kind if self.kind not in (None, "expiry", "none") else self.listed
        elif token.what == "all":
            self.kind = self.listed = self.label = None
            self.add(MentionKind.ALL, (token.start, token.end), "")
        elif token.what in _HEADS:
            self._head(token)
        elif token.what in ("date", "short"):
            return self._date(tokens, index)
        elif token.what == "value":
            return self._value(tokens, index)
        return index + 1

    def _mark(self, token: _Token) -> None:
        if token.value == "(":
            self.depth += 1
        elif token.value == ")":
            self.depth = max(0, self.depth - 1)
        elif token.value in ":;" and self.kind is None:
            self.kind = self.listed
        elif token.value == ":" and self.kind == "catalogue" and not self.fresh:
            # "Cat. No. 7001: 1A, 1B": what stands under a number are its lots.
            self.kind = self.listed = "lot"

    def _head(self, token: _Token) -> None:
        between = self.text[self.label.end : token.start].strip() if self.label else "?"
        if self.fresh and between in ("/", "&", "and", "and/or") and token.what == "expiry":
            # "Lot Numbers/Expiration Dates:" heads two columns.
            self.dates_follow = True
            self.take(token.start, token.end)
            return
        self.label, self.fresh, self.kind = token, True, token.what
        if token.what not in ("expiry", "none"):
            self.listed, self.dates_follow = token.what, False

    def _date(self, tokens: list[_Token], index: int) -> int:
        """A date: an expiry after a word for it, in its column, or directly behind a lot."""
        token = tokens[index]
        behind = (
            self.last is not None
            and self.last.what == "value"
            and not self.text[self.last.end : token.start].strip()
        )
        lots = self.kind == "lot" and (behind or (self.dates_follow and token.what == "date"))
        if not token.value or not (self.kind == "expiry" or lots):
            return index + 1
        second = self._range_end(tokens, index)
        if second is not None and tokens[second].what == token.what and tokens[second].value:
            end = tokens[second]
            self.add(MentionKind.EXPIRY, (token.start, end.end), token.value, end.value)
            index = second
        else:
            self.add(MentionKind.EXPIRY, (token.start, token.end), token.value)
        self.kind = self.listed if self.kind == "expiry" else self.kind
        return index + 1

    def _range_end(self, tokens: list[_Token], index: int) -> int | None:
        """The index of the token at the other end of a range that begins here."""
        for ahead in (index + 1, index + 2):
            if ahead < len(tokens) and tokens[ahead].value.lower() not in _TO_WORDS:
                gap = self.text[tokens[index].end : tokens[ahead].start]
                return ahead if _TO.fullmatch(gap) else None
        return None

    def _value(self, tokens: list[_Token], index: int) -> int:
        token = tokens[index]
        if self.taken[token.start]:
            return index + 1
        if self.kind == "expiry":
            bare = _BARE.fullmatch(token.value)
            if bare and (day := _iso(bare)):
                self.add(MentionKind.EXPIRY, (token.start, token.end), day)
                self.kind = self.listed
            return index + 1
        if _LOT_BY_ITSELF.fullmatch(token.value):
            self.kind = self.listed = "lot"
            return self._listed(MentionKind.LOT, tokens, index)
        if not _has_digit(token.value):
            return self._word(tokens, index)
        if self._heads_lots(tokens, index):
            self.add(MentionKind.CATALOGUE, (token.start, token.end), token.value)
        elif self.depth and len(token.value) < 3:
            pass  # "(2)" behind a value says something about it and is none.
        elif self.kind in ("lot", "serial", "catalogue"):
            return self._listed(MentionKind(self.kind), tokens, index)
        elif self.kind == "udi" and re.fullmatch(r"[0-9]{12,14}", token.value):
            self.add(MentionKind.UDI, (token.start, token.end), token.value.zfill(14))
        return index + 1

    def _word(self, tokens: list[_Token], index: int) -> int:
        """A word without digits: the front of a number, a lot of letters, "all", or prose."""
        token = tokens[index]
        word, code = token.value, bool(_CODE.fullmatch(token.value))
        listed = self.kind in ("lot", "serial", "catalogue") and not self.depth
        behind = tokens[index + 1 : index + 3]
        front = bool(behind) and behind[0].what == "value"
        if listed and code and front and len(word) <= (3 if self.kind == "lot" else 8):
            at = (token.start, behind[0].end)
            if _has_digit(behind[0].value) and self.text[token.end : behind[0].start] == " ":
                self.add(MentionKind(str(self.kind)), at, self.text[at[0] : at[1]])
                return index + 2
        if listed and not front:
            if self.fresh and word.lower() == "all":
                self.add(MentionKind.ALL, (token.start, token.end), "")
                self.kind = self.listed = None
                return index + 1
            if behind and behind[0].value == ",":
                behind = behind[1:]
            dated = bool(behind) and behind[0].what in ("date", "short", "expiry")
            of_letters = self.kind == "lot" and code and word not in _NO_LOTS
            if of_letters and (dated or (self.fresh and len(word) > 2)):
                self.add(MentionKind.LOT, (token.start, token.end), word)
                return index + 1
        if word.lower() not in _FILLERS and not self.depth and len(word) > 2:
            self.kind, self.fresh = None, False
        return index + 1

    def _listed(self, kind: MentionKind, tokens: list[_Token], index: int) -> int:
        """A value of a list, or a range of values; gives back the next index."""
        token = tokens[index]
        second = None if kind is MentionKind.CATALOGUE else self._range_end(tokens, index)
        if second is not None and tokens[second].what == "value":
            end = tokens[second]
            if _has_digit(end.value):
                self.add(kind, (token.start, end.end), token.value, end.value)
                return second + 1
        both = token.value.split("-")
        if kind is not MentionKind.CATALOGUE and len(both) == 2 and _ascending(*both):
            self.add(kind, (token.start, token.end), *both)
        else:
            self.add(kind, (token.start, token.end), token.value)
        return index + 1

    def _heads_lots(self, tokens: list[_Token], index: int) -> bool:
        """Whether the value begins a passage and the word for lots follows: ``BB14 Lots: …``."""
        start = tokens[index].start
        before = self.text[max(0, start - 8) : start].rstrip(' *"“”')
        if before and before[-1] not in ";:.。\n":
            return False
        if self.fresh and self.kind is not None:
            return False  # Behind a word of its own it is that word's value.
        after = tokens[index + 1 : index + 3]
        if after and after[0].what == "mark" and after[0].value in ",:":
            after = after[1:]
        return bool(after) and after[0].what == "lot"

    def reading(self) -> LotReading:
        mentions = tuple(m for _, m in sorted(self.found.values(), key=lambda pair: pair[0]))
        left = "".join(
            "\n" if taken else character
            for character, taken in zip(self.text, self.taken, strict=True)
        )
        pieces = (piece.strip(" \t,;:./&*#'\"、。–—~-") for piece in left.split("\n"))
        nothing = {"and", "or", "至", "到", "和", "及"} | _TO_WORDS
        unparsed = tuple(
            piece
            for piece in pieces
            if any(c.isalnum() for c in piece) and piece.strip("() ").lower() not in nothing
        )
        return LotReading(mentions, unparsed)


def _has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)


def _ascending(first: str, second: str) -> bool:
    """Whether two values have one form and rise.

    One form is the same front ending in a letter and as many digits behind it, two or more; or
    four digits or more and nothing else.
    """
    if not (_NUMBERED.fullmatch(first) and _NUMBERED.fullmatch(second)):
        return False
    one, two = _form(_compared(first)), _form(_compared(second))
    return one is not None and two is not None and one[:2] == two[:2] and one[2] < two[2]


def _form(compared: str) -> tuple[str, int, str] | None:
    """Front, number of digits behind it and they themselves; None where no digits are behind.

    As many digits compare as text just as they do as numbers.
    """
    front = compared.rstrip("0123456789")
    digits = compared[len(front) :]
    return (front, len(digits), digits) if digits else None


def parse_lots(text: str) -> LotReading:
    """The lots, serials, catalogue numbers, identifiers and expiry dates that a text names."""
    text = clean(unicodedata.normalize("NFKC", text))
    if len(text) > MAX_TEXT:
        return LotReading((), (text,))
    reader = _Reader(text)
    reader.elements()
    reader.read()
    return reader.reading()


def _compared(text: str) -> str:
    return re.sub(r"[\s\u2010-\u2015-]+", "", unicodedata.normalize("NFKC", text)).casefold()


def same_lot(mention: LotMention, lot_text: str) -> bool:
    """Whether a mention of a lot names this lot: alike but for case, spaces and hyphens.

    Never by a prefix. A range holds what has the form of its ends (the same letters, as many
    digits) and lies between them; where the ends have two forms (``decidable`` is False) only the
    ends themselves are told, and a person has to look. A mention of another kind names no lot;
    ALL is for the caller, who knows the product.
    """
    lot = _compared(lot_text)
    if mention.kind is not MentionKind.LOT or not lot:
        return False
    if not mention.is_range:
        return _compared(mention.start) == lot
    if _compared(mention.text) == lot:
        return True
    ends = _compared(mention.start), _compared(mention.end)
    if lot in ends:
        return True
    first, this, last = _form(ends[0]), _form(lot), _form(ends[1])
    if not mention.decidable or first is None or this is None or last is None:
        return False
    return first[:2] == this[:2] and first[2] <= this[2] <= last[2]
