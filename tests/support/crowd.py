"""A firm that has much of everything, for pages that must hold it: long names, many products,
qualifications in every state, and a record of a register that looks like the same firm."""

from collections.abc import Callable
from typing import Final

from ledger import demo
from ledger.authoring import Author
from ledger.importing.recording import record
from ledger.signing import Signer
from ledger.typed_data import SignedEntry, organisation_id, qualification_id
from ledger.vocabulary import NO_END, Role
from ledger.workspace import Workspace

#: Its identifier is no credit code: that is another way to be known by.
LONG_ZH: Final = ("江岸百草应急防护与医疗卫生用品研究开发生产销售服务" * 9)[:196] + "有限公司"
LONG_EN: Final = ("Jiangan Hundred Herbs Emergency Protective Goods " * 5)[:191] + "Co., Ltd."
CROWDED: Final = organisation_id("demo", "crowded")
TWIN: Final = organisation_id("register:wuhan2020-factories", "crowded twin")
#: 江岸区, so that a division has its name.
DIVISION: Final = 420102000000
MODELS: Final = 62


def enter(workspace: Workspace, key: Callable[[str], Signer]) -> None:
    """Record the firm with all that it has."""

    def author(name: str) -> Author:
        office = next(o for o in demo.ALL if name in o.accounts)
        return Author(
            key(name), office.id, workspace.domains, workspace.index.next_nonce, workspace.clock
        )

    authority, regulator, mirror = author("authority"), author("regulator"), author("mirror")
    now = int(workspace.clock())
    register = authority.write(
        "RegisterOrganisation", roles=int(Role.SUPPLIER), division=DIVISION,
        identifierKind="demo", identifier="crowded", nameZh=LONG_ZH, nameEn=LONG_EN,
    )  # fmt: skip
    twin = mirror.write(
        "ListOrganisation", identifierKind="register:wuhan2020-factories",
        identifier="crowded twin", nameZh=LONG_ZH, nameEn="",
    )  # fmt: skip
    _record(workspace, [authority.sign(register), mirror.sign(twin)])
    made: list[tuple[SignedEntry, bytes]] = []
    for number in range(MODELS):
        day = demo.DAY
        begins, ends = now - (30 + 17 * number) * day, now + (40 * number - 400) * day
        if number % 9 == 0:
            begins = 0  # unstated
        if number % 11 == 0:
            ends = NO_END
        fields = {
            "category": demo.MASK,
            "model": f"BC-{number:03d}",
            "kind": "cn-device-registration",
        }
        entry = regulator.write(
            "IssueQualification", holder=CROWDED, validFrom=begins,
            validUntil=max(ends, begins + day), document=bytes([number + 1] * 32),
            number=f"示械注准2099214{number:04d}", **fields,
        )  # fmt: skip
        digest = entry.digest(workspace.domains[entry.action.contract])
        office = regulator.organisation
        id_ = qualification_id(office, CROWDED, demo.MASK, fields["model"], fields["kind"], digest)
        made.append((regulator.sign(entry), id_))
    _record(workspace, [signed for signed, _ in made])
    changes = [
        regulator.write("SuspendQualification", qualification=made[40][1], document=bytes(32),
                        reason="Under inquiry 正在调查"),
        regulator.write("RestrictQualification", qualification=made[41][1], document=bytes(32),
                        reason="Not for hospitals 不得用于医疗机构"),
        regulator.write("WithdrawQualification", qualification=made[42][1], document=bytes(32),
                        effective=now - 200 * demo.DAY, reason="Obtained by a false statement"),
    ]  # fmt: skip
    _record(workspace, [regulator.sign(change) for change in changes])


def _record(workspace: Workspace, entries: list[SignedEntry]) -> None:
    for status in record(workspace, entries):
        assert status.refusal is None, status
