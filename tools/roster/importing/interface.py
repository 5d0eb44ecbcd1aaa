"""What formats of other programs' files share: what they are given, what they return, and how they reject a file."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from roster.importing.report import Report
from roster.importing.source import Source
from roster.registries import Registries


class Context(NamedTuple):
    """What a conversion may depend on in addition to the files: it reads no other file, clock or variable.

    Attributes:
        features: those that every model serves, for a format whose files name none.
    """

    registries: Registries
    environment: str
    today: date
    features: tuple[str, ...] = ()


class Imported(NamedTuple):
    """What a format makes of files: valid as far as the files are, with nothing written yet.

    Attributes:
        models: the entries of the roster, in its order, with the keys of a roster; values of keys that rosters do not
            have are in the mapping ``gateway``.
        registries: entries for the registries by path, such as ``schemas/features.yaml``. An entry whose name is
            registered already adds its keys to the registered one, or replaces them; any other is appended.
    """

    models: Sequence[Mapping[str, Any]]
    report: Report
    registries: Mapping[str, Sequence[Any]] = {}


Converter = Callable[[Sequence[Source], Context], Imported]
Fetcher = Callable[[str], bytes]


class Format(NamedTuple):
    """A format that ``roster import`` reads.

    Attributes:
        title: what the files are, for help and messages.
        files: what each file is, in their order, as in the usage: ``("MODELS", "[IDENTIFIERS]")``; brackets mean that
            the file may be missing.
        convert: the function that makes roster entries of the files, as ``module:name``; it raises ``SourceError`` for
            a file that it cannot use.
        fetch: the function that downloads a file, as ``module:name``, if the format accepts URLs.
        has_features: whether the files name the features of each model.
    """

    title: str
    files: tuple[str, ...]
    convert: str
    fetch: str = ""
    has_features: bool = True

    def converter(self) -> "Converter":
        """Import the function that converts files."""
        function: Converter = _imported_function(self.convert)
        return function

    def fetcher(self) -> "Fetcher":
        """Import the function that downloads a file, which needs the extra ``gateway``."""
        function: Fetcher = _imported_function(self.fetch)
        return function

    def takes(self, count: int) -> bool:
        """Return whether it reads this many files."""
        required = sum(not file.startswith("[") for file in self.files)
        return required <= count <= len(self.files)


def _imported_function(name: str) -> Any:
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function)
