"""Lists that a gateway publishes during a test, and a fake gateway that serves the newest."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from hypothesis import strategies as some

from tests.download.scripted_server import Ending, Request, ScriptedServer, Step, answer, ok
from tests.instance.sync.sync_helpers import DEFINITIONS, OFFERED

MODELS = ("claude", "codestral", "gemini", "gpt", "mistral")
FEATURES = ("duo_chat", "not_registered")
ALL = ""
"""In place of a feature: a tombstone for all features."""
_NAMES = ("GitLab: Small", "GitLab: Groß e\u0301 \U0001f600", "GitLab: small")
_STATES = ("GA", "BETA", "EXPERIMENT")


class PublishedModel(NamedTuple):
    """A model of a published list."""

    name: str
    state: str
    features: tuple[str, ...]


class PublishedList(NamedTuple):
    """A list that a gateway publishes.

    Attributes:
        models: by id, in roster order.
        defaults: model ids by feature; None for a feature without a default.
        replacements: the replacements in tombstones, by retired model and feature (or ``ALL``).
    """

    models: dict[str, PublishedModel]
    defaults: dict[str, str | None]
    replacements: dict[tuple[str, str], str]

    def serving(self, feature: str) -> list[str]:
        """Return the ids of the models that serve a feature."""
        return [id_ for id_, model in self.models.items() if feature in model.features]

    def without_contradictions(self) -> "PublishedList":
        """Return the list without contradictions, for which it would be rejected.

        Defaults that do not serve their feature are replaced by a model that does. Tombstones of offered models, and
        those that do not lead to a model, are removed.
        """
        defaults = {feature: self._default(feature) for feature in FEATURES}
        replacements = {
            key: replacement
            for key, replacement in self.replacements.items()
            if replacement != key[0] and not self._serves(*key)
        }
        while lost := [
            key
            for key, replacement in replacements.items()
            if replacement not in {*self.models, *(id_ for id_, _ in replacements)}
        ]:
            replacements = {key: replacement for key, replacement in replacements.items() if key not in lost}
        return PublishedList(self.models, defaults, replacements)

    def _default(self, feature: str) -> str | None:
        serving, wanted = self.serving(feature), self.defaults.get(feature, "")
        return wanted if wanted is None or wanted in serving else next(iter(serving), None)

    def _serves(self, id_: str, feature: str) -> bool:
        return id_ in self.models if feature == ALL else id_ in self.serving(feature)

    def definitions(self) -> bytes:
        """Return the definitions that a gateway serves."""
        models = [
            {
                "name": f"{model.name} - Bedrock", "identifier": id_, "provider": "Bedrock", "deprecation": None,
                "description": None, "cost_indicator": "$", "release_state": model.state, "features": model.features,
            }
            for id_, model in self.models.items()
        ]  # fmt: skip
        features = [self._feature(name) for name in FEATURES if self.serving(name)]
        tombstones = [
            {"id": id_, "last_day": "2026-01-31", "replacement": replacement}
            | ({"features": [name]} if name != ALL else {})
            for (id_, name), replacement in self.replacements.items()
        ]
        return json.dumps({"models": models, "unit_primitives": features, "retired": tombstones}).encode()

    def _feature(self, name: str) -> dict[str, Any]:
        default = self.defaults.get(name)

        def ids(state: str) -> list[str]:
            return [id_ for id_ in self.serving(name) if (self.models[id_].state if id_ != default else "GA") == state]

        return {
            "feature_setting": name.replace("-", "_"), "feature": name, "title": name, "category": "duo_chat",
            "default_model": default, "default_models": [default] if default else [], "selectable_models": ids("GA"),
            "beta_models": ids("BETA"), "deprecated_models": [], "dev": {"selectable_models": ids("EXPERIMENT")},
            "unit_primitives": [],
        }  # fmt: skip

    def plain(self) -> bytes:
        """Return the plain list, which has no defaults and tombstones."""
        models = [
            {"name": model.name, "id": id_, "release_state": model.state, "features": model.features}
            for id_, model in self.models.items()
        ]
        return json.dumps(models).encode()


ids = some.sampled_from(MODELS)
features = some.sampled_from(FEATURES)
offers = some.builds(
    PublishedModel,
    some.sampled_from(_NAMES),
    some.sampled_from(_STATES),
    some.lists(features, min_size=1, unique=True).map(tuple),
)
whole_lists = some.builds(
    PublishedList,
    some.dictionaries(ids, offers, min_size=3),
    some.dictionaries(features, ids | some.none()),
    some.dictionaries(some.tuples(ids, features | some.just(ALL)), ids),
).map(PublishedList.without_contradictions)

_CONTRADICTORY = PublishedList(
    {"gpt": PublishedModel("GitLab: GPT", "GA", ("duo_chat",))}, {}, {("gpt", ALL): "claude"}
)
FAULTS: Mapping[str, list[Step]] = {
    "reset": [Ending.RESET],
    "busy": answer("503 Service Unavailable"),
    "not found": answer("404 Not Found"),
    "sign-in page": ok(b"<!DOCTYPE html><title>Sign in</title>"),
    "cut off": [*answer("200 OK", body=b'{"models": [', length=1_000), Ending.CLOSE],
    "no models": ok(b'{"models": [], "unit_primitives": []}'),
    "contradictory": ok(_CONTRADICTORY.definitions()),
}
"""Faulty responses of a gateway, by name."""


class FakeGateway:
    """Serves the newest list.

    Attributes:
        fault: one of ``FAULTS``, if any.
        plain: whether it serves only the plain list.
        tags: whether it sends ETags, and responds with 304 to a current one.
    """

    def __init__(self, published: PublishedList) -> None:
        self.published = published
        self.fault: str | None = None
        self.plain, self.tags = False, True
        self.server = ScriptedServer(lambda: self._answer(self.server.requests[-1]))

    @property
    def body(self) -> bytes:
        """The body that it serves without a fault."""
        return self.published.plain() if self.plain else self.published.definitions()

    def _answer(self, request: Request) -> list[Step]:
        if self.fault:
            return FAULTS[self.fault]
        if request.path != (OFFERED if self.plain else DEFINITIONS):
            return answer("404 Not Found")
        tag = f'"{sha256(self.published.definitions()).hexdigest()}"'  # the same at both URLs, which HTTP allows
        if self.tags and request.headers.get("if-none-match") == tag:
            return answer("304 Not Modified")
        return ok(self.body, f"ETag: {tag}") if self.tags else ok(self.body)
