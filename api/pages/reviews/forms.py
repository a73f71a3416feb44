"""From the forms of the review desk to what is signed.

Days are days of :data:`~api.parameters.DEFAULT_ZONE`, as the document writes them: the last day of
a validity is included. What is not stated on the document is left empty, which is unknown and never
open.
"""

from collections.abc import Mapping
from typing import Final

from api.pages.reviews.shown import values_of
from api.parameters import DEFAULT_ZONE
from api.reviews.schemas import Queue, ReviewDetail, TermsBody
from ledger.errors import RequestError
from ledger.question import day_interval
from ledger.submission import LONGEST_TEXT
from ledger.typed_data import Value
from ledger.vocabulary import NO_END

#: A number of a certificate is no longer than this, in characters.
LONGEST_NUMBER: Final = 200

ACTION_OF: Final[Mapping[Queue, str]] = {
    Queue.VERIFY: "VerifyQualification",
    Queue.EDIT: "EditQualification",
    Queue.PUBLISH: "PublishQualification",
}


def step(
    review: ReviewDetail, form: Mapping[str, str], readable: bool
) -> tuple[str, dict[str, Value]]:
    """The action and its fields by which the next step is taken. Who verifies a document that is
    not ``readable`` here must say that it was looked at elsewhere."""
    action = ACTION_OF[review.queue]
    if review.queue is Queue.VERIFY and not readable and not form.get("seen"):
        raise RequestError(
            "look at the document itself and say so; it cannot be read here",
            message_zh="请先查看文件原件并勾选；此处无法阅读该文件",
            field="seen",
            code="review.seen",
        )
    fields: dict[str, Value] = {"qualification": bytes.fromhex(review.qualification[2:])}
    if review.queue is Queue.EDIT:
        start, end = validity(form, review.terms)
        fields |= {
            "validFrom": start,
            "validUntil": end,
            "document": bytes.fromhex((review.terms.document or "0x" + "00" * 32)[2:]),
            "number": number(form),
        }
    else:
        fields["document"] = bytes(32)
    fields["note"] = words(form, "note")
    return action, fields


def refusal(review: ReviewDetail, form: Mapping[str, str]) -> tuple[str, dict[str, Value]]:
    """The same for refusing it: a reason must be given."""
    reason = words(form, "reason")
    if not reason:
        raise RequestError(
            "say why it is refused: the supplier reads it",
            message_zh="请写明拒绝理由：供应商会看到",
            field="reason",
            code="review.reason",
        )
    fields: dict[str, Value] = {
        "qualification": bytes.fromhex(review.qualification[2:]),
        "document": bytes(32),
        "reason": reason,
    }
    return "RefuseQualification", fields


def words(form: Mapping[str, str], field: str) -> str:
    """A text of the form, with the line ends that entries have."""
    text = form.get(field, "").replace("\r\n", "\n").strip()
    size = len(text.encode())
    if size > LONGEST_TEXT:
        raise RequestError(
            f"this text takes {size} bytes, an entry holds {LONGEST_TEXT}; shorten it",
            message_zh=f"此文字占 {size} 字节，一条记录最多容纳 {LONGEST_TEXT} 字节，请缩短",
            field=field,
            code="review.too-long",
        )
    return text


def number(form: Mapping[str, str]) -> str:
    """The number of the certificate as it is written there; it may have none."""
    found = " ".join(form.get("number", "").split())
    if len(found) > LONGEST_NUMBER:
        raise RequestError(
            f"a number has at most {LONGEST_NUMBER} characters",
            message_zh=f"编号最多 {LONGEST_NUMBER} 个字符",
            field="number",
            code="review.number",
        )
    return found


def validity(form: Mapping[str, str], before: TermsBody | None = None) -> tuple[int, int]:
    """From when until when. A day that was not changed keeps its very instant of ``before``."""
    kept = {} if before is None else values_of(before)
    start = end = 0
    first, last = form.get("valid_from", "").strip(), form.get("valid_until", "").strip()
    if first:
        start = _day("valid_from", first)[0]
        if before is not None and first == kept["valid_from"]:
            start = before.valid_from
    if form.get("without_end"):
        if last:
            raise RequestError(
                "give the last day or say that there is no end, not both",
                message_zh="请填写最后一天，或选择无终止日期，不能两者都填",
                field="valid_until",
                code="review.dates",
            )
        end = NO_END
    elif last:
        end = _day("valid_until", last)[1]
        if before is not None and last == kept["valid_until"]:
            end = before.valid_until
    if start and end and start >= end:
        raise RequestError(
            "the last day lies before the first one",
            message_zh="截止日期早于起始日期",
            field="valid_until",
            code="review.dates",
        )
    return start, end


def _day(field: str, text: str) -> tuple[int, int]:
    try:
        return day_interval(text, DEFAULT_ZONE, field)
    except RequestError as error:
        raise RequestError(
            f"{text[:40]!r} is no day; write it like 2026-12-31",
            message_zh=f"“{text[:40]}”不是日期，请写成 2026-12-31 的形式",
            field=field,
            code=error.code,
        ) from error
