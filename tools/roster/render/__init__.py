"""From a roster to the artifacts that others download: one module for each artifact.

Rendering is a pure function of the roster, the day and the publication: the same input gives the same bytes.
"""

from collections.abc import Callable
from datetime import date

from roster.history import Publication
from roster.render import gateway, offered_models
from roster.roster import Roster

Artifact = Callable[[Roster, date, Publication], bytes]

ARTIFACTS: dict[str, Artifact] = {
    "offered_models": offered_models.render,
    "gateway": gateway.render,
}
"""Every artifact by the name of its file and of its JSON Schema in ``schemas/``, without their endings."""
