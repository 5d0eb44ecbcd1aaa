"""``docs/changes.md``: the kinds of change that ``roster diff`` reports."""

import re

from roster.diff.kinds import KINDS
from roster.docs.page_template import fill_template


def page() -> str:
    """Render the page."""
    return fill_template("changes.md.j2", kinds=KINDS.values(), in_italics=in_italics)


def in_italics(sentence: str) -> str:
    """Return a sentence with its placeholders in italics."""
    return re.sub(r"{(\w+)}", lambda match: f"*{match[1].replace('_', ' ')}*", sentence)
