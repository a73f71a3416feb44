"""Who appears in the demo. Every firm and office here is made up.

The province, its offices and all firms carry the word for "example" or a name out of legend, and
their credit codes use the division 990000, which no province has.
"""

from dataclasses import dataclass
from typing import Final

from ledger.typed_data import organisation_id
from ledger.vocabulary import Role

#: What the story's mask makers make.
MASK: Final = "mask.surgical"


@dataclass(frozen=True, slots=True)
class Office:
    """An organisation of the demo; ``accounts`` are the names of its people's keys, ``division``
    is a 12-digit code, 0 where none is stated."""

    key: str
    uscc: str
    name_zh: str
    name_en: str
    roles: Role
    accounts: tuple[str, ...]
    accredited: tuple[str, ...] = ()
    division: int = 0

    @property
    def id(self) -> bytes:
        return organisation_id("uscc", self.uscc)


AUTHORITY: Final = Office(
    "authority",
    "91990000MA0DEM0138",
    "示例省应急物资管理局",
    "Example Province Emergency Materials Authority",
    Role.AUTHORITY,
    ("authority",),
)

OFFICES: Final = (
    Office(
        "regulator",
        "91990000MA0DEM0213",
        "示例省药品监督管理局",
        "Example Province Drug Administration",
        Role.ISSUER,
        ("regulator",),
        ("cn-device-registration", "cn-production-licence", "business-licence", "oversight"),
    ),
    Office(
        "laboratory",
        "91990000MA0DEM03XT",
        "示例省防护用品检测中心",
        "Example Province Protective Equipment Laboratory",
        Role.ISSUER | Role.LABORATORY,
        ("laboratory",),
        ("test-report", "YY 0469-2011"),
    ),
    Office(
        "review-centre",
        "91990000MA0DEM048T",
        "示例省审评中心",
        "Example Province Review Centre",
        Role.REVIEWER,
        ("reviewer-verifies", "reviewer-edits"),
    ),
    Office(
        "health-commission",
        "91990000MA0DEM056M",
        "示例市卫生健康委员会",
        "Example City Health Commission",
        Role.REVIEWER,
        ("reviewer-publishes",),
    ),
    Office(
        "audit-office",
        "91990000MA0DEM064G",
        "示例省审计局",
        "Example Province Audit Office",
        Role.AUDITOR,
        ("auditor",),
    ),
    Office(
        "district",
        "91990000MA0DEM072B",
        "示例市云梦区应急采购办公室",
        "Yunmeng District Emergency Procurement Office, Example City",
        Role.BUYER,
        ("buyer",),
    ),
    Office(
        "mirror",
        "91990000MA0DEM152Y",
        "示例省公开名录镜像台",
        "Example Province Public Register Mirror",
        Role.MIRROR,
        ("mirror",),
        (
            "register:niosh-n95",
            "register:fda-eua-china",
            "register:fda-eua-imported",
            "register:fda-eua-surgical",
            "register:fda-510k",
            "register:fda-recalls",
            "register:wuhan2020-factories",
        ),
    ),
)

QINGLUAN: Final = Office(
    "qingluan",
    "91990000MA0DEM0806",
    "示例青鸾口罩厂",
    "Qingluan Example Mask Works",
    Role.SUPPLIER,
    ("qingluan",),
)
BLUE_WHALE: Final = Office(
    "blue-whale",
    "91990000MA0DEM0993",
    "示例蓝鲸防护用品有限公司",
    "Blue Whale Example Protective Goods Co., Ltd.",
    Role.SUPPLIER,
    ("blue-whale",),
)
BAIZE: Final = Office(
    "baize",
    "91990000MA0DEM101N",
    "示例白泽医疗器械有限公司",
    "Baize Example Medical Devices Co., Ltd.",
    Role.SUPPLIER,
    ("baize",),
)
XUANGUI: Final = Office(
    "xuangui",
    "91990000MA0DEM11XE",
    "示例玄龟应急制造有限公司",
    "Xuangui Example Emergency Manufacturing Co., Ltd.",
    Role.SUPPLIER,
    ("xuangui",),
)
FEIYU: Final = Office(
    "feiyu",
    "91990000MA0DEM128E",
    "示例飞鱼卫生材料有限公司",
    "Feiyu Example Hygiene Materials Co., Ltd.",
    Role.SUPPLIER,
    ("feiyu",),
)
RED_FOX: Final = Office(
    "red-fox",
    "91990000MA0DEM1369",
    "示例赤狐商贸有限公司",
    "Red Fox Example Trading Co., Ltd.",
    Role.SUPPLIER,
    ("red-fox",),
)

#: Who makes the masks of lots that are followed, from the resin to the neighbourhood. Qingluan
#: makes the masks. The divisions are five levels of one province that does not exist: province,
#: city, district, street, community.
CANGLONG: Final = Office(
    "canglong",
    "91990000MA0DEM160R",
    "示例苍龙石化有限公司",
    "Canglong Example Petrochemical Co., Ltd.",
    Role.SUPPLIER,
    ("canglong",),
)
ZHUHUAN: Final = Office(
    "zhuhuan",
    "91990000MA0DEM179N",
    "示例朱鹮树脂有限公司",
    "Zhuhuan Example Resins Co., Ltd.",
    Role.SUPPLIER,
    ("zhuhuan",),
)
FENGHUANG: Final = Office(
    "fenghuang",
    "91990000MA0DEM187H",
    "示例凤凰熔喷材料厂",
    "Fenghuang Example Meltblown Works",
    Role.SUPPLIER,
    ("fenghuang",),
)
QILIN: Final = Office(
    "qilin",
    "91990000MA0DEM195C",
    "示例麒麟无纺布厂",
    "Qilin Example Nonwovens",
    Role.SUPPLIER,
    ("qilin",),
)
WAREHOUSE: Final = Office(
    "warehouse",
    "91990000MA0DEM2082",
    "示例省应急物资储备库",
    "Example Province Emergency Warehouse",
    Role.STORE,
    ("warehouse",),
    division=990100000000,
)
COMMUNITIES: Final = (
    Office(
        "community-1",
        "91990000MA0DEM216W",
        "示例市云梦区桃源街道第一社区物资站",
        "Community Store 1, Taoyuan Street, Yunmeng District, Example City",
        Role.STORE,
        ("community-1",),
        division=990102001001,
    ),
    Office(
        "community-2",
        "91990000MA0DEM224P",
        "示例市云梦区桃源街道第二社区物资站",
        "Community Store 2, Taoyuan Street, Yunmeng District, Example City",
        Role.STORE,
        ("community-2",),
        division=990102001002,
    ),
    Office(
        "community-3",
        "91990000MA0DEM232J",
        "示例市云梦区蓬莱街道第一社区物资站",
        "Community Store 1, Penglai Street, Yunmeng District, Example City",
        Role.STORE,
        ("community-3",),
        division=990102002001,
    ),
)
SUPPLIERS: Final = (QINGLUAN, BLUE_WHALE, BAIZE, XUANGUI, FEIYU, RED_FOX)
CHAIN: Final = (CANGLONG, ZHUHUAN, FENGHUANG, QILIN, WAREHOUSE, *COMMUNITIES)
ALL: Final = (AUTHORITY, *OFFICES, *SUPPLIERS, *CHAIN)
#: Every key of the demo, by the name of the account.
ACCOUNTS: Final = tuple(name for office in ALL for name in office.accounts)
