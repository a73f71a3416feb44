"""Every kept verdict made again from the ledger, by the policy that it was made by."""

from collections.abc import Mapping
from typing import Any

import orjson

from ledger.audit.report import Part, Progress
from ledger.errors import SuyuanError
from ledger.evidence.canonical import difference
from ledger.gathering import gather
from ledger.history import History
from ledger.index.raw import Source, service_form
from ledger.index.repository import Index
from ledger.offer import gather_offer
from ledger.policy import Policy, canonical, policies
from ledger.question import Question
from ledger.typed_data import hexed
from ledger.verdict import Verdict, decide, verdict_id


def check(live: Source, index: Index, size: int, part: Part, progress: Progress) -> None:
    """Check the table ``stored_verdict`` against the first ``size`` entries of the ledger."""
    form = service_form("stored_verdict")
    checked = 0
    for row in live.rows(form.query(is_sqlite=live.is_sqlite)):
        kept = dict(zip(form.columns, row, strict=True))
        checked += 1
        progress("verdicts", checked, 0)
        check_one(kept, index, size, part)
    part.count(verdicts=checked)


def check_one(kept: Mapping[str, Any], index: Index, size: int, part: Part) -> None:
    """Check one row, by the names of its columns."""
    try:
        _check(kept, index, size, part)
    except SuyuanError as error:
        _broken(kept, part, str(error))
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        _broken(kept, part, repr(error))


def _broken(kept: Mapping[str, Any], part: Part, why: str) -> None:
    part.found(
        "recomputed",
        "stored_verdict",
        f"the verdict cannot be made again: {why}",
        f"无法重新作出该结论：{why}",
        row=kept["id"],
        found=why,
    )


def _check(kept: Mapping[str, Any], index: Index, size: int, part: Part) -> None:
    row, position, by = kept["id"], kept["position"], kept["policy_hash"]
    policy = policies().get(by)
    if policy is None:
        part.found(
            "policy",
            "stored_verdict",
            "there is no policy of this hash",
            "没有该哈希的策略",
            row=row,
            field="policy_hash",
            found=by,
        )
        return
    question = Question.from_json(orjson.loads(kept["question"]))
    id_ = hexed(verdict_id(question, policy.hash, position))
    name = f"{id_}:{kept['organisation'].hex()}"
    if name != row:
        part.found(
            "id",
            "stored_verdict",
            "the id is not that of question, policy, position and organisation",
            "编号与问题、策略、位置及机构不符",
            row=row,
            field="id",
            expected=name,
            found=row,
        )
    if position > size:
        part.found(
            "ahead",
            "stored_verdict",
            f"it rests on {position} entries, the ledger has {size}: the ledger is older",
            f"该结论依据 {position} 条条目，而账本只有 {size} 条：账本较旧",
            row=row,
            field="position",
            expected=size,
            found=position,
        )
        return
    canonical_question = canonical(question.to_json())
    if canonical_question != kept["question"]:
        part.found(
            "question",
            "stored_verdict",
            "the question is not written in its one form",
            "问题不是规范形式",
            row=row,
            field="question",
            expected=canonical_question,
            found=kept["question"],
        )
    again = canonical(_again(index, question, policy, position).to_json())
    if again != kept["verdict"]:
        expected, found = orjson.loads(again), orjson.loads(kept["verdict"])
        # Other bytes of the same content differ nowhere, and so as a whole.
        place = difference(expected, found) or ""
        part.found(
            "differs",
            "stored_verdict",
            f"made again from the ledger, the verdict differs at {place or '/'}",
            f"由账本重新作出的结论在 {place or '/'} 处不同",
            row=row,
            field="verdict" + place,
            expected=_at(expected, place),
            found=_at(found, place),
        )


def _again(index: Index, question: Question, policy: Policy, position: int) -> Verdict:
    founding = index.founding()

    def gathered(organisation: bytes, category: str) -> History:
        return gather(index, founding, organisation, category, position)

    offer = None
    if question.lots:
        offer = gather_offer(index.lots, index, founding, gathered, question, policy, position)
    history = gathered(question.organisation, question.category)
    return decide(history, question, policy, offer)


def _at(value: Any, pointer: str) -> Any:
    """What stands at a JSON pointer (RFC 6901); None where nothing does."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list):
            value = value[int(name)] if int(name) < len(value) else None
        else:
            value = value.get(name) if isinstance(value, dict) else None
    return value
