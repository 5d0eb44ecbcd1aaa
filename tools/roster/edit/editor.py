"""The editor of YAML files for ``check --fix``, ``new``, ``promote`` and ``retire``.

Edits preserve comments, quotes, order, indentation and line breaks. Each edit is verified: the new text is parsed
again, and its meaning must differ from the old one in exactly the requested edits.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain
from typing import Any, TypeVar

from roster.edit import insertion, model_edits
from roster.edit.finding_edits import edit_splices, has_edits
from roster.edit.model_edits import ModelChanges, is_model_updated
from roster.edit.splice import Splice, apply_splices
from roster.edit.style import WrittenValue
from roster.edit.verbatim import Verbatim
from roster.findings import ConfigurationError, Edit
from roster.model import DATE_KEYS
from roster.yaml.document import parse
from roster.yaml.line_index import LineIndex

_Written = TypeVar("_Written", WrittenValue, WrittenValue | None)
_MAX_ROUNDS = 100
"""How often the edits that overlap others are repeated."""


class Editor:
    """Edits of one file; each returns the file's new content."""

    def __init__(self, path: str, data: bytes) -> None:
        self._path, self.data, self.document = path, data, parse(path, data, dates=DATE_KEYS)
        self._prefix = data[: len(data) - len(self.document.text.encode())]  # a byte order mark, if there is one

    def insert_model(self, model: Mapping[str, WrittenValue]) -> bytes:
        """Return a roster with a model added at its end, in the style of its last models.

        ``model``: its values by key, in the order to use if the roster has no other model.

        Raises:
            ConfigurationError: the file is not a roster, or the model must be added by hand.
        """
        models = self._models()
        expected = [*models, {key: _parsed(value) for key, value in model.items()}]
        for values in _alternatives(model):
            after = self._with_text(insertion.insert_model(self.document, values))
            if after.document.value == expected:
                return after.data
        raise ConfigurationError(f"cannot add a model to {self._path}: other content would change; add it by hand")

    def update_model(self, position: int, changes: ModelChanges) -> bytes:
        """Return a roster with changes to one model; items that remain in a list keep their position.

        ``position``: the model's index in the roster.

        Raises:
            ConfigurationError: the model must be changed by hand.
        """
        for values in _alternatives(changes):
            after = self._updated(position, values)
            if is_model_updated(self.document, after.document, position, changes):
                return after.data
        message = f"cannot change {' and '.join(changes)} in {self._path}"
        raise ConfigurationError(f"{message}: other content would change; change it by hand")

    def splices(self, edits: Iterable[Edit]) -> dict[Edit, tuple[Splice, ...]]:
        """Return the splices of each edit of a finding's fix; an edit that would affect something else has none."""
        return edit_splices(self.document, self.lines, set(edits))

    def apply_edits(self, edits: Mapping[Edit, tuple[Splice, ...]]) -> bytes | None:
        """Return the file with some edits, given with their splices; None if they would change anything else."""
        text = self.document.text
        after = self._with_splices(chain(*edits.values()))
        in_spans = chain(*(splices for edit, splices in edits.items() if edit.place.span))
        replaced = set(chain(*(text[splice.start : splice.end] for splice in in_spans)))
        return after.data if has_edits(self.document, after.document, edits, replaced) else None

    @cached_property
    def lines(self) -> LineIndex:
        """The lines of the text."""
        return LineIndex(self.document.text)

    def _updated(self, position: int, changes: ModelChanges) -> "Editor":
        after = self
        for _ in range(_MAX_ROUNDS):
            splices = model_edits.update_model(after.document, position, changes)
            if not splices:
                break
            after = after._with_splices(splices)
        return after

    def _models(self) -> list[Any]:
        document = self.document
        value = [] if document.value is None else document.value
        if document.readable and isinstance(value, list):
            return value
        reason = "it is not a list of models" if document.readable else "it cannot be read as YAML"
        if not document.text and self.data:
            reason = "it is not UTF-8 text"
        raise ConfigurationError(f"cannot add a model to {self._path}: {reason}; roster check shows what is wrong")

    def _with_splices(self, splices: Iterable[Splice]) -> "Editor":
        return self._with_text(apply_splices(self.document.text, splices))

    def _with_text(self, text: str) -> "Editor":
        return Editor(self._path, self._prefix + text.encode())


def _alternatives(values: Mapping[str, _Written]) -> Iterator[Mapping[str, _Written | Verbatim]]:
    """Yield values as they are, and then without the texts that they are copied from, which may not fit here."""
    yield values
    yield {key: value._replace(text="") if isinstance(value, Verbatim) else value for key, value in values.items()}


def _parsed(value: WrittenValue) -> Any:
    if isinstance(value, Verbatim):
        return value.value
    return list(value) if isinstance(value, tuple) else value
