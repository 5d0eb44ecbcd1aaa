"""Store modes and versions of selections, named tokens, snoozed entries, webhook deliveries, and what syncs changed.

Earlier selections have the mode ``chosen_models`` and version 1.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
SELECTIONS, EVENTS = "instance_ai_features", "instance_ai_audit_events"
TIME = sa.DateTime(timezone=True)
BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
COLUMNS = (
    ("instance_ai_offered_features", "default_since", TIME),
    ("instance_ai_offered_features", "previous_default", sa.String()),
    ("instance_ai_offered_model_features", "offered_since", TIME),
    ("instance_ai_sync_runs", "changes", sa.JSON(none_as_null=True)),
    (EVENTS, "batch", sa.String()),
)
EVENT_INDEXES = ("feature", "namespace_id", "actor", "created_at")


def upgrade() -> None:
    """Add the columns and tables."""
    # In one statement, because SQLite adds a constraint only together with its column.
    op.execute(
        f"ALTER TABLE {SELECTIONS} ADD COLUMN mode VARCHAR DEFAULT 'chosen_models' NOT NULL "
        f"CONSTRAINT ck_{SELECTIONS}_mode CHECK (mode IN ('own_default', 'chosen_models'))"
    )
    for table, name, kind in COLUMNS:
        op.add_column(table, sa.Column(name, kind))
    for name in EVENT_INDEXES:
        op.create_index(f"ix_{EVENTS}_{name}_id", EVENTS, [name, "id"])
    op.create_index(f"ix_{EVENTS}_batch", EVENTS, ["batch"])
    _create_versions()
    _create_tokens()
    _create_notices()


def _create_versions() -> None:
    table = "instance_ai_selection_versions"
    op.create_table(
        table,
        sa.Column("id", BIG, sa.Identity(), nullable=False),
        sa.Column("namespace_id", BIG),
        sa.Column("feature", sa.String(), nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("namespace_id", "feature", name=f"uq_{table}_namespace_id_feature"),
        comment="Versions, which count the changes of each selection and remain when it is deleted.",
    )
    actor = (
        f"SELECT actor FROM {EVENTS} e WHERE e.feature = s.feature AND (e.namespace_id = s.namespace_id "
        "OR e.namespace_id IS NULL AND s.namespace_id IS NULL) ORDER BY e.id DESC LIMIT 1"
    )
    op.execute(
        f"INSERT INTO {table} (namespace_id, feature, version, updated_by, updated_at) "
        f"SELECT namespace_id, feature, 1, coalesce(({actor}), 'unknown'), updated_at FROM {SELECTIONS} s"
    )


def _create_tokens() -> None:
    table = "instance_ai_tokens"
    op.create_table(
        table,
        sa.Column("id", BIG, sa.Identity(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("access", sa.String(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("last_used_at", TIME),
        sa.Column("revoked_at", TIME),
        sa.Column("revoked_by", sa.String()),
        sa.CheckConstraint("name <> ''", name=f"ck_{table}_not_empty"),
        sa.CheckConstraint("access IN ('read', 'write')", name=f"ck_{table}_access"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("digest", name=f"uq_{table}_digest"),
        sa.UniqueConstraint("actor", name=f"uq_{table}_actor"),
        comment="Named access tokens: their SHA-256, and when they were used and revoked.",
    )
    is_valid = sa.text("revoked_at IS NULL")
    op.create_index(
        f"uq_{table}_name_of_valid", table, ["name"], unique=True, sqlite_where=is_valid, postgresql_where=is_valid
    )


def _create_notices() -> None:
    op.create_table(
        "instance_ai_snoozed_entries",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("until", sa.Date()),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_instance_ai_snoozed_entries"),
        comment="Attention entries that are hidden until a day or, without one, until they change.",
    )
    op.create_table(
        "instance_ai_webhook_deliveries",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", TIME),
        sa.Column("delivered_at", TIME),
        sa.PrimaryKeyConstraint("key", name="pk_instance_ai_webhook_deliveries"),
        comment="Attention entries that were or will be sent to the webhook.",
    )
    op.create_table(
        "instance_ai_withdrawn_models",
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("feature", sa.String(), nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.PrimaryKeyConstraint("model", "feature", name="pk_instance_ai_withdrawn_models"),
        comment="Since when models no longer serve a feature that they once served.",
    )


def downgrade() -> None:
    """Remove them. A selection that allows all models then allows those that serve its feature now."""
    for table in ("withdrawn_models", "webhook_deliveries", "snoozed_entries", "tokens", "selection_versions"):
        op.drop_table(f"instance_ai_{table}")
    op.execute(
        "INSERT INTO instance_ai_feature_models (instance_ai_feature_id, model) "
        f"SELECT s.id, o.model FROM {SELECTIONS} s JOIN instance_ai_offered_model_features o ON o.feature = s.feature "
        "WHERE s.mode = 'own_default' AND o.model <> s.default_model"
    )
    op.drop_index(f"ix_{EVENTS}_batch", EVENTS)
    for name in EVENT_INDEXES:
        op.drop_index(f"ix_{EVENTS}_{name}_id", EVENTS)
    for table, name, _ in reversed(COLUMNS):
        op.drop_column(table, name)
    op.drop_column(SELECTIONS, "mode")
