"""``suyuan demo``: the invented world, three verdicts, and the server to click through it."""

import argparse
import json
import secrets
import shutil
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx
import uvicorn

from api.access import CallerRole
from api.cli import demo_batches, demo_evidence, demo_relief
from api.cli.output import Output
from api.cli.questions import verdict_lines
from api.cli.serving import add_data_option, make_token, port, server
from api.cli.staff import staff_of
from api.settings import ServerSettings
from api.staff.service import Visit
from ledger import demo
from ledger.days import SHANGHAI
from ledger.errors import RequestError, UnavailableError
from ledger.importing.recording import record
from ledger.keystore import read_secret, write_secret
from ledger.question import Question
from ledger.signing import Signer
from ledger.workspace import Settings, Workspace, make_key

QUANTITY: Final = 50_000
TOKENS: Final = "demo-tokens.json"
ACCOUNTS: Final = "demo-accounts.json"

#: Who can sign in to the demo's pages: the login name, of which office, in which role.
STAFF: Final = (
    ("buyer", "district", CallerRole.PROCUREMENT, "陈采薇 Chen Caiwei"),
    ("auditor", "audit-office", CallerRole.AUDITOR, "沈计明 Shen Jiming"),
    ("regulator", "regulator", CallerRole.ISSUER, "魏证 Wei Zheng"),
    ("verifier", "review-centre", CallerRole.ISSUER, "何审言 He Shenyan"),
    ("editor", "review-centre", CallerRole.ISSUER, "卞文 Bian Wen"),
    ("publisher", "health-commission", CallerRole.ISSUER, "金布 Jin Bu"),
    ("supplier", "qingluan", CallerRole.SUPPLIER, "罗青 Luo Qing"),
    ("warehouse", demo.WAREHOUSE.key, CallerRole.SUPPLIER, "库守成 Ku Shoucheng"),
    ("store", demo.COMMUNITIES[0].key, CallerRole.SUPPLIER, "甄暖 Zhen Nuan"),
    ("operator", "authority", CallerRole.OPERATOR, "云维 Yun Wei"),
)
#: Letters and digits that nobody takes for each other.
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"

#: What the demo asks, and what must come out.
QUESTIONS: Final = (
    (demo.QINGLUAN, "QL-100", "buy"),
    (demo.XUANGUI, "XG-1", "buy-with-conditions"),
    (demo.BLUE_WHALE, "BW-3", "do-not-buy"),
)


def add(commands: Any) -> None:
    parser = commands.add_parser("demo", help="a small invented world, three verdicts, a server")
    add_data_option(parser, default="demo-data")
    parser.add_argument("--port", type=port, default=8000, help="port (default: 8000)")
    parser.add_argument(
        "--check", action="store_true", help="ask the own server the same over HTTP, then stop"
    )
    parser.set_defaults(run=_demo)


def _demo(options: argparse.Namespace, out: Output) -> int:
    data: Path = options.data
    workspace = (
        Workspace.open(data, clock=time.time)
        if (data / "deployment.json").exists()
        else _found(data, out)
    )
    try:
        tokens, accounts = _tokens(workspace), _accounts(workspace)
        day = next_friday(datetime.now(ZoneInfo(SHANGHAI)).date())
        answers = _ask(workspace, day, out)
        goods = None
        if demo_batches.has_goods(workspace):
            goods = demo_batches.tell(workspace, day, int(time.time()), out)
        lists = evidence = None
        if goods is not None:
            lists = demo_relief.tell(workspace, out)
            masks = (demo.MASK_LOT.id,)
            asked = _question(*QUESTIONS[0][:2], day, int(time.time()), masks)
            evidence = demo_evidence.tell(workspace, asked, out)
        settings = ServerSettings(port=options.port)
        running = server(workspace, settings)
        if options.check:
            told = {"goods": goods, "lists": lists, "evidence": evidence}
            return _check(running, settings, tokens, day, answers, told, out)
        _tour(settings, accounts, data, out)
        running.run()
        return 0 if running.started else 2
    finally:
        workspace.close()


# -- the world -----------------------------------------------------------------------------------


def _found(data: Path, out: Output) -> Workspace:
    """Found the demo's ledger and let its actors tell their story.

    It is told in a directory of its own beside ``data`` and takes that name when it is whole: one
    that is interrupted never stands there half told, and nothing that was there is touched.
    """
    out.say(
        f"Founding an invented world in {data} (once; about fifteen seconds) …",
        f"正在 {data} 中创建虚构示例（仅一次，约十五秒）……",
    )
    try:
        found = min((path.name for path in data.iterdir()), default="") if data.exists() else ""
        parent = data.resolve().parent
        parent.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(dir=parent, prefix=f".{data.name}-"))
    except OSError as error:
        raise UnavailableError(f"{data}: {error.strerror}") from error
    try:
        if found:
            raise RequestError(
                f"{data} is neither empty nor the data of a demo: it holds {found}",
                message_zh=f"{data} 既不为空，也不是示例数据目录：其中有 {found}",
                field="data",
                code="demo.data",
            )
        _tell(making, out)
        if data.exists():
            data.rmdir()
        making.rename(data)
    except BaseException:
        shutil.rmtree(making)
        raise
    return Workspace.open(data, clock=time.time)


def _tell(making: Path, out: Output) -> None:
    signers = _keys(making / "keys")
    workspace = Workspace.create(
        making, Settings(chain_id=demo.CHAIN_ID), demo.founding(signers), clock=time.time
    )
    try:
        story = demo.Story(
            signers, workspace.domains, workspace.catalogue, time.time, lambda: time.sleep(1.1)
        )
        for title, entries in story.chapters(
            lambda paper: workspace.keep_document(paper, "example.txt", demo.AUTHORITY.id)
        ):
            for status in record(workspace, entries):
                if status.refusal is not None:
                    raise RuntimeError(f"{title}: {status.refusal.message}")
            out.say(f"  {len(entries):>3} entries: {title}", f"  {len(entries):>3} 条：{title}")
        demo_relief.keep(workspace)
    finally:
        workspace.close()


def _keys(folder: Path) -> dict[str, Signer]:
    """The actors' keys; made side by side, for scrypt is slow on purpose."""
    folder.mkdir(mode=0o700)

    def key(name: str) -> Signer:
        return make_key(folder / f"{name}.json", folder / f"{name}.json.password")

    with ThreadPoolExecutor() as pool:
        return dict(zip(demo.ACCOUNTS, pool.map(key, demo.ACCOUNTS), strict=True))


def _tokens(workspace: Workspace) -> dict[str, str]:
    """The demo's access tokens, kept in a private file: a demo may, a service must not."""
    file = workspace.data / "keys" / TOKENS
    if file.exists():
        tokens: dict[str, str] = json.loads(read_secret(file))
        return tokens
    offices = {office.key: office for office in demo.ALL}
    tokens = {
        role.value: make_token(
            workspace, "0x" + offices[office].id.hex(), f"demo {office}", role, days=3650
        )
        for office, role in (
            ("district", CallerRole.PROCUREMENT),
            ("audit-office", CallerRole.AUDITOR),
            ("qingluan", CallerRole.SUPPLIER),
        )
    }
    write_secret(file, json.dumps(tokens).encode())
    return tokens


def _accounts(workspace: Workspace) -> dict[str, str]:
    """Login names and passwords of the demo's people, kept in a private file; made once. Each has
    an account as anybody has, whose invitation is used here."""
    file = workspace.data / "keys" / ACCOUNTS
    if file.exists():
        accounts: dict[str, str] = json.loads(read_secret(file))
        return accounts
    offices = {office.key: office for office in demo.ALL}
    staff, here = staff_of(workspace), Visit("127.0.0.1", "suyuan demo")
    accounts = {}
    for login, office, role, person in STAFF:
        # A demo that was founded earlier may not have everybody.
        if workspace.index.organisation(offices[office].id) is None:
            continue
        known = staff.book.by_login(login)
        invited = (
            staff.invite(known.id, None)
            if known
            else staff.create(offices[office].id, person, role, login, None)
        )
        accounts[login] = _password()
        staff.choose_password(invited.secret, accounts[login], here)
    write_secret(file, json.dumps(accounts, indent=2).encode())
    return accounts


def _password() -> str:
    """Twenty random letters and digits (99 bits) in groups that can be typed."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))


# -- the questions -------------------------------------------------------------------------------


def next_friday(today: date) -> date:
    """The first Friday that is at least two days away."""
    day = today + timedelta(days=2)
    return day + timedelta(days=(4 - day.weekday()) % 7)


def _ask(workspace: Workspace, day: date, out: Output) -> list[str]:
    now = int(time.time())
    answers = []
    for office, model, _ in QUESTIONS:
        verdict = workspace.decide(_question(office, model, day, now))
        out.say(
            f"\nMay I buy {QUANTITY:,} masks {model} from {office.name_en}, for {day}?",
            f"\n可否向{office.name_zh}采购 {QUANTITY:,} 只 {model} 口罩，{day} 交货？",
        )
        for line in verdict_lines(verdict.to_json(), out):
            out.say(line, line)
        answers.append(verdict.answer.value)
    return answers


def _question(
    office: demo.Office, model: str, day: date, now: int, lots: tuple[bytes, ...] = ()
) -> Question:
    return Question.for_day(
        office.id,
        demo.MASK,
        model,
        QUANTITY,
        "H87",
        day.isoformat(),
        known_at=now,
        zone=SHANGHAI,
        at=now,
        lots=lots,
    )


def _tour(settings: ServerSettings, accounts: dict[str, str], data: Path, out: Output) -> None:
    evidence, kept = data / "evidence", data / "keys" / ACCOUNTS
    logins = ", ".join(accounts)
    url = f"http://{settings.host}:{settings.port}"
    out.say(
        f"""
The server runs at {url}/
  1. Sign in as "buyer" (a procurement officer of the invented district) with the password
     {accounts["buyer"]}
     Others: {logins}; their passwords are in {kept}
  2. Search for 青鸾, qingluan or a scanned (01)09520000000059(10)QL100-A.
  3. Ask for a verdict on Baize, model BZ-95 (withdrawn) and BZ-95G (not touched by it);
     take the PDF.
  4. Open lot QL100-A: where it comes from, as a picture; {url}/01/09520000000059/10/QL100-A
     is what everybody sees who scans the box.
  5. As "verifier" see the review desk, as "auditor" the audit desk, as "store" the recalls.
     What is signed is signed with the key files in {data / "keys"}.
  6. Verify the evidence of the trace without this service, or in the page
     {url}/verifier.html, which works from a USB stick, too:
     suyuan verify {evidence}/trace.json --anchors {evidence}/anchors.json
  7. A guide for each kind of work: {url}/guides; the HTTP interface: {url}/openapi.json
Ctrl-C stops it; started again it continues with the same data.""",
        f"""
服务地址 {url}/
  1. 以“buyer”（虚构区的采购人员）登录，密码
     {accounts["buyer"]}
     其他登录名：{logins}；密码见 {kept}
  2. 搜索 青鸾、qingluan 或扫码所得的 (01)09520000000059(10)QL100-A。
  3. 就“白泽”查询 BZ-95（已撤销）与 BZ-95G（不受影响）的采购结论，并存为 PDF。
  4. 打开批次 QL100-A 看来源图；{url}/01/09520000000059/10/QL100-A
     是任何人扫描包装时看到的页面。
  5. 以“verifier”看审核台，以“auditor”看审计台，以“store”看召回。
     签名使用 {data / "keys"} 中的密钥文件。
  6. 脱离本服务核验追溯的证据；也可用 {url}/verifier.html（存入优盘离线使用）：
     suyuan verify {evidence}/trace.json --anchors {evidence}/anchors.json
  7. 各类工作的指南：{url}/guides；HTTP 接口：{url}/openapi.json
按 Ctrl-C 停止；再次启动将沿用同一数据。""",
    )


# -- the check -----------------------------------------------------------------------------------


def _check(
    running: uvicorn.Server,
    settings: ServerSettings,
    tokens: dict[str, str],
    day: date,
    answers: list[str],
    told: dict[str, Any],
    out: Output,
) -> int:
    """Ask the running server over HTTP; 0 if it says the same and what must come out."""
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    try:
        until = time.monotonic() + 30
        while not running.started:
            if time.monotonic() > until or not thread.is_alive():
                out.say("The server did not start.", "服务未能启动。")
                return 1
            time.sleep(0.05)
        over_http = _ask_over_http(settings, tokens, day)
    finally:
        running.should_exit = True
        thread.join(timeout=30)
    expected = [answer for _, _, answer in QUESTIONS]
    # What a demo that was founded earlier does not have is not told, and not checked.
    good = (
        answers == expected == over_http
        and told["goods"] in (None, demo_batches.EXPECTED)
        and told["lists"] in (None, demo_relief.EXPECTED)
        and told["evidence"] in (None, demo_evidence.EXPECTED)
    )
    found = f"{over_http} {told}"
    out.answer(
        {
            "expected": expected,
            "asked": answers,
            "over_http": over_http,
            **told,
            "good": good,
        },
        [
            out.text(
                "Check passed." if good else f"CHECK FAILED: {found}",
                "检查通过。" if good else f"检查未通过：{found}",
            )
        ],
    )
    return 0 if good else 1


def _ask_over_http(settings: ServerSettings, tokens: dict[str, str], day: date) -> list[str]:
    url = f"http://{settings.host}:{settings.port}"
    token = tokens[CallerRole.PROCUREMENT.value]
    answers = []
    with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
        client.get("/health").raise_for_status()
        for office, model, _ in QUESTIONS:
            answer = client.post(
                "/v1/verdicts",
                headers={
                    "Authorization": f"Bearer {token}",
                    "Idempotency-Key": secrets.token_hex(16),
                },
                json={
                    "organisation": "0x" + office.id.hex(),
                    "category": demo.MASK,
                    "model": model,
                    "quantity": QUANTITY,
                    "unit": "H87",
                    "deliver_on": day.isoformat(),
                    "zone": SHANGHAI,
                },
            )
            answer.raise_for_status()
            answers.append(answer.json()["answer"])
    return answers
