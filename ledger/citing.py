"""Which of its qualifications a maker of a lot cites, found before it signs.

The contract opens its gate for citations (``IQualificationRegistry.gate``): for every kind that the
category requires at the time of making, one qualification of the maker for exactly this category
(never its parent) and this model or none, in force at that time and not suspended, superseded or
withdrawn when the lot is recorded. Here the same is looked up in what the ledger was told, so that
what is missing is named before anything is signed; the contract decides.
"""

from collections.abc import Callable

from ledger.errors import RequestError
from ledger.hashing import keccak
from ledger.history import History, Qualification
from ledger.typed_data import REGISTER_PREFIX, Citation
from ledger.vocabulary import NO_END, QualificationState, Way

_COUNTING = (QualificationState.IN_FORCE, QualificationState.RESTRICTED)


def citations(
    history: History,
    holder: bytes,
    category: str,
    model: str,
    *,
    at: int,
    now: int,
    digest_of: Callable[[int], bytes],
) -> tuple[Citation, ...]:
    """What ``holder`` cites for goods that it made at ``at`` and records ``now`` (seconds, UTC).

    ``history`` is the holder's for the category (``ledger.gathering.gather``); ``digest_of`` gives
    the digest of the entry with a sequence number. One citation for each required kind, by the
    kinds' names; the one that runs longest is chosen. :class:`RequestError` names the first kind
    that is missing, and why what is held for it does not count.
    """
    return tuple(
        _citation(_chosen(history, holder, category, model, kind, at, now), digest_of)
        for kind in _required(history, category, at)
    )


def _required(history: History, category: str, at: int) -> list[str]:
    """The kinds that the ledger asks of this very category: each kind's last word counts."""
    return sorted(
        kind
        for (named, kind), periods in history.requirements.items()
        if named == category and periods[-1].start <= at < periods[-1].end
    )


def _chosen(
    history: History, holder: bytes, category: str, model: str, kind: str, at: int, now: int
) -> Qualification:
    against = []
    good = []
    for q in history.held.get(holder, ()):
        if (q.category, q.kind) == (category, kind):
            reason = _against(history, q, model, at, now)
            if reason is None:
                good.append(q)
            else:
                against.append((q.number, *reason))
    if good:
        return max(good, key=lambda q: (_period(q)[1], -q.stated.sequence))
    held = "; ".join(f"{number or '–'}: {english}" for number, english, _ in against)
    held_zh = "；".join(f"{number or '–'}：{chinese}" for number, _, chinese in against)
    scope = f"{category} {model}".strip()
    raise RequestError(
        f"no {kind} for {scope} can be cited; {held or 'none is held'}",
        message_zh=f"没有可引用的 {kind}（{scope}）；{held_zh or '未持有'}",
        field="cited",
        code="citation.missing",
        values={"kind": kind},
    )


def _against(
    history: History, q: Qualification, model: str, at: int, now: int
) -> tuple[str, str] | None:
    """Why the gate would not take it, in both languages; None where it would."""
    start, end = _period(q)
    state = _state(q)
    if q.model not in ("", model):
        return f"for the model {q.model} only", f"仅限型号 {q.model}"
    if state is QualificationState.WITHDRAWN and now >= end:
        return "withdrawn", "已撤回"
    if state not in (*_COUNTING, QualificationState.WITHDRAWN):
        word = state.name.lower().replace("_", " ")
        return f"not in force but {word}", f"未生效，状态为 {word}"
    if not start or not end:
        return "its beginning or end is not stated", "未写明起止日期"
    if not start <= at < end:
        return "not valid at that time", "该时间不在有效期内"
    if q.way is Way.MIRRORED:
        word_of_authority = history.acceptance(q.register, q.kind, NO_END)
        if word_of_authority is None or not word_of_authority.accepted:
            return "mirrored, and not accepted by the authority", "镜像资质，未经主管机构采信"
        for ending in history.endings.get(q.kind, ()):
            if ending.register == q.register and ending.effective <= max(at, now):
                return "its kind has ended", "该类资质已终止"
    return None


def _period(q: Qualification) -> tuple[int, int]:
    """From when to when it counts, as the contract keeps it: a withdrawal ends it earlier, and
    takes its beginning too where no end was stated."""
    start, end = q.terms[-1].valid_from, q.terms[-1].valid_until
    withdrawals = [c.effective for c in q.changes if c.state is QualificationState.WITHDRAWN]
    for effective in (*([q.withdrawn_from] if q.withdrawn_from else ()), *withdrawals):
        start, end = (start, min(end, effective)) if end else (0, effective)
    return start, end


def _state(q: Qualification) -> QualificationState:
    """The last word of the ledger; time comes on top of it."""
    words = [(c.stated.sequence, c.state) for c in q.changes]
    words += [(d.stated.sequence, QualificationState.DELISTED) for d in q.delistings]
    words += [(step.stated.sequence, step.state) for step in q.steps]
    if words:
        return max(words)[1]
    if q.withdrawn_from:
        return QualificationState.WITHDRAWN
    reviewed = q.way is Way.REVIEWED
    return QualificationState.SUBMITTED if reviewed else QualificationState.IN_FORCE


def _citation(q: Qualification, digest_of: Callable[[int], bytes]) -> Citation:
    return Citation(
        q.author,
        keccak((REGISTER_PREFIX + q.register).encode()) if q.register else bytes(32),
        keccak(q.kind.encode()),
        digest_of(q.stated.sequence),
        q.model == "",
    )
