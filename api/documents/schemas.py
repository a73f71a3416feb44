"""What is told of a stored document."""

from pydantic import Field

from api.access import Visibility
from api.wire import HexText, Shape


class DocumentBody(Shape):
    """A document that is kept here; the ledger holds its hash, never the document."""

    hash: HexText = Field(description="keccak-256 of the bytes: what entries cite.")
    size: int = Field(ge=1, description="In bytes.")
    media_type: str
    name: str
    visibility: Visibility
    stored_at: int = Field(description="Seconds since 1970 (UTC).")
