"""The day that counts as today."""

from datetime import UTC, date, datetime
from typing import Any

import click


class Day(click.ParamType[date]):
    """A day, written year-month-day."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the day; fail with wrong usage when it is none."""
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()
        except ValueError:
            self.fail(f"{value!r} is not a day such as 2026-12-01", param, ctx)


at_option = click.option(
    "--at",
    "today",
    type=Day(),
    default=lambda: datetime.now(UTC).date(),
    show_default="today, UTC",
    help="The day that counts as today, such as 2026-12-01.",
)
