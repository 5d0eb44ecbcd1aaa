"""From a roster to the artifacts that others read: one module for each artifact.

Rendering is a pure function of the roster, the day, the publication and the registries: the same input gives the same
bytes.
"""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from roster.publishing.sequence import Publication
from roster.registries import Registries
from roster.render import definitions_json, gateway_json, litellm_config, offered_models_json
from roster.roster import Roster


class Artifact(NamedTuple):
    """One of the files that a roster is rendered into.

    Attributes:
        file: its name below ``dist/<environment>/``.
        by_default: it is rendered where nobody asks for anything else.
    """

    file: str
    render: Callable[[Roster, date, Publication, Registries], bytes]
    by_default: bool = False


ARTIFACTS: dict[str, Artifact] = {
    "offered_models": Artifact("offered_models.json", offered_models_json.render, by_default=True),
    "gateway": Artifact("gateway.json", gateway_json.render, by_default=True),
    "definitions": Artifact("definitions.json", definitions_json.render),
    "litellm": Artifact("litellm.yaml", litellm_config.render),
}
"""Every artifact by its target, which is also the name of its JSON Schema in ``schemas/``, without the ending."""
