"""FDA 510(k) clearances of masks and respirators (openFDA device/510k), as CSV.

A clearance is for the device of its submission: the device name, as written, is the nearest
thing to a model that the register has. It begins on the decision date and has no end. The
applicant's address is that of whoever filed, often an agent in another country, so it says
nothing about where a firm sits. Older records cut names off after 50 characters and device
names after 120.
"""

import re
from collections.abc import Mapping
from typing import Final

from ledger.days import NEW_YORK, iso_day, start_of_day
from ledger.registers.reader import Content, Reader, Shape
from ledger.registers.reading import Draft, draft_of, finish, usable
from ledger.tabular import Table, read_csv

KIND: Final = "fda-510k"

#: Product code → category (FDA product classification).
CATEGORIES: Final[Mapping[str, str]] = {
    "FXX": "mask.surgical.fda",  # mask, surgical
    "OUK": "mask.surgical.fda",  # surgical mask with antimicrobial or antiviral agent
    "MSH": "mask.respirator.n95-surgical",  # respirator, surgical
    "ONT": "mask.respirator.n95-surgical",  # the same with antimicrobial or antiviral agent
    "OXZ": "mask.children.fda",  # paediatric or child face mask
}
_APPLICANT_LIMIT: Final = 50
_DEVICE_LIMIT: Final = 120
_NUMBER: Final = re.compile(r"(?:B?K|DEN)\d{6}")
_MASK: Final = re.compile(r"mask|respir|\bN95\b", re.IGNORECASE)


def _read_row(draft: Draft) -> None:
    applicant = draft.text("applicant")
    if not draft.name_holder("applicant", applicant):
        return
    number, device, code = (draft.text(c) for c in ("k_number", "device_name", "product_code"))
    decision = draft.text("decision_date")
    decided, received = iso_day(decision), iso_day(draft.text("date_received"))
    if not _NUMBER.fullmatch(number.upper()):
        draft.error(
            "k_number",
            "number.form",
            f"{number[:40]!r} is no 510(k) number (K and six digits)",
            f"{number[:40]!r} 不是 510(k) 编号（K 加六位数字）",
        )
    if code not in CATEGORIES:
        draft.error(
            "product_code",
            "product-code.unknown",
            f"{code[:20]!r} is none of {', '.join(CATEGORIES)}",
            f"{code[:20]!r} 不在 {'、'.join(CATEGORIES)} 之中",
        )
    if not device:
        draft.error("device_name", "model.missing", "no device is named", "未写明器械名称")
    if not draft.text("decision_code").startswith("S"):
        draft.error(
            "decision_code",
            "decision.not-cleared",
            f"the decision {draft.text('decision_code')!r} is no clearance",
            f"决定 {draft.text('decision_code')!r} 不是许可",
        )
    if decided is None or start_of_day(decided, NEW_YORK) <= 0:
        draft.error(
            "decision_date",
            "date.form",
            f"{decision[:40]!r} is no date from 1970 on (YYYY-MM-DD)",
            f"{decision[:40]!r} 不是 1970 年以后的日期（年-月-日）",
        )
    elif received is not None and decided < received:
        draft.error(
            "decision_date",
            "date.reversed",
            f"decided on {decided}, before it was received on {received}",
            f"决定日期 {decided} 早于收到日期 {received}",
        )
    if not usable(draft) or decided is None:
        return
    draft.state(
        "device_name", category=CATEGORIES[code], model=device, kind=KIND, number=number,
        valid_from=start_of_day(decided, NEW_YORK), marks=_marks(draft, applicant, device),
    )  # fmt: skip


def _marks(draft: Draft, applicant: str, device: str) -> tuple[str, ...]:
    marks = [f"applicant country {draft.text('country_code') or 'unstated'}"]
    if len(str(draft.cells["applicant"])) == _APPLICANT_LIMIT:
        marks.append("name-truncated")
        draft.warn(
            "applicant",
            "name.truncated",
            f"{applicant!r} has {_APPLICANT_LIMIT} characters, where the register cuts names off",
            f"{applicant!r} 达到 {_APPLICANT_LIMIT} 个字符，名录在此处截断名称，可能不完整",
        )
    if len(str(draft.cells["device_name"])) == _DEVICE_LIMIT:
        marks.append("model-truncated")
        draft.warn(
            "device_name",
            "model.truncated",
            f"the device name has {_DEVICE_LIMIT} characters, where the register cuts it off",
            f"器械名称达到 {_DEVICE_LIMIT} 个字符，名录在此处截断，可能不完整",
        )
    if not _MASK.search(device):
        marks.append("not-named-a-mask")
        draft.warn(
            "device_name",
            "device.other",
            f"{device[:80]!r} is not called a mask or respirator, whatever its product code",
            f"{device[:80]!r} 的名称不是口罩或呼吸器，与其产品代码不符",
        )
    if not draft.text("decision_code").startswith("SES"):
        marks.append(f"decision {draft.text('decision_code')}")
        draft.warn(
            "decision_code",
            "decision.special",
            f"the clearance is of a special kind: {draft.text('decision_code')}",
            f"该许可属特殊类型：{draft.text('decision_code')}",
        )
    return tuple(marks)


def _read(tables: Mapping[str, tuple[Table, ...]]) -> Content:
    drafts = []
    for table in tables["clearances"]:
        for record in table.records:
            draft = draft_of(table, record)
            drafts.append(draft)
            if usable(draft):
                _read_row(draft)
    title = "FDA 510(k) clearances: surgical masks and respirators"
    # A decision's day is not the day on which the register said so: none is stated.
    return Content(title, finish(drafts), None)


FDA_510K: Final = Reader(
    register="fda-510k",
    name_zh="美国 FDA 510(k) 许可：外科口罩与呼吸器",
    name_en="FDA 510(k) clearances: surgical masks and respirators",
    zone=NEW_YORK,
    freshness_days=30,
    kinds=(KIND,),
    shapes=(
        Shape(
            "clearances",
            ("k_number", "applicant", "country_code", "device_name", "product_code",
             "date_received", "decision_date", "decision_code"),
            read_csv,
        ),
    ),
    content=_read,
)  # fmt: skip
