"""Create the first tables."""

import sqlalchemy as sa
from alembic import op

from roster.instance.database.tables import UTCDateTime

revision = "0001"
down_revision = None
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = (
    "feature_flags",
    "instance_ai_audit_events",
    "instance_ai_leases",
    "instance_ai_lists",
    "instance_ai_offered_features",
    "instance_ai_offered_models",
    "instance_ai_retired_models",
    "instance_ai_sessions",
    "instance_ai_sync_runs",
    "namespaces",
    "instance_ai_features",
    "instance_ai_offered_model_features",
    "instance_ai_feature_models",
)
DEFAULT_IS_ALLOWED = "fk_instance_ai_features_default_is_allowed"


def upgrade() -> None:
    """Create all tables."""
    # SQLite accepts a foreign key to a table that does not exist yet, but cannot add one later.
    within = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "feature_flags",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("updated_at", UTCDateTime, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_feature_flags"),
        comment="Feature flags. A flag without a row is off.",
    )
    op.create_table(
        "instance_ai_audit_events",
        sa.Column("id", BIG, sa.Identity(), nullable=False),
        sa.Column("created_at", UTCDateTime, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("namespace_id", BIG, nullable=True),
        sa.Column("feature", sa.String(), nullable=False),
        sa.Column("old_value", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("new_value", sa.JSON(none_as_null=True), nullable=True),
        sa.CheckConstraint("action IN ('upsert', 'delete')", name="ck_instance_ai_audit_events_action"),
        sa.PrimaryKeyConstraint("id", name="pk_instance_ai_audit_events"),
        comment="Audit events of selections, with the old and new value. They remain when the namespace is deleted.",
    )
    op.create_table(
        "instance_ai_leases",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("expires_at", UTCDateTime, nullable=False),
        sa.Column("checked_at", UTCDateTime, nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_instance_ai_leases"),
        comment="Leases: which process is the leader and, for the sync, when the leader last reached the gateway.",
    )
    op.create_table(
        "instance_ai_lists",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("etag", sa.String(), nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("replaced_at", UTCDateTime, nullable=False),
        sa.CheckConstraint("kind IN ('definitions', 'offered_models')", name="ck_instance_ai_lists_kind"),
        sa.CheckConstraint("id = 1", name="ck_instance_ai_lists_only_one"),
        sa.PrimaryKeyConstraint("id", name="pk_instance_ai_lists"),
        comment="The source of the stored list, and a version that increases whenever the list is replaced.",
    )
    op.create_table(
        "instance_ai_offered_features",
        sa.Column("feature", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("default_model", sa.String(), nullable=True),
        sa.Column("default_source", sa.String(), nullable=False),
        sa.Column("offered", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "default_source IN ('list', 'kept', 'first')", name="ck_instance_ai_offered_features_default_source"
        ),
        sa.PrimaryKeyConstraint("feature", name="pk_instance_ai_offered_features"),
        comment="Features that models are or were offered for, and the roster's defaults.",
    )
    op.create_table(
        "instance_ai_offered_models",
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("release_state", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=True),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("cost_indicator", sa.String(), nullable=True),
        sa.Column("offered", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "release_state IN ('GA', 'BETA', 'EXPERIMENT')", name="ck_instance_ai_offered_models_release_state"
        ),
        sa.PrimaryKeyConstraint("model", name="pk_instance_ai_offered_models"),
        comment="Models that are or were in the list. A selection may still name a model that is no longer offered.",
    )
    op.create_table(
        "instance_ai_retired_models",
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("feature", sa.String(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("replacement", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("model", "feature", name="pk_instance_ai_retired_models"),
        comment="Tombstones: the replacement of a retired model, for one feature, or for all if the feature is empty.",
    )
    op.create_table(
        "instance_ai_sessions",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("csrf_token", sa.String(), nullable=False),
        sa.Column("expires_at", UTCDateTime, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_instance_ai_sessions"),
        comment="Sessions of the page: the SHA-256 of the cookie and of the token that opened the session.",
    )
    op.create_table(
        "instance_ai_sync_runs",
        sa.Column("id", BIG, sa.Identity(), nullable=False),
        sa.Column("started_at", UTCDateTime, nullable=False),
        sa.Column("finished_at", UTCDateTime, nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("message", sa.String(), nullable=True),
        sa.Column("version", BIG, nullable=True),
        sa.Column("added", sa.JSON(), nullable=True),
        sa.Column("changed", sa.JSON(), nullable=True),
        sa.Column("removed", sa.JSON(), nullable=True),
        sa.CheckConstraint("(outcome = 'failed') = (reason IS NOT NULL)", name="ck_instance_ai_sync_runs_reason"),
        sa.CheckConstraint("outcome IN ('replaced', 'recovered', 'failed')", name="ck_instance_ai_sync_runs_outcome"),
        sa.PrimaryKeyConstraint("id", name="pk_instance_ai_sync_runs"),
        comment="Sync runs that replaced the list, failed in a new way, or recovered from a failure.",
    )
    op.create_table(
        "namespaces",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.CheckConstraint("id > 0", name="ck_namespaces_positive"),
        sa.PrimaryKeyConstraint("id", name="pk_namespaces"),
        comment="Namespaces with a selection. They belong to GitLab; only their ids are stored.",
    )
    op.create_table(
        "instance_ai_features",
        sa.Column("id", BIG, sa.Identity(), nullable=False),
        sa.Column("namespace_id", BIG, nullable=True),
        sa.Column("created_at", UTCDateTime, nullable=False),
        sa.Column("updated_at", UTCDateTime, nullable=False),
        sa.Column("feature_category", sa.String(), nullable=False),
        sa.Column("feature", sa.String(), nullable=False),
        sa.Column("default_model", sa.String(), nullable=False),
        sa.CheckConstraint("feature <> '' AND default_model <> ''", name="ck_instance_ai_features_not_empty"),
        *([_default_is_allowed()] if within else []),
        sa.ForeignKeyConstraint(
            ["namespace_id"], ["namespaces.id"], name="fk_instance_ai_features_namespace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_instance_ai_features"),
        sa.UniqueConstraint("namespace_id", "feature", name="uq_instance_ai_features_namespace_id_feature"),
        comment="Selections: an admin's choice for a feature, for a namespace or, without one, for the instance.",
    )
    op.create_index(
        "uq_instance_ai_features_feature_of_instance",
        "instance_ai_features",
        ["feature"],
        unique=True,
        sqlite_where=sa.text("namespace_id IS NULL"),
        postgresql_where=sa.text("namespace_id IS NULL"),
    )
    op.create_table(
        "instance_ai_offered_model_features",
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("feature", sa.String(), nullable=False),
        sa.Column("notice", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("replacement", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["feature"], ["instance_ai_offered_features.feature"], name="fk_instance_ai_offered_model_features_feature"
        ),
        sa.ForeignKeyConstraint(
            ["model"],
            ["instance_ai_offered_models.model"],
            name="fk_instance_ai_offered_model_features_model",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("model", "feature", name="pk_instance_ai_offered_model_features"),
        comment="Features that a model currently serves, with its announced retirement.",
    )
    op.create_table(
        "instance_ai_feature_models",
        sa.Column("id", BIG, sa.Identity(), nullable=False),
        sa.Column("instance_ai_feature_id", BIG, nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.CheckConstraint("model <> ''", name="ck_instance_ai_feature_models_not_empty"),
        sa.ForeignKeyConstraint(
            ["instance_ai_feature_id"],
            ["instance_ai_features.id"],
            name="fk_instance_ai_feature_models_instance_ai_feature_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_instance_ai_feature_models"),
        sa.UniqueConstraint(
            "instance_ai_feature_id", "model", name="uq_instance_ai_feature_models_instance_ai_feature_id_model"
        ),
        comment="The models that a selection allows.",
    )
    if not within:
        op.create_foreign_key(
            DEFAULT_IS_ALLOWED,
            "instance_ai_features",
            "instance_ai_feature_models",
            ["id", "default_model"],
            ["instance_ai_feature_id", "model"],
            deferrable=True,
            initially="DEFERRED",
        )


def downgrade() -> None:
    """Drop all tables and their data."""
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(DEFAULT_IS_ALLOWED, "instance_ai_features")
    for table in reversed(TABLES):
        op.drop_table(table)


def _default_is_allowed() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["id", "default_model"],
        ["instance_ai_feature_models.instance_ai_feature_id", "instance_ai_feature_models.model"],
        name=DEFAULT_IS_ALLOWED,
        deferrable=True,
        initially="DEFERRED",
    )
