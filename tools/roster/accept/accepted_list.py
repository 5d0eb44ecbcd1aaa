"""An accepted list: plain data, which can be passed between processes."""

import json
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from roster.accept.announced_ends import AnnouncedEnd, announced_ends
from roster.accept.openai_models import encode_openai_models
from roster.render.offered_models_json import encode_models

DownloadKind = Literal["roster", "gateway", "offered_models", "definitions"]
"""What was downloaded: a roster in YAML, one of the artifacts, or the definitions that a gateway serves."""


class AcceptedModel(NamedTuple):
    """A model as the API lists it; ``name`` is the display name."""

    name: str
    id: str
    release_state: str
    features: tuple[str, ...]


class Deployment(NamedTuple):
    """How to reach a model.

    Attributes:
        api_key: the name of the environment variable that holds the key; None for ambient credentials.
        context_window, max_output_tokens, capabilities: the model's limits and capabilities; None or empty if unknown.
        settings: what the roster has for the gateway, unchanged.
    """

    identifier: str
    endpoint: str
    api_key: str | None
    family: str
    context_window: int | None = None
    max_output_tokens: int | None = None
    capabilities: tuple[str, ...] = ()
    settings: Mapping[str, Any] = MappingProxyType({})


class Tombstone(NamedTuple):
    """A retired model and its replacement, if any; ``features`` is empty if it is retired for all features."""

    id: str
    last_day: date
    replacement: str | None
    features: tuple[str, ...] = ()


class SuspendedModel(NamedTuple):
    """A model that is not offered at the moment, but not retired."""

    id: str
    since: date
    reason: str


class AcceptedList(NamedTuple):
    """A download that may be served.

    Attributes:
        environment, revision, sequence: those of ``gateway.json``; None for other downloads.
        list_bytes: the list that the API serves, byte for byte as in ``offered_models.json``.
        deployments: by model id; empty for ``offered_models.json`` and definitions.
        defaults: model ids by feature; empty for ``offered_models.json``.
        default_shares: the shares of each default by its id, for features with several.
        retired: empty for ``offered_models.json``, and so are ``suspended`` and ``aliases``.
        aliases: current ids by earlier ones.
        definitions: the JSON served at /v1/models/definitions, as bytes because nobody parses it. For definitions and
            ``offered_models.json`` it has every key of the JSON Schema.
        body: the downloaded bytes.
        digest: the SHA-256 of ``body``, in hexadecimal.
        left_out: a sentence for each model or feature of definitions that is left out because it is invalid.
        announced_ends: those of offered models whose notice had begun when the list was published, by id and feature.
        openai_models: the JSON served at /v1/models, as bytes for the same reason as the definitions.
    """

    kind: DownloadKind
    environment: str | None
    revision: str | None
    sequence: int | None
    offered_models: tuple[AcceptedModel, ...]
    list_bytes: bytes
    deployments: Mapping[str, Deployment]
    defaults: Mapping[str, str]
    retired: tuple[Tombstone, ...]
    definitions: bytes
    body: bytes
    digest: str
    left_out: tuple[str, ...] = ()
    default_shares: Mapping[str, Mapping[str, int]] = MappingProxyType({})
    suspended: tuple[SuspendedModel, ...] = ()
    aliases: Mapping[str, str] = MappingProxyType({})
    announced_ends: Mapping[str, Mapping[str, AnnouncedEnd]] = MappingProxyType({})
    openai_models: bytes = b""

    @classmethod
    def of(
        cls, kind: DownloadKind, envelope: Mapping[str, Any], body: bytes, list_bytes: bytes | None = None
    ) -> "AcceptedList":
        """Build the list from the keys of ``gateway.json`` that a download has; ignore unknown keys."""
        models = tuple(map(_model, envelope["offered_models"]))
        sequence = envelope.get("sequence")
        return cls(
            kind,
            envelope.get("environment"),
            envelope.get("revision"),
            None if sequence is None else int(sequence),  # to JSON Schema, 42.0 is an integer
            models,
            encode_models([model._asdict() for model in models]) if list_bytes is None else list_bytes,
            {id_: _deployment(route) for id_, route in envelope.get("routes", {}).items()},
            dict(envelope.get("defaults", {})),
            tuple(map(_tombstone, tombstones(envelope))),
            json.dumps(envelope.get("definitions", {}), ensure_ascii=False).encode(),
            body,
            sha256(body).hexdigest(),
            default_shares={feature: dict(shares) for feature, shares in envelope.get("default_shares", {}).items()},
            suspended=tuple(map(_suspended_model, envelope.get("suspended", ()))),
            aliases=dict(envelope.get("aliases", {})),
            announced_ends=announced_ends(envelope.get("definitions", {})),
            openai_models=encode_openai_models(envelope),
        )


def tombstones(envelope: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return all tombstones of an artifact; those without a replacement have the replacement None."""
    without_replacement = envelope.get("retired_without_replacement", ())
    return [*envelope.get("retired", ()), *({**tombstone, "replacement": None} for tombstone in without_replacement)]


def _model(model: Mapping[str, Any]) -> AcceptedModel:
    return AcceptedModel(model["name"], model["id"], model["release_state"], tuple(model["features"]))


def _deployment(route: Mapping[str, Any]) -> Deployment:
    return Deployment(
        route["identifier"],
        route["endpoint"],
        route["api_key"],
        route["family"],
        route.get("context_window"),
        route.get("max_output_tokens"),
        tuple(route.get("capabilities", ())),
        route.get("gateway", {}),
    )


def _tombstone(tombstone: Mapping[str, Any]) -> Tombstone:
    last_day = date.fromisoformat(tombstone["last_day"])
    return Tombstone(tombstone["id"], last_day, tombstone["replacement"], tuple(tombstone.get("features", ())))


def _suspended_model(model: Mapping[str, Any]) -> SuspendedModel:
    return SuspendedModel(model["id"], date.fromisoformat(model["since"]), model["reason"])
