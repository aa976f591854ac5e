"""The tables of the first release."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _id() -> sa.Column[str]:
    kind = sa.String(80).with_variant(sa.String(80, collation="C"), "postgresql")
    return sa.Column("id", kind, nullable=False)


def upgrade() -> None:
    op.create_table(
        "characters",
        _id(),
        sa.Column("project", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("source", sa.Text()),
        sa.Column("frames", sa.Text()),
        sa.Column("error", sa.Text()),
        sa.Column("created", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("characters_listed", "characters", ["project", "id"])
    op.create_table(
        "commits",
        sa.Column("writer", sa.String(length=32), nullable=False),
        sa.Column("batch", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("writer"),
    )
    op.create_table(
        "deliveries",
        _id(),
        sa.Column("event", sa.String(length=80), nullable=False),
        sa.Column("project", sa.String(length=80), nullable=False),
        sa.Column("endpoint", sa.String(length=80)),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("due", sa.Float()),
        sa.Column("lease_until", sa.Float()),
        sa.Column("log", sa.Text()),
        sa.Column("created", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "deliveries_due",
        "deliveries",
        ["due"],
        sqlite_where=sa.text("due IS NOT NULL"),
        postgresql_where=sa.text("due IS NOT NULL"),
    )
    op.create_index("deliveries_event", "deliveries", ["event"])
    op.create_table(
        "endpoints",
        _id(),
        sa.Column("project", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("event_types", sa.Text()),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("previous_secret", sa.Text()),
        sa.Column("previous_until", sa.Float()),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("created", sa.Float(), nullable=False),
        sa.Column("updated", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("endpoints_project", "endpoints", ["project"])
    op.create_table(
        "events",
        _id(),
        sa.Column("project", sa.String(length=80), nullable=False),
        sa.Column("type", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("url", sa.Text()),
        sa.Column("spread", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("events_listed", "events", ["project", "id"])
    op.create_index(
        "events_unspread",
        "events",
        ["created"],
        sqlite_where=sa.text("NOT spread"),
        postgresql_where=sa.text("NOT spread"),
    )
    op.create_table(
        "files",
        _id(),
        sa.Column("project", sa.String(length=80), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("purpose", sa.String(length=80), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.Float(), nullable=False),
        sa.Column("expires", sa.Float()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("files_expires", "files", ["expires"])
    op.create_index("files_listed", "files", ["project", "id"])
    op.create_table(
        "jobs",
        _id(),
        sa.Column("object", sa.String(length=20), nullable=False),
        sa.Column("project", sa.String(length=80), nullable=False),
        sa.Column("key_id", sa.String(length=80)),
        sa.Column("dialect", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("engine", sa.String(length=80), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("due", sa.Float()),
        sa.Column("priority", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("deadline", sa.Float()),
        sa.Column("lease_owner", sa.String(length=80)),
        sa.Column("lease_until", sa.Float()),
        sa.Column("fence", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("cancel_requested", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("intent_at", sa.Float()),
        sa.Column("intent_seq", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("account", sa.String(length=80)),
        sa.Column("operation", sa.Text()),
        sa.Column("progress", sa.Float(), server_default=sa.text("0"), nullable=False),
        sa.Column("expected_end", sa.Float()),
        sa.Column("shot", sa.Text()),
        sa.Column("asked", sa.Text()),
        sa.Column("work", sa.Text()),
        sa.Column("result", sa.Text()),
        sa.Column("error", sa.Text()),
        sa.Column("warnings", sa.Text()),
        sa.Column("parent", sa.String(length=80)),
        sa.Column("batch", sa.String(length=80)),
        sa.Column("idempotency_key", sa.String(length=255)),
        sa.Column("fingerprint", sa.String(length=64)),
        sa.Column("webhook_url", sa.Text()),
        sa.Column("created", sa.Float(), nullable=False),
        sa.Column("started", sa.Float()),
        sa.Column("ended", sa.Float()),
        sa.Column("expires", sa.Float()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("project", "idempotency_key", name="jobs_idempotency"),
    )
    op.create_index(
        "jobs_account",
        "jobs",
        ["account", "stage"],
        sqlite_where=sa.text("due IS NOT NULL"),
        postgresql_where=sa.text("due IS NOT NULL"),
    )
    op.create_index("jobs_batch", "jobs", ["batch"])
    op.create_index(
        "jobs_due",
        "jobs",
        ["due", "stage", "priority", "id"],
        sqlite_where=sa.text("due IS NOT NULL"),
        postgresql_where=sa.text("due IS NOT NULL"),
    )
    op.create_index("jobs_expires", "jobs", ["expires"])
    op.create_index("jobs_fingerprint", "jobs", ["fingerprint", "created"])
    op.create_index(
        "jobs_leased",
        "jobs",
        ["lease_owner"],
        sqlite_where=sa.text("lease_owner IS NOT NULL"),
        postgresql_where=sa.text("lease_owner IS NOT NULL"),
    )
    op.create_index("jobs_listed", "jobs", ["project", "object", "id"])
    op.create_index(
        "jobs_open",
        "jobs",
        ["project", "object", "key_id"],
        sqlite_where=sa.text("due IS NOT NULL"),
        postgresql_where=sa.text("due IS NOT NULL"),
    )
    op.create_index(
        "jobs_priority",
        "jobs",
        ["priority"],
        sqlite_where=sa.text("due IS NOT NULL"),
        postgresql_where=sa.text("due IS NOT NULL"),
    )
    op.create_table(
        "keys",
        _id(),
        sa.Column("project", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("shown", sa.String(length=20), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.Text()),
        sa.Column("requests_per_minute", sa.Integer()),
        sa.Column("jobs_at_once", sa.Integer()),
        sa.Column("created", sa.Float(), nullable=False),
        sa.Column("expires", sa.Float()),
        sa.Column("revoked", sa.Float()),
        sa.Column("used", sa.Float()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hash"),
    )
    op.create_table(
        "media_uses",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "owner"),
    )
    op.create_index("media_uses_owner", "media_uses", ["owner"])
    op.create_table(
        "rates",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("arrival", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("created", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
