"""A repository's JSON Schema paired with the toolkit's own version of it: a value must be valid under both.

A repository may be older or newer than the toolkit, or extend its schemas. Its schema decides what its files may
contain, the toolkit's decides what this version can read. Findings say where the two differ.
"""

import json
from collections.abc import Iterator, Set
from pathlib import Path
from typing import Any

from roster import __version__
from roster.findings import Finding, Pointer
from roster.registries import Registries
from roster.schema.validator import Schema
from roster.yaml.parser import MAX_FINDINGS

_TOOLKIT = f"roster {__version__}"


class PairedSchema(Schema):
    """The JSON Schema in a repository, with the toolkit's own if they differ in meaning.

    Args:
        path: the path of the schema in the repository.
        toolkit: the toolkit's own version.
        toolkit_path: the path of that version.
        extensible: whether the repository's may add keys, which the toolkit then ignores.
    """

    def __init__(
        self,
        path: str,
        text: bytes,
        toolkit: Schema,
        toolkit_path: Path,
        registries: Registries | None = None,
        *,
        extensible: bool = False,
    ) -> None:
        super().__init__(text, registries)
        self._path, self._toolkit, self._toolkit_path = path, toolkit, toolkit_path
        if extensible:
            text = json.dumps(toolkit.content).encode()
            self._toolkit = Schema(json.dumps(json.loads(text, object_hook=allow_unknown_keys)))

    def is_valid(self, value: Any) -> bool:
        """Return whether a value is valid under both schemas."""
        return super().is_valid(value) and self._toolkit.is_valid(value)

    def invalid_items(self, value: Any) -> list[int]:
        """Return the indexes of a list's items that are invalid on their own under either schema."""
        return sorted({*super().invalid_items(value), *self._toolkit.invalid_items(value)})

    def explain(
        self, path: str, value: Any, limit: int = MAX_FINDINGS, misread: Set[Pointer] = frozenset()
    ) -> tuple[list[Finding], set[Pointer]]:
        """Return a finding for each violation of either schema, and the pointers of the invalid values."""
        findings, invalid = super().explain(path, value, limit, misread)
        toolkit_findings, toolkit_invalid = self._toolkit.explain(path, value, limit, misread)
        reported = {(finding.place, finding.message) for finding in findings}
        newer = [
            self._allowed_by_repository(finding)
            for finding in toolkit_findings
            if finding.place.pointer not in invalid and (finding.place, finding.message) not in reported
        ]
        keys = set(_property_names(self._toolkit.content))
        older = [self._allowed_by_toolkit(each) if _unknown_key(each) in keys else each for each in findings]
        return older + newer, invalid | toolkit_invalid

    def _allowed_by_repository(self, finding: Finding) -> Finding:
        message = f"{finding.message}: {self._path} allows it, but {_TOOLKIT} does not support it"
        return finding._replace(message=message, hint="upgrade roster-toolkit, or change it", fix=())

    def _allowed_by_toolkit(self, finding: Finding) -> Finding:
        message = f"{finding.message}: {_TOOLKIT} supports it, but {self._path} does not allow it"
        return finding._replace(message=message, hint=f"update the schema from {self._toolkit_path}", fix=())


def allow_unknown_keys(part: dict[str, Any]) -> dict[str, Any]:
    """Return a part of a JSON Schema without the keyword that rejects unknown keys."""
    return {key: value for key, value in part.items() if (key, value) != ("additionalProperties", False)}


def _unknown_key(finding: Finding) -> str | int | None:
    return finding.place.pointer[-1] if finding.rule == "unknown-key" else None


def _property_names(part: Any) -> Iterator[str]:
    """Yield the names of all properties in a JSON Schema."""
    if isinstance(part, dict):
        yield from part.get("properties", ())
        for value in part.values():
            yield from _property_names(value)
