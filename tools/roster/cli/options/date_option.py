"""The option ``--at DATE``."""

from datetime import UTC, date, datetime

import click


def parse_date(value: str | date) -> date:
    """Return the day that a text such as 2026-12-01 names; else raise a usage error."""
    if isinstance(value, date):  # the default
        return value
    try:
        return datetime.strptime(value, "%Y-%m-%d").date()
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a date such as 2026-12-01") from None


at_option = click.option(
    "--at",
    "today",
    type=parse_date,
    metavar="DATE",
    default=lambda: datetime.now(UTC).date(),
    show_default="today, UTC",
    help="The date to treat as today, such as 2026-12-01.",
)
