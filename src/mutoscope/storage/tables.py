"""The tables of the records, one set for SQLite and PostgreSQL.

Times are seconds since 1970 by the database's clock; JSON is kept as text that msgspec wrote. A row of
`jobs` is the object that the API shows and the durable record of its work in one: there is no second
truth beside it.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

metadata = MetaData()


def _id() -> Column[str]:
    """Ids grow with time; compared by their bytes, their order is that of creation."""
    kind = String(80).with_variant(String(80, collation="C"), "postgresql")
    return Column("id", kind, primary_key=True)


def _json(name: str) -> Column[str]:
    return Column(name, Text)


jobs = Table(
    "jobs",
    metadata,
    _id(),
    Column("object", String(20), nullable=False),  # video, batch, character
    Column("project", String(80), nullable=False),
    Column("key_id", String(80)),  # None: a loopback server without keys
    Column("dialect", String(20), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("model", String(200), nullable=False),  # as it was asked for
    Column("engine", String(80), nullable=False),  # as it was routed
    Column("status", String(20), nullable=False),  # queued, in_progress, completed, failed
    Column("stage", String(20), nullable=False),
    Column("due", Float),  # when its stage may run; None: it has ended
    Column("priority", Integer, nullable=False, server_default=text("0")),  # higher runs earlier
    Column("deadline", Float),
    Column("lease_owner", String(80)),
    Column("lease_until", Float),
    Column("fence", Integer, nullable=False, server_default=text("0")),  # +1 at every claim
    Column("attempt", Integer, nullable=False, server_default=text("0")),  # of the present stage
    Column("cancel_requested", Boolean, nullable=False, server_default=false()),
    Column("intent_at", Float),  # before a paid POST goes out
    Column("intent_seq", Integer, nullable=False, server_default=text("0")),
    Column("account", String(80)),
    _json("operation"),  # the engine's Operation, once it accepted the shot
    Column("progress", Float, nullable=False, server_default=text("0")),  # 0..1
    Column("expected_end", Float),
    _json("shot"),
    _json("asked"),  # the request as its dialect shows it again: prompt, seconds, size, extras
    _json("work"),  # what the stages leave for one another
    _json("result"),  # media by variant, size, seconds, report
    _json("error"),  # {code, message, hint, param}
    _json("warnings"),  # [{code, field, message}]
    Column("parent", String(80)),  # remixed, edited or extended from
    Column("batch", String(80)),
    Column("idempotency_key", String(255)),
    Column("fingerprint", String(64)),
    Column("webhook_url", Text),
    Column("created", Float, nullable=False),
    Column("started", Float),
    Column("ended", Float),
    Column("expires", Float),  # when its files, then its row, are deleted
    Column("take_of", String(80)),  # of several takes: the first one's id, in the first one too
    UniqueConstraint("project", "idempotency_key", name="jobs_idempotency"),
)
Index("jobs_due", jobs.c.due, jobs.c.stage, jobs.c.priority, jobs.c.id, sqlite_where=jobs.c.due.is_not(None), postgresql_where=jobs.c.due.is_not(None))  # fmt: skip
Index("jobs_priority", jobs.c.priority, sqlite_where=jobs.c.due.is_not(None), postgresql_where=jobs.c.due.is_not(None))  # fmt: skip
Index("jobs_leased", jobs.c.lease_owner, sqlite_where=jobs.c.lease_owner.is_not(None), postgresql_where=jobs.c.lease_owner.is_not(None))  # fmt: skip
Index("jobs_open", jobs.c.project, jobs.c.object, jobs.c.key_id, sqlite_where=jobs.c.due.is_not(None), postgresql_where=jobs.c.due.is_not(None))  # fmt: skip
Index("jobs_account", jobs.c.account, jobs.c.stage, sqlite_where=jobs.c.due.is_not(None), postgresql_where=jobs.c.due.is_not(None))  # fmt: skip
Index("jobs_listed", jobs.c.project, jobs.c.object, jobs.c.id)
Index("jobs_fingerprint", jobs.c.fingerprint, jobs.c.created)
Index("jobs_expires", jobs.c.expires)
Index("jobs_batch", jobs.c.batch)
Index("jobs_takes", jobs.c.take_of)

#: Which rows need a medium; a medium that none needs is deleted.
media_uses = Table(
    "media_uses",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("owner", String(80), primary_key=True),  # the id of a job, file or character
    Column("type", String(100), nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("created", Float, nullable=False),
)
Index("media_uses_owner", media_uses.c.owner)

files = Table(
    "files",
    metadata,
    _id(),
    Column("project", String(80), nullable=False),
    Column("filename", Text, nullable=False),
    Column("purpose", String(80), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("type", String(100), nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("created", Float, nullable=False),
    Column("expires", Float),
)
Index("files_listed", files.c.project, files.c.id)
Index("files_expires", files.c.expires)

characters = Table(
    "characters",
    metadata,
    _id(),
    Column("project", String(80), nullable=False),
    Column("name", String(200), nullable=False),
    Column("description", Text, nullable=False, server_default=""),
    Column("status", String(20), nullable=False),  # preparing, ready, failed
    _json("source"),  # Media of the clip it was made from
    _json("frames"),  # [{media, matte, at, sharpness, box}], the best first
    _json("error"),
    Column("created", Float, nullable=False),
    _json("origin"),  # what it was made from: {kind, ...}
    _json("consent"),  # {person, by, at, uses, until, note}
    _json("registered"),  # {account of an engine: the character's id there}
    Column("updated", Float),
)
Index("characters_listed", characters.c.project, characters.c.id)

keys = Table(
    "keys",
    metadata,
    _id(),
    Column("project", String(80), nullable=False),
    Column("name", String(200), nullable=False),
    Column("shown", String(20), nullable=False),  # the first characters, to tell keys apart
    Column("hash", String(64), nullable=False, unique=True),  # SHA-256 of the whole key
    _json("scopes"),  # ["videos:read", ...]; [] = everything
    Column("requests_per_minute", Integer),
    Column("jobs_at_once", Integer),
    Column("created", Float, nullable=False),
    Column("expires", Float),
    Column("revoked", Float),
    Column("used", Float),
)

endpoints = Table(
    "endpoints",
    metadata,
    _id(),
    Column("project", String(80), nullable=False),
    Column("name", String(200), nullable=False),
    Column("url", Text, nullable=False),
    _json("event_types"),
    Column("secret", Text, nullable=False),  # whsec_…
    Column("previous_secret", Text),  # signs too, until `previous_until`
    Column("previous_until", Float),
    Column("status", String(20), nullable=False),  # enabled, disabled
    Column("created", Float, nullable=False),
    Column("updated", Float, nullable=False),
)
Index("endpoints_project", endpoints.c.project)

events = Table(
    "events",
    metadata,
    _id(),
    Column("project", String(80), nullable=False),
    Column("type", String(80), nullable=False),
    Column("subject", String(80), nullable=False),  # the job's id
    Column("url", Text),  # a job's own webhook, beside the project's endpoints
    Column("spread", Boolean, nullable=False, server_default=false()),  # deliveries were made
    Column("created", Float, nullable=False),
)
Index("events_listed", events.c.project, events.c.id)
Index("events_unspread", events.c.created, sqlite_where=text("NOT spread"), postgresql_where=text("NOT spread"))  # fmt: skip

deliveries = Table(
    "deliveries",
    metadata,
    _id(),
    Column("event", String(80), nullable=False),
    Column("project", String(80), nullable=False),
    Column("endpoint", String(80)),  # None: the job's own webhook
    Column("url", Text, nullable=False),
    Column("status", String(20), nullable=False),  # pending, delivered, failed
    Column("attempt", Integer, nullable=False, server_default=text("0")),
    Column("due", Float),
    Column("lease_until", Float),
    _json("log"),  # [{at, status, ms, error}] of every attempt
    Column("created", Float, nullable=False),
)
Index("deliveries_due", deliveries.c.due, sqlite_where=deliveries.c.due.is_not(None), postgresql_where=deliveries.c.due.is_not(None))  # fmt: skip
Index("deliveries_event", deliveries.c.event)

#: GCRA: the theoretical arrival time of each limited thing ("engine/relay/create", "key/…/requests").
rates = Table(
    "rates",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("arrival", Float, nullable=False),
)

#: The last commit of each writing connection to PostgreSQL: where one was lost in its commit, this row
#: tells whether that was made.
commits = Table(
    "commits",
    metadata,
    Column("writer", String(32), primary_key=True),
    Column("batch", BigInteger, nullable=False),
    Column("at", Float, nullable=False),
)

#: What the server makes for itself once: the key that signs links, and such.
secrets = Table(
    "secrets",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("value", Text, nullable=False),
    Column("created", Float, nullable=False),
)

__all__ = [
    "characters", "commits", "deliveries", "endpoints", "events", "files", "jobs", "keys", "media_uses",
    "metadata", "rates", "secrets",
]  # fmt: skip
