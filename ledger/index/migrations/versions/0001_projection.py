"""The projection of the chain's events."""

revision = "0001_projection"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
