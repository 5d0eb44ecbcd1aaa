"""The type of paths on the command line."""

from pathlib import Path
from typing import Any

import click

from roster.naming import printable


class PathType(click.Path):
    """A path. An empty text is an error, because ``pathlib`` takes it for the current folder.

    ``regular``: the path must be a regular file, or not exist; reading a pipe or a device might never end.
    """

    def __init__(self, *, regular: bool = False, **options: Any) -> None:
        super().__init__(path_type=Path, **options)
        self._regular = regular

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path."""
        if value == "":
            self.fail("the path is empty; is its variable empty?", param, ctx)
        path: Any = super().convert(value, param, ctx)
        if self._regular and path.exists() and not path.is_file():
            self.fail(f"{printable(str(path))} is not a regular file", param, ctx)
        return path
