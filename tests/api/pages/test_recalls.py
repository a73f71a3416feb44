"""The pages of recalls: who sees what, what is refused and how it is said, and what is signed."""

import json
import re
from collections.abc import Iterator
from html import unescape

import pytest
from httpx import Response

from api.access import CallerRole
from ledger import demo
from ledger.authoring import Author
from ledger.demo.batches import DONATED, FIRST_RESIN, OTHER_FABRIC, OTHER_MASK_LOT, SPUNBOND_LOT
from ledger.importing.recording import record
from ledger.typed_data import Part, Value, lot_id
from ledger.workspace import Workspace
from tests.api.pages.conftest import Visitor
from tests.support.ledger import key
from tests.support.service import Service, found_world, office, running_service

SUPPLIER, ISSUER, BUYER, AUDITOR = (
    CallerRole.SUPPLIER,
    CallerRole.ISSUER,
    CallerRole.PROCUREMENT,
    CallerRole.AUDITOR,
)


#: Three hundred gifts that their keeper recalls, in a campaign of this name.
MANY, MOULD = 300, bytes(30) + b"so"
_GIFT: dict[str, Value] = {
    "quantity": 10, "gtin": 0, "originNotShown": True, "document": bytes(32),
    "category": demo.MASK, "model": "", "unit": "H87", "place": "", "origin": "", "cited": (),
}  # fmt: skip


def gift_id(lot: str) -> bytes:
    return lot_id(demo.WAREHOUSE.id, 0, lot)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A world of its own, for others recall, too."""
    workspace = found_world(tmp_path_factory.mktemp("recalls") / "world")
    lots = [f"MANY-{n}" for n in range(MANY)]
    recall: dict[str, Value] = {
        "completeTo": 1,
        "campaign": MOULD,
        "document": bytes(32),
        "reason": "Mould 霉变",
    }
    _record(workspace, [("Commission", {**_GIFT, "lot": lot}) for lot in lots])
    _record(workspace, [("Recall", {**recall, "lot": gift_id(lot)}) for lot in lots])
    try:
        with running_service(workspace) as running:
            yield running
    finally:
        workspace.close()


def _record(workspace: Workspace, entries: list[tuple[str, dict[str, Value]]]) -> None:
    """Entries of the warehouse, recorded before there is a service."""
    nonces: dict[str, int] = {}

    def next_nonce(contract: str, address: bytes) -> int:
        free = nonces.get(contract, workspace.index.next_nonce(contract, address))
        nonces[contract] = free + 1
        return free

    author = Author(
        key("warehouse"), demo.WAREHOUSE.id, workspace.domains, next_nonce, workspace.clock
    )
    signed = [author.sign(author.write(action, **fields)) for action, fields in entries]
    for status in record(workspace, signed):
        assert status.refusal is None, status.refusal


def come(service: Service, role: CallerRole, where: str = "", language: str = "en") -> Visitor:
    """Somebody of the office (default: the role's own), signed in."""
    made = Visitor(service, language)
    assert made.sign_in(role, where).status_code == 303
    return made


def text(answer: Response | str) -> str:
    """What a reader reads of a page, or of a part of it."""
    whole = answer if isinstance(answer, str) else answer.text
    plain = re.sub(r"<svg.*?</svg>", " ", whole, flags=re.S)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", plain)))


def new(*lots: bytes) -> str:
    return "/recalls/new?" + "&".join(f"batch=0x{lot.hex()}" for lot in lots)


def campaign_of(service: Service, lot: bytes) -> str:
    recall = [e for e in service.workspace.index.by_subject(lot) if e.action == "Recall"][-1]
    campaign = recall["campaign"]
    assert isinstance(campaign, bytes)
    return "/recalls/0x" + campaign.hex()


def send(reader: Visitor, page: Response, path: str, **fields: str) -> Response:
    """A form with room for a file, sent as a browser would."""
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text)
    parts = {name: (None, unescape(value)) for name, value in hidden}
    parts |= {name: (None, value) for name, value in fields.items()}
    answer: Response = reader.client.post(path, files=parts)
    return answer


# ------------------------------------------------------------------------------- the list


def test_everybody_finds_the_recalls_that_concern_them(world: Service) -> None:
    for role, where, said in (
        (AUDITOR, "", "5 of 7 have answered · 2 have not"),
        (ISSUER, "", "5 of 7 have answered · 2 have not"),
        (SUPPLIER, "community-1", "1 of 1 have answered 6 more are not shown to you."),
        (BUYER, "", "7 were asked for an answer; they are not shown to you."),
    ):
        assert said in text(come(world, role, where).get("/recalls")), role


def test_what_is_not_shown_never_counts_as_answered(world: Service) -> None:
    path = campaign_of(world, demo.FABRIC_LOT.id)
    for role, where in ((BUYER, ""), (SUPPLIER, "community-1")):
        reader = come(world, role, where)
        for page in (reader.get("/recalls"), reader.get(path)):
            assert "You cannot see whether all have answered" in text(page), (role, page.url)
            assert "All have answered" not in text(page), (role, page.url)
    auditor = come(world, AUDITOR)
    for page in (auditor.get("/recalls"), auditor.get(path)):
        assert "You cannot see whether" not in text(page)
        assert "overdue" in text(page) or "have not" in text(page)


def test_every_row_that_names_a_lot_says_that_it_is_recalled(world: Service) -> None:
    auditor = come(world, AUDITOR)
    lot = demo.FABRIC_LOT
    recalled = re.compile(re.escape(lot.lot) + r"(?:(?!MANY).){0,120}Recalled")
    assert recalled.search(text(auditor.get(f"/?q={lot.lot[:-1]}"))), "search"
    assert recalled.search(text(auditor.get(f"/recalls/new?find={lot.lot[:-1]}"))), "candidates"
    assert recalled.search(text(auditor.get(new(lot.id)))), "chosen"
    maker = "/suppliers/0x" + lot.id[:20].hex()
    page = auditor.get(maker)
    assert re.search(r"under recall now: [A-Z0-9-, ]*" + re.escape(lot.lot), text(page))
    assert re.search(re.escape(lot.lot) + r".{0,120}Recalled", text(page)), "the supplier's table"
    assert "Recalled" in text(auditor.get(maker + "/batches"))


def test_a_row_that_is_asked_for_an_answer_says_by_when(world: Service) -> None:
    page = text(come(world, AUDITOR).get(campaign_of(world, demo.FABRIC_LOT.id)))
    assert re.search(r"asked on .{10,40} answer due by ", page)


def test_both_faults_of_a_decision_are_said_at_once_without_names_of_fields(world: Service) -> None:
    reader = come(world, ISSUER, "", "zh")
    page = reader.get(new(OTHER_FABRIC.id))
    answer = send(reader, page, "/recalls", do="sign")
    assert answer.status_code == 422
    assert "问题所在、谁须行动、如何行动：此项必须填写" in text(answer).replace(" ", "")
    assert 'id="wrong-fault"' in answer.text
    assert 'id="act-fault"' in answer.text


def test_a_lot_is_offered_that_was_typed_in_another_case(world: Service) -> None:
    auditor = come(world, AUDITOR)
    for typed in ("mb-115", "09520000000035:mb-115"):
        page = auditor.get(f"/recalls/new?find={typed}")
        assert "Which one is meant?" in text(page), typed
        assert 'aria-label="Add MB-115"' in page.text, typed


def test_who_sees_no_recall_is_told_so(world: Service) -> None:
    page = come(world, SUPPLIER, "baize").get("/recalls")
    assert page.status_code == 200
    assert "There is no recall here that you may see." in text(page)
    chinese = come(world, SUPPLIER, "baize", "zh").get("/recalls")
    assert "没有您可查看的召回" in chinese.text


def test_only_who_could_recall_something_is_offered_to_prepare_it(world: Service) -> None:
    for role, where, offered in (
        (ISSUER, "", True), (SUPPLIER, "", True), (BUYER, "", False), (AUDITOR, "", False),
    ):  # fmt: skip
        page = come(world, role, where).get("/recalls")
        assert ('href="/recalls/new"' in page.text) is offered, role


def test_an_operator_sees_no_recalls(world: Service) -> None:
    reader = come(world, CallerRole.OPERATOR)
    for path in ("/recalls", "/recalls/new", campaign_of(world, demo.MASK_LOT.id)):
        assert reader.get(path).status_code == 403


def test_a_recall_that_somebody_may_not_see_is_none(world: Service) -> None:
    page = come(world, SUPPLIER, "baize").get(campaign_of(world, demo.MASK_LOT.id))
    assert page.status_code == 404
    assert "This recall is not known" in text(page)
    nowhere = come(world, AUDITOR).get("/recalls/0x" + "77" * 32)
    assert (nowhere.status_code, text(nowhere).count("not known")) == (404, 2)


# ------------------------------------------------------------------------------- choosing


@pytest.mark.parametrize(
    "typed",
    [
        "MB-116",
        "09520000000035:MB-116",
        "9520000000035：MB-116",
        "(01)09520000000035(10)MB-116(17)271231",
        "]C1010952000000003510MB-116",
        "https://id.gs1.org/01/09520000000035/10/MB-116",
        "0x" + OTHER_FABRIC.id.hex(),
    ],
)
def test_a_lot_is_found_by_what_is_typed_pasted_or_scanned(world: Service, typed: str) -> None:
    reader = come(world, ISSUER)
    answer = reader.client.get("/recalls/new", params={"find": typed})
    assert answer.headers.get("location") == new(OTHER_FABRIC.id), text(answer)


def test_several_lines_are_several_lots(world: Service) -> None:
    answer = come(world, ISSUER).client.get(
        "/recalls/new", params={"find": "MB-116\n\nSB-2201\n", "batch": "0x" + DONATED.id.hex()}
    )
    assert answer.headers["location"] == new(DONATED.id, OTHER_FABRIC.id, SPUNBOND_LOT.id)


def test_what_is_not_one_lot_is_asked_about_line_by_line(world: Service) -> None:
    typed = "QL100\nMB-116\nNOWHERE\n09520000000058:QL100-A\n(01)09520000000059"
    page = come(world, ISSUER).client.get("/recalls/new", params={"find": typed})
    assert page.status_code == 200
    said = text(page)
    assert "QL100 Which one is meant? QL100-A" in said
    assert "NOWHERE No lot that you may see has this number." in said
    assert "it would be '9'" in said
    assert "(01)09520000000059 no lot number, (10), can be read in it" in said
    # What was found stays, with a way to add the others to it.
    assert f'name="batch" value="0x{OTHER_FABRIC.id.hex()}"' in page.text
    added = come(world, ISSUER).client.get(
        "/recalls/new",
        params={
            "batch": "0x" + OTHER_FABRIC.id.hex(),
            "find": "QL100",
            "take": "0 0x" + demo.MASK_LOT.id.hex(),
        },
    )
    assert added.headers["location"] == new(OTHER_FABRIC.id, demo.MASK_LOT.id)
    field = re.search(r"<textarea id=\"find\".*?>(.*?)</textarea>", page.text, flags=re.S)
    assert field is not None
    assert "MB-116" not in field[1]
    assert "QL100" in field[1]


def test_a_lot_of_others_cannot_be_found_nor_chosen(world: Service) -> None:
    reader = come(world, SUPPLIER, "qilin")
    page = reader.client.get("/recalls/new", params={"find": "MB-116"})
    assert "No lot that you may see has this number." in text(page)
    assert reader.get(new(OTHER_FABRIC.id)).status_code == 404
    assert reader.get("/recalls/new?batch=0x12").status_code == 404


# ------------------------------------------------------------------------------- the scope


def test_the_scope_says_where_everything_is_before_anybody_decides(world: Service) -> None:
    said = text(come(world, ISSUER).get(new(OTHER_FABRIC.id)))
    assert "2 lots: the chosen ones and everything made of them." in said
    assert "Community Store 1, Penglai Street, Yunmeng District, Example City 30,000" in said
    assert "2 lots will be recalled, with a signature each." in said
    assert "Nothing is recalled by looking." in said


def test_that_a_scope_was_looked_at_is_written_down(world: Service) -> None:
    come(world, BUYER).get(new(SPUNBOND_LOT.id))
    noted = world.get("/v1/accesses", AUDITOR).json()["accesses"]
    assert ("batch.scope-read", "0x" + SPUNBOND_LOT.id.hex()) in {
        (a["action"], a["subject"]) for a in noted
    }


def test_a_maker_recalls_its_own_lots_and_is_told_of_what_is_left_out(world: Service) -> None:
    said = text(come(world, SUPPLIER, "fenghuang").get(new(OTHER_FABRIC.id)))
    assert "1 lot is shown to you." in said
    assert "the one chosen" not in said, "it reaches more"
    assert "1 more lot is reached that you may not see." in said
    assert said.count("leaves out the 1 lot that is not shown to you") == 2, "at the end, too"
    assert "1 lot will be recalled: 1 signature." in said
    masks = text(come(world, SUPPLIER).get(new(OTHER_FABRIC.id)))
    assert "1 lot of another maker is left out" in masks


def test_a_buyer_may_look_and_not_decide(world: Service) -> None:
    page = come(world, BUYER).get(new(OTHER_FABRIC.id))
    assert "You may look, but not recall." in text(page)
    assert 'action="/recalls"' not in page.text
    assert office("community-3").name_en not in page.text, "custody is not a buyer's business"
    said = text(page)
    assert "See what a recall would reach" in said
    assert said.index("You may look") < said.index("1. Where it starts"), "said first"


def test_an_amount_that_is_not_shown_is_not_nothing(world: Service) -> None:
    for role, where in ((BUYER, ""), (SUPPLIER, "community-3")):
        page = come(world, role, where).get(new(OTHER_MASK_LOT.id))
        line = page.text.split('id="lots"')[1].split("<tbody>")[1].split("</tr>")[0]
        made, *parts, hidden = cells = _cells(line)
        assert not [cell for cell in parts if cell.strip() == "0"], cells
        shown = [int(re.sub(r"[^0-9]", "", cell) or 0) for cell in (*parts, hidden)]
        assert sum(shown) == int(made.replace(",", "")), "numbers add up"
        assert "nothing of these lots is left anywhere" not in text(page)
    buyer = text(come(world, BUYER).get(new(OTHER_MASK_LOT.id)))
    assert "Who has these goods is not shown to you." in buyer
    overseer = text(come(world, ISSUER).get(new(OTHER_MASK_LOT.id)))
    assert "Not shown to you" not in overseer


def _cells(line: str) -> list[str]:
    return [text(cell) for cell in re.findall(r"<td.*?>(.*?)</td>", line, flags=re.S)]


def test_an_auditor_prepares_for_who_may_sign(world: Service) -> None:
    page = come(world, AUDITOR).get(new(OTHER_FABRIC.id))
    assert "it may prepare it for who can" in text(page)
    assert 'value="sign"' not in page.text
    assert 'value="file"' in page.text


# ------------------------------------------------------------------------------- deciding

WORDS = {"wrong": "The filter fails 滤料不合格", "act": "Stores set it aside 各站隔离"}


def test_what_is_offered_to_be_signed_is_the_scope_that_was_seen(world: Service) -> None:
    reader = come(world, ISSUER)
    page = reader.get(new(OTHER_FABRIC.id))
    answer = send(reader, page, "/recalls", **WORDS, do="file")
    assert "attachment" in answer.headers["content-disposition"]
    entries = json.loads(answer.content)
    assert [e["message"]["lot"] for e in entries] == [
        "0x" + OTHER_FABRIC.id.hex(), "0x" + OTHER_MASK_LOT.id.hex(),
    ]  # fmt: skip
    assert {e["message"]["reason"] for e in entries} == {"\n".join(WORDS.values())}
    [campaign] = {e["message"]["campaign"] for e in entries}
    offered = send(reader, page, "/recalls", **WORDS, do="sign")
    assert offered.status_code == 200
    assert campaign[2:] in offered.text
    assert "Recall 2 lots" in text(offered)


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"wrong": ""}, "wrong", "must be given"),
        ({"act": " "}, "act", "must be given"),
        ({"wrong": "滤" * 1000}, "wrong", "more than the ledger takes"),
        ({"document": "0x12"}, "document", "must be 0x and 64 hexadecimal digits"),
        ({"complete_to": "9999999"}, "complete_to", "open the page again"),
    ],
)
def test_a_decision_that_lacks_something_comes_back_filled(
    world: Service, fields: dict[str, str], field: str, said: str
) -> None:
    reader = come(world, ISSUER)
    page = reader.get(new(OTHER_FABRIC.id))
    sent = {**WORDS, "do": "sign", **fields}
    answer = send(reader, page, "/recalls", **sent)
    assert answer.status_code == 422
    assert said in text(answer)
    kept = sent["act"] if field == "wrong" else sent["wrong"]
    assert kept.strip() in unescape(answer.text), "what was typed is still there"


def test_a_notice_is_kept_for_all_who_must_act(world: Service) -> None:
    reader = come(world, ISSUER)
    page = reader.get(new(OTHER_FABRIC.id))
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text)
    parts: list[tuple[str, tuple[str | None, str | bytes]]] = [
        *((name, (None, unescape(value))) for name, value in hidden),
        ("wrong", (None, "")),
        ("notice", ("召回.pdf", b"%PDF-1.7 a notice")),
    ]
    answer = reader.client.post("/recalls", files=parts)
    # The file need not be chosen again.
    found = re.search(r'name="document" value="(0x[0-9a-f]{64})"', answer.text)
    assert found is not None
    store = come(world, SUPPLIER, "community-2")
    taken = store.get("/documents/" + found[1])
    assert (taken.status_code, taken.content) == (200, b"%PDF-1.7 a notice")
    parts[-1] = ("notice", ("notice.exe", b"MZ\xff\xfe"))
    refused = reader.client.post("/recalls", files=parts)
    assert "a PDF, a picture" in text(refused)


def test_lots_that_are_recalled_already_are_recalled_again_only_on_purpose(world: Service) -> None:
    reader = come(world, ISSUER)
    page = reader.get(new(demo.FABRIC_LOT.id))
    assert "2 of these lots are recalled already." in text(page)
    refused = send(reader, page, "/recalls", **WORDS, do="file")
    assert (refused.status_code, "tick the box" in text(refused)) == (422, True)
    again = send(reader, page, "/recalls", **WORDS, do="file", again="1")
    assert len(json.loads(again.content)) == 2


def test_who_may_not_recall_cannot_send_the_form_either(world: Service) -> None:
    overseer, buyer = come(world, ISSUER), come(world, BUYER)
    page = overseer.get(new(OTHER_FABRIC.id))
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text))
    own = re.search(r'name="form_token" value="([^"]*)"', buyer.get("/recalls/new").text)
    own_token = own[1] if own else ""
    for do in ("sign", "file", "hold"):
        parts = {**hidden, **WORDS, "do": do, "form_token": own_token}
        answer = buyer.client.post("/recalls", files={k: (None, v) for k, v in parts.items()})
        assert answer.status_code in (403, 422), do
        assert "Recall 2 lots" not in text(answer)


def test_a_form_from_elsewhere_does_nothing(world: Service) -> None:
    reader = come(world, ISSUER)
    page = reader.get(new(OTHER_FABRIC.id))
    assert send(reader, page, "/recalls", **WORDS, form_token="00" * 64).status_code == 403


def test_what_was_made_since_somebody_looked_is_shown_before_it_is_signed(world: Service) -> None:
    reader = come(world, ISSUER)
    page = reader.get(new(FIRST_RESIN.id))
    before = text(page)
    chain = world.workspace.index.by_subject(SPUNBOND_LOT.id)
    citing = next(e for e in chain if e.action == "Transform")
    same = ("gtin", "category", "model", "unit", "process", "place", "cited")
    inputs = (Part(FIRST_RESIN.id, 10),)
    world.submit(
        "qilin", "Transform", **{name: citing[name] for name in same}, quantity=9, lot="SB-NEW",
        inputs=inputs,
    )  # fmt: skip
    answer = send(reader, page, "/recalls", **WORDS, do="sign")
    assert answer.status_code == 409
    assert "Since you looked, 1 more lot was made of these." in text(answer)
    assert "SB-NEW" not in before
    assert "SB-NEW" in text(answer)
    assert WORDS["wrong"] in text(answer)


# ------------------------------------------------------------------------------- following


def test_an_answer_is_checked_against_what_the_ledger_has(world: Service) -> None:
    store = come(world, SUPPLIER, "community-2")
    where = campaign_of(world, demo.MASK_LOT.id)
    page = store.get(where)
    assert "The ledger says: 32,000 pieces with you, 8,000 pieces" in text(page)
    found = re.search(r'name="aside-(\d+)"', page.text)
    assert found is not None
    number = found[1]

    def answer(aside: str, gone: str, **more: str) -> Response:
        fields = {f"aside-{number}": aside, f"gone-{number}": gone, **more}
        return store.send(where + "/acknowledge", page, **fields)

    for aside, gone, said in (
        ("many", "0", "must be a whole number"),
        ("", "1", "must be a whole number"),
        (str(2**40), "0", "more than any lot has"),
        ("", "", "say how much is set aside"),
        ("31,999", "8,000", "tick that you counted again"),
        ("9" * 20, "0", "more than any lot has"),
    ):
        refused = answer(aside, gone)
        assert (refused.status_code, said in text(refused)) == (422, True), aside
        assert f'value="{aside}"' in refused.text
    for right in (answer("32,000", "8000"), answer("31,999", "8,000", counted="1")):
        assert right.status_code == 200
        assert "Answer the recall of 1 lot" in text(right)


def test_the_whereabouts_in_a_campaign_account_for_all_that_was_made(world: Service) -> None:
    where = campaign_of(world, demo.MASK_LOT.id)
    for role, who, parts in (
        (AUDITOR, "", 5),  # set aside, gone, with the silent, gone from these, on its way
        (SUPPLIER, "community-2", 5),  # the last is what is not shown
    ):
        page = come(world, role, who).get(where).text
        figures = page.split('<dl class="figures">')[1].split("</dl>")[0]
        amounts = re.findall(r"<dd>(.*?)</dd>", figures)
        pieces = [_pieces(amount) for amount in amounts]
        assert (sum(pieces), len(amounts)) == (700_000, parts), figures
    auditor = text(come(world, AUDITOR).get(where))
    assert "nobody has answered for it, by the ledger 15,000 pieces" in auditor
    assert "The rest" not in auditor
    assert "The rest: not shown to you" in text(come(world, SUPPLIER, "community-2").get(where))


def _pieces(amount: str) -> int:
    found = re.search(r"([0-9,]+) piece", amount)
    return int(found[1].replace(",", "")) if found else 0


def test_an_answer_that_leaves_something_open_is_none_of_those_that_are_done(
    world: Service,
) -> None:
    said = text(come(world, AUDITOR).get(campaign_of(world, demo.MASK_LOT.id)))
    assert "7 answers are asked for:" in said
    assert "4 given 1 given, but not as the ledger has it" in said
    assert "2 not given yet" in said
    store = text(come(world, SUPPLIER, "community-1").get(campaign_of(world, demo.MASK_LOT.id)))
    assert "7 answers are asked for: 1 given 6 not shown to you" in store


def test_what_the_ledger_has_never_stands_as_an_answer(world: Service) -> None:
    page = come(world, AUDITOR).get(campaign_of(world, demo.MASK_LOT.id))
    [row] = [r for r in re.findall(r"<tr>.*?</tr>", page.text, flags=re.S) if "365,000 pieces" in r]
    _, aside, gone, *_ = _cells(row)
    assert (aside.strip(), gone.strip()) == ("– ledger: 365,000 pieces there", "– ledger: 0 pieces")


def test_who_has_to_answer_reads_first_by_when_and_why(world: Service) -> None:
    said = text(come(world, SUPPLIER, "community-2").get(campaign_of(world, demo.MASK_LOT.id)))
    task = said[said.index("You have to answer") : said.index("Progress")]
    assert re.search(r"answer due by \d", task)
    assert "Resin of an unlicensed maker" in task


def test_what_differs_is_marked_to_be_checked_and_not_to_be_made_fit(world: Service) -> None:
    store = come(world, SUPPLIER, "community-2")
    where = campaign_of(world, demo.MASK_LOT.id)
    page = store.get(where)
    [number] = set(re.findall(r'name="aside-(\d+)"', page.text))
    fields = {f"aside-{number}": "31,999", f"gone-{number}": "8,000"}
    refused = store.send(where + "/acknowledge", page, **fields)
    assert "If it is right, leave it" in text(refused)
    assert "Please correct this" not in text(refused)
    marked = re.findall(r'<input[^>]*name="([^"]*)"[^>]*aria-invalid', refused.text)
    assert marked == [f"aside-{number}", "counted"]


def test_a_further_answer_begins_with_the_last_and_is_one_only_if_it_is_another(
    world: Service,
) -> None:
    store = come(world, SUPPLIER, "community-1")
    where = campaign_of(world, demo.MASK_LOT.id)
    page = store.get(where)
    found = dict(re.findall(r'name="((?:aside|gone)-\d+)" value="([^"]*)"', page.text))
    assert list(found.values()) == ["47,500", "12,500"]
    same = store.send(where + "/acknowledge", page, **found)
    assert (same.status_code, "this is what you answered last" in text(same)) == (422, True)
    other = dict(zip(found, ("47,499", "12,501"), strict=True))
    another = store.send(where + "/acknowledge", page, **other, counted="1")
    assert "Answer the recall of 1 lot" in text(another)


def test_who_is_not_asked_cannot_answer(world: Service) -> None:
    buyer = come(world, BUYER)
    where = campaign_of(world, demo.MASK_LOT.id)
    page = buyer.get(where)
    assert "/acknowledge" not in page.text
    refused = buyer.send(where + "/acknowledge", page, **{"aside-175": "1", "gone-175": "1"})
    assert (refused.status_code, "say how much is set aside" in text(refused)) == (422, True)


def test_who_called_it_releases_it_and_nobody_else(world: Service) -> None:
    where = campaign_of(world, demo.MASK_LOT.id)
    overseer, store = come(world, ISSUER), come(world, SUPPLIER, "community-2")
    page = overseer.get(where)
    assert "/release" in page.text
    assert "/release" not in store.get(where).text
    for fields, said in (
        ({"which": "all"}, "say why"),
        ({"why": "Tested 已检验"}, "choose what to release"),
        ({"why": "Tested", "which": "7"}, "choose what to release"),
    ):
        refused = overseer.send(where + "/release", page, **fields)
        assert (refused.status_code, said in text(refused)) == (422, True)
    right = overseer.send(where + "/release", page, why="Tested 已检验", which="all")
    assert "Lift the stop on 2 lots" in text(right)
    foreign = store.send(where + "/release", store.get(where), why="Tested", which="all")
    assert foreign.status_code == 422


def test_nobody_answering_for_days_is_overdue(
    world: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = world.workspace.clock
    monkeypatch.setattr(world.workspace, "clock", lambda: clock() + 3.5 * 86_400)
    reader = Visitor(world, "en")
    assert reader.sign_in(ISSUER).status_code == 303
    said = text(reader.get(campaign_of(world, demo.MASK_LOT.id)))
    assert "2 answers are overdue" in said
    assert "No answer, overdue overdue by 3 days" in said
    assert "Answers overdue overdue by 3 days" in text(reader.get("/recalls"))


def test_a_hold_is_listed_shown_and_released_by_who_set_it(world: Service) -> None:
    lot = _gift(world, "HELD-2")
    world.submit("warehouse", "Hold", lot=lot, document=bytes(32), reason="A wet box 受潮")
    store = come(world, SUPPLIER, "warehouse")
    listed = store.get("/recalls")
    assert "A wet box 受潮" in listed.text
    found = re.search(r'href="(/recalls/holds/\d+)"', listed.text)
    assert found is not None
    page = store.get(found[1])
    assert "On hold" in text(page)
    assert store.send(found[1] + "/release", page, why="").status_code == 422
    assert "Lift the stop on 1 lot" in text(
        store.send(found[1] + "/release", page, why="Dry again")
    )
    assert come(world, SUPPLIER).get(found[1]).status_code == 404
    assert come(world, ISSUER).get("/recalls/holds/1").status_code == 404
    auditor = come(world, AUDITOR)
    assert "/release" not in auditor.get(found[1]).text


def test_only_the_chosen_lots_are_held(world: Service) -> None:
    reader = come(world, ISSUER)
    page = reader.get(new(OTHER_FABRIC.id))
    answer = send(reader, page, "/recalls", **WORDS, do="hold")
    assert "Hold 1 lot" in text(answer)


# ------------------------------------------------------------------------------- many


def test_three_hundred_lots_are_followed_page_by_page(world: Service) -> None:
    reader = come(world, ISSUER, language="zh")
    page = reader.get("/recalls/0x" + MOULD.hex())
    assert page.status_code == 200
    assert len(page.text) < 150_000
    assert "等另外 297 个批次" in text(page)
    assert "等另外 295 个批次" in reader.get("/recalls").text


def test_many_lots_are_seen_page_by_page_and_signed_with_the_command(world: Service) -> None:
    lots = [gift_id(f"MANY-{n}") for n in range(50)]
    reader = come(world, ISSUER)
    page = reader.get(new(*lots))
    assert "50 lots: the chosen ones" in text(page)
    assert len(page.text) < 150_000
    later = reader.get(new(*lots) + "&place=40")
    assert "41–50 of 50" in text(later)


def test_no_more_lots_than_a_form_holds_can_be_chosen(world: Service) -> None:
    lots = [gift_id(f"MANY-{n}") for n in range(51)]
    assert come(world, ISSUER).get(new(*lots)).status_code == 422


def _gift(service: Service, lot: str) -> bytes:
    service.submit("warehouse", "Commission", **_GIFT, lot=lot)
    return gift_id(lot)
