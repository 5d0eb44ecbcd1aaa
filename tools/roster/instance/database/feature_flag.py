"""The feature flag: off, there is no sync, no field and no page, and nothing that is stored changes."""

from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, select

from roster.instance.database.tables import feature_flags

AI_MODEL_SWITCHING = "ai_model_switching"
"""The flag's name in the seed and at GitLab. It is off until somebody switches it on."""


def is_enabled(connection: Connection) -> bool:
    """Say whether the feature is on."""
    return bool(connection.scalar(select(feature_flags.c.enabled).where(feature_flags.c.name == AI_MODEL_SWITCHING)))


def set_enabled(connection: Connection, on: bool) -> None:
    """Switch the feature on or off."""
    connection.execute(delete(feature_flags).where(feature_flags.c.name == AI_MODEL_SWITCHING))
    connection.execute(insert(feature_flags).values(name=AI_MODEL_SWITCHING, enabled=on, updated_at=datetime.now(UTC)))
