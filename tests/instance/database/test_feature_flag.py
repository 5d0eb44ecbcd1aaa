"""The feature flag is off by default; a change is visible to the next reader."""

from roster.instance.database import feature_flag
from roster.instance.database.connections import Database
from roster.settings.secret import Secret


def test_flag_is_off_by_default_and_can_be_set(migrated_url: str):
    database, other = Database(Secret(migrated_url)), Database(Secret(migrated_url))
    states = []
    for on in (None, True, True, False):
        if on is not None:
            with database.write_transaction() as connection:
                feature_flag.set_enabled(connection, on)
        with other.read_transaction() as connection:
            states.append(feature_flag.is_enabled(connection))
    assert states == [False, True, True, False]
    database.close()
    other.close()
