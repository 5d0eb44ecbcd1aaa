"""The instance's tables at the newest migration; a test compares the two.

``instance_ai_features`` and ``instance_ai_feature_models`` hold only what admins selected. What the roster says is in
the tables of the offered list, so that neither can overwrite the other. Selections do not reference offered models by
foreign key: a selection remains when its model is no longer offered.
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
    """A point in time. SQLite stores no time zone, so all values are stored in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC."""
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return a datetime with a time zone."""
        return value and (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC))


_BIG = BigInteger().with_variant(Integer, "sqlite")  # SQLite generates ids only for INTEGER columns
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
    comment="Namespaces with a selection. They belong to GitLab; only their ids are stored.",
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
    # In a unique constraint NULLs are distinct, so the instance's own selections need a partial index.
    Index(
        "uq_instance_ai_features_feature_of_instance",
        "feature",
        unique=True,
        sqlite_where=Column("namespace_id").is_(None),
        postgresql_where=Column("namespace_id").is_(None),
    ),
    # The default is one of the allowed models. Deferred, because the two tables reference each other.
    ForeignKeyConstraint(
        ["id", "default_model"],
        ["instance_ai_feature_models.instance_ai_feature_id", "instance_ai_feature_models.model"],
        name="fk_instance_ai_features_default_is_allowed",
        deferrable=True,
        initially="DEFERRED",
        use_alter=True,
    ),
    comment="Selections: an admin's choice for a feature, for a namespace or, without one, for the instance.",
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
    comment="The models that a selection allows.",
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
    comment="The source of the stored list, and a version that increases whenever the list is replaced.",
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
    comment="Features that models are or were offered for, and the roster's defaults.",
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
    comment="Models that are or were in the list. A selection may still name a model that is no longer offered.",
)

offered_model_features = Table(
    "instance_ai_offered_model_features",
    metadata,
    Column("model", String, ForeignKey("instance_ai_offered_models.model", ondelete="CASCADE"), primary_key=True),
    Column("feature", String, ForeignKey("instance_ai_offered_features.feature"), primary_key=True),
    Column("notice", Date),
    Column("last_day", Date),
    Column("replacement", String),
    comment="Features that a model currently serves, with its announced retirement.",
)

retired_models = Table(
    "instance_ai_retired_models",
    metadata,
    Column("model", String, primary_key=True),
    Column("feature", String, primary_key=True),
    Column("last_day", Date, nullable=False),
    _text("replacement"),
    comment="Tombstones: the replacement of a retired model, for one feature, or for all if the feature is empty.",
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
    comment="Sync runs that replaced the list, failed in a new way, or recovered from a failure.",
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
    comment="Audit events of selections, with the old and new value. They remain when the namespace is deleted.",
)

leases = Table(
    "instance_ai_leases",
    metadata,
    Column("name", String, primary_key=True),
    _text("holder"),
    Column("expires_at", UTCDateTime, nullable=False),
    Column("checked_at", UTCDateTime),
    comment="Leases: which process is the leader and, for the sync, when the leader last reached the gateway.",
)

sessions = Table(
    "instance_ai_sessions",
    metadata,
    Column("digest", String, primary_key=True),
    _text("token_hash"),
    _text("csrf_token"),
    Column("expires_at", UTCDateTime, nullable=False),
    comment="Sessions of the page: the SHA-256 of the cookie and of the token that opened the session.",
)

feature_flags = Table(
    "feature_flags",
    metadata,
    Column("name", String, primary_key=True),
    Column("enabled", Boolean, nullable=False),
    Column("updated_at", UTCDateTime, nullable=False),
    comment="Feature flags. A flag without a row is off.",
)
