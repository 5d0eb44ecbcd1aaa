"""How the page writes moments, and names that are made for programs."""

from datetime import date, datetime


def age(seconds: float) -> str:
    """Return how long ago something was, as a person says it."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "less than a minute ago"


def day(moment: date) -> str:
    """Return a day as a person writes it: ``1 December 2026``."""
    return f"{moment.day} {moment:%B %Y}"


def minute(moment: datetime) -> str:
    """Return a point in time to the minute: ``1 December 2026, 14:05 UTC``."""
    return f"{day(moment)}, {moment:%H:%M} UTC"


def until(days: int) -> str:
    """Return how many days are left: ``today``, ``tomorrow``, ``in 9 days``."""
    return ("today", "tomorrow")[days] if days < 2 else f"in {days} days"


def category_title(category: str) -> str:
    """Return a category of GitLab's for people: ``code_suggestions`` is ``Code suggestions``."""
    words = " ".join(_OWN_WAY.get(word, word) for word in category.split("_"))
    return words[:1].upper() + words[1:]


_OWN_WAY = {"ai": "AI", "cli": "CLI", "devops": "DevOps", "duo": "Duo", "gitlab": "GitLab", "mr": "MR"}
"""Words that are written their own way."""
