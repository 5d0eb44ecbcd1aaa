"""The feature flag. While it is off, there is no sync, no API field and no page, and stored data does not change."""

from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, select

from roster.instance.database.tables import feature_flags

AI_MODEL_SWITCHING = "ai_model_switching"
"""The flag's name in GitLab. It is off by default."""


def is_enabled(connection: Connection) -> bool:
    """Return whether the feature is on."""
    return bool(connection.scalar(select(feature_flags.c.enabled).where(feature_flags.c.name == AI_MODEL_SWITCHING)))


def set_enabled(connection: Connection, enabled: bool) -> None:
    """Turn the feature on or off."""
    connection.execute(delete(feature_flags).where(feature_flags.c.name == AI_MODEL_SWITCHING))
    values = {"name": AI_MODEL_SWITCHING, "enabled": enabled, "updated_at": datetime.now(UTC)}
    connection.execute(insert(feature_flags).values(values))
