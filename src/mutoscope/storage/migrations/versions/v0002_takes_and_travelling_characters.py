"""Several takes of one request, and what a character needs to travel."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("jobs", sa.Column("take_of", sa.String(length=80)))
    op.create_index("jobs_takes", "jobs", ["take_of"])
    for name in ("origin", "consent", "registered"):
        op.add_column("characters", sa.Column(name, sa.Text()))
    op.add_column("characters", sa.Column("updated", sa.Float()))
