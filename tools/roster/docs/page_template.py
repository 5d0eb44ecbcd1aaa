"""The pages in ``docs/`` that are made of rules, changes and commands, so that they cannot say anything else."""

import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

MARK = "<!-- Made by `roster docs`"
"""How each page starts."""


def filled(template: str, **facts: Any) -> str:
    """Return a template of this folder's ``templates/`` with facts filled in."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters["anchor"] = lambda heading: re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
    environment.filters["prose"] = lambda text: text.replace("<", r"\<").replace("*", r"\*")
    return environment.get_template(template).render(facts, mark=MARK)
