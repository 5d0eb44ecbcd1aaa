"""Guards against sources that lost facts: a person must accept an update without them."""

from collections.abc import Collection, Iterator, Mapping

from roster.provider_facts import ProviderFacts
from roster.provider_sources.changes import TITLES, value_text

_REQUIRED = ("ends", "context_window", "max_output_tokens")
"""The facts that no model may lose that a roster offers."""
_MAX_LOST_SHARE, _MIN_LOST = 0.1, 3
"""An update that loses more than this share of all facts is refused, but only if it loses at least ``_MIN_LOST``."""


def losses(
    before: Mapping[str, ProviderFacts],
    after: Mapping[str, ProviderFacts],
    used: Collection[str],
    offered: Collection[str],
) -> Iterator[tuple[str, str]]:
    """Yield the identifiers of models that would lose facts, or end later, each with what is lost.

    Args:
        used: the identifiers in rosters; others may leave the lock file.
        offered: those of models that are offered.
    """
    for identifier in sorted(set(before) & set(used)):
        old, new = before[identifier], after.get(identifier)
        if new and old.ends and new.ends and new.ends > old.ends:
            yield identifier, f"its end moves from {old.ends} to {new.ends}"
        elif new and old.last_day and new.ends_earliest:
            yield identifier, f"its end {old.ends} is no longer fixed: it does not end before {new.ends}"
        for key in _lost(old, new) if identifier in offered else ():
            if key in _REQUIRED:
                yield identifier, f"no source has its {TITLES[key]} any longer ({value_text(old, key)})"


def lost_share(
    before: Mapping[str, ProviderFacts], after: Mapping[str, ProviderFacts], used: Collection[str]
) -> tuple[int, int] | None:
    """Return how many facts would be lost, and of how many, if that is too large a share; otherwise None."""
    kept = [identifier for identifier in before if identifier in used]
    total = sum(len(known_keys(before[identifier])) for identifier in kept)
    lost = sum(len(_lost(before[identifier], after.get(identifier))) for identifier in kept)
    return (lost, total) if lost >= _MIN_LOST and lost > total * _MAX_LOST_SHARE else None


def known_keys(facts: ProviderFacts | None) -> list[str]:
    """Return the keys of the facts that a source says; an empty list and a price of 0 may be what is left of one."""
    return [key for key in TITLES if facts and getattr(facts, key)]


def _lost(old: ProviderFacts, new: ProviderFacts | None) -> list[str]:
    remaining = known_keys(new)
    return [key for key in known_keys(old) if key not in remaining]
