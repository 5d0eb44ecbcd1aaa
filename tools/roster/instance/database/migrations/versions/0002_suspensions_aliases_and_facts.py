"""Store suspended models, earlier ids, shares of defaults, facts about models, and retirements without a replacement.

The stored list lacks all of these, so the next sync reads it again, although the gateway's list is the same.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
MODELS, MODEL_FEATURES = "instance_ai_offered_models", "instance_ai_offered_model_features"
RETIRED = "instance_ai_retired_models"
FACTS = (
    ("context_window", sa.Integer()),
    ("max_output_tokens", sa.Integer()),
    ("capabilities", sa.JSON(none_as_null=True)),
    ("processed_in", sa.JSON(none_as_null=True)),
    ("data_retention_days", sa.Integer()),
    ("documentation", sa.String()),
)


def upgrade() -> None:
    """Add the columns and tables."""
    for name, kind in FACTS:
        op.add_column(MODELS, sa.Column(name, kind, nullable=True))
    op.add_column(MODEL_FEATURES, sa.Column("release_state", sa.String(), nullable=True))
    op.add_column(MODEL_FEATURES, sa.Column("share", sa.Integer(), nullable=True))
    with op.batch_alter_table(RETIRED) as batch:
        batch.alter_column("replacement", existing_type=sa.String(), nullable=True)
    op.create_table(
        "instance_ai_suspended_models",
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("model", name="pk_instance_ai_suspended_models"),
        comment="Models that are not offered at the moment, but not retired. Selections of them are kept.",
    )
    op.create_table(
        "instance_ai_model_aliases",
        sa.Column("alias", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("alias", name="pk_instance_ai_model_aliases"),
        comment="Earlier ids of models, which selections may still have.",
    )
    _read_list_again()


def downgrade() -> None:
    """Remove them, with the tombstones without a replacement."""
    op.drop_table("instance_ai_model_aliases")
    op.drop_table("instance_ai_suspended_models")
    op.execute(f"DELETE FROM {RETIRED} WHERE replacement IS NULL")
    with op.batch_alter_table(RETIRED) as batch:
        batch.alter_column("replacement", existing_type=sa.String(), nullable=False)
    for name in ("share", "release_state"):
        op.drop_column(MODEL_FEATURES, name)
    for name, _ in reversed(FACTS):
        op.drop_column(MODELS, name)
    _read_list_again()


def _read_list_again() -> None:
    op.execute("UPDATE instance_ai_lists SET etag = NULL, digest = ''")
