"""A small invented world to try the ledger with. Every firm and office in it is made up.

The province, its offices and all firms carry the word for "example" or a name out of legend, and
their credit codes use the division 990000, which no province has. What happens in it happens
often: a licence that lapsed, a model withdrawn, a waiver in an emergency, a certificate copied.

The story is told by the actors' own signed entries; nothing is written past the ledger.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from ledger.authoring import Author
from ledger.catalogue import Catalogue
from ledger.catalogue.acts import acts
from ledger.chain.deployment import FoundingTerms
from ledger.signing import Signer
from ledger.typed_data import (
    Domain,
    Entry,
    SignedEntry,
    Value,
    organisation_id,
    qualification_id,
)
from ledger.vocabulary import NO_END, Role

DAY: Final = 86400
#: A chain id that no public network has.
CHAIN_ID: Final = 20200123
#: Requirements of the catalogue hold from 2020-01-01 (UTC).
REQUIRED_FROM: Final = 1577836800
MASK: Final = "mask.surgical"


@dataclass(frozen=True, slots=True)
class Office:
    """An organisation of the demo; ``accounts`` are the names of its people's keys."""

    key: str
    uscc: str
    name_zh: str
    name_en: str
    roles: Role
    accounts: tuple[str, ...]
    accredited: tuple[str, ...] = ()

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
        ("cn-device-registration", "cn-production-licence", "business-licence"),
    ),
    Office(
        "laboratory",
        "91990000MA0DEM03XT",
        "示例省防护用品检测中心",
        "Example Province Protective Equipment Laboratory",
        Role.ISSUER | Role.LABORATORY,
        ("laboratory",),
        ("test-report",),
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
SUPPLIERS: Final = (QINGLUAN, BLUE_WHALE, BAIZE, XUANGUI, FEIYU, RED_FOX)
ALL: Final = (AUTHORITY, *OFFICES, *SUPPLIERS)
#: Every key of the demo, by the name of the account.
ACCOUNTS: Final = tuple(name for office in ALL for name in office.accounts)


def founding(signers: Mapping[str, Signer]) -> FoundingTerms:
    """What the demo's ledger is founded with: one authority account, so a quorum of one."""
    return FoundingTerms(
        "uscc",
        AUTHORITY.uscc,
        AUTHORITY.name_zh,
        AUTHORITY.name_en,
        (signers["authority"].address,),
        1,
        7 * DAY,
    )


class Story:
    """Writes the demo's entries, chapter by chapter, each to be recorded before the next."""

    def __init__(
        self,
        signers: Mapping[str, Signer],
        domains: Mapping[str, Domain],
        catalogue: Catalogue,
        clock: Callable[[], float],
    ) -> None:
        self._signers = signers
        self._domains = domains
        self._catalogue = catalogue
        self._now = int(clock())
        self._clock = clock
        self._authors: dict[str, Author] = {}
        self._entries: list[SignedEntry] = []
        self._office = {name: office for office in ALL for name in office.accounts}

    def chapters(self, keep: Callable[[bytes], bytes]) -> Iterable[tuple[str, list[SignedEntry]]]:
        """(title, entries) in order. ``keep`` stores a document and gives its hash."""
        yield "the authority registers organisations and accounts", self._participants()
        yield "the authority sets the catalogue and what it requires", self._catalogue_acts()
        yield "licences are issued, reports signed, capacities stated", self._licences(keep)
        yield "a certificate is reviewed in three steps by three people", self._review(keep)
        yield "a waiver, a withdrawal, a copied certificate", self._incidents(keep)

    # -- writing ---------------------------------------------------------------------------------

    def _write(self, who: str, action: str, /, **fields: Value) -> Entry:
        author = self._authors.get(who)
        if author is None:
            author = self._authors[who] = Author(
                self._signers[who],
                self._office[who].id,
                self._domains,
                lambda contract, account: 0,
                self._clock,
            )
        entry = author.write(action, **fields)
        self._entries.append(author.sign(entry))
        return entry

    def _written(self) -> list[SignedEntry]:
        entries, self._entries = self._entries, []
        return entries

    def _id(self, entry: Entry, author: Office, holder: Office) -> bytes:
        digest = entry.digest(self._domains[entry.action.contract])
        texts = [str(entry.values[name]) for name in ("category", "model", "kind")]
        return qualification_id(author.id, holder.id, texts[0], texts[1], texts[2], digest)

    # -- the chapters ----------------------------------------------------------------------------

    def _participants(self) -> list[SignedEntry]:
        for name, domain in self._domains.items():
            if name != "ParticipantRegistry":
                self._write("authority", "AdmitContract", ledger=domain.address, name=name)
        for office in (*OFFICES, *SUPPLIERS):
            self._write(
                "authority",
                "RegisterOrganisation",
                roles=int(office.roles),
                division=0,
                identifierKind="uscc",
                identifier=office.uscc,
                nameZh=office.name_zh,
                nameEn=office.name_en,
            )
            for name in office.accounts:
                self._write(
                    "authority",
                    "AddAccount",
                    organisation=office.id,
                    account=self._signers[name].address,
                    roles=int(office.roles),
                    person=bytes(32),
                )
            for kind in office.accredited:
                self._write(
                    "authority",
                    "Accredit",
                    organisation=office.id,
                    until=NO_END,
                    kind=kind,
                    **{"from": self._now - 5 * 365 * DAY},
                )
        return self._written()

    def _catalogue_acts(self) -> list[SignedEntry]:
        for action, fields in acts(self._catalogue, REQUIRED_FROM):
            self._write("authority", action, **fields)
        return self._written()

    def _issue(
        self,
        holder: Office,
        kind: str,
        model: str,
        number: str,
        days: tuple[int, int],
        paper: bytes,
    ) -> bytes:
        start, end = (self._now + d * DAY for d in days)
        entry = self._write(
            "regulator",
            "IssueQualification",
            holder=holder.id,
            validFrom=start,
            validUntil=end,
            document=paper,
            category=MASK,
            model=model,
            kind=kind,
            number=number,
        )
        return self._id(entry, self._office["regulator"], holder)

    def _capacity(self, supplier: Office, per_day: int) -> None:
        self._write(
            supplier.key,
            "StateCapacity",
            organisation=supplier.id,
            publication=bytes(32),
            document=bytes(32),
            perDay=per_day,
            category=MASK,
            model="",
            unit="H87",
        )

    def _licences(self, keep: Callable[[bytes], bytes]) -> list[SignedEntry]:
        def paper(office: Office, what: str) -> bytes:
            return keep(f"Example document 示例文件\n{office.name_zh}\n{what}\n".encode())

        for number, (maker, days, per_day) in enumerate(
            (
                (QINGLUAN, (-400, 900), 60_000),
                (BLUE_WHALE, (-1100, -20), 80_000),  # lapsed three weeks ago
                (BAIZE, (-300, 900), 40_000),
                (XUANGUI, (-30, 700), 30_000),
                (FEIYU, (-500, 600), 25_000),
            ),
            start=1,
        ):
            licence = f"示械生产许2024{number:04d}号"
            self._issue(
                maker,
                "cn-production-licence",
                "",
                licence,
                days,
                paper(maker, "生产许可证 " + licence),
            )
            self._capacity(maker, per_day)
        for maker, model, certificate, days in (
            (BLUE_WHALE, "BW-3", "示械注准20242140002", (-600, 900)),
            (FEIYU, "FY-1", "示械注准20242140005", (-500, 900)),
            (BAIZE, "BZ-95", "示械注准20242140003", (-300, 900)),
            (BAIZE, "BZ-95G", "示械注准20242140004", (-300, 900)),
        ):
            document = paper(maker, "医疗器械注册证 " + certificate)
            id_ = self._issue(maker, "cn-device-registration", model, certificate, days, document)
            if model == "BZ-95":
                self._withdrawn = id_
            if maker is FEIYU:
                self._copied = (certificate, document)
        return self._written()

    def _review(self, keep: Callable[[bytes], bytes]) -> list[SignedEntry]:
        """Qingluan submits its device registration; verified, edited, published by three people."""
        number = "示械注准20242140001"
        document = keep(f"Example document 示例文件\n{QINGLUAN.name_zh}\n{number}\n".encode())
        start, end = self._now - 200 * DAY, self._now + 1500 * DAY
        submitted = self._write(
            "qingluan",
            "SubmitQualification",
            validFrom=start,
            validUntil=end,
            document=document,
            category=MASK,
            model="QL-100",
            kind="cn-device-registration",
            number=number.lower(),
        )
        id_ = self._id(submitted, QINGLUAN, QINGLUAN)
        step: dict[str, Value] = {"qualification": id_, "document": bytes(32)}
        note = "number checked against the original 已核对原件"
        self._write("reviewer-verifies", "VerifyQualification", note=note, **step)
        self._write(
            "reviewer-edits",
            "EditQualification",
            qualification=id_,
            validFrom=start,
            validUntil=end,
            document=document,
            number=number,
            note="",
        )
        self._write("reviewer-publishes", "PublishQualification", note="", **step)
        return self._written()

    def _incidents(self, keep: Callable[[bytes], bytes]) -> list[SignedEntry]:
        order = keep("Example document 示例文件\n应急豁免令 Emergency waiver order\n".encode())
        self._write(
            "authority",
            "WaiveQualification",
            holder=XUANGUI.id,
            validFrom=self._now - DAY,
            validUntil=self._now + 60 * DAY,
            document=order,
            category=MASK,
            model="",
            kind="cn-device-registration",
            reason="Emergency supply, inspected on site 应急供应，已现场核查",
        )
        self._write(
            "regulator",
            "WithdrawQualification",
            qualification=self._withdrawn,
            document=bytes(32),
            effective=self._now - 10 * DAY,
            reason="Filtration below the standard in a market sample 市场抽检过滤效率不达标",
        )
        number, document = self._copied
        self._write(
            "red-fox",
            "SubmitQualification",
            validFrom=self._now - 500 * DAY,
            validUntil=self._now + 900 * DAY,
            document=document,
            category=MASK,
            model="FY-1",
            kind="cn-device-registration",
            number=number,
        )
        return self._written()
