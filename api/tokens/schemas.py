"""What a token is made of, and what is told of it."""

from pydantic import ConfigDict, Field

from api.access import CallerRole, Scope
from api.wire import HexText, OrganisationId, Shape

#: The longest that a token may be made for, in seconds.
MAX_LIFE = 366 * 86400
#: The longest name of a person, in characters.
MAX_PERSON = 120


class TokenRequest(Shape):
    """A token for a person of an organisation. Without scopes it gets all that its role has."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "organisation": "0x" + "5a" * 20,
                    "person": "Li Wei 李薇",
                    "role": "procurement",
                    "scopes": ["suppliers:read", "verdicts:write", "verdicts:read"],
                    "lifetime": 7776000,
                }
            ]
        },
    )

    organisation: OrganisationId
    person: str = Field(min_length=1, max_length=MAX_PERSON, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$")
    role: CallerRole
    scopes: list[Scope] | None = Field(default=None, min_length=1, max_length=len(Scope))
    lifetime: int = Field(
        default=90 * 86400, ge=60, le=MAX_LIFE, description="Seconds until it expires."
    )


class TokenBody(Shape):
    """A token without its secret; instants are seconds since 1970 (UTC)."""

    id: int
    organisation: HexText
    person: str
    role: CallerRole
    scopes: list[Scope]
    created_at: int
    expires_at: int | None
    revoked_at: int | None
    last_used: int | None = Field(description="The day of the last use, as its first second.")


class NewTokenBody(TokenBody):
    """A token with its secret, which is told this once and kept nowhere."""

    secret: str


class TokenList(Shape):
    tokens: list[TokenBody]
