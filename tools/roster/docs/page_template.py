"""Templates of the generated pages in ``docs/``."""

import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

MARK = "<!-- Made by `roster docs`"
"""The start of every generated page."""


def fill_template(template: str, **values: Any) -> str:
    """Render a template of ``templates/``."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters["anchor"] = lambda heading: re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
    environment.filters["italics"] = lambda text: re.sub(
        r"{(\w+)}", lambda name: f"*{name[1].replace('_', ' ')}*", text
    )
    environment.filters["prose"] = lambda text: text.replace("<", r"\<").replace("*", r"\*")
    return environment.get_template(template).render(values, mark=MARK)
