"""The demo's goods, told by the ledger: a trace before and after, and how far a recall reaches."""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from api.cli.output import Output
from api.cli.questions import verdict_lines
from ledger import demo
from ledger.days import SHANGHAI
from ledger.errors import EvidenceError
from ledger.index.lots import LotGraph
from ledger.provenance.answer import Provenance, provenance
from ledger.provenance.custody import Stock
from ledger.provenance.model import Lot
from ledger.provenance.scope import follow_up, recall_scope
from ledger.provenance.tracing import Direction
from ledger.question import Question
from ledger.recorded import RecordedEntry
from ledger.workspace import Workspace

#: What must come out: nothing speaks against the masks, then their resin's maker does, and the
#: recall finds every store that got any, and the verdict on the lots that are offered follows.
EXPECTED: Final[dict[str, list[str]]] = {
    "offered": ["do-not-buy", "buy-with-conditions"],
    "before": [],
    "after": ["maker.withdrawn-retroactively"],
    "reached": sorted(store.key for store in demo.COMMUNITIES),
    "unanswered": ["community-2", "warehouse"],
}


def has_goods(workspace: Workspace) -> bool:
    """Whether this demo was told with its goods; one that was founded earlier was not."""
    return workspace.index.lots.lot(demo.MASK_LOT.id) is not None


def tell(workspace: Workspace, day: date, now: int, out: Output) -> dict[str, list[str]]:
    """Print the story of the goods, read from the index, and ask for what is left of them to be
    delivered on ``day``; what came out, as :data:`EXPECTED`. ``now`` in seconds, UTC."""
    withdrawn, recalled = _turning_points(workspace)
    masks = _lot(workspace.index.lots, demo.MASK_LOT.id)
    out.say(
        f"\nWhat are the masks of lot {masks.lot} made of? As known before entry "
        f"{withdrawn.sequence}:",
        f"\n批次 {masks.lot} 的口罩由什么制成？截至第 {withdrawn.sequence} 号条目之前所知：",
    )
    before = _traced(workspace, masks, withdrawn)
    _tell_trace(before, out)
    _tell_marks(before, masks, out)
    out.say(
        f"\nEntry {withdrawn.sequence} withdraws the licence of {demo.ZHUHUAN.name_en}, from 30 "
        "days before. The same question again:",
        f"\n第 {withdrawn.sequence} 号条目撤回{demo.ZHUHUAN.name_zh}的执照，效力追溯至 30 天前。"
        "再问一次：",
    )
    after = _traced(workspace, masks, recalled)
    _tell_marks(after, masks, out)
    reached, unanswered = _tell_recall(workspace, recalled, out)
    return {
        "offered": _offered(workspace, day, now, out),
        "before": [f.code for f in before.against(masks.number)],
        "after": [f.code for f in after.against(masks.number)],
        "reached": reached,
        "unanswered": unanswered,
    }


def _turning_points(workspace: Workspace) -> tuple[RecordedEntry, RecordedEntry]:
    """The withdrawal of the resin maker's licence, and the first recall."""
    index = workspace.index
    held = (q.id for q in index.qualifications_of(demo.ZHUHUAN.id))
    chains = (*(index.by_subject(id_) for id_ in held), index.by_subject(demo.FABRIC_LOT.id))
    found = {e.action: e for chain in chains for e in reversed(chain)}
    try:
        return found["WithdrawQualification"], found["Recall"]
    except KeyError as error:
        raise EvidenceError(f"the demo's story breaks off before {error}") from error


def _lot(graph: LotGraph, id_: bytes) -> Lot:
    found = graph.lot(id_)
    assert found is not None, "the demo has goods"
    return found


def _traced(workspace: Workspace, lot: Lot, until: RecordedEntry) -> Provenance:
    """Everything behind the lot, as known when the entry ``until`` was about to be recorded."""
    last = workspace.index.entry(until.sequence - 1)
    assert last is not None
    return provenance(
        workspace.index.lots,
        workspace.index,
        workspace.index.founding(),
        lot.number,
        direction=Direction.BACK,
        upto=until.sequence,
        known_at=last.recorded_at,
    )


def _tell_trace(p: Provenance, out: Output) -> None:
    told = p.to_json()
    used = {(e["input"]): 0 for e in told["edges"]}
    for edge in told["edges"]:
        used[edge["input"]] += edge["used"]
    for lot in told["lots"]:
        maker = told["organisations"][lot["maker"]]
        made = next(actor for actor in lot["actors"] if actor["making"])
        share, share_zh = "", ""
        if lot["number"] in used:
            share, share_zh = f", {used[lot['number']]:,} used", f"，用去 {used[lot['number']]:,}"
        indent = "  " * (1 + lot["depth"])
        goods = f"{lot['category']} {lot['lot']}: {lot['quantity']:,} {lot['unit']}"
        out.say(
            f"{indent}{goods}{share}. {maker['en']}: {made['en']}",
            f"{indent}{goods}{share_zh}。{maker['zh']}：{made['zh']}",
        )
    least = told["assurance"]["least"]
    out.say(f"  Least assured: {least['en']}", f"  保证最弱的环节：{least['zh']}")


def _tell_marks(p: Provenance, lot: Lot, out: Output) -> None:
    told = p.to_json()
    [root] = [one for one in told["lots"] if one["number"] == lot.number]
    names = {one["number"]: one["lot"] for one in told["lots"]}
    for mark in root["inherits"]:
        path = " ← ".join(names[number] for number in mark["path"])
        out.say(f"  ✗ {path}: {mark['en']}", f"  ✗ {path}：{mark['zh']}")
    if not root["inherits"]:
        out.say("  ✓ nothing speaks against any of it", "  ✓ 没有任何不利记录")


def _tell_recall(
    workspace: Workspace, recalled: RecordedEntry, out: Output
) -> tuple[list[str], list[str]]:
    graph, position = workspace.index.lots, workspace.position
    fabric = _lot(graph, demo.FABRIC_LOT.id)
    scope = recall_scope(graph, [fabric.number], upto=position)
    out.say(
        f"\nThe recall of fabric {fabric.lot} reaches {len(scope.lots)} lots, complete up to entry "
        f"{position - 1}. Where they are:",
        f"\n召回面料 {fabric.lot} 涉及 {len(scope.lots)} 个批次，截至第 {position - 1} 号条目完整。"
        "目前所在：",
    )
    campaign = recalled["campaign"]
    assert isinstance(campaign, bytes)
    offices = {office.id: office for office in demo.ALL}
    reached, unanswered = set(), set()
    for one, answers in zip(scope.lots, follow_up(graph, scope, campaign), strict=True):
        said = {a.custodian: a for a in answers.acknowledged}
        unanswered |= {offices[stock.custodian].key for stock in answers.missing}
        for stock in one.stocks:
            office = offices[stock.custodian]
            reached.add(office.key)
            answer = said.get(stock.custodian)
            english, chinese = _books(stock)
            word, word_zh = ("not answered", "未答复")
            if answer is not None:
                when = datetime.fromtimestamp(answer.recorded_at, ZoneInfo(SHANGHAI))
                time = when.strftime("%Y-%m-%d %H:%M")
                word = f"acknowledged {time}: {answer.set_aside:,} set aside, {answer.gone:,} gone"
                word_zh = f"{time} 确认：封存 {answer.set_aside:,}，已流出 {answer.gone:,}"
            unit = one.lot.unit
            out.say(
                f"  {one.lot.lot} {office.name_en}: {english} ({unit}); {word}",
                f"  {one.lot.lot} {office.name_zh}：{chinese}（{unit}）；{word_zh}",
            )
    communities = {store.key for store in demo.COMMUNITIES}
    return sorted(reached & communities), sorted(unanswered)


def _offered(workspace: Workspace, day: date, now: int, out: Output) -> list[str]:
    answers = []
    for lot in (demo.MASK_LOT, demo.OTHER_MASK_LOT):
        question = Question.for_day(
            lot.maker.id,
            lot.category,
            lot.model,
            50_000,
            lot.unit,
            day.isoformat(),
            known_at=now,
            zone=SHANGHAI,
            at=now,
            lots=(lot.id,),
        )
        verdict = workspace.decide(question)
        out.say(
            f"\nMay I buy 50,000 masks of lot {lot.lot}, for {day}?",
            f"\n可否采购批次 {lot.lot} 的 50,000 只口罩，{day} 交货？",
        )
        # What concerns the firm was told above; here only what stands against the lot.
        heading, *reasons = verdict_lines(verdict.to_json(), out)
        for line in (heading, *(r for r in reasons if not r.startswith(("  ✓", "  –")))):
            out.say(line, line)
        answers.append(verdict.answer.value)
    return answers


def _books(stock: Stock) -> tuple[str, str]:
    columns: tuple[tuple[int, str, str], ...] = (
        (stock.there, "there", "现存"),
        (stock.under_way_to, "under way to it", "在途"),
        (stock.used, "used", "用去"),
        (stock.dispensed, "handed out", "已发放"),
        (stock.lost, "lost", "损失"),
    )
    shown = [(f"{n:,}", english, chinese) for n, english, chinese in columns if n]
    return (
        ", ".join(f"{n} {english}" for n, english, _ in shown) or "nothing left",
        "，".join(f"{chinese} {n}" for n, _, chinese in shown) or "已无存货",
    )
