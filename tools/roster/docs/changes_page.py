"""``docs/changes.md``: every kind of change that ``roster diff`` tells of."""

import re

from roster.diff.kinds import KINDS
from roster.docs.page_template import filled


def page() -> str:
    """Return the page."""
    return filled("changes.md.j2", kinds=KINDS.values(), words=words)


def words(sentence: str) -> str:
    """Return a sentence with the names of what is filled in, in italics."""
    return re.sub(r"{(\w+)}", lambda found: f"*{found[1].replace('_', ' ')}*", sentence)
