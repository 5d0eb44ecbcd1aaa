"""What became of an id in the history of a roster: since which commit it leads to a model, or when that was removed."""

from collections.abc import Iterable
from typing import NamedTuple

from roster.check.former_models import may_have, models_by_id
from roster.check.loading import load_schema
from roster.git.file_history import FileVersion
from roster.model import Model, entry_id
from roster.repository import toolkit_repository
from roster.roster import ROSTER_SCHEMA, Roster


class IdHistory(NamedTuple):
    """The last uninterrupted time in which an id led to the same model.

    Attributes:
        since: the first version of that time; None if only files that are not committed have the id.
        removed: the first version without the id; None if the last version has it.
        id: the id of the model that it led to.
        model: that model, as the last version with the id has it.
    """

    since: FileVersion | None
    removed: FileVersion | None
    id: str
    model: Model


def trace_id(versions: Iterable[FileVersion], id_: str, is_current: bool) -> IdHistory | None:
    """Return the history of an id; None if no version has it.

    Args:
        versions: the committed versions of the roster, newest first.
        is_current: whether the files that are not committed have the id.
    """
    since = removed = newer = last = None
    for version in versions:
        models = models_by_id(version.content) if may_have(version.content, [id_]) else {}
        values = models.get(id_)
        if last is None and values is not None:
            last, removed = values, None if is_current else newer
        if last is not None:
            if values is None or entry_id(values) != entry_id(last):
                break
            since = version
        newer = version
    if last is None:
        return None
    schema = load_schema(toolkit_repository(), ROSTER_SCHEMA)
    invalid = set() if schema.is_valid([last]) else schema.explain("", [last])[1]
    (model,) = Roster.of("", "", [last], invalid).models
    return IdHistory(since, removed, entry_id(last), model)
