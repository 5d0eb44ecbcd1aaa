"""An entry of what needs attention, and the actions that settle it."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from json import dumps
from typing import NamedTuple

from roster.instance.selection.requested_selection import RequestedSelection
from roster.instance.selection.words import Words, sentence


class AttentionKind(StrEnum):
    """What an attention entry reports. Current problems come first."""

    NOTHING_SERVES = "nothing_serves"
    DEFAULT_UNAVAILABLE = "default_unavailable"
    MODELS_UNAVAILABLE = "models_unavailable"
    NAMESPACES_INEFFECTIVE = "namespaces_ineffective"
    DEFAULT_RETIRING = "default_retiring"
    ROSTER_DEFAULT_RETIRING = "roster_default_retiring"
    ROSTER_DEFAULT_MOVED = "roster_default_moved"
    NEW_MODELS = "new_models"


PROBLEMS = frozenset(
    {AttentionKind.NOTHING_SERVES, AttentionKind.DEFAULT_UNAVAILABLE, AttentionKind.MODELS_UNAVAILABLE}
)
"""The kinds where part of the instance's selection is not available, or no model serves the feature."""


class ActionKind(StrEnum):
    """How an entry is settled."""

    MAKE_DEFAULT = "make_default"
    ALLOW = "allow"
    REMOVE_UNAVAILABLE = "remove_unavailable"
    FOLLOW_ROSTER = "follow_roster"
    KEEP = "keep"


class AttentionAction(NamedTuple):
    """An action that settles an entry.

    Attributes:
        label: in the imperative.
        change: the selection that it saves; None for ``KEEP``, which hides the entry until it changes.
    """

    kind: ActionKind
    label: Words
    change: RequestedSelection | None = None


class AttentionEntry(NamedTuple):
    """Something that an admin should know about a feature.

    Attributes:
        key: identifies the entry; another one when the entry changes, so that a hidden one comes back.
        title: the feature's title.
        since: when it began to apply; None if that is unknown, because it was long ago.
        words: one or more sentences.
    """

    key: str
    kind: AttentionKind
    feature: str
    title: str
    since: datetime | None
    words: Words
    actions: tuple[AttentionAction, ...]

    @property
    def text(self) -> str:
        """The sentences as text."""
        return sentence(self.words)


def entry_key(kind: AttentionKind, feature: str, *facts: object) -> str:
    """Return a short key for what an entry says: names in lists may be long, and hostile."""
    text = dumps([kind, feature, *map(_plain, facts)], ensure_ascii=True)
    return f"{kind}-{sha256(text.encode()).hexdigest()[:24]}"


def _plain(fact: object) -> object:
    if isinstance(fact, str) or not isinstance(fact, Iterable):
        return None if fact is None else str(fact)
    return sorted(map(str, fact))
