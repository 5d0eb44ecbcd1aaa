"""Jinja environments. Loaded only by the formats and pages that use a template."""

from collections.abc import Callable
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape


def template_environment(package: str, **filters: Callable[..., Any]) -> Environment:
    """Return the environment of the folder ``templates`` in a package; HTML, XML and SVG are escaped."""
    environment = Environment(
        loader=PackageLoader(package),
        undefined=StrictUndefined,
        autoescape=select_autoescape(("html", "xml", "svg.j2")),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= filters
    return environment
