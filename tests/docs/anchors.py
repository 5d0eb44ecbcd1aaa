"""Anchors of the headings of a page in Markdown."""

import re


def anchors(page: str) -> set[str]:
    """Return the anchors of a page's headings, as GitLab and GitHub derive them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```$", "", page, flags=re.DOTALL | re.MULTILINE), re.MULTILINE)
    assert len(headings) == len(set(headings))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
