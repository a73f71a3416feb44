"""A supplier submits a qualification with its document."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from fastapi import Request

from api.access import Caller, Visibility
from api.context import Context
from api.documents import service as documents
from api.pages import formats
from api.pages.lexicon import Lexicon
from api.pages.reviews.forms import number, validity
from api.pages.uploading import Uploaded
from api.parameters import DEFAULT_ZONE
from api.problems import Forbidden
from ledger.errors import RequestError
from ledger.typed_data import Value
from ledger.vocabulary import QualificationState, Role

#: The fields of the form, as they come and go.
FIELDS: Final = ("category", "model", "kind", "number", "valid_from", "valid_until", "without_end",
                 "visibility")  # fmt: skip
_LONGEST_MODEL: Final = 200


def form(request: Request, values: Mapping[str, str]) -> dict[str, Any]:
    """What the form shows, filled with ``values``."""
    context, lexicon = Context.of(request), Lexicon.of(request)
    filled = {name: values.get(name, "") for name in FIELDS}
    filled["visibility"] = filled["visibility"] or Visibility.PARTIES
    by_name = sorted((lexicon.category(code), code) for code in lexicon.categories)
    return {
        "values": filled,
        "categories": [{"code": code, "name": name} for name, code in by_name],
        "kinds": [
            {"code": kind.code, "name": lexicon.kind(kind.code)}
            for kind in context.workspace.catalogue.kinds
        ],
        "visibilities": [
            {"code": v.value, "name": lexicon.t.word("submit.visibility", v)} for v in Visibility
        ],
        "media_types": ",".join(documents.MEDIA_TYPES),
        "most": context.settings.max_document // 1024**2,
        "zone_offset": formats.offset(context.now(), DEFAULT_ZONE),
    }


def faults(
    context: Context, caller: Caller, sent: Mapping[str, str], file: Uploaded
) -> list[RequestError]:
    """All that is to be mended in the form, in its order: nobody is told of it one by one."""
    checks: tuple[Callable[[], object], ...] = (
        lambda: _category(context, sent),
        lambda: _model(sent),
        lambda: _kind(context, sent),
        lambda: _check_number(context, caller, sent),
        lambda: validity(sent),
        lambda: _media_type(file),
        lambda: _visibility(sent),
    )
    found = []
    for check in checks:
        try:
            check()
        except RequestError as error:
            found.append(error)
    return found


def submission(
    context: Context, caller: Caller, sent: Mapping[str, str], file: Uploaded
) -> dict[str, Value]:
    """The fields of the entry, of a form without faults. The document is kept."""
    start, end = validity(sent)
    kept = documents.keep(
        context, caller, file.data, _media_type(file), file.name, _visibility(sent)
    )
    return {
        "validFrom": start,
        "validUntil": end,
        "document": kept.hash,
        "category": _category(context, sent),
        "model": _model(sent),
        "kind": _kind(context, sent),
        "number": number(sent),
    }


def _category(context: Context, sent: Mapping[str, str]) -> str:
    category = sent.get("category", "")
    if category not in context.workspace.index.categories():
        raise _wrong("category", "choose a product from the list", "请从列表中选择产品类别")
    return category


def _model(sent: Mapping[str, str]) -> str:
    model = " ".join(sent.get("model", "").split())
    if len(model) > _LONGEST_MODEL:
        raise _wrong(
            "model",
            f"a model has at most {_LONGEST_MODEL} characters",
            f"型号最多 {_LONGEST_MODEL} 个字符",
        )
    return model


def _kind(context: Context, sent: Mapping[str, str]) -> str:
    kind = sent.get("kind", "")
    if kind not in {k.code for k in context.workspace.catalogue.kinds}:
        raise _wrong("kind", "choose a kind from the list", "请从列表中选择资质种类")
    return kind


def _visibility(sent: Mapping[str, str]) -> Visibility:
    try:
        return Visibility(sent.get("visibility", ""))
    except ValueError:
        raise _wrong("visibility", "choose who may read it", "请选择谁可以阅读") from None


def check_supplier(context: Context, caller: Caller) -> None:
    own = context.workspace.index.organisation(caller.organisation)
    if own is None or not own.roles & Role.SUPPLIER:
        raise Forbidden(
            "only a supplier submits qualifications, and only its own",
            message_zh="只有供应商可以提交资质，且只能提交自己的",
            code="submit.not-a-supplier",
        )


def _check_number(context: Context, caller: Caller, sent: Mapping[str, str]) -> None:
    """The same twice is a slip: the first is still in review, or in force."""
    named = number(sent)
    if not named:
        return
    stated = (sent.get("category"), " ".join(sent.get("model", "").split()), sent.get("kind"))
    for held in context.workspace.index.qualifications_of(caller.organisation):
        same = (held.category, held.model, held.kind, held.number) == (*stated, named)
        if same and held.state is not QualificationState.REFUSED and not held.register:
            raise _wrong(
                "number",
                "you hold or have submitted this number already",
                "此编号您已持有或已提交",
                entry=held.sequence,
            )


def _media_type(file: Uploaded) -> str:
    """By the file's first bytes, then by the end of its name: what browsers announce is a guess."""
    if not file.data:
        raise _wrong("document", "choose the document", "请选择文件")
    for media_type, beginning in documents.MEDIA_TYPES.items():
        if beginning and documents.looks_like(file.data, media_type):
            return media_type
    ending = file.name.rpartition(".")[2].lower()
    by_name = {"txt": "text/plain", "csv": "text/csv", "json": "application/json"}
    if ending in by_name and documents.looks_like(file.data, by_name[ending]):
        return by_name[ending]
    raise _wrong(
        "document",
        "this file is none of: PDF, PNG, JPEG, WebP, Excel (xlsx), CSV, JSON, plain text",
        "此文件不属于：PDF、PNG、JPEG、WebP、Excel（xlsx）、CSV、JSON、纯文本",
    )


def _wrong(field: str, english: str, chinese: str, **values: int) -> RequestError:
    return RequestError(
        english, message_zh=chinese, field=field, code=f"submit.{field}", values=values
    )
