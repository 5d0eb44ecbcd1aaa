"""The instance's tables at the newest migration; a test compares the two.

``instance_ai_features`` and ``instance_ai_feature_models`` hold only what admins selected. What the roster says is in
the tables of the offered list, so that neither can overwrite the other. Selections do not reference offered models by
foreign key: a selection remains when its model is no longer offered.
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from roster.model import ReleaseState


class UTCDateTime(sa.TypeDecorator[datetime]):
    """A point in time. SQLite stores no time zone, so all values are stored in UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Convert to UTC."""
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Return a datetime with a time zone."""
        return value and (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC))


_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # SQLite generates ids only for INTEGER columns
metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> sa.Column[int]:
    return sa.Column("id", _BIG, sa.Identity(), primary_key=True)


def _text(name: str, **options: Any) -> sa.Column[str]:
    return sa.Column(name, sa.String, nullable=False, **options)


def _not_empty(*columns: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(" AND ".join(f"{column} <> ''" for column in columns), name="not_empty")


def _one_of(column: str, *values: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} IN ({', '.join(map(repr, map(str, values)))})", name=column)


namespaces = sa.Table(
    "namespaces",
    metadata,
    sa.Column("id", _BIG, primary_key=True, autoincrement=False),
    sa.CheckConstraint("id > 0", name="positive"),
    comment="Namespaces with a selection. They belong to GitLab; only their ids are stored.",
)

selected_features = sa.Table(
    "instance_ai_features",
    metadata,
    _id(),
    sa.Column("namespace_id", _BIG, sa.ForeignKey("namespaces.id", ondelete="CASCADE")),
    sa.Column("created_at", UTCDateTime, nullable=False),
    sa.Column("updated_at", UTCDateTime, nullable=False),
    _text("feature_category"),
    _text("feature"),
    _text("default_model"),
    _text("mode", server_default="chosen_models"),
    _not_empty("feature", "default_model"),
    _one_of("mode", "own_default", "chosen_models"),
    sa.UniqueConstraint("namespace_id", "feature"),
    # In a unique constraint NULLs are distinct, so the instance's own selections need a partial index.
    sa.Index(
        "uq_instance_ai_features_feature_of_instance",
        "feature",
        unique=True,
        sqlite_where=sa.Column("namespace_id").is_(None),
        postgresql_where=sa.Column("namespace_id").is_(None),
    ),
    # The default is one of the allowed models. Deferred, because the two tables reference each other.
    sa.ForeignKeyConstraint(
        ["id", "default_model"],
        ["instance_ai_feature_models.instance_ai_feature_id", "instance_ai_feature_models.model"],
        name="fk_instance_ai_features_default_is_allowed",
        deferrable=True,
        initially="DEFERRED",
        use_alter=True,
    ),
    comment="Selections: an admin's choice for a feature, for a namespace or, without one, for the instance.",
)

# A selection that allows all models has a row for its default only.
selected_models = sa.Table(
    "instance_ai_feature_models",
    metadata,
    _id(),
    sa.Column(
        "instance_ai_feature_id",
        _BIG,
        sa.ForeignKey("instance_ai_features.id", ondelete="CASCADE"),
        nullable=False,
    ),
    _text("model"),
    _not_empty("model"),
    sa.UniqueConstraint("instance_ai_feature_id", "model"),
    comment="The models that a selection allows.",
)

selection_versions = sa.Table(
    "instance_ai_selection_versions",
    metadata,
    _id(),
    sa.Column("namespace_id", _BIG),
    _text("feature"),
    sa.Column("version", _BIG, nullable=False),
    _text("updated_by"),
    sa.Column("updated_at", UTCDateTime, nullable=False),
    sa.UniqueConstraint("namespace_id", "feature"),
    comment="Versions, which count the changes of each selection and remain when it is deleted.",
)

lists = sa.Table(
    "instance_ai_lists",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.CheckConstraint("id = 1", name="only_one"),
    sa.Column("version", _BIG, nullable=False),
    _text("kind"),
    _text("source"),
    sa.Column("etag", sa.String),
    _text("digest"),
    sa.Column("replaced_at", UTCDateTime, nullable=False),
    _one_of("kind", "definitions", "offered_models"),
    comment="The source of the stored list, and a version that increases whenever the list is replaced.",
)

offered_features = sa.Table(
    "instance_ai_offered_features",
    metadata,
    sa.Column("feature", sa.String, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    _text("title"),
    _text("category"),
    sa.Column("default_model", sa.String),
    sa.Column("default_source", sa.String, nullable=False),
    sa.Column("default_since", UTCDateTime),
    sa.Column("previous_default", sa.String),
    sa.Column("offered", sa.Boolean, nullable=False),
    _one_of("default_source", "list", "kept", "first"),
    comment="Features that models are or were offered for, and the roster's defaults.",
)

offered_models = sa.Table(
    "instance_ai_offered_models",
    metadata,
    sa.Column("model", sa.String, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    _text("name"),
    _text("release_state"),
    sa.Column("provider", sa.String),
    sa.Column("description", sa.String),
    sa.Column("cost_indicator", sa.String),
    sa.Column("offered", sa.Boolean, nullable=False),
    sa.Column("context_window", sa.Integer),
    sa.Column("max_output_tokens", sa.Integer),
    sa.Column("capabilities", sa.JSON(none_as_null=True)),
    sa.Column("processed_in", sa.JSON(none_as_null=True)),
    sa.Column("data_retention_days", sa.Integer),
    sa.Column("documentation", sa.String),
    _one_of("release_state", *ReleaseState),
    comment="Models that are or were in the list. A selection may still name a model that is no longer offered.",
)

offered_model_features = sa.Table(
    "instance_ai_offered_model_features",
    metadata,
    sa.Column(
        "model", sa.String, sa.ForeignKey("instance_ai_offered_models.model", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("feature", sa.String, sa.ForeignKey("instance_ai_offered_features.feature"), primary_key=True),
    sa.Column("notice", sa.Date),
    sa.Column("last_day", sa.Date),
    sa.Column("replacement", sa.String),
    sa.Column("release_state", sa.String),
    sa.Column("share", sa.Integer),
    sa.Column("offered_since", UTCDateTime),
    comment="Features that a model currently serves, with its announced retirement.",
)

retired_models = sa.Table(
    "instance_ai_retired_models",
    metadata,
    sa.Column("model", sa.String, primary_key=True),
    sa.Column("feature", sa.String, primary_key=True),
    sa.Column("last_day", sa.Date, nullable=False),
    sa.Column("replacement", sa.String),
    comment="Tombstones: the replacement of a retired model, for one feature, or for all if the feature is empty.",
)

withdrawn_models = sa.Table(
    "instance_ai_withdrawn_models",
    metadata,
    sa.Column("model", sa.String, primary_key=True),
    sa.Column("feature", sa.String, primary_key=True),
    sa.Column("since", UTCDateTime, nullable=False),
    comment="Since when models no longer serve a feature that they once served.",
)

suspended_models = sa.Table(
    "instance_ai_suspended_models",
    metadata,
    sa.Column("model", sa.String, primary_key=True),
    sa.Column("since", sa.Date, nullable=False),
    _text("reason"),
    comment="Models that are not offered at the moment, but not retired. Selections of them are kept.",
)

model_aliases = sa.Table(
    "instance_ai_model_aliases",
    metadata,
    sa.Column("alias", sa.String, primary_key=True),
    _text("model"),
    comment="Earlier ids of models, which selections may still have.",
)

sync_runs = sa.Table(
    "instance_ai_sync_runs",
    metadata,
    _id(),
    sa.Column("started_at", UTCDateTime, nullable=False),
    sa.Column("finished_at", UTCDateTime, nullable=False),
    _text("outcome"),
    sa.Column("reason", sa.String),
    sa.Column("message", sa.String),
    sa.Column("version", _BIG),
    sa.Column("added", sa.JSON),
    sa.Column("changed", sa.JSON),
    sa.Column("removed", sa.JSON),
    sa.Column("changes", sa.JSON(none_as_null=True)),
    _one_of("outcome", "replaced", "recovered", "failed"),
    sa.CheckConstraint("(outcome = 'failed') = (reason IS NOT NULL)", name="reason"),
    comment="Sync runs that replaced the list, failed in a new way, or recovered from a failure.",
)

# Events of access tokens are in it, too, with an empty feature.
audit_events = sa.Table(
    "instance_ai_audit_events",
    metadata,
    _id(),
    sa.Column("created_at", UTCDateTime, nullable=False),
    _text("actor"),
    _text("action"),
    sa.Column("namespace_id", _BIG),
    _text("feature"),
    sa.Column("old_value", sa.JSON(none_as_null=True)),
    sa.Column("new_value", sa.JSON(none_as_null=True)),
    sa.Column("batch", sa.String),
    _one_of("action", "upsert", "delete"),
    *(sa.Index(None, column, "id") for column in ("feature", "namespace_id", "actor", "created_at")),
    sa.Index(None, "batch"),
    comment="Audit events of selections, with the old and new value. They remain when the namespace is deleted.",
)

leases = sa.Table(
    "instance_ai_leases",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    _text("holder"),
    sa.Column("expires_at", UTCDateTime, nullable=False),
    sa.Column("checked_at", UTCDateTime),
    comment="Leases: which process is the leader and, for the sync, when the leader last reached the gateway.",
)

sessions = sa.Table(
    "instance_ai_sessions",
    metadata,
    sa.Column("digest", sa.String, primary_key=True),
    _text("token_hash"),
    _text("csrf_token"),
    sa.Column("expires_at", UTCDateTime, nullable=False),
    comment="Sessions of the page: the SHA-256 of the cookie and of the token that opened the session.",
)

tokens = sa.Table(
    "instance_ai_tokens",
    metadata,
    _id(),
    _text("name"),
    _text("digest", unique=True),
    _text("actor", unique=True),
    _text("access"),
    sa.Column("created_at", UTCDateTime, nullable=False),
    sa.Column("last_used_at", UTCDateTime),
    sa.Column("revoked_at", UTCDateTime),
    sa.Column("revoked_by", sa.String),
    _not_empty("name"),
    _one_of("access", "read", "write"),
    sa.Index(
        "uq_instance_ai_tokens_name_of_valid",
        "name",
        unique=True,
        sqlite_where=sa.Column("revoked_at").is_(None),
        postgresql_where=sa.Column("revoked_at").is_(None),
    ),
    comment="Named access tokens: their SHA-256, and when they were used and revoked.",
)

snoozed_entries = sa.Table(
    "instance_ai_snoozed_entries",
    metadata,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("until", sa.Date),
    _text("actor"),
    sa.Column("created_at", UTCDateTime, nullable=False),
    comment="Attention entries that are hidden until a day or, without one, until they change.",
)

webhook_deliveries = sa.Table(
    "instance_ai_webhook_deliveries",
    metadata,
    sa.Column("key", sa.String, primary_key=True),
    _text("body"),
    sa.Column("created_at", UTCDateTime, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_attempt_at", UTCDateTime),
    sa.Column("delivered_at", UTCDateTime),
    comment="Attention entries that were or will be sent to the webhook.",
)

feature_flags = sa.Table(
    "feature_flags",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("updated_at", UTCDateTime, nullable=False),
    comment="Feature flags. A flag without a row is off.",
)
