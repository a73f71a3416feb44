"""The catalogue as the ledger has it, and what comes with this version about kinds and units."""

from pydantic import Field

from api.wire import Position, Shape


class Names(Shape):
    zh: str
    en: str


class RequirementBody(Shape):
    kind: str
    start: int
    end: int


class CategoryBody(Shape):
    """A category that the authority set; `parent` groups for people."""

    code: str
    parent: str
    names: Names
    unit: str
    codes: str
    raw_material: bool
    requires: list[RequirementBody] = Field(description="Every statement, the latest last.")


class KindBody(Shape):
    code: str
    names: Names
    issuer: Names
    zone: str = Field(description="In whose days its dates are counted.")
    register_name: str


class CatalogueBody(Shape):
    categories: list[CategoryBody]
    kinds: list[KindBody]
    units: dict[str, Names]
    ledger: Position
