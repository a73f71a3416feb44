"""FDA's emergency use authorisation lists for respirators and surgical masks, as CSV.

Three registers, for they rest on three authorisations that ended at different times:

* ``fda-eua-china``: Appendix A and the list of models removed from it, both needed: a firm
  stands on both at once, under slightly different names, and a removed model may be the
  beginning of an authorised one.
* ``fda-eua-imported``: Exhibit 1.
* ``fda-eua-surgical``: Appendix A of the surgical-mask authorisation, with dates of addition.

"Date No longer Authorized" is the first day without authorisation (America/New_York).
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from ledger.days import NEW_YORK, start_of_day, us_day
from ledger.registers.model import Row
from ledger.registers.models import listed_models, named_products
from ledger.registers.reader import Content, Reader, Shape
from ledger.registers.reading import Draft, draft_of, finish, usable
from ledger.tabular import Table, clean, line, read_csv

#: Kinds that ended as a whole, and from which day (America/New_York) nothing of them is in force.
#: FDA revoked both authorisations of respirators without NIOSH approval on 2021-06-30, effective
#: 2021-07-06; the lists of 2020 cannot say so. The surgical-mask authorisation was not among them.
REVOKED_FROM: Final[Mapping[str, date]] = {
    "fda-eua-china": date(2021, 7, 6),
    "fda-eua-imported": date(2021, 7, 6),
}

Tables = Mapping[str, tuple[Table, ...]]

_UPDATED: Final = re.compile(r"\(Updated:?\s+([A-Z][a-z]+ \d{1,2}, \d{4})\)")


def _title(table: Table) -> str:
    return next((line(r.cells.get("list_title", "")) for r in table.records), "")


def _stated_day(titles: list[str]) -> date | None:
    days = [
        datetime.strptime(match[1], "%B %d, %Y").date()
        for match in map(_UPDATED.search, titles)
        if match
    ]
    return max(days, default=None)


def _day(draft: Draft, column: str) -> int | None:
    day = us_day(draft.text(column))
    if day is None:
        draft.error(
            column,
            "date.form",
            f"{draft.text(column)[:40]!r} is no date (MM/DD/YYYY)",
            f"{draft.text(column)[:40]!r} 不是日期（月/日/年）",
        )
        return None
    return start_of_day(day, NEW_YORK)


def _models(draft: Draft, column: str) -> list[str]:
    models = listed_models(clean(draft.cells[column]))
    if not models:
        draft.error(
            column,
            "model.missing",
            "no model is named; an authorisation without a model covers none, not all",
            "未写明型号；没有型号的授权不等于涵盖全部型号",
        )
    return models


def _respirators(
    table: Table, category: str, kind: str, models: str, withdrawn: str | None
) -> list[Draft]:
    drafts = []
    for record in table.records:
        draft = draft_of(table, record)
        drafts.append(draft)
        if not usable(draft) or not draft.name_holder("Manufacturer", draft.text("Manufacturer")):
            continue
        since = _day(draft, withdrawn) if withdrawn else 0
        for model in _models(draft, models):
            if since is not None:
                draft.state(
                    models, category=category, model=model, kind=kind, number="",
                    withdrawn_from=since,
                )  # fmt: skip
    return drafts


def _content(tables: list[Table], rows: tuple[Row, ...]) -> Content:
    titles = [_title(table) for table in tables]
    return Content("; ".join(dict.fromkeys(filter(None, titles))), rows, _stated_day(titles))


def _read_china(tables: Tables) -> Content:
    category, kind = "mask.respirator.eua-china", "fda-eua-china"
    drafts: list[Draft] = []
    for table in tables["authorised"]:
        drafts += _respirators(table, category, kind, "Respirator Model(s)", None)
    for table in tables["removed"]:
        drafts += _respirators(
            table, category, kind, "Respirator Model(s) No Longer Authorized",
            "Date No longer Authorized",
        )  # fmt: skip
    return _content([*tables["authorised"], *tables["removed"]], finish(drafts))


def _read_imported(tables: Tables) -> Content:
    drafts: list[Draft] = []
    for table in tables["authorised"]:
        drafts += _respirators(
            table, "mask.respirator.eua-imported", "fda-eua-imported", "Respirator Model(s)", None
        )
    return _content(list(tables["authorised"]), finish(drafts))


_PRODUCT: Final = "Authorized Product Name (including model numbers)"


def _read_surgical(tables: Tables) -> Content:
    drafts = []
    for table in tables["authorised"]:
        for record in table.records:
            draft = draft_of(table, record)
            drafts.append(draft)
            if not usable(draft):
                continue
            if not draft.name_holder("Manufacturer", draft.text("Manufacturer")):
                continue
            since = _day(draft, "Date of Addition")
            products = named_products(clean(draft.cells[_PRODUCT]))
            if not products:
                draft.error(_PRODUCT, "model.missing", "no product is named", "未写明产品名称")
            for product in products:
                if since is not None:
                    draft.state(
                        _PRODUCT, category="mask.surgical.eua", model=product.model,
                        kind="fda-eua-surgical", number="", valid_from=since, marks=product.marks,
                    )  # fmt: skip
    return _content(list(tables["authorised"]), finish(drafts))


CHINA: Final = Reader(
    register="fda-eua-china",
    name_zh="美国 FDA 应急授权：中国制造的非 NIOSH 防护口罩（附录 A 及移除名单）",
    name_en="FDA EUA: non-NIOSH respirators manufactured in China (Appendix A and removed models)",
    zone=NEW_YORK,
    freshness_days=30,
    kinds=("fda-eua-china",),
    shapes=(
        Shape(
            "authorised",
            ("list_title", "Manufacturer", "Respirator Model(s)", "Instructions for Use"),
            read_csv,
        ),
        Shape(
            "removed",
            (
                "list_title",
                "Date No longer Authorized",
                "Manufacturer",
                "Respirator Model(s) No Longer Authorized",
            ),
            read_csv,
        ),
    ),
    content=_read_china,
)
IMPORTED: Final = Reader(
    register="fda-eua-imported",
    name_zh="美国 FDA 应急授权：进口非 NIOSH 防护口罩（附件 1）",
    name_en="FDA EUA: imported non-NIOSH respirators (Exhibit 1)",
    zone=NEW_YORK,
    freshness_days=30,
    kinds=("fda-eua-imported",),
    shapes=(
        Shape(
            "authorised",
            (
                "list_title",
                "Manufacturer",
                "Respirator Model(s)",
                "Country of Manufacture",
                "Instructions for Use",
            ),
            read_csv,
        ),
    ),
    content=_read_imported,
)
SURGICAL: Final = Reader(
    register="fda-eua-surgical",
    name_zh="美国 FDA 应急授权：外科口罩（附录 A）",
    name_en="FDA EUA: surgical masks (Appendix A)",
    zone=NEW_YORK,
    freshness_days=30,
    kinds=("fda-eua-surgical",),
    shapes=(
        Shape("authorised", ("list_title", "Date of Addition", "Manufacturer", _PRODUCT), read_csv),
    ),
    content=_read_surgical,
)
