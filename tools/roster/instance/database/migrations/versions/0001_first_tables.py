"""Create the first tables."""

import sqlalchemy as sa
from alembic import op

from roster.instance.database import tables
from roster.instance.database.tables import UTCDateTime

revision = "0001"
down_revision = None
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
metadata = sa.MetaData(naming_convention=tables.metadata.naming_convention)
"""The tables at this revision; ``tables.py`` may be newer."""

sa.Table(
    "feature_flags",
    metadata,
    sa.Column("name", sa.String(), primary_key=True),
    sa.Column("enabled", sa.Boolean(), nullable=False),
    sa.Column("updated_at", UTCDateTime, nullable=False),
    comment="Feature flags. A flag without a row is off.",
)
sa.Table(
    "instance_ai_audit_events",
    metadata,
    sa.Column("id", BIG, sa.Identity(), primary_key=True),
    sa.Column("created_at", UTCDateTime, nullable=False),
    sa.Column("actor", sa.String(), nullable=False),
    sa.Column("action", sa.String(), nullable=False),
    sa.Column("namespace_id", BIG),
    sa.Column("feature", sa.String(), nullable=False),
    sa.Column("old_value", sa.JSON(none_as_null=True)),
    sa.Column("new_value", sa.JSON(none_as_null=True)),
    sa.CheckConstraint("action IN ('upsert', 'delete')", name="action"),
    comment="Audit events of selections, with the old and new value. They remain when the namespace is deleted.",
)
sa.Table(
    "instance_ai_leases",
    metadata,
    sa.Column("name", sa.String(), primary_key=True),
    sa.Column("holder", sa.String(), nullable=False),
    sa.Column("expires_at", UTCDateTime, nullable=False),
    sa.Column("checked_at", UTCDateTime),
    comment="Leases: which process is the leader and, for the sync, when the leader last reached the gateway.",
)
sa.Table(
    "instance_ai_lists",
    metadata,
    sa.Column("id", sa.Integer(), autoincrement=False, primary_key=True),
    sa.Column("version", BIG, nullable=False),
    sa.Column("kind", sa.String(), nullable=False),
    sa.Column("source", sa.String(), nullable=False),
    sa.Column("etag", sa.String()),
    sa.Column("digest", sa.String(), nullable=False),
    sa.Column("replaced_at", UTCDateTime, nullable=False),
    sa.CheckConstraint("kind IN ('definitions', 'offered_models')", name="kind"),
    sa.CheckConstraint("id = 1", name="only_one"),
    comment="The source of the stored list, and a version that increases whenever the list is replaced.",
)
sa.Table(
    "instance_ai_offered_features",
    metadata,
    sa.Column("feature", sa.String(), primary_key=True),
    sa.Column("position", sa.Integer(), nullable=False),
    sa.Column("title", sa.String(), nullable=False),
    sa.Column("category", sa.String(), nullable=False),
    sa.Column("default_model", sa.String()),
    sa.Column("default_source", sa.String(), nullable=False),
    sa.Column("offered", sa.Boolean(), nullable=False),
    sa.CheckConstraint("default_source IN ('list', 'kept', 'first')", name="default_source"),
    comment="Features that models are or were offered for, and the roster's defaults.",
)
sa.Table(
    "instance_ai_offered_models",
    metadata,
    sa.Column("model", sa.String(), primary_key=True),
    sa.Column("position", sa.Integer(), nullable=False),
    sa.Column("name", sa.String(), nullable=False),
    sa.Column("release_state", sa.String(), nullable=False),
    sa.Column("provider", sa.String()),
    sa.Column("description", sa.String()),
    sa.Column("cost_indicator", sa.String()),
    sa.Column("offered", sa.Boolean(), nullable=False),
    sa.CheckConstraint("release_state IN ('GA', 'BETA', 'EXPERIMENT')", name="release_state"),
    comment="Models that are or were in the list. A selection may still name a model that is no longer offered.",
)
sa.Table(
    "instance_ai_retired_models",
    metadata,
    sa.Column("model", sa.String(), primary_key=True),
    sa.Column("feature", sa.String(), primary_key=True),
    sa.Column("last_day", sa.Date(), nullable=False),
    sa.Column("replacement", sa.String(), nullable=False),
    comment="Tombstones: the replacement of a retired model, for one feature, or for all if the feature is empty.",
)
sa.Table(
    "instance_ai_sessions",
    metadata,
    sa.Column("digest", sa.String(), primary_key=True),
    sa.Column("token_hash", sa.String(), nullable=False),
    sa.Column("csrf_token", sa.String(), nullable=False),
    sa.Column("expires_at", UTCDateTime, nullable=False),
    comment="Sessions of the page: the SHA-256 of the cookie and of the token that opened the session.",
)
sa.Table(
    "instance_ai_sync_runs",
    metadata,
    sa.Column("id", BIG, sa.Identity(), primary_key=True),
    sa.Column("started_at", UTCDateTime, nullable=False),
    sa.Column("finished_at", UTCDateTime, nullable=False),
    sa.Column("outcome", sa.String(), nullable=False),
    sa.Column("reason", sa.String()),
    sa.Column("message", sa.String()),
    sa.Column("version", BIG),
    sa.Column("added", sa.JSON()),
    sa.Column("changed", sa.JSON()),
    sa.Column("removed", sa.JSON()),
    sa.CheckConstraint("(outcome = 'failed') = (reason IS NOT NULL)", name="reason"),
    sa.CheckConstraint("outcome IN ('replaced', 'recovered', 'failed')", name="outcome"),
    comment="Sync runs that replaced the list, failed in a new way, or recovered from a failure.",
)
sa.Table(
    "namespaces",
    metadata,
    sa.Column("id", BIG, autoincrement=False, primary_key=True),
    sa.CheckConstraint("id > 0", name="positive"),
    comment="Namespaces with a selection. They belong to GitLab; only their ids are stored.",
)
sa.Table(
    "instance_ai_features",
    metadata,
    sa.Column("id", BIG, sa.Identity(), primary_key=True),
    sa.Column("namespace_id", BIG, sa.ForeignKey("namespaces.id", ondelete="CASCADE")),
    sa.Column("created_at", UTCDateTime, nullable=False),
    sa.Column("updated_at", UTCDateTime, nullable=False),
    sa.Column("feature_category", sa.String(), nullable=False),
    sa.Column("feature", sa.String(), nullable=False),
    sa.Column("default_model", sa.String(), nullable=False),
    sa.CheckConstraint("feature <> '' AND default_model <> ''", name="not_empty"),
    sa.UniqueConstraint("namespace_id", "feature"),
    sa.Index(
        "uq_instance_ai_features_feature_of_instance",
        "feature",
        unique=True,
        sqlite_where=sa.text("namespace_id IS NULL"),
        postgresql_where=sa.text("namespace_id IS NULL"),
    ),
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
sa.Table(
    "instance_ai_offered_model_features",
    metadata,
    sa.Column(
        "model", sa.String(), sa.ForeignKey("instance_ai_offered_models.model", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("feature", sa.String(), sa.ForeignKey("instance_ai_offered_features.feature"), primary_key=True),
    sa.Column("notice", sa.Date()),
    sa.Column("last_day", sa.Date()),
    sa.Column("replacement", sa.String()),
    comment="Features that a model currently serves, with its announced retirement.",
)
sa.Table(
    "instance_ai_feature_models",
    metadata,
    sa.Column("id", BIG, sa.Identity(), primary_key=True),
    sa.Column(
        "instance_ai_feature_id", BIG, sa.ForeignKey("instance_ai_features.id", ondelete="CASCADE"), nullable=False
    ),
    sa.Column("model", sa.String(), nullable=False),
    sa.CheckConstraint("model <> ''", name="not_empty"),
    sa.UniqueConstraint("instance_ai_feature_id", "model"),
    comment="The models that a selection allows.",
)


def upgrade() -> None:
    """Create all tables."""
    metadata.create_all(op.get_bind(), checkfirst=False)


def downgrade() -> None:
    """Drop all tables and their data."""
    metadata.drop_all(op.get_bind(), checkfirst=False)
