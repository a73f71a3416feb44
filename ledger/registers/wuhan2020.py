"""The wuhan2020 volunteers' list of manufacturers (January and February 2020), as JSON.

Rules kept here:

* A value of 1, or none, means "makes it, amount unknown", not one piece a day.
* A certificate is for a product; where a firm makes several and one number stands there, nobody
  can tell for which, and none is stated.
* The kind of certificate is read from the form of its number: 械注 is a registration, 械备 a
  class I filing, which is less. The year in a number is not a date.
* The same firm may stand there twice with two provinces; its name identifies it here.
"""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from ledger.days import SHANGHAI
from ledger.registers.reader import Content, Reader, Shape
from ledger.registers.reading import Draft, draft_of, finish, usable
from ledger.tabular import Record, Table, decode, line, malformed

#: Product as the list words it → category. What is not specific stays in the general category:
#: "N95" in a Chinese list of that month says nothing about an approval by NIOSH.
CATEGORIES: Final[Mapping[str, str]] = {
    "一次性医用口罩": "mask.medical-disposable",
    "医用口罩": "mask",
    "医用外科口罩": "mask.surgical",
    "N95": "mask.respirator",
    "KN95": "mask.respirator.kn95",
    "医用防护口罩": "mask.respirator.medical",
    "防护服": "clothing.protective",
    "核酸检测试剂盒": "test-kit.nucleic-acid",
    "PCR检测产品": "test-kit",
    "实时荧光定量PCR仪": "device.pcr-instrument",
    "实时荧光定量PCR系统": "device.pcr-instrument",
    "红外成像测温仪": "device.thermal-imager",
}
_UNIT: Final = "H87"
_REGISTRATION: Final = re.compile(
    r"[国京津沪渝冀晋辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵云黔滇陕甘青蒙宁新藏]械注[准进许]\d{11}"
)
_FILING: Final = re.compile("[\u4e00-\u9fff]{1,3}械备[0-9]{8}号?")
_COMPANY: Final = "公司"


def _load(name: str, data: bytes) -> Table:
    try:
        found = json.loads(decode(name, data))
    except (json.JSONDecodeError, RecursionError) as error:
        raise malformed(name, f"not JSON: {error}", f"不是 JSON：{error}") from error
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise malformed(name, "a list of records is expected", "应为记录的列表")
    columns = dict.fromkeys(key for item in found for key in item)
    return Table(name, tuple(columns), tuple(Record(i, r) for i, r in enumerate(found, start=1)))


def _certificate(draft: Draft) -> tuple[str, str] | None:
    """Kind and number of the certificate, as far as its form tells."""
    number = draft.text("qualification")
    if not number:
        draft.warn("qualification", "number.missing", "no certificate is stated", "未写明证书编号")
        return None
    if _REGISTRATION.fullmatch(number):
        return "cn-device-registration", number
    if _FILING.fullmatch(number):
        return "cn-device-filing", number
    draft.error(
        "qualification",
        "number.form",
        f"{number[:60]!r} is neither a registration (械注准…) nor a filing (械备…)",
        f"{number[:60]!r} 既不是注册证号（械注准…）也不是备案号（械备…）",
    )
    return None


def _per_day(draft: Draft, column: str, value: Any) -> int | None:
    """The amount; 0 unknown; None (and a problem) where it is no amount."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value == 1):
        return 0
    if isinstance(value, int) and not isinstance(value, bool) and 1 < value < 1 << 63:
        return value
    draft.error(
        column,
        "capacity.value",
        f"{str(value)[:40]!r} is no amount per day",
        f"{str(value)[:40]!r} 不是日产量",
    )
    return None


def _supplies(draft: Draft) -> list[tuple[str, str]]:
    """State the capacities; give back (category, product as worded) of each supply."""
    supplies = draft.cells.get("supplies")
    if not isinstance(supplies, list) or not all(isinstance(s, dict) for s in supplies):
        draft.error("supplies", "supplies.form", "a list of supplies is needed", "应为物资列表")
        return []
    found = []
    for index, supply in enumerate(supplies):
        column = f"supplies[{index}]"
        product = line(str(supply.get("specification") or ""))
        category = CATEGORIES.get(product)
        if category is None:
            draft.error(
                f"{column}.specification",
                "product.unknown",
                f"the product {product[:60]!r} has no category here",
                f"产品 {product[:60]!r} 没有对应的类别",
            )
            continue
        amount = _per_day(draft, f"{column}.value", supply.get("value"))
        if amount is None:
            continue
        if amount == 0:
            draft.warn(
                f"{column}.value",
                "capacity.unknown",
                f"{product}: the amount is unknown (value {supply.get('value')!r})",
                f"{product}：数量不详（值为 {supply.get('value')!r}）",
            )
        draft.state_capacity(category, amount, _UNIT, product)
        found.append((category, product))
    return found


def _name_marks(draft: Draft) -> tuple[str, ...]:
    name = draft.text("name")
    if name.endswith(_COMPANY):
        return ()
    draft.warn(
        "name",
        "name.short",
        f"{name!r} is no full registered name (cut off or a short form)",
        f"{name!r} 不是完整的登记名称（被截断或为简称）",
    )
    return ("name-incomplete",)


def _day(draft: Draft) -> date | None:
    """The day of the notice: the list writes local midnight in UTC, so the day is the next."""
    text = draft.text("date")
    try:
        return (datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ") + timedelta(hours=8)).date()
    except ValueError:
        draft.warn("date", "date.missing", "no day is stated", "未写明日期")
        return None


def _read_row(draft: Draft) -> date | None:
    if not draft.name_holder("name", draft.text("name"), language="zh"):
        return None
    marks = _name_marks(draft)
    supplies = _supplies(draft)
    certificate = _certificate(draft)
    day = _day(draft)
    if certificate is None or not supplies:
        return day
    if len(set(supplies)) > 1:
        draft.error(
            "qualification",
            "number.ambiguous",
            f"one certificate, {certificate[1]}, and {len(supplies)} products: "
            "for which of them is not stated",
            f"只有一个证书号 {certificate[1]}，却有 {len(supplies)} 种产品，未写明对应哪一种",
        )
        return day
    category, product = supplies[0]
    draft.state(
        "qualification", category=category, model=product, kind=certificate[0],
        number=certificate[1], marks=marks,
    )  # fmt: skip
    return day


def _same_firm_elsewhere(drafts: list[Draft]) -> None:
    first: dict[str, Draft] = {}
    for draft in drafts:
        if draft.holder is None:
            continue
        earlier = first.setdefault(draft.holder.identifier, draft)
        if draft.text("province") != earlier.text("province"):
            draft.warn(
                "province",
                "province.contradicted",
                f"row {earlier.number} places the same firm in {earlier.text('province')}, "
                f"this one in {draft.text('province')}",
                f"第 {earlier.number} 行写明该企业在{earlier.text('province')}，"
                f"本行写明在{draft.text('province')}",
            )


def _read(tables: Mapping[str, tuple[Table, ...]]) -> Content:
    drafts, days = [], []
    for table in tables["factories"]:
        for record in table.records:
            draft = draft_of(table, record)
            drafts.append(draft)
            day = _read_row(draft) if usable(draft) else None
            days += [day] if day else []
    _same_firm_elsewhere(drafts)
    return Content("wuhan2020 防疫物资生产企业名录", finish(drafts), max(days, default=None))


WUHAN2020: Final = Reader(
    register="wuhan2020-factories",
    name_zh="wuhan2020 防疫物资生产企业名录",
    name_en="wuhan2020 list of manufacturers (volunteers, 2020)",
    zone=SHANGHAI,
    freshness_days=30,
    kinds=("cn-device-registration", "cn-device-filing"),
    shapes=(Shape("factories", ("name", "supplies", "qualification"), _load),),
    content=_read,
)
