"""Export of all selections as CSV (RFC 4180) or JSON, in small pieces, so that few selections are in memory.

Selections are exported with what serves the feature because of them, or in spite of them. docs/instance.md describes
the columns.
"""

import csv
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Connection

from roster.instance.selection.namespace_selections import (
    NamespaceResolver,
    NamespaceSelection,
    iterate_namespace_selections,
)
from roster.instance.selection.resolution import Resolution, SelectionLevel, resolve
from roster.instance.selection.selections import Selection, SelectionMode
from roster.instance.selection.state import InstanceState

_LINES_OF_PIECE = 500
_FORMULA = re.compile(r"""(^|[,;|\t\r\n"'])(\s*)([=+\-@\uff1d\uff0b\uff0d\uff20])""")
"""The start of a formula in a spreadsheet, at the start of a cell or after what a spreadsheet may take for its end.

The last four characters are the full-width forms of the ones before.
"""


class ExportFormat(StrEnum):
    """The formats, by the suffix of their files."""

    CSV = "csv"
    JSON = "json"

    @property
    def media_type(self) -> str:
        """The media type of a file."""
        return {"csv": "text/csv; charset=utf-8; header=present", "json": "application/json"}[self]


class ExportedSelection(NamedTuple):
    """A selection with what serves the feature; the attributes are the columns.

    Attributes:
        namespace_id: None for the instance.
        models: the models that namespaces can select, or the one that a namespace selected; empty if all are allowed.
        served_by: None if no model serves the feature.
        decided_by: the level whose choice serves the feature.
        explanation: the steps that led to ``served_by``.
        changed_by: the actor of the last change; None if it was not recorded.
    """

    level: SelectionLevel
    namespace_id: int | None
    feature: str
    feature_title: str
    mode: SelectionMode
    models: tuple[str, ...]
    default_model: str
    default_model_name: str
    served_by: str | None
    served_by_name: str | None
    decided_by: SelectionLevel | None
    explanation: str
    changed_at: datetime
    changed_by: str | None


def export(connection: Connection, state: InstanceState, format: ExportFormat, now: datetime) -> Iterator[str]:
    """Yield the export of all selections in pieces of many lines, with one statement.

    Args:
        state: read from the same connection.
    """
    selections = iterate_selections(connection, state)
    lines = _csv_lines(selections) if format is ExportFormat.CSV else _json_lines(selections, state, now)
    while piece := "".join(islice(lines, _LINES_OF_PIECE)):
        yield piece


def file_name(format: ExportFormat, now: datetime) -> str:
    """Return the name of an exported file, which contains the day."""
    return f"model-selections-{now:%Y-%m-%d}.{format}"


def iterate_selections(connection: Connection, state: InstanceState) -> Iterator[ExportedSelection]:
    """Yield the selections of the instance by feature, then those of namespaces, with one statement."""
    for feature, selection in sorted(state.instance.items()):
        yield _of_instance(state, selection, resolve(state.offered, feature, selection))
    resolver = NamespaceResolver(state)
    for each in iterate_namespace_selections(connection, state.offered):
        yield _of_namespace(state, each, resolver.resolve(each.feature, each.model, each.alias))


def _of_instance(state: InstanceState, selection: Selection, resolution: Resolution) -> ExportedSelection:
    version = state.versions.get((None, selection.feature))
    return ExportedSelection(
        SelectionLevel.INSTANCE,
        None,
        mode=selection.mode,
        models=selection.allowed or (),
        **_described(state, selection.feature, selection.default_model, resolution),
        changed_at=selection.updated_at,
        changed_by=version and version.changed_by,
    )


def _of_namespace(state: InstanceState, selection: NamespaceSelection, resolution: Resolution) -> ExportedSelection:
    return ExportedSelection(
        SelectionLevel.NAMESPACE,
        selection.namespace_id,
        mode=SelectionMode.CHOSEN_MODELS,
        models=(selection.model,),
        **_described(state, selection.feature, selection.model, resolution),
        changed_at=selection.changed_at,
        changed_by=selection.changed_by,
    )


def _described(state: InstanceState, feature: str, model: str, resolution: Resolution) -> dict[str, Any]:
    offered = state.offered
    return {
        "feature": feature,
        "feature_title": offered.title(feature),
        "default_model": model,
        "default_model_name": offered.display_name(model),
        "served_by": resolution.model,
        "served_by_name": resolution.model and offered.display_name(resolution.model),
        "decided_by": resolution.level,
        "explanation": resolution.describe(),
    }


class _Lines:
    """A file for ``csv.writer`` whose rows are returned by ``writerow``."""

    def write(self, line: str) -> str:
        return line


def _csv_lines(selections: Iterator[ExportedSelection]) -> Iterator[str]:
    write_row: Callable[[Any], str] = csv.writer(_Lines()).writerow
    yield write_row(ExportedSelection._fields)
    for selection in selections:
        yield write_row([cell(value) for value in selection])


def cell(value: object) -> str:
    """Return a cell. No spreadsheet takes it for a formula: https://owasp.org/www-community/attacks/CSV_Injection."""
    if value is None:
        return ""
    return _without_formula(" ".join(value) if isinstance(value, tuple) else _text(value))


@lru_cache(maxsize=1024)  # most texts occur in many rows
def _without_formula(text: str) -> str:
    return _FORMULA.sub(r"\1\2'\3", text)


def _json_lines(selections: Iterator[ExportedSelection], state: InstanceState, now: datetime) -> Iterator[str]:
    list_version = state.status.list.version if state.status.list else None
    head = json.dumps({"exported_at": _text(now), "list_version": list_version, "selections": []})
    yield head.removesuffix("]}")
    separator = "\n"
    for selection in selections:
        yield separator + json.dumps(selection._asdict(), default=_text, ensure_ascii=False)
        separator = ",\n"
    yield "\n]}\n"


def _text(value: object) -> str:
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else str(value)
