"""A snapshot: one immutable version of the served list, with its responses prepared ahead of requests."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cached_property, lru_cache, partial
from typing import Any

from roster.accept.accepted_list import AcceptedList
from roster.gateway.prepared_response import PreparedResponse
from roster.render.offered_models_json import encode_models

_MAX_CACHED_RESPONSES = 64
"""How many filtered responses are cached."""
_NO_MODELS = PreparedResponse.of(b"[]\n")


class Snapshot:
    """An immutable version of the list, so that every request sees one version.

    Attributes:
        accepted: the accepted list.
        source: ``download`` or ``cache``.
        since: when it became active, in UTC.
        list: the complete list, byte for byte as it was published.
        definitions: the list in the shape that GitLab Rails reads.
        openai_models: the list in the shape of OpenAI's API.
    """

    def __init__(self, accepted: AcceptedList, source: str, since: datetime) -> None:
        self.accepted, self.source, self.since = accepted, source, since
        bodies = (accepted.list_bytes, accepted.definitions, accepted.openai_models)
        self.list, self.definitions, self.openai_models = map(PreparedResponse.of, bodies)
        self._features = frozenset(feature for model in accepted.offered_models for feature in model.features)
        # Not a cached method: a reference cycle would keep a replaced list in memory until a rare full collection.
        self._filter = lru_cache(_MAX_CACHED_RESPONSES)(partial(_filter, accepted))

    @property
    def name(self) -> str:
        """The version's name in logs and metrics: sequence and revision, or the first digits of the digest."""
        revision, sequence = self.accepted.revision, self.accepted.sequence
        return f"{sequence}-{revision[:12]}" if revision and sequence is not None else self.accepted.digest[:12]

    def filtered(self, features: Collection[str], release_states: Collection[str]) -> PreparedResponse:
        """Return the models that serve one of the features in one of the release states; empty filters match all."""
        if not features and not release_states:
            return self.list
        # Ignore features that no model serves, so that clients cannot fill the cache with made-up names.
        served = self._features.intersection(features)
        if features and not served:
            return _NO_MODELS
        return self._filter(served, frozenset(release_states))

    @cached_property
    def openai_models_by_id(self) -> Mapping[str, bytes]:
        """The models of ``openai_models`` as JSON. Few clients request single models, so that this is not prepared."""
        models = json.loads(self.accepted.openai_models)["data"]
        return {model["id"]: json.dumps(model, ensure_ascii=False).encode() for model in models}

    def status(self) -> dict[str, Any]:
        """Return what the readiness endpoint reports about the snapshot."""
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


def _filter(accepted: AcceptedList, features: frozenset[str], release_states: frozenset[str]) -> PreparedResponse:
    models = [
        model._asdict() | {"features": [*model.features]}
        for model in accepted.offered_models
        if (not features or not features.isdisjoint(model.features))
        and (not release_states or model.release_state in release_states)
    ]
    return PreparedResponse.of(encode_models(models)) if models else _NO_MODELS
