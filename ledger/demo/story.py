"""What happens in the demo, chapter by chapter.

It happens often: a licence that lapsed, a model withdrawn, a waiver in an emergency, a certificate
copied; a lot recalled, the licence of a maker of its resin withdrawn from before it was made.

The story is told by the actors' own signed entries; nothing is written past the ledger.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from ledger.catalogue import Catalogue
from ledger.catalogue.acts import acts
from ledger.chain.deployment import BATCHES, FoundingTerms
from ledger.demo.batches import BatchStory
from ledger.demo.cast import (
    AUTHORITY,
    BAIZE,
    BLUE_WHALE,
    CANGLONG,
    CHAIN,
    FEIYU,
    FENGHUANG,
    MASK,
    OFFICES,
    QILIN,
    QINGLUAN,
    SUPPLIERS,
    XUANGUI,
    ZHUHUAN,
    Office,
)
from ledger.demo.scribe import Scribe
from ledger.signing import Signer
from ledger.typed_data import ACTIONS, Domain, Entry, SignedEntry, Value, qualification_id
from ledger.vocabulary import NO_END

DAY: Final = 86400
#: A chain id that no public network has.
CHAIN_ID: Final = 20200123
#: Requirements of the catalogue hold from 2020-01-01 (UTC).
REQUIRED_FROM: Final = 1577836800


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
        pause: Callable[[], None] = lambda: None,
    ) -> None:
        """``pause`` lets the clock go on by a second at least: what comes to light later must be
        recorded later."""
        self._scribe = Scribe(signers, domains, clock)
        self._catalogue = catalogue
        self._now = int(clock())
        self._pause = pause

    def chapters(self, keep: Callable[[bytes], bytes]) -> Iterable[tuple[str, list[SignedEntry]]]:
        """(title, entries) in order. ``keep`` stores a document and gives its hash."""
        yield "the authority registers organisations and accounts", self._participants()
        yield "the authority sets the catalogue and what it requires", self._catalogue_acts()
        yield "licences are issued, reports signed, capacities stated", self._licences(keep)
        yield "a certificate is reviewed in three steps by three people", self._review(keep)
        yield "a waiver, a withdrawal, a copied certificate", self._incidents(keep)
        if BATCHES in self._scribe.domains:
            yield from BatchStory(self._scribe, self._now, self._pause).chapters(keep)

    def _id(self, entry: Entry, author: Office, holder: Office) -> bytes:
        self._scribe.remember(entry, author, holder)
        digest = self._scribe.digest(entry)
        texts = [str(entry.values[name]) for name in ("category", "model", "kind")]
        return qualification_id(author.id, holder.id, texts[0], texts[1], texts[2], digest)

    # -- the chapters ----------------------------------------------------------------------------

    def _participants(self) -> list[SignedEntry]:
        for name, domain in self._scribe.domains.items():
            if name != "ParticipantRegistry":
                self._scribe.write("authority", "AdmitContract", ledger=domain.address, name=name)
        for office in (*OFFICES, *SUPPLIERS, *CHAIN):
            self._scribe.write(
                "authority",
                "RegisterOrganisation",
                roles=int(office.roles),
                division=office.division,
                identifierKind="uscc",
                identifier=office.uscc,
                nameZh=office.name_zh,
                nameEn=office.name_en,
            )
            for name in office.accounts:
                self._scribe.write(
                    "authority",
                    "AddAccount",
                    organisation=office.id,
                    account=self._scribe.signers[name].address,
                    roles=int(office.roles),
                    person=bytes(32),
                )
            for kind in office.accredited:
                self._scribe.write(
                    "authority",
                    "Accredit",
                    organisation=office.id,
                    until=NO_END,
                    kind=kind,
                    **{"from": self._now - 5 * 365 * DAY},
                )
        return self._scribe.written()

    def _catalogue_acts(self) -> list[SignedEntry]:
        for action, fields in acts(self._catalogue, REQUIRED_FROM):
            if ACTIONS[action].contract in self._scribe.domains:
                self._scribe.write("authority", action, **fields)
        return self._scribe.written()

    def _issue(
        self,
        holder: Office,
        kind: str,
        model: str,
        number: str,
        days: tuple[int, int],
        paper: bytes,
        *,
        category: str = MASK,
        by: str = "regulator",
    ) -> bytes:
        start, end = (self._now + d * DAY for d in days)
        entry = self._scribe.write(
            by,
            "IssueQualification",
            holder=holder.id,
            validFrom=start,
            validUntil=end,
            document=paper,
            category=category,
            model=model,
            kind=kind,
            number=number,
        )
        return self._id(entry, self._scribe.office[by], holder)

    def _capacity(self, supplier: Office, per_day: int) -> None:
        self._scribe.write(
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
        for maker, category, kind, paper_number in (
            (CANGLONG, "resin.polypropylene", "business-licence", "990000000000161"),
            (ZHUHUAN, "resin.polypropylene", "business-licence", "990000000000178"),
            (FENGHUANG, "fabric.meltblown", "business-licence", "990000000000186"),
            (FENGHUANG, "fabric.meltblown", "test-report", "示检2026-0187"),
            (QILIN, "fabric.spunbond", "business-licence", "990000000000194"),
        ):
            by = "laboratory" if kind == "test-report" else "regulator"
            document = paper(maker, f"{kind} {paper_number}")
            self._issue(
                maker, kind, "", paper_number, (-700, 1100), document, category=category, by=by
            )
        return self._scribe.written()

    def _review(self, keep: Callable[[bytes], bytes]) -> list[SignedEntry]:
        """Qingluan submits its device registration; verified, edited, published by three people."""
        number = "示械注准20242140001"
        document = keep(f"Example document 示例文件\n{QINGLUAN.name_zh}\n{number}\n".encode())
        start, end = self._now - 200 * DAY, self._now + 1500 * DAY
        submitted = self._scribe.write(
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
        self._scribe.write("reviewer-verifies", "VerifyQualification", note=note, **step)
        self._scribe.write(
            "reviewer-edits",
            "EditQualification",
            qualification=id_,
            validFrom=start,
            validUntil=end,
            document=document,
            number=number,
            note="",
        )
        self._scribe.write("reviewer-publishes", "PublishQualification", note="", **step)
        return self._scribe.written()

    def _incidents(self, keep: Callable[[bytes], bytes]) -> list[SignedEntry]:
        order = keep("Example document 示例文件\n应急豁免令 Emergency waiver order\n".encode())
        self._scribe.write(
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
        self._scribe.write(
            "regulator",
            "WithdrawQualification",
            qualification=self._withdrawn,
            document=bytes(32),
            effective=self._now - 10 * DAY,
            reason="Filtration below the standard in a market sample 市场抽检过滤效率不达标",
        )
        number, document = self._copied
        self._scribe.write(
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
        return self._scribe.written()
