"""What a maker cites is found in the ledger's own record, and what is missing is named."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger import demo
from ledger.citing import citations
from ledger.demo.batches import FABRIC_LOT, MASK_LOT, OTHER_FABRIC
from ledger.errors import RequestError
from ledger.typed_data import Citation, Entry, publication_id
from ledger.vocabulary import NO_END
from ledger.workspace import Workspace
from tests.support.workspaces import (
    BEGINNING,
    HandClock,
    author,
    new_data,
    opened,
    recorded,
)

DAY = 86_400
#: After all that the story tells.
LATER = BEGINNING + 3_600


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with opened(new_data(tmp_path, story=True), HandClock(LATER)) as workspace:
        yield workspace


def found(
    workspace: Workspace, office: demo.Office, category: str, model: str = "", **when: int
) -> tuple[Citation, ...]:
    def digest_of(sequence: int) -> bytes:
        entry = workspace.index.entry(sequence)
        assert entry is not None
        return entry.digest

    return citations(
        workspace.history(office.id, category), office.id, category, model,
        **{"at": LATER, "now": LATER, **when}, digest_of=digest_of,
    )  # fmt: skip


def missing(workspace: Workspace, *scope: Any, **when: int) -> RequestError:
    with pytest.raises(RequestError) as error:
        found(workspace, *scope, **when)  # type: ignore[arg-type]
    assert (error.value.code, error.value.field) == ("citation.missing", "cited")
    assert error.value.message_zh != str(error.value)
    return error.value


def test_every_required_kind_is_cited_as_the_makers_did(workspace: Workspace) -> None:
    for lot in (FABRIC_LOT, OTHER_FABRIC, MASK_LOT):
        [made, *_] = workspace.index.by_subject(lot.id)
        assert set(made["cited"]) == set(found(workspace, lot.maker, lot.category, lot.model))  # type: ignore[arg-type]


def test_the_gate_opens_for_what_is_found(workspace: Workspace) -> None:
    entry = author(workspace, "canglong").write(
        "Commission", quantity=1, gtin=9520000000011, originNotShown=False, document=bytes(32),
        lot="NEW-1", category="resin.polypropylene", model="", unit="KGM", place="", origin="",
        cited=found(workspace, demo.CANGLONG, "resin.polypropylene"),
    )  # fmt: skip
    recorded(workspace, author(workspace, "canglong"), entry)


def test_what_was_withdrawn_from_before_the_making_is_no_ground(workspace: Workspace) -> None:
    error = missing(workspace, demo.ZHUHUAN, "resin.polypropylene")
    assert error.values["kind"] == "business-licence"
    assert "990000000000178: withdrawn" in str(error)


def test_a_registration_of_one_model_is_none_of_another(workspace: Workspace) -> None:
    error = missing(workspace, demo.QINGLUAN, demo.MASK, "QL-1000")
    assert error.values["kind"] == "cn-device-registration"
    assert "for the model QL-100 only" in str(error)
    assert "仅限型号 QL-100" in error.message_zh


def test_what_nobody_holds_is_said_plainly(workspace: Workspace) -> None:
    assert "none is held" in str(missing(workspace, demo.FEIYU, "resin.polypropylene"))


def test_a_category_that_requires_nothing_needs_no_citation(workspace: Workspace) -> None:
    assert found(workspace, demo.FEIYU, "mask") == ()


@pytest.mark.parametrize("at", [LATER - 701 * DAY, LATER + 1_101 * DAY])
def test_outside_its_dates_it_does_not_count(workspace: Workspace, at: int) -> None:
    assert "not valid at that time" in str(
        missing(workspace, demo.CANGLONG, "resin.polypropylene", at=at)
    )


def licence(workspace: Workspace, office: demo.Office) -> bytes:
    [held] = workspace.index.qualifications_of(office.id)
    return held.id


def change(workspace: Workspace, action: str, office: demo.Office, **fields: Any) -> None:
    by = author(workspace, "regulator")
    values = {"qualification": licence(workspace, office), "document": bytes(32), "reason": "x"}
    recorded(workspace, by, by.write(action, **(values | fields)))


def test_what_is_suspended_now_is_no_ground_even_for_before(workspace: Workspace) -> None:
    change(workspace, "SuspendQualification", demo.QILIN)
    error = missing(workspace, demo.QILIN, "fabric.spunbond", at=LATER - DAY)
    assert "not in force but suspended" in str(error)
    change(workspace, "ReinstateQualification", demo.QILIN)
    assert len(found(workspace, demo.QILIN, "fabric.spunbond", at=LATER - DAY)) == 1


def test_what_is_withdrawn_with_notice_counts_until_then(workspace: Workspace) -> None:
    change(workspace, "WithdrawQualification", demo.QILIN, effective=LATER + 30 * DAY)
    assert len(found(workspace, demo.QILIN, "fabric.spunbond")) == 1
    error = missing(workspace, demo.QILIN, "fabric.spunbond", now=LATER + 30 * DAY)
    assert "withdrawn" in str(error)


def test_of_two_that_count_the_one_that_runs_longest_is_cited(workspace: Workspace) -> None:
    by = author(workspace, "regulator")

    def issue(number: str, until: int) -> Entry:
        return by.write(
            "IssueQualification", holder=demo.QILIN.id, validFrom=LATER - DAY, validUntil=until,
            document=bytes(32), category="fabric.spunbond", model="", kind="business-licence",
            number=number,
        )  # fmt: skip

    short, long = issue("short", LATER + DAY), issue("long", NO_END - 1)
    recorded(workspace, by, short, long)
    [cited] = found(workspace, demo.QILIN, "fabric.spunbond")
    assert cited.digest == by.digest(long)


def test_the_gate_opens_for_what_a_register_lists_where_the_authority_accepts_it(
    workspace: Workspace,
) -> None:
    kind, register = "business-licence", "register:niosh-n95"
    change(workspace, "SuspendQualification", demo.CANGLONG)
    authority, mirror = author(workspace, "authority"), author(workspace, "mirror")
    accept = authority.write("AcceptMirror", accepted=True, register=register, kind=kind)
    recorded(workspace, authority, accept)
    issue = mirror.write(
        "RecordPublication", published=LATER, document=bytes(32), rows=1, rowsRoot=bytes(32),
        register=register, title="",
    )  # fmt: skip
    recorded(workspace, mirror, issue)
    row = mirror.write(
        "MirrorQualification", holder=demo.CANGLONG.id, validFrom=LATER - DAY,
        validUntil=NO_END - 1, document=bytes(32),
        publication=publication_id(mirror.organisation, mirror.digest(issue)),
        withdrawnFrom=0, category="resin.polypropylene", model="", kind=kind, number="listed",
    )  # fmt: skip
    recorded(workspace, mirror, row)
    maker = author(workspace, "canglong")
    entry = maker.write(
        "Commission", quantity=1, gtin=9520000000011, originNotShown=False, document=bytes(32),
        lot="NEW-2", category="resin.polypropylene", model="", unit="KGM", place="", origin="",
        cited=found(workspace, demo.CANGLONG, "resin.polypropylene"),
    )  # fmt: skip
    recorded(workspace, maker, entry)
