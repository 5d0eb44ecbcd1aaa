"""Templates of the generated pages in ``docs/``."""

import re
from typing import Any

from roster.templates import template_environment

MARK = "<!-- Made by `roster docs`"
"""The start of every generated page."""


def fill_template(template: str, **values: Any) -> str:
    """Render a template of ``templates/``."""
    environment = template_environment(
        "roster.docs",
        anchor=lambda heading: re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-"),
        italics=lambda text: re.sub(r"{(\w+)}", lambda name: f"*{name[1].replace('_', ' ')}*", text),
        prose=lambda text: text.replace("<", r"\<").replace("*", r"\*"),
    )
    return environment.get_template(template).render(values, mark=MARK)
