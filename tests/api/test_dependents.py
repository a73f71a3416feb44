"""What depends on an account's key, over HTTP and from the command line."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.access import CallerRole
from api.cli import main
from ledger import demo
from tests.support.ledger import key
from tests.support.service import Service, identity
from tests.support.workspaces import new_data, signer

REGULATOR = "0x" + key("regulator").address.hex()
PATH = f"/v1/accounts/{REGULATOR}/dependents"


def test_a_verdict_that_rests_on_the_key_is_listed_with_what_it_would_be(service: Service) -> None:
    asked = {
        "organisation": identity("qingluan"),
        "category": "mask.surgical",
        "model": "QL-100",
        "quantity": 50_000,
        "deliver_on": f"{datetime.now(UTC) + timedelta(days=6):%Y-%m-%d}",
        "lots": [{"id": "0x" + demo.MASK_LOT.id.hex()}],
    }
    given = service.post("/v1/verdicts", CallerRole.PROCUREMENT, json=asked).json()
    found = service.get(PATH, CallerRole.AUDITOR, params={"since": 0})
    assert found.status_code == 200, found.text
    told = {v["id"]: v for v in found.json()["verdicts"]}[given["id"]]
    assert told["answer"] == given["answer"]
    assert told["would_be"] in ("cannot-tell", "do-not-buy")
    assert set(told["entries"]) <= {e for c in given["checks"] for e in c["entries"]}
    later = service.get(PATH, CallerRole.AUDITOR, params={"since": "2100-01-01"})
    assert later.json()["entries"] == later.json()["verdicts"] == []


@pytest.mark.parametrize("role", [r for r in CallerRole if r is not CallerRole.AUDITOR])
def test_it_is_for_auditors(service: Service, role: CallerRole) -> None:
    assert service.get(PATH, role, params={"since": 0}).status_code == 403


def test_an_account_that_nobody_has_and_a_time_that_is_none_are_named(service: Service) -> None:
    nobody = PATH.replace(REGULATOR, "0x" + "11" * 20)
    assert service.get(nobody, CallerRole.AUDITOR, params={"since": 0}).status_code == 404
    wrong = service.get(PATH, CallerRole.AUDITOR, params={"since": "yesterday"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "since")
    assert service.get(PATH, CallerRole.AUDITOR).status_code == 422


def test_the_command_line_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = new_data(tmp_path, story=True)
    regulator = "0x" + signer("regulator").address.hex()
    where = ["--since", "1970-01-02", "--data", str(data)]
    assert main(["--json", "dependents", regulator, *where]) == 1
    told = json.loads(capsys.readouterr().out)
    assert {e["because"] for e in told["entries"]} >= {"signed", "qualification"}
    assert main(["--lang", "zh", "dependents", regulator, *where]) == 1
    assert f"{len(told['entries'])} 条记录" in capsys.readouterr().out
    assert main(["dependents", regulator, "--since", "2100-01-01", "--data", str(data)]) == 0
    capsys.readouterr()
    assert main(["dependents", "0x12", *where]) == 2
    assert "account: '0x12' is no address" in capsys.readouterr().err
