"""The tables. Times are Unix seconds; what only people and the verdict read is JSON or MessagePack in one column."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

_NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""SQLite gives numbers by itself to INTEGER keys only; there they have 64 bits too."""


def _own() -> Column[int]:
    return Column("id", _NUMBER, primary_key=True, autoincrement=True)


def _of(target: str, name: str, *, key: bool = False) -> Column[int]:
    return Column(name, _NUMBER, ForeignKey(f"{target}.id", ondelete="CASCADE"), nullable=False, primary_key=key)


migrations = Table(
    "migrations", metadata, Column("number", Integer, primary_key=True, autoincrement=False),
    Column("applied", Float, nullable=False),
)  # fmt: skip

gateways = Table(
    "gateways", metadata, _own(), Column("config", Text, nullable=False), Column("service", Text, nullable=False),
    UniqueConstraint("config", "service"),
)  # fmt: skip

epochs = Table(
    "epochs", metadata, _own(), _of("gateways", "gateway"), Column("digest", Text, nullable=False),
    Column("label", Text, nullable=False), Column("settings", Text, nullable=False),
    Column("started", Float, nullable=False), Column("ended", Float),
    Index("epochs_of_gateway", "gateway", "id"),
)  # fmt: skip

series = Table(
    "series", metadata, _own(), _of("epochs", "epoch"), Column("shadow", Text, nullable=False),
    Column("endpoint", Text, nullable=False), UniqueConstraint("epoch", "shadow", "endpoint"),
)  # fmt: skip
"""One endpoint's shadow in one epoch: what everything below belongs to."""

counts = Table(
    "counts", metadata, _of("series", "series", key=True), Column("key", Text, primary_key=True),
    Column("n", _NUMBER, nullable=False),
)  # fmt: skip

batches = Table("batches", metadata, Column("id", Text, primary_key=True), Column("applied", Float, nullable=False))
"""What has been added to ``counts``, so that nothing is added twice."""

paths = Table(
    "paths", metadata, _of("series", "series", key=True), Column("path", Text, primary_key=True),
    Column("ordinal", Integer, nullable=False), UniqueConstraint("series", "ordinal"),
)  # fmt: skip

points = Table(
    "points", metadata, _of("series", "series", key=True), Column("family", Text, primary_key=True),
    Column("pairs", _NUMBER, primary_key=True, autoincrement=False), Column("evidence", Float, nullable=False),
    Column("at", Float, nullable=False),
)  # fmt: skip

verdicts = Table(
    "verdicts", metadata, _of("series", "series", key=True), Column("hypothesis", Text, primary_key=True),
    Column("state", Text, primary_key=True), Column("at", Float, nullable=False),
    Column("evidence", Text, nullable=False),
)  # fmt: skip

events = Table(
    "events", metadata, _own(), _of("gateways", "gateway"), Column("at", Float, nullable=False),
    Column("kind", Text, nullable=False), Column("text", Text, nullable=False), Column("data", Text, nullable=False),
    Index("events_of_gateway", "gateway", "id"),
)  # fmt: skip

exchanges = Table(
    "exchanges", metadata, _own(), _of("series", "series"), Column("exchange", Text, nullable=False),
    Column("at", Float, nullable=False), Column("size", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False), UniqueConstraint("series", "exchange"),
    Index("exchanges_by_id", "exchange"), Index("exchanges_by_time", "at"),
)  # fmt: skip

examples = Table(
    "examples", metadata, _of("series", "series", key=True), Column("path", Text, primary_key=True),
    Column("kind", Text, primary_key=True), _of("exchanges", "kept", key=True),
    Column("first", Boolean, nullable=False), Column("at", Float, nullable=False), Index("examples_of", "kept"),
)  # fmt: skip
"""Which exchanges show which finding."""

writers = Table(
    "writers", metadata, Column("id", Text, primary_key=True), _of("epochs", "epoch"),
    Column("started", Float, nullable=False), Column("seen", Float, nullable=False), Column("ended", Float),
    Column("saved", _NUMBER, nullable=False), Column("lost", _NUMBER, nullable=False),
)  # fmt: skip
"""Who writes: one that neither ended nor was seen for a while was killed, with what it had not yet written."""
