"""Registry of artifacts: what a roster is rendered to, one module per artifact.

Rendering is a pure function of roster, date, publication and registries: the same input gives the same bytes.
"""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from roster.publishing.sequence import Publication
from roster.registries import Registries
from roster.render import (
    definitions_json,
    gateway_json,
    gitlab_models,
    gitlab_unit_primitives,
    litellm_config,
    offered_models_json,
)
from roster.roster import Roster


class Artifact(NamedTuple):
    """A file that a roster is rendered to.

    Attributes:
        file: its name in ``dist/<environment>/``.
        by_default: render it if no targets are given.
        target: the target of ``roster render`` that it belongs to, unless that has its own name.
    """

    file: str
    render: Callable[[Roster, date, Publication, Registries], bytes]
    by_default: bool = False
    target: str = ""


ARTIFACTS: dict[str, Artifact] = {
    "offered_models": Artifact("offered_models.json", offered_models_json.render, by_default=True),
    "gateway": Artifact("gateway.json", gateway_json.render, by_default=True),
    "definitions": Artifact("definitions.json", definitions_json.render),
    "litellm": Artifact("litellm.yaml", litellm_config.render),
    "gitlab_models": Artifact("models.yml", gitlab_models.render, target="gitlab-gateway"),
    "gitlab_unit_primitives": Artifact("unit_primitives.yml", gitlab_unit_primitives.render, target="gitlab-gateway"),
}
"""Artifacts by name, which is also that of the artifact's JSON Schema: ``schemas/<name>.schema.json``."""
TARGETS: dict[str, list[str]] = {}
"""The names of the artifacts of each target."""
for _name, _artifact in ARTIFACTS.items():
    TARGETS.setdefault(_artifact.target or _name, []).append(_name)
