"""The instance's tables, as the newest migration leaves them; a test holds that the two agree.

``instance_ai_features`` and ``instance_ai_feature_models`` are what admins chose, with the names of the seed. Nothing
but choices stands in them: what the roster says by itself is in the tables of the offered list, so that neither can
replace the other. No choice refers to an offered model by a foreign key: it stays when the model disappears.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
)

from roster.roster import ReleaseState


class UTCDateTime(TypeDecorator[datetime]):
    """A point in time, in UTC. SQLite keeps no time zone, so none is kept and all are in one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return what is stored."""
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return what was stored."""
        return value and (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC))


_BIG = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only where they are INTEGER
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[int]:
    return Column("id", _BIG, Identity(), primary_key=True)


def _text(name: str, **options: Any) -> Column[str]:
    return Column(name, String, nullable=False, **options)


def _not_empty(*columns: str) -> CheckConstraint:
    return CheckConstraint(" AND ".join(f"{column} <> ''" for column in columns), name="not_empty")


def _one_of(column: str, *values: str) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(map(repr, map(str, values)))})", name=column)


namespaces = Table(
    "namespaces",
    metadata,
    Column("id", _BIG, primary_key=True, autoincrement=False),
    CheckConstraint("id > 0", name="positive"),
    comment="The namespaces that made a choice. They are GitLab's; their ids are all that is known here.",
)

selected_features = Table(
    "instance_ai_features",
    metadata,
    _id(),
    Column("namespace_id", _BIG, ForeignKey("namespaces.id", ondelete="CASCADE")),
    Column("created_at", UTCDateTime, nullable=False),
    Column("updated_at", UTCDateTime, nullable=False),
    _text("feature_category"),
    _text("feature"),
    _text("default_model"),
    _not_empty("feature", "default_model"),
    UniqueConstraint("namespace_id", "feature"),
    # To a unique constraint one NULL differs from another, so the instance's own choices need an index.
    Index(
        "uq_instance_ai_features_feature_of_instance",
        "feature",
        unique=True,
        sqlite_where=Column("namespace_id").is_(None),
        postgresql_where=Column("namespace_id").is_(None),
    ),
    # The default is one of the allowed models. Deferred: each of the two tables needs the other's row.
    ForeignKeyConstraint(
        ["id", "default_model"],
        ["instance_ai_feature_models.instance_ai_feature_id", "instance_ai_feature_models.model"],
        name="fk_instance_ai_features_default_is_allowed",
        deferrable=True,
        initially="DEFERRED",
        use_alter=True,
    ),
    comment="What an admin chose for a feature, for a namespace or, without one, for the instance.",
)

selected_models = Table(
    "instance_ai_feature_models",
    metadata,
    _id(),
    Column(
        "instance_ai_feature_id",
        _BIG,
        ForeignKey("instance_ai_features.id", ondelete="CASCADE"),
        nullable=False,
    ),
    _text("model"),
    _not_empty("model"),
    UniqueConstraint("instance_ai_feature_id", "model"),
    comment="The models that a choice allows.",
)

lists = Table(
    "instance_ai_lists",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    CheckConstraint("id = 1", name="only_one"),
    Column("version", _BIG, nullable=False),
    _text("kind"),
    _text("source"),
    Column("etag", String),
    _text("digest"),
    Column("replaced_at", UTCDateTime, nullable=False),
    _one_of("kind", "definitions", "offered_models"),
    comment="The offered list as last seen: where it is from, and a version that grows whenever it is replaced.",
)

offered_features = Table(
    "instance_ai_offered_features",
    metadata,
    Column("feature", String, primary_key=True),
    Column("position", Integer, nullable=False),
    _text("title"),
    _text("category"),
    Column("default_model", String),
    Column("default_source", String, nullable=False),
    Column("offered", Boolean, nullable=False),
    _one_of("default_source", "list", "kept", "first"),
    comment="The features that models are offered for or were once, and the roster's default.",
)

offered_models = Table(
    "instance_ai_offered_models",
    metadata,
    Column("model", String, primary_key=True),
    Column("position", Integer, nullable=False),
    _text("name"),
    _text("release_state"),
    Column("provider", String),
    Column("description", String),
    Column("cost_indicator", String),
    Column("offered", Boolean, nullable=False),
    _one_of("release_state", *ReleaseState),
    comment="The models of the list; those that were in it once, too, since a choice may still name them.",
)

offered_model_features = Table(
    "instance_ai_offered_model_features",
    metadata,
    Column("model", String, ForeignKey("instance_ai_offered_models.model", ondelete="CASCADE"), primary_key=True),
    Column("feature", String, ForeignKey("instance_ai_offered_features.feature"), primary_key=True),
    Column("notice", Date),
    Column("last_day", Date),
    Column("replacement", String),
    comment="Which features a model serves now, with what is announced of its end for each.",
)

retired_models = Table(
    "instance_ai_retired_models",
    metadata,
    Column("model", String, primary_key=True),
    Column("feature", String, primary_key=True),
    Column("last_day", Date, nullable=False),
    _text("replacement"),
    comment="Tombstones: what took over from a model, for one feature, or for all where the feature is empty.",
)

sync_runs = Table(
    "instance_ai_sync_runs",
    metadata,
    _id(),
    Column("started_at", UTCDateTime, nullable=False),
    Column("finished_at", UTCDateTime, nullable=False),
    _text("outcome"),
    Column("reason", String),
    Column("message", String),
    Column("version", _BIG),
    Column("added", JSON),
    Column("changed", JSON),
    Column("removed", JSON),
    _one_of("outcome", "replaced", "recovered", "failed"),
    CheckConstraint("(outcome = 'failed') = (reason IS NOT NULL)", name="reason"),
    comment="The syncs that had something to tell: another list, a failure unlike the one before, or its end.",
)

audit_events = Table(
    "instance_ai_audit_events",
    metadata,
    _id(),
    Column("created_at", UTCDateTime, nullable=False),
    _text("actor"),
    _text("action"),
    Column("namespace_id", _BIG),
    _text("feature"),
    Column("old_value", JSON(none_as_null=True)),
    Column("new_value", JSON(none_as_null=True)),
    _one_of("action", "upsert", "delete"),
    comment="Who changed which choice, with what it was and became. It stays when the namespace goes.",
)

leases = Table(
    "instance_ai_leases",
    metadata,
    Column("name", String, primary_key=True),
    _text("holder"),
    Column("expires_at", UTCDateTime, nullable=False),
    Column("checked_at", UTCDateTime),
    comment="Which process leads; for the sync, also when its leader last heard from the gateway.",
)

sessions = Table(
    "instance_ai_sessions",
    metadata,
    Column("digest", String, primary_key=True),
    _text("token_hash"),
    _text("csrf_token"),
    Column("expires_at", UTCDateTime, nullable=False),
    comment="Who is signed in to the page: the SHA-256 of the cookie, and of the token that opened the session.",
)

feature_flags = Table(
    "feature_flags",
    metadata,
    Column("name", String, primary_key=True),
    Column("enabled", Boolean, nullable=False),
    Column("updated_at", UTCDateTime, nullable=False),
    comment="Feature flags. One that is not here is off.",
)
