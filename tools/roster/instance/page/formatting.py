"""How the page writes dates, durations, and GitLab's category names."""

from datetime import date, datetime

_SPELLINGS = {"ai": "AI", "cli": "CLI", "devops": "DevOps", "duo": "Duo", "gitlab": "GitLab", "mr": "MR"}


def age(seconds: float) -> str:
    """Return a duration in the past: ``2 hours ago``."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "less than a minute ago"


def day(moment: date) -> str:
    """Return a date: ``1 December 2026``."""
    return f"{moment.day} {moment:%B %Y}"


def minute(moment: datetime) -> str:
    """Return a date and time: ``1 December 2026, 14:05 UTC``."""
    return f"{day(moment)}, {moment:%H:%M} UTC"


def until(days: int) -> str:
    """Return a number of days from now: ``today``, ``tomorrow``, ``in 9 days``."""
    return ("today", "tomorrow")[days] if days < 2 else f"in {days} days"


def category_title(category: str) -> str:
    """Return a category's display name: ``code_suggestions`` becomes ``Code suggestions``."""
    title = " ".join(_SPELLINGS.get(word, word) for word in category.split("_"))
    return title[:1].upper() + title[1:]
