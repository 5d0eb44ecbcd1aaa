"""Public ids for models of other programs: the id there, where a roster may have it."""

import re

from roster.importing.report import Report
from roster.importing.source import SourceError
from roster.naming import derive_id, quote
from roster.schema.model_keys import model_schema


class Ids:
    """Gives each model an id that no other one has.

    ``key`` is the key of ids in the source, for the report.
    """

    def __init__(self, key: str, report: Report) -> None:
        self._key, self._report = key, report
        self._foreign: dict[str, str] = {}

    def assign(self, foreign_id: str) -> str:
        """Return the public id for an id of the source.

        Raises:
            SourceError: another model has it already, or no id can be derived.
        """
        id_ = public_id(foreign_id)
        if not is_valid_id(id_):
            raise SourceError(
                f"no id can be derived from {self._key} {quote(foreign_id)}: use letters a to z and digits"
            )
        if id_ in self._foreign:
            raise SourceError(self._collision(self._foreign[id_], foreign_id, id_))
        self._foreign[id_] = foreign_id
        if id_ == foreign_id:
            self._report.carried(self._key, "id", id_)
        else:
            self._report.changed(self._key, "id", f"{quote(foreign_id)} is no valid id", id_)
        return id_

    def is_free(self, foreign_id: str) -> bool:
        """Return whether no model has the public id for an id of the source."""
        return public_id(foreign_id) not in self._foreign

    def _collision(self, first: str, second: str, id_: str) -> str:
        if first == second:
            return f"two models have the {self._key} {quote(first)}: rename or remove one of them"
        return f"{self._key} {quote(first)} and {quote(second)} both become the id {quote(id_)}: rename one of them"


def public_id(foreign_id: str) -> str:
    """Return the public id for an id of the source, which may be invalid: empty if it has no letter and no digit."""
    return foreign_id if is_valid_id(foreign_id) else derive_id(foreign_id)


def is_valid_id(text: str) -> bool:
    """Return whether a roster may have an id."""
    schema = model_schema()["properties"]["id"]
    return len(text) <= schema["maxLength"] and re.search(schema["pattern"], text) is not None
