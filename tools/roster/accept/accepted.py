"""What a download says once it is accepted: plain data, which another process can hand over."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, NamedTuple

Kind = Literal["roster", "gateway", "offered_models", "definitions"]
"""What was downloaded: a roster in YAML, one of the artifacts, or the definitions that a gateway answers with."""


class Offered(NamedTuple):
    """A model as the API lists it; ``name`` is the one that admins see."""

    name: str
    id: str
    release_state: str
    features: tuple[str, ...]


class Route(NamedTuple):
    """How to reach a model; ``api_key`` is the name of the environment variable that holds the key."""

    identifier: str
    endpoint: str
    api_key: str
    family: str


class Tombstone(NamedTuple):
    """A model that ended, for all features or for some, and the id that took over; ``features`` is empty for all."""

    id: str
    last_day: date
    replacement: str
    features: tuple[str, ...] = ()


class Accepted(NamedTuple):
    """A download that may be served.

    Attributes:
        environment, revision, sequence: as ``gateway.json`` gives them; None where the others say nothing.
        list_bytes: the list that the API answers with, byte for byte as in ``offered_models.json``.
        routes: by id; empty for ``offered_models.json``, as are ``defaults`` (ids by feature) and ``retired``, and for
            definitions, which have the other two.
        definitions: what GitLab asks for at /v1/models/definitions, as JSON; as bytes, since nobody here looks into it.
            Of definitions and ``offered_models.json`` they have every key of their JSON Schema.
        body: what was downloaded; ``digest`` is its SHA-256 in hexadecimal.
    """

    kind: Kind
    environment: str | None
    revision: str | None
    sequence: int | None
    offered_models: tuple[Offered, ...]
    list_bytes: bytes
    routes: Mapping[str, Route]
    defaults: Mapping[str, str]
    retired: tuple[Tombstone, ...]
    definitions: bytes
    body: bytes
    digest: str


class Contents(NamedTuple):
    """What a download says, in the values of JSON: what it has of the keys of ``gateway.json``, and the list."""

    kind: Kind
    envelope: Mapping[str, Any]
    list_bytes: bytes

    def accepted(self, body: bytes) -> Accepted:
        """Return it typed. Keys that are unknown here stay behind."""
        from hashlib import sha256

        get = self.envelope.get
        sequence = get("sequence")
        return Accepted(
            self.kind,
            get("environment"),
            get("revision"),
            None if sequence is None else int(sequence),  # to JSON Schema 42.0 is a whole number
            tuple(
                Offered(model["name"], model["id"], model["release_state"], tuple(model["features"]))
                for model in get("offered_models", ())
            ),
            self.list_bytes,
            {id_: _typed(route) for id_, route in get("routes", {}).items()},
            dict(get("defaults", {})),
            tuple(map(_tombstone, get("retired", ()))),
            json.dumps(get("definitions", {}), ensure_ascii=False).encode(),
            body,
            sha256(body).hexdigest(),
        )


def _typed(route: Mapping[str, str]) -> Route:
    return Route(*(route[key] for key in Route._fields))


def _tombstone(stone: Mapping[str, Any]) -> Tombstone:
    last_day = date.fromisoformat(stone["last_day"])
    return Tombstone(stone["id"], last_day, stone["replacement"], tuple(stone.get("features", ())))
