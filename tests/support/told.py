"""A ledger on which a little of everything happened."""

from dataclasses import dataclass
from typing import Any

from ledger.typed_data import SignedEntry, organisation_id, publication_id, register_subject
from ledger.vocabulary import NO_END, Role
from tests.support.ledger import NOTHING, Member, TestLedger

REGISTER = "register:example-list"
DOCUMENT = b"\x11" * 32
NUMBER = "Test-2020-0001"


@dataclass(frozen=True)
class Told:
    """The ledger and those on it. ``refused`` are the digests of refused entries; ``review`` and
    ``mirrored`` ids of qualifications, ``listed`` of a firm that only a register knows,
    ``late`` the sequence number of an entry that the authority let in late."""

    ledger: TestLedger
    maker: Member
    issuer: Member
    mirror: Member
    listed: bytes
    publication: bytes
    review: bytes
    issued: bytes
    mirrored: tuple[bytes, ...]
    refused: tuple[bytes, ...]
    late: int


def tell(ledger: TestLedger) -> Told:
    maker = ledger.organisation("Clear Brook Masks Ltd", Role.SUPPLIER, chinese="清溪口罩有限公司")
    issuer = ledger.organisation("North Pass Testing", Role.ISSUER | Role.LABORATORY)
    reviewers = [ledger.organisation(f"Review House {n}", Role.REVIEWER) for n in (1, 2)]
    third = ledger.account(reviewers[0], "second desk", Role.REVIEWER)
    mirror = ledger.organisation("List Keepers", Role.MIRROR)
    ledger.accredit(issuer, "test-report")
    ledger.accredit(mirror, REGISTER)
    ledger.category("mask")
    ledger.category("mask.surgical", "mask")

    terms: dict[str, Any] = {"validFrom": 1_500_000_000, "validUntil": NO_END}
    issued = ledger.act(
        "IssueQualification", issuer,
        holder=maker.id, category="mask.surgical", model="CB-1", kind="test-report",
        number=NUMBER, document=DOCUMENT, **terms,
    ).subject  # fmt: skip
    review = ledger.act(
        "SubmitQualification", maker,
        category="mask.surgical", model="", kind="licence", number="draft", document=NOTHING,
        **terms,
    ).subject  # fmt: skip
    step: dict[str, Any] = {"qualification": review, "document": NOTHING, "note": ""}
    ledger.act("VerifyQualification", reviewers[0], **step)
    ledger.act(
        "EditQualification", third,
        qualification=review, document=DOCUMENT, number="licence 7", note="number mended",
        **terms,
    )  # fmt: skip
    ledger.act("PublishQualification", reviewers[1], **step)
    ledger.act(
        "SuspendQualification", issuer, qualification=issued, document=NOTHING, reason="looking"
    )
    ledger.act(
        "ReinstateQualification", issuer, qualification=issued, document=NOTHING, reason="fine"
    )

    listed = organisation_id(REGISTER, "Valley Respirators, Inc.")
    ledger.act(
        "ListOrganisation", mirror,
        identifierKind=REGISTER, identifier="Valley Respirators, Inc.",
        nameZh="", nameEn="Valley Respirators, Inc.",
    )  # fmt: skip
    entry = ledger.signed(
        "RecordPublication", mirror,
        published=1_590_000_000, document=b"\x22" * 32, rows=3, rowsRoot=b"\x33" * 32,
        register=REGISTER, title="Example list",
    )  # fmt: skip
    [recorded] = ledger.record(entry)
    digest = entry.entry.digest(ledger.deployment.domain("QualificationRegistry"))
    publication = publication_id(mirror.id, digest)
    assert recorded.subject == register_subject(mirror.id, REGISTER)

    def row(model: str, withdrawn: int = 0) -> SignedEntry:
        return ledger.signed(
            "MirrorQualification", mirror,
            holder=listed, validFrom=0, validUntil=0, document=b"\x44" * 32,
            publication=publication, withdrawnFrom=withdrawn, category="mask", model=model,
            kind="example-list", number="100%_TC-84A",
        )  # fmt: skip

    batch = ledger.record(row("VR-1"), row("VR-2"), row("VR-3", 1))
    mirrored = tuple(e.subject for e in batch)
    ledger.act(
        "DelistQualification", mirror,
        qualification=mirrored[1], publication=publication, reason="not listed any more",
    )  # fmt: skip
    ledger.act(
        "StateCapacity", mirror,
        organisation=listed, publication=publication, document=b"\x55" * 32, perDay=1000,
        category="mask", model="", unit="H87",
    )  # fmt: skip

    bad = [
        ledger.signed(
            "SuspendQualification", maker, qualification=review, document=NOTHING, reason=""
        ),
        ledger.signed(
            "SubmitQualification", maker,
            category="nothing", model="", kind="licence", number="", document=NOTHING, **terms,
        ),
    ]  # fmt: skip
    good = ledger.signed("Reply", maker, about=review, document=NOTHING, text="thank you")
    ledger.send(bad[0], good, bad[1])
    domain = ledger.deployment.domain("QualificationRegistry")
    late = ledger.act(
        "Reply", maker, (ledger.authority.signer, *ledger.co_signers),
        about=review, document=NOTHING, text="long ago",
        happenedAt=int(ledger.now()) - 30 * 86400,
    )  # fmt: skip
    ledger.act("RemoveAccount", account=third.signer.address, reason="left")
    ledger.act(
        "ChangeOrganisation",
        organisation=maker.id, status=2, roles=int(Role.SUPPLIER | Role.BUYER),
        division=420_100_000_000, reason="buys too",
    )  # fmt: skip
    return Told(
        ledger, maker, issuer, mirror, listed, publication, review, issued, mirrored,
        tuple(e.entry.digest(domain) for e in bad), late.sequence,
    )  # fmt: skip
