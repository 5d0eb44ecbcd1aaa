"""Dates, numbers and categories as pages show them."""

from datetime import date, datetime

_NO_CATEGORY = "Other features"
_SPELLINGS = {"ai": "AI", "cli": "CLI", "devops": "DevOps", "duo": "Duo", "gitlab": "GitLab", "mr": "MR"}


def day(moment: date) -> str:
    """Return a date: ``1 December 2026``."""
    return f"{moment.day} {moment:%B %Y}"


def minute(moment: datetime) -> str:
    """Return a date and time: ``1 December 2026, 14:05 UTC``."""
    return f"{day(moment)}, {moment:%H:%M} UTC"


def thousands(number: int) -> str:
    """Return a number with its thousands separated: ``200,000``."""
    return f"{number:,}"


def category_title(category: str) -> str:
    """Return a category's display name: ``Code suggestions`` for ``code_suggestions``, or that of no category."""
    if not category:
        return _NO_CATEGORY
    title = " ".join(_SPELLINGS.get(word, word) for word in category.split("_"))
    return title[:1].upper() + title[1:]
