"""What a staff account is made of, and what is told of it."""

from typing import Literal

from pydantic import ConfigDict, Field

from api.access import CallerRole
from api.tokens.schemas import MAX_PERSON
from api.wire import HexText, OrganisationId, Shape

_PERSON = r"^[^\x00-\x1f\x7f-\x9f]+$"


class StaffRequest(Shape):
    """An account for a person of an organisation, who is to choose how to sign in."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "organisation": "0x" + "5a" * 20,
                    "person": "Li Wei 李薇",
                    "role": "procurement",
                    "login": "li.wei",
                }
            ]
        },
    )

    organisation: OrganisationId
    person: str = Field(min_length=1, max_length=MAX_PERSON, pattern=_PERSON)
    role: CallerRole
    login: str = Field(
        min_length=3,
        max_length=64,
        description="The sign-in name: letters, digits, dots, hyphens, underscores, @; compared "
        "without case.",
    )


class RoleRequest(Shape):
    """Another role for an account."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"role": "auditor"}]}
    )

    role: CallerRole


class StaffBody(Shape):
    """A staff account; instants are seconds since 1970 (UTC)."""

    id: int
    login: str
    organisation: HexText
    person: str
    role: CallerRole
    state: Literal["invited", "active", "disabled"]
    signs_in_by: Literal["password", "provider"] | None
    created_at: int
    disabled_at: int | None
    signed_in_at: int | None


class InvitedBody(StaffBody):
    """An account with the way to open it: the link, which is told this once."""

    invitation: str = Field(
        description="The path of the page to which the person goes, with the link's secret; good "
        "for one use.",
        examples=["/invitation?code=…"],
    )
    invitation_expires_at: int


class StaffList(Shape):
    staff: list[StaffBody]
    next: int | None = Field(description="Send it as `after` for the next page.")
