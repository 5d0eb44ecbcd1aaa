"""Release states that differ from feature to feature."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from roster.model import ReleaseState


def release_states(by_feature: Mapping[str, ReleaseState]) -> dict[str, Any]:
    """Return ``release_state``, the state for most features, and ``release_state_for`` where others differ.

    Of states for equally many features, the most finished one counts.
    """
    counts = Counter(by_feature.values())
    state = max(ReleaseState, key=lambda state: counts[state])
    others = {feature: str(other) for feature, other in by_feature.items() if other is not state}
    return {"release_state": str(state)} | ({"release_state_for": others} if others else {})
