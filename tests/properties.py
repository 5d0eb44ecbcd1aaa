"""The number of examples of property tests: ``make test`` tries a fifth of those that ``make test-slow`` tries."""

from typing import Any

from hypothesis import settings

PROFILES = {"few": 20, "many": 100}
"""The examples of a property test by Hypothesis profile; ``make test-slow`` chooses the second one."""


def register_profiles() -> None:
    """Register the profiles. An example has no deadline: its duration depends on other load on the machine."""
    for name, number in PROFILES.items():
        settings.register_profile(name, deadline=None, max_examples=number)
    settings.load_profile("few")


def examples(many: int, **options: Any) -> settings:
    """Set the number of examples of ``make test-slow`` for a property whose examples are costly, or rarely hit."""
    return settings(max_examples=max(1, many * settings().max_examples // PROFILES["many"]), **options)
