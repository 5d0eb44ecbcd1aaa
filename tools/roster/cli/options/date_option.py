"""The option ``--at DATE``."""

from datetime import UTC, date, datetime
from typing import Any

import click


class Date(click.ParamType[date]):
    """A date such as 2026-12-01."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Parse the date, or fail with a usage error."""
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()
        except ValueError:
            self.fail(f"{value!r} is not a date such as 2026-12-01", param, ctx)


at_option = click.option(
    "--at",
    "today",
    type=Date(),
    default=lambda: datetime.now(UTC).date(),
    show_default="today, UTC",
    help="The date to treat as today, such as 2026-12-01.",
)
