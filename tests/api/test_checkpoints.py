"""Checkpoints, countersignatures, anchors and receipts over HTTP; a witness on the command line."""

import json
import re
import secrets
import time
from binascii import a2b_base64
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from api.access import CallerRole
from api.app import create_app
from api.cli import main
from api.tokens.service import issue
from ledger import demo
from ledger.evidence.anchors import Anchors, PinnedCheckpoint
from ledger.evidence.fingerprint import fingerprint
from ledger.evidence.report import Result
from ledger.evidence.signed import ReceiptStatement
from ledger.evidence.verification import verify
from ledger.index.checkpoints import KeptCheckpoint
from ledger.merkle import EMPTY_ROOT, verify_consistency
from ledger.signing import Signer, recover
from ledger.typed_data import Entry, SignedEntry
from ledger.vocabulary import NO_END
from ledger.witnessing import Countersignature, Seen, countersign
from ledger.workspace import Workspace
from tests.support.ledger import key
from tests.support.listening import listening
from tests.support.service import Service, office
from tests.support.workspaces import author, key_file, new_data, recorded

PATH = "/v1/checkpoints"
ISSUER = CallerRole.ISSUER
NOTHING = bytes(32)


def entry(service: Service) -> SignedEntry:
    now = int(time.time())
    made = Entry.of(
        "StateCapacity",
        nonce=secrets.randbelow(1 << 40) + (1 << 62),
        happenedAt=now,
        deadline=now + 3600,
        organisation=office("qingluan").id,
        publication=NOTHING,
        document=NOTHING,
        perDay=60_000,
        category="mask.surgical",
        model="",
        unit="H87",
    )
    digest = made.digest(service.workspace.deployment.domain(made.action.contract))
    return SignedEntry(made, (key("qingluan").sign_digest(digest),))


def newest(service: Service) -> dict[str, Any]:
    """The newest checkpoint, after one entry more."""
    workspace = service.workspace
    before = workspace.position
    service.post("/v1/entries", CallerRole.SUPPLIER, json=entry(service).to_json())
    until = time.monotonic() + 10
    while workspace.position == before:
        assert time.monotonic() < until
        time.sleep(0.02)
    workspace.checkpoint()
    told: dict[str, Any] = service.get(f"{PATH}/latest").json()
    return told


def anchors_of(service: Service) -> Anchors:
    return replace(Anchors.parse(service.get("/v1/anchors").content), checkpoints=())


def signature(
    service: Service, told: dict[str, Any], by: Signer, seen: Seen | None = None
) -> dict[str, Any]:
    witness, block = countersign(
        anchors_of(service), seen, Seen.from_json(told), by, int(time.time())
    )
    assert block == told["block"]
    return witness.to_json()


# ----------------------------------------------------------------------------------------- reading


def test_checkpoints_are_read_by_everybody_newest_first_page_by_page(service: Service) -> None:
    made = [newest(service)["block"] for _ in range(3)]
    first = service.get(PATH, params={"limit": 2}).json()
    assert [c["block"] for c in first["checkpoints"]] == made[:0:-1]
    second = service.get(PATH, params={"limit": 1, "before": first["next"]}).json()
    assert [c["block"] for c in second["checkpoints"]] == [made[0]]
    assert service.get(f"{PATH}/{made[0]}").json() == second["checkpoints"][0]


def test_a_block_without_a_checkpoint_is_unknown(service: Service) -> None:
    answer = service.get(f"{PATH}/999999")
    assert (answer.status_code, answer.json()["code"]) == (404, "checkpoint.unknown")


def test_a_reader_with_an_old_root_sees_that_the_log_only_grew(service: Service) -> None:
    old, new = newest(service), newest(service)
    told = service.get(f"{PATH}/{new['block']}/consistency", params={"since": old["size"]}).json()
    roots = [bytes.fromhex(c["root"][2:]) for c in (old, new)]
    path = a2b_base64(told["path"])
    assert verify_consistency(old["size"], roots[0], new["size"], roots[1], path)


def test_evidence_of_growth_verifies_against_the_anchors(service: Service) -> None:
    old, new = newest(service), newest(service)
    answer = service.get(f"{PATH}/{new['block']}/evidence", params={"since": old["size"]})
    report = verify(anchors_of(service), answer.content)
    assert report.result is Result.VALID, report.code


def test_more_entries_than_the_checkpoint_has_cannot_be_asked_about(service: Service) -> None:
    told = newest(service)
    for what in ("consistency", "evidence"):
        answer = service.get(f"{PATH}/{told['block']}/{what}", params={"since": told["size"] + 1})
        assert (answer.status_code, answer.json()["code"]) == (422, "checkpoint.since")


def test_evidence_from_a_size_of_no_checkpoint_is_told_which_sizes_there_are(
    service: Service,
) -> None:
    old = newest(service)
    for _ in range(2):
        service.post("/v1/entries", CallerRole.SUPPLIER, json=entry(service).to_json())
    until = time.monotonic() + 10
    while service.workspace.position < old["size"] + 2:
        assert time.monotonic() < until
        time.sleep(0.02)
    service.workspace.checkpoint()
    new = service.get(f"{PATH}/latest").json()
    path, between = f"{PATH}/{new['block']}/evidence", {"since": old["size"] + 1}
    answer = service.get(path, params=between)
    told = answer.json()
    assert (answer.status_code, told["field"], told["code"]) == (422, "since", "checkpoint.since")
    assert told["values"] == {"nearest": [old["size"], new["size"]]}
    chinese = service.get(path, params=between, headers={"Accept-Language": "zh"}).json()
    for text in (told["detail"], chinese["detail"]):
        assert str(old["size"]) in text
        assert str(new["size"]) in text


def test_evidence_of_growth_is_verified_once_and_then_remembered(service: Service) -> None:
    told = newest(service)
    path = f"{PATH}/{told['block']}/evidence"
    first = service.get(path, params={"since": told["size"]})
    before = service.workspace.evidence._growth.cache_info()
    second = service.get(path, params={"since": told["size"]})
    after = service.workspace.evidence._growth.cache_info()
    assert first.content == second.content
    assert (after.hits, after.misses) == (before.hits + 1, before.misses)


# ---------------------------------------------------------------------------------------- witnesses


def test_a_live_account_countersigns_once_and_its_first_word_stays(service: Service) -> None:
    old, new = newest(service), newest(service)
    path = f"{PATH}/{new['block']}/witnesses"
    said = signature(service, new, key("regulator"), Seen.from_json(old))
    answer = service.post(path, ISSUER, json=said)
    assert answer.status_code == 201
    assert answer.json()["organisation"] == "0x" + office("regulator").id.hex()
    other = signature(service, new, key("regulator"))
    again = service.post(path, ISSUER, json=other)
    assert again.json() == answer.json()
    assert service.get(f"{PATH}/{new['block']}").json()["checkpoint"]["witnesses"] == [said]


def test_the_same_request_twice_is_answered_the_same(service: Service) -> None:
    told = newest(service)
    said = signature(service, told, key("regulator"))
    headers = {"Idempotency-Key": "witness-once"}
    path = f"{PATH}/{told['block']}/witnesses"
    first, second = (service.post(path, ISSUER, json=said, headers=headers) for _ in range(2))
    assert first.status_code == 201
    assert (first.status_code, first.content) == (second.status_code, second.content)


def test_countersignatures_are_in_evidence_where_they_are_asked_for(service: Service) -> None:
    told = newest(service)
    said = signature(service, told, key("regulator"))
    service.post(f"{PATH}/{told['block']}/witnesses", ISSUER, json=said)
    path = f"{PATH}/{told['block']}/evidence"
    plain = service.get(path, params={"since": told["size"]}).json()
    asked = service.get(path, params={"since": told["size"], "witnesses": "true"}).json()
    assert plain["checkpoint"]["witnesses"] == []
    assert asked["checkpoint"]["witnesses"] == [said]


def test_only_live_accounts_countersign(service: Service) -> None:
    told = newest(service)
    said = signature(service, told, key("nobody of this ledger"))
    answer = service.post(f"{PATH}/{told['block']}/witnesses", ISSUER, json=said)
    assert (answer.status_code, answer.json()["code"]) == (422, "witness.account")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda said: {"witnessed_at": said["witnessed_at"] + 1}, "witness.signature"),
        (lambda said: {"signature": "0x" + "11" * 64}, "witness.signature"),
        (lambda said: {"previous_size": 3}, "witness.previous"),
        (lambda said: {"previous_root": "0x" + "22" * 32}, "witness.previous"),
        (lambda said: {"previous_size": 10**9}, "checkpoint.since"),
    ],
)
def test_a_countersignature_of_something_else_is_refused(
    service: Service, change: Callable[[dict[str, Any]], dict[str, Any]], code: str
) -> None:
    told = newest(service)
    said = signature(service, told, key("regulator"))
    said |= change(said)
    answer = service.post(f"{PATH}/{told['block']}/witnesses", ISSUER, json=said)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert service.get(f"{PATH}/{told['block']}").json()["checkpoint"]["witnesses"] == []


@pytest.mark.parametrize("beside", ["before the block", "a quarter of an hour from now"])
def test_nobody_witnessed_before_the_block_or_in_the_future(service: Service, beside: str) -> None:
    told = newest(service)
    at = told["block_time"] - 1 if beside == "before the block" else int(time.time()) + 900
    witness, block = countersign(
        anchors_of(service), None, Seen.from_json(told), key("regulator"), at
    )
    answer = service.post(f"{PATH}/{block}/witnesses", ISSUER, json=witness.to_json())
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "witness.time")
    assert problem["field"] == "witnessed_at"
    assert problem["values"]["earliest"] == told["block_time"]


def test_the_instant_of_the_block_itself_is_early_enough(service: Service) -> None:
    told = newest(service)
    witness, block = countersign(
        anchors_of(service), None, Seen.from_json(told), key("regulator"), told["block_time"]
    )
    path = f"{PATH}/{block}/witnesses"
    assert service.post(path, ISSUER, json=witness.to_json()).status_code == 201


def test_the_file_that_a_witness_writes_is_taken_as_it_stands(service: Service) -> None:
    told = newest(service)
    witness, block = countersign(
        anchors_of(service), None, Seen.from_json(told), key("regulator"), int(time.time())
    )
    file = Countersignature(block, witness)
    assert Countersignature.loads(file.dumps()) == file
    headers = {"Content-Type": "application/json", "Idempotency-Key": "witness-by-file"}
    elsewhere = f"{PATH}/{block - 1}/witnesses"
    other = service.post(elsewhere, ISSUER, content=file.dumps(), headers=headers).json()
    assert (other["code"], other["field"]) == ("witness.block", "block")
    path = f"{PATH}/{block}/witnesses"
    answer = service.post(path, ISSUER, content=file.dumps(), headers=headers)
    assert (answer.status_code, answer.json()["signature"]) == (201, "0x" + witness.signature.hex())


def test_nobody_countersigns_without_a_token(service: Service) -> None:
    told = newest(service)
    said = signature(service, told, key("regulator"))
    assert service.post(f"{PATH}/{told['block']}/witnesses", json=said).status_code == 401


# ----------------------------------------------------------------------------------------- receipts


def test_who_hands_in_an_entry_gets_a_receipt_that_the_anchors_key_signed(
    service: Service,
) -> None:
    workspace, made = service.workspace, entry(service)
    first, second = (
        service.post("/v1/entries", CallerRole.SUPPLIER, json=made.to_json()).json()["entries"][0]
        for _ in range(2)
    )
    receipt = first["receipt"]
    digest = made.entry.digest(workspace.deployment.domain(receipt["contract"]))
    assert (receipt["digest"], receipt["account"]) == (
        "0x" + digest.hex(),
        "0x" + key("qingluan").address.hex(),
    )
    statement = ReceiptStatement(
        workspace.deployment.address(receipt["contract"]),
        key("qingluan").address,
        int(receipt["nonce"]),
        digest,
        receipt["deadline"],
        receipt["accepted_at"],
    )
    signed = statement.digest(workspace.deployment.domain("EntryLog"))
    account = recover(signed, bytes.fromhex(receipt["signature"][2:]))
    assert account in anchors_of(service).receipts
    assert second["receipt"] in (receipt, None)
    kept = workspace.submitter.receipt(digest)
    assert kept is not None
    assert (kept.statement, "0x" + kept.signature.hex()) == (statement, receipt["signature"])


# ------------------------------------------------------------------------------ on the command line


@dataclass
class Desk:
    """A ledger of now, and what a witness has on its desk."""

    folder: Path
    data: Path
    capsys: pytest.CaptureFixture[str]

    def __getattr__(self, name: str) -> Path:
        return self.folder / name

    def command(self, *arguments: str, lang: str = "en") -> tuple[int, str]:
        """The exit status, and all that was printed."""
        status = main(["--lang", lang, *arguments])
        printed = self.capsys.readouterr()
        return status, printed.out + printed.err

    def checkpoint(self, *arguments: str) -> tuple[int, str]:
        return self.command("checkpoint", f"--data={self.data}", *arguments)

    def witness(self, *where: str, lang: str = "en") -> tuple[int, str]:
        return self.command(
            *("witness", f"--anchors={self.anchors}", f"--state={self.state}"),
            *(f"--key={self.folder / 'regulator.json'}", *where),
            lang=lang,
        )

    def by_file(self, lang: str = "en") -> tuple[int, str]:
        return self.witness(f"--bundle={self.bundle}", "-o", str(self.signed), lang=lang)

    def happen(self, number: str) -> KeptCheckpoint:
        """The regulator licences somebody; the checkpoint after it."""
        with closing(Workspace.open(self.data, clock=time.time)) as workspace:
            by = author(workspace, "regulator")
            entry = by.write(
                "IssueQualification",
                holder=demo.QINGLUAN.id,
                validFrom=int(time.time()) - 86400,
                validUntil=NO_END,
                document=NOTHING,
                category=demo.MASK,
                model="",
                kind="cn-production-licence",
                number=number,
            )
            recorded(workspace, by, entry)
            return workspace.checkpoint()

    def trust(self, *pinned: PinnedCheckpoint) -> None:
        """Anchors that pin these checkpoints."""
        with closing(Workspace.open(self.data, clock=time.time)) as workspace:
            anchors = replace(workspace.checkpoints.anchors(), checkpoints=pinned)
        self.anchors.write_bytes(orjson.dumps(anchors.to_json()))


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    made = Desk(tmp_path, new_data(tmp_path, is_live=True), capsys)
    key_file(tmp_path, "regulator")
    made.happen("1")
    made.trust()
    return made


def pin(kept: KeptCheckpoint) -> PinnedCheckpoint:
    return PinnedCheckpoint(kept.size, kept.root, kept.block_hash)


def test_witnessing_by_file_goes_from_the_operator_to_the_witness_and_back(desk: Desk) -> None:
    first = desk.happen("2")
    assert desk.checkpoint("-o", str(desk.bundle))[0] == 0
    status, printed = desk.by_file()
    assert status == 0
    assert "the first checkpoint that you see; there is nothing to compare it with" in printed
    assert desk.checkpoint(f"--import={desk.signed}")[0] == 0
    second = desk.happen("3")
    assert desk.checkpoint(f"--since={first.size}", "-o", str(desk.bundle))[0] == 0
    assert desk.by_file()[0] == 0
    assert desk.checkpoint(f"--import={desk.signed}")[0] == 0
    with closing(Workspace.open(desk.data, clock=time.time)) as workspace:
        kept = [workspace.store.checkpoints.at(c.block_number) for c in (first, second)]
    said = [c.checkpoint.witnesses[0].previous_size for c in kept if c is not None]
    assert said == [0, first.size]


def test_a_witness_that_remembers_nothing_compares_with_what_its_anchors_pin(desk: Desk) -> None:
    pinned, new = desk.happen("2"), desk.happen("3")
    desk.trust(PinnedCheckpoint(0, EMPTY_ROOT, NOTHING), pin(pinned))
    desk.checkpoint("-o", str(desk.bundle))
    status, printed = desk.by_file()
    assert status == 2
    assert f"suyuan checkpoint --since {pinned.size}" in printed
    desk.checkpoint(f"--since={pinned.size}", "-o", str(desk.bundle))
    status, printed = desk.by_file()
    assert (status, f"extend the {pinned.size} pinned" in printed) == (0, True)
    said = Countersignature.loads(desk.signed.read_bytes())
    assert said.block == new.block_number
    assert (said.witness.previous_size, said.witness.previous_root) == (pinned.size, pinned.root)


@pytest.mark.parametrize(
    ("larger_by", "code"), [(1, "history.rollback"), (0, "history.fork"), (-1, "history.path")]
)
def test_a_log_that_contradicts_the_pinned_checkpoint_is_not_countersigned(
    desk: Desk, larger_by: int, code: str
) -> None:
    earlier, new = desk.happen("2"), desk.happen("3")
    assert earlier.size == new.size - 1
    desk.trust(PinnedCheckpoint(new.size + larger_by, bytes([7]) * 32, bytes([8]) * 32))
    desk.checkpoint(f"--since={min(new.size, new.size + larger_by)}", "-o", str(desk.bundle))
    status, printed = desk.command(
        *("--json", "witness", f"--anchors={desk.anchors}", f"--state={desk.state}"),
        *(f"--key={desk.folder / 'regulator.json'}", f"--bundle={desk.bundle}"),
        f"--out={desk.signed}",
    )
    told = json.loads(printed)
    assert (status, told["code"]) == (1, code)
    proof = json.loads(Path(told["contradiction"]).read_bytes())
    assert proof["earlier"]["pinned"]["root"] == "0x" + "07" * 32
    assert proof["later"]["checkpoint"] == new.checkpoint.to_json()
    assert not desk.state.exists()
    assert not desk.signed.exists()


def test_in_chinese_a_witness_reads_chinese_alone(desk: Desk) -> None:
    first = desk.happen("2")
    printed = ""
    desk.checkpoint("-o", str(desk.bundle))
    printed += desk.by_file("zh")[1]
    assert "这是您所见的第一个检查点，尚无可比对者" in printed
    desk.happen("3")
    desk.checkpoint(f"--since={first.size}", "-o", str(desk.bundle))
    printed += desk.by_file("zh")[1]
    for broken in (desk.bundle, desk.state, desk.anchors):  # each is read before the last
        broken.write_bytes(b"[]")
        status, told = desk.by_file("zh")
        assert (status, str(broken) in told) == (2, True)
        printed += told
    printed += desk.witness("--bundle=/nowhere/at/all", "-o", str(desk.signed), lang="zh")[1]
    for said in (str(desk.folder), "/nowhere/at/all", "suyuan", "JSON"):
        printed = printed.replace(said, "")
    names = {"anchors", "bundle", "state", "json", "format", "form", "schema"}
    words = set(re.findall(r"[A-Za-z]{2,}", printed)) - names
    assert words == set()


@pytest.mark.parametrize("file", ["anchors", "state", "bundle"])
def test_a_file_that_is_none_is_named(desk: Desk, file: str) -> None:
    desk.checkpoint("-o", str(desk.bundle))
    path = desk.folder / file
    path.write_bytes(b"not JSON")
    status, printed = desk.by_file()
    assert (status, str(path) in printed) == (2, True)


def test_a_file_that_is_no_countersignature_is_not_imported(desk: Desk) -> None:
    for broken in (b"", b"[]", b"{}", b'{"block":-1}', b'{"block":1,"account":7}'):
        desk.signed.write_bytes(broken)
        status, printed = desk.checkpoint(f"--import={desk.signed}")
        assert (status, str(desk.signed) in printed) == (2, True)


def test_a_deployment_that_cannot_be_read_is_named(desk: Desk) -> None:
    file = desk.data / "deployment.json"
    file.write_text("{")
    status, printed = desk.checkpoint()
    assert (status, str(file) in printed) == (2, True)


def test_sizes_that_no_checkpoint_has_are_told_on_the_command_line(desk: Desk) -> None:
    size = desk.happen("2").size
    status, printed = desk.checkpoint(f"--since={size + 5}")
    assert status == 2
    assert f"no checkpoint has {size + 5} entries; the nearest have {size}" in printed


def test_the_fingerprint_of_anchors_stands_beside_them_and_in_what_is_verified_by_them(
    desk: Desk,
) -> None:
    main(["--lang", "en", "anchors", f"--data={desk.data}"])
    printed = desk.capsys.readouterr()
    mark = fingerprint(Anchors.parse(printed.out.encode()))
    assert printed.err == f"fingerprint: {mark}\n"
    main(["--json", "anchors", f"--data={desk.data}"])
    assert json.loads(desk.capsys.readouterr().out)["fingerprint"] == mark
    main(["--json", "anchors", f"--data={desk.data}", "-o", str(desk.anchors)])
    told = json.loads(desk.capsys.readouterr().out)
    assert told == {"file": str(desk.anchors), "fingerprint": mark}
    desk.checkpoint("-o", str(desk.bundle))
    verifying = ["verify", str(desk.bundle), "--anchors", str(desk.anchors)]
    for lang, line in (("en", f"anchors: {mark}"), ("zh", f"信任锚指纹：{mark}")):
        status, told = desk.command(*verifying, lang=lang)
        assert (status, line in told.splitlines()) == (0, True)


def test_a_witness_asks_the_service_for_the_path_from_what_its_anchors_pin(desk: Desk) -> None:
    pinned = desk.happen("2")
    desk.trust(pin(pinned))
    desk.happen("3")
    new = desk.happen("4")
    with closing(Workspace.open(desk.data, clock=time.time)) as workspace:
        made = issue(
            workspace, office("regulator").id, "witness", ISSUER, now=time.time(), lifetime=600
        )
        desk.token.write_text(made.secret)
        desk.token.chmod(0o600)
        with listening(create_app(workspace)) as url:
            status, _ = desk.witness(f"--server={url}", f"--token-file={desk.token}")
        kept = workspace.store.checkpoints.at(new.block_number)
    assert status == 0
    assert kept is not None
    assert [w.previous_root for w in kept.checkpoint.witnesses] == [pinned.root]


def test_a_countersignature_by_file_reaches_a_running_service(desk: Desk) -> None:
    workspace = Workspace.open(desk.data, clock=time.time)
    try:
        made = issue(
            workspace, office("regulator").id, "witness", ISSUER, now=time.time(), lifetime=600
        )
        desk.token.write_text(made.secret)
        desk.token.chmod(0o600)
        with listening(create_app(workspace)) as url:
            service = ("checkpoint", f"--server={url}", f"--token-file={desk.token}")
            assert desk.command(*service, "-o", str(desk.bundle))[0] == 0
            assert desk.by_file()[0] == 0
            assert desk.command(*service, f"--import={desk.signed}")[0] == 0
        kept = workspace.store.checkpoints.latest()
    finally:
        workspace.close()
    said = Countersignature.loads(desk.signed.read_bytes())
    assert kept is not None
    assert kept.checkpoint.witnesses == (said.witness,)


def test_a_witness_watches_a_running_service(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = Workspace.open(new_data(tmp_path, is_live=True), clock=time.time)
    anchors, state, token = (tmp_path / name for name in ("anchors", "state", "token"))
    try:
        anchors.write_bytes(orjson.dumps(workspace.checkpoints.anchors().to_json()))
        made = issue(
            workspace, office("regulator").id, "witness", ISSUER, now=time.time(), lifetime=600
        )
        token.write_text(made.secret)
        token.chmod(0o600)
        with listening(create_app(workspace)) as url:
            file = key_file(tmp_path, "regulator")
            arguments = [
                *("--json", "witness", "--server", url, "--token-file", str(token)),
                *("--anchors", str(anchors), "--key", str(file), "--state", str(state)),
            ]
            assert main(arguments) == 0
            first = json.loads(capsys.readouterr().out)
            assert main(arguments) == 0
            second = json.loads(capsys.readouterr().out)
        kept = workspace.store.checkpoints.latest()
    finally:
        workspace.close()
    [pinned] = Anchors.parse(anchors.read_bytes()).checkpoints
    assert first["previous_root"] == "0x" + pinned.root.hex()
    assert second["previous_size"] == first["size"]
    assert kept is not None
    assert [w.witnessed_at for w in kept.checkpoint.witnesses] == [first["witnessed_at"]]
