"""Model designations out of the cells of US registers.

A designation is kept as written, because a qualification for a model is compared whole. What is
taken off is only what is not part of it: "(FDA)", "Obsolete 03/2013", "(formerly …)".
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from ledger.days import NEW_YORK, start_of_day
from ledger.vocabulary import WITHDRAWN_UNDATED

_WHEN: Final = r"(?P<when>\d{1,2}/\d{1,2}/\d{4}|\d{1,2}/\d{4})?"
_OBSOLETE: Final = (
    rf"(?:(?:(?:Discontinued|Inactive)\s*/\s*)?Obsolete|Discontinued|Inactive)\s*{_WHEN}"
)
#: "Discontinued/Obsolete 07/2009" at the beginning of a line, perhaps with the next model glued on.
_LINE_MARKER: Final = re.compile(rf"{_OBSOLETE}\s*(?P<rest>.*)", re.IGNORECASE)
#: "KFD-200-Obsolete 7/2009": what stands before the marker is the designation.
_TRAILING_MARKER: Final = re.compile(
    rf"(?P<model>.*?)[\s-]*\b(?:{_OBSOLETE}|obs\.?)\s*", re.IGNORECASE
)
_PART_GROUP: Final = re.compile(r"\((?:p/n|part numbers?)\b[^()]*\)", re.IGNORECASE)
_FORMER_MODEL: Final = re.compile(rf"\((?P<model>[^()]+?)\s+{_OBSOLETE}\s*\)", re.IGNORECASE)
_FORMERLY: Final = re.compile(r"\s*\(formerly\s+([^()]+)\)", re.IGNORECASE)
_FDA: Final = re.compile(r"\s*\(FDA\)", re.IGNORECASE)
_ACTIVE: Final = re.compile(r"[\s-]+Active$", re.IGNORECASE)
_JOINT: Final = re.compile(r",|;|\s+&\s+|\s+and\s+|\s+/\s+")

#: Called with (code, English, Chinese) for whatever a person should look at.
Warn = Callable[[str, str, str], None]


@dataclass(frozen=True, slots=True)
class Designation:
    """One model with what its line says. ``withdrawn_from`` as in ``registers.model``."""

    model: str
    withdrawn_from: int = 0
    marks: tuple[str, ...] = ()


def obsolete_since(when: str | None) -> int | None:
    """The instant of an "Obsolete" date: MM/YYYY its month's first, MM/DD/YYYY that day.

    Days are NIOSH's (America/New_York). No date: ``WITHDRAWN_UNDATED``. None: no such day.
    """
    if when is None:
        return WITHDRAWN_UNDATED
    parts = [int(part) for part in when.split("/")]
    month, day, year = (parts[0], 1, parts[1]) if len(parts) == 2 else parts
    try:
        return start_of_day(date(year, month, day), NEW_YORK)
    except ValueError:
        return None


def _since(match: re.Match[str], warn: Warn) -> int:
    instant = obsolete_since(match["when"])
    if instant is None:
        warn(
            "obsolete.date",
            f"{match['when']!r} is no date; taken as obsolete without a stated day",
            f"{match['when']!r} 不是有效日期，按未写明日期的停用处理",
        )
        return WITHDRAWN_UNDATED
    return instant


def split_outside_brackets(text: str, separator: re.Pattern[str]) -> list[str]:
    """Split at separators that stand outside brackets; empty parts fall away."""
    parts, start, position, depth = [], 0, 0, 0
    while position < len(text):
        if text[position] == "(":
            depth += 1
        elif text[position] == ")":
            depth = max(0, depth - 1)
        match = separator.match(text, position) if depth == 0 else None
        if match and match.end() > position:
            parts.append(text[start:position])
            start = position = match.end()
        else:
            position += 1
    parts.append(text[start:])
    return [part.strip() for part in parts if part.strip()]


def _joined_lines(cell: str) -> list[str]:
    """The cell's lines; one that begins with or stands inside a bracket continues the last."""
    lines: list[str] = []
    for text in (part.strip() for part in cell.split("\n")):
        if lines and text and (text[0] == "(" or lines[-1].count("(") > lines[-1].count(")")):
            lines[-1] += " " + text
        elif text:
            lines.append(text)
    return lines


def _several(model: str, warn: Warn) -> list[str]:
    """The models of one line, if each part is plainly one: it has a digit and three characters.

    "N9501 S, M, L" names sizes, not models, and stays as written.
    """
    parts = split_outside_brackets(model, _JOINT)
    if len(parts) < 2:
        return [model]
    if all(len(part) >= 3 and any(c.isdigit() for c in part) for part in parts):
        return parts
    warn(
        "model.several",
        f"{model!r} may name several models or sizes; it is stated as written",
        f"{model!r} 可能包含多个型号或尺寸，按原文记录",
    )
    return [model]


def _of_line(text: str, warn: Warn) -> list[Designation]:
    marks = ["fda-cleared"] if _FDA.search(text) else []
    text = _FDA.sub("", text).strip()
    found = []
    for former in _FORMER_MODEL.finditer(text):
        if not _PART_GROUP.fullmatch(former[0]):
            found.append(Designation(former["model"].strip(), _since(former, warn)))
            text = text.replace(former[0], "").strip()
    formerly = _FORMERLY.search(text)
    if formerly:
        marks.append(f"formerly {formerly[1].strip()}")
        text = _FORMERLY.sub("", text).strip()
    groups = _PART_GROUP.findall(text)
    if groups:
        base = " ".join(_PART_GROUP.sub(" ", text).split())
        return _part_groups(base, groups, tuple(marks), warn) + found
    since = 0
    trailing = _TRAILING_MARKER.fullmatch(text)
    if trailing:
        text, since = trailing["model"], _since(trailing, warn)
    if _ACTIVE.search(text):
        text = _ACTIVE.sub("", text)
        marks.append("stated-active")
    return [Designation(model, since, tuple(marks)) for model in _several(text, warn)] + found


def _part_groups(
    base: str, groups: list[str], marks: tuple[str, ...], warn: Warn
) -> list[Designation]:
    """One designation per group of part numbers: an obsolete group leaves the others alone."""
    since_base = 0
    trailing = _TRAILING_MARKER.fullmatch(base)
    if trailing:
        base, since_base = trailing["model"], _since(trailing, warn)
    found = []
    for group in groups:
        inside = _TRAILING_MARKER.fullmatch(group[1:-1])
        if inside:
            found.append(
                Designation(f"{base} ({inside['model'].strip()})", _since(inside, warn), marks)
            )
        else:
            found.append(Designation(f"{base} {group}", since_base, marks))
    return found


def niosh_models(cell: str, warn: Warn) -> list[Designation]:
    """The models of a NIOSH list cell (cleaned, line breaks kept), one per designation.

    A line that is only an "Obsolete" marker is about the models above it in the cell.
    """
    found: list[Designation] = []
    for text in _joined_lines(cell):
        marker = _LINE_MARKER.match(text)
        if not marker:
            found += _of_line(text, warn)
            continue
        since = _since(marker, warn)
        above = [d for d in found if d.withdrawn_from == 0]
        if len(above) > 1:
            warn(
                "obsolete.scope",
                f"{text!r} stands below {len(above)} models and is taken to mean all of them",
                f"{text!r} 位于 {len(above)} 个型号之下，按全部停用处理",
            )
        found = [replace(d, withdrawn_from=d.withdrawn_from or since) for d in found]
        if marker["rest"]:
            warn(
                "model.glued",
                f"{marker['rest']!r} is glued to the marker before it; taken as a model of its own",
                f"{marker['rest']!r} 与前面的停用标记连写，按单独型号处理",
            )
            found += _of_line(marker["rest"], warn)
    return [d for d in found if d.model]


_LIST_SEPARATOR: Final = re.compile(r"[,;\n]|\s+and\s+")


def listed_models(cell: str) -> list[str]:
    """The models of an FDA respirator list cell: separated by commas, semicolons, lines, "and"."""
    return [" ".join(part.split()) for part in split_outside_brackets(cell, _LIST_SEPARATOR)]


_MODEL_NUMBER: Final = re.compile(r"[\s(]*\bmodel\s*(?:#\s*:?|no\.?\s*:?|:)\s*", re.IGNORECASE)


def named_products(cell: str) -> list[Designation]:
    """The products of FDA's surgical mask list: a line each, "Model #" may follow on the next.

    Where a model number is given it is the model and the product's name a mark; else the name is.
    """
    products: list[str] = []
    for text in (part.strip() for part in cell.split("\n")):
        if products and _MODEL_NUMBER.match(text) and not _MODEL_NUMBER.search(products[-1]):
            products[-1] += " " + text
        elif text:
            products.append(text)
    found = []
    for product in products:
        match = _MODEL_NUMBER.search(product)
        model = product[match.end() :].strip() if match else product
        if match and model.endswith(")") and model.count(")") > model.count("("):
            model = model[:-1].strip()
        name = product[: match.start()].strip() if match else ""
        found.append(Designation(model, 0, (f"product {name}",) if name else ()))
    return [d for d in found if d.model]
