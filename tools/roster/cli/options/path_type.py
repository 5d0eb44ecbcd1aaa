"""The type of paths on the command line."""

from pathlib import Path
from typing import Any

import click


class PathType(click.Path):
    """A path. An empty text is an error, because ``pathlib`` takes it for the current folder."""

    def __init__(self, **options: Any) -> None:
        super().__init__(path_type=Path, **options)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path."""
        if value == "":
            self.fail("the path is empty; is its variable empty?", param, ctx)
        return super().convert(value, param, ctx)
