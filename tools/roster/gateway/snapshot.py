"""One version of the list, with every answer that can be prepared before anybody asks."""

import gzip
import hashlib
from collections.abc import Collection
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from roster.accept.accepted import Accepted
from roster.render.offered_models_json import as_lines

_ANSWERS = 64
"""How many filtered answers are kept; whoever asks for more combinations has them made anew."""
_LEVEL = 6
"""Of gzip: 9 takes up to four times as long for a tenth less."""


class Answer(NamedTuple):
    """A body as it goes out, plain and zipped; each form has a strong ETag of its own, as it has other bytes."""

    body: bytes
    zipped: bytes
    etag: str
    zipped_etag: str

    @classmethod
    def of(cls, body: bytes) -> "Answer":
        """Prepare a body: gzip without a time in it, so that the same list gives the same bytes."""
        digest = hashlib.sha256(body).hexdigest()[:32]
        return cls(body, gzip.compress(body, _LEVEL, mtime=0), f'"{digest}"', f'"{digest}-gzip"')


_NOTHING = Answer.of(b"[]\n")


class Version:
    """What is served, whole; it never changes, so that one request sees one version.

    Attributes:
        accepted: the list as it was accepted.
        source: ``download`` or ``cache``.
        since: when it became active, in UTC.
    """

    def __init__(self, accepted: Accepted, source: str, since: datetime) -> None:
        self.accepted, self.source, self.since = accepted, source, since
        self._filtered: dict[tuple[frozenset[str], frozenset[str]], Answer] = {}

    @property
    def name(self) -> str:
        """What to call it in logs and metrics: its sequence and revision, or else the start of its digest."""
        revision, sequence = self.accepted.revision, self.accepted.sequence
        return f"{sequence}-{revision[:12]}" if revision and sequence is not None else self.accepted.digest[:12]

    @cached_property
    def list(self) -> Answer:
        """The whole list, byte for byte as it was published."""
        return Answer.of(self.accepted.list_bytes)

    def filtered(self, features: Collection[str], release_states: Collection[str]) -> Answer:
        """Return the models that serve one of the features, in one of the release states; of nothing means of any."""
        if not features and not release_states:
            return self.list
        # What no model serves makes no difference, so that a caller who makes up features fills nothing.
        key = frozenset(self._features.intersection(features)), frozenset(release_states)
        if features and not key[0]:
            return _NOTHING
        answer = self._filtered.get(key)
        if answer is None:
            answer = self._made(*key)
            if len(self._filtered) >= _ANSWERS:
                self._filtered = {}
            self._filtered[key] = answer
        return answer

    @cached_property
    def _features(self) -> frozenset[str]:
        return frozenset(feature for model in self.accepted.offered_models for feature in model.features)

    def _made(self, features: frozenset[str], release_states: frozenset[str]) -> Answer:
        found = [
            model._asdict() | {"features": list(model.features)}
            for model in self.accepted.offered_models
            if (not features or not features.isdisjoint(model.features))
            and (not release_states or model.release_state in release_states)
        ]
        return Answer.of(f"{as_lines(found)}\n".encode()) if found else _NOTHING

    @cached_property
    def definitions(self) -> Answer:
        """The list in the shape that GitLab Rails reads."""
        return Answer.of(self.accepted.definitions)

    def about(self) -> dict[str, Any]:
        """Return what readiness says of it."""
        return {
            "version": self.name,
            "revision": self.accepted.revision,
            "sequence": self.accepted.sequence,
            "environment": self.accepted.environment,
            "digest": self.accepted.digest,
            "models": len(self.accepted.offered_models),
            "source": self.source,
            "since": self.since.isoformat(timespec="seconds"),
        }
