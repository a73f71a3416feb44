"""How values go over the wire: hex ids, instants, days, and answers with their position."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema

from api.problems import Unfit
from ledger.errors import RequestError
from ledger.question import day_interval
from ledger.vocabulary import NO_END

#: The header that says on how many entries of the ledger an answer stands.
POSITION_HEADER: Final = "Suyuan-Ledger-Position"


class Shape(BaseModel):
    """Base of everything that goes over the wire: no member that is not declared."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Position(Shape):
    """What an answer stands on."""

    position: int = Field(
        ge=0,
        description="Number of ledger entries that the answer stands on. Send it as "
        "`min_position` to read nothing older.",
    )


def _hex(length: int) -> PlainValidator:
    def read(value: Any) -> bytes:
        if isinstance(value, bytes) and len(value) == length:
            return value
        if isinstance(value, str) and re.fullmatch(rf"0x[0-9a-fA-F]{{{2 * length}}}", value):
            return bytes.fromhex(value[2:])
        digits = 2 * length
        raise Unfit(
            f"must be 0x and {digits} hexadecimal digits", f"须为 0x 加 {digits} 位十六进制"
        )

    return PlainValidator(read)


def _hex_schema(length: int, what: str) -> WithJsonSchema:
    return WithJsonSchema(
        {
            "type": "string",
            "pattern": f"^0x[0-9a-fA-F]{{{2 * length}}}$",
            "description": f"{what}, as 0x hex.",
            "examples": ["0x" + "5a" * length],
        }
    )


OrganisationId = Annotated[bytes, _hex(20), _hex_schema(20, "Organisation (20 bytes)")]
AccountAddress = Annotated[bytes, _hex(20), _hex_schema(20, "Account (20 bytes)")]
BatchId = Annotated[bytes, _hex(32), _hex_schema(32, "Batch: the id of its lot (32 bytes)")]
Hash = Annotated[bytes, _hex(32), _hex_schema(32, "Hash (32 bytes)")]

#: The same in answers, as text already.
HexText = Annotated[str, Field(pattern="^0x([0-9a-f]{2})*$")]


# --------------------------------------------------------------------------------- instants

_INSTANT_SCHEMA: Final = WithJsonSchema(
    {
        "anyOf": [
            {"type": "integer", "minimum": 0, "maximum": 253370764799},
            {"type": "string", "format": "date-time", "examples": ["2020-12-01T08:00:00+08:00"]},
            {"type": "string", "format": "date", "examples": ["2020-12-01"]},
        ]
    }
)


def _moment(value: Any) -> str | int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and 0 < len(value) <= 40:
        return value
    raise Unfit(
        "must be seconds since 1970, an RFC 3339 instant or a day (YYYY-MM-DD)",
        "须为 1970 年以来的秒数、RFC 3339 时间或日期（YYYY-MM-DD）",
    )


#: Seconds since 1970 (UTC), an RFC 3339 instant with its offset, or a day in the asker's zone.
Moment = Annotated[int | str, PlainValidator(_moment), _INSTANT_SCHEMA]


def interval_of(moment: int | str, zone: str, field: str) -> tuple[int, int]:
    """The second, or the whole day in the zone, that is meant; half-open."""
    if isinstance(moment, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", moment):
        return day_interval(moment, zone, field)
    at = _seconds(moment)
    if at is None:
        raise RequestError(
            f"{field}: {str(moment)[:40]!r} is neither seconds since 1970 nor an RFC 3339 instant "
            "with its offset nor a day (YYYY-MM-DD)",
            message_zh=f"{field}：{str(moment)[:40]!r} 既不是 1970 年以来的秒数，也不是带时区的 "
            "RFC 3339 时间或日期（YYYY-MM-DD）",
            field=field,
            code=f"question.{field.replace('_', '-')}",
        )
    return at, at + 1


def _seconds(moment: int | str) -> int | None:
    if isinstance(moment, int) or re.fullmatch(r"[0-9]{1,12}", moment):
        found = int(moment)
    else:
        if not re.match(r"\d{4}-\d\d-\d\d[Tt ]", moment):
            return None
        try:
            instant = datetime.fromisoformat(moment.replace("z", "Z").replace("t", "T"))
            if instant.tzinfo is None:
                return None
            found = int(instant.timestamp())
        except (ValueError, OverflowError):
            return None
    return found if 0 <= found < NO_END else None


# ---------------------------------------------------------------------------------- answers


def answer(
    body: BaseModel | bytes,
    position: int | None = None,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A JSON response; bytes go out as they are, ``position`` goes into the header too."""
    sent = dict(headers or {})
    if position is not None:
        sent[POSITION_HEADER] = str(position)
    raw = body if isinstance(body, bytes) else body.model_dump_json().encode()
    return Response(raw, status_code=status, headers=sent, media_type="application/json")


#: For ``responses=``: the position's header on a success.
POSITION_HEADERS: Final[Mapping[str, Any]] = {
    POSITION_HEADER: {
        "description": "Number of ledger entries that the answer stands on.",
        "schema": {"type": "integer", "minimum": 0},
    }
}
