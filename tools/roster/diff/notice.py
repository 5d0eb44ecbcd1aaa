"""Whether customers were told of a change in time: what an environment's policy and a retirement promise them."""

from collections.abc import Iterable
from datetime import date, timedelta

from roster.diff.kinds import Impact
from roster.registries import Environment
from roster.roster import Model


class Notice:
    """What was announced by a day, measured by an environment's policy."""

    def __init__(self, policy: Environment | None, on: date) -> None:
        self._on = on
        self._days = timedelta(days=policy.retirement_notice_days if policy else 0)

    def is_over(self, model: Model, features: Iterable[str]) -> bool:
        """Say whether a model was retired for some features: its last day for each of them has passed."""
        retirement = model.retirement
        return retirement is not None and retirement.over(self._on) and set(features) <= set(model.ending())

    def names(self, model: Model, feature: str, successor: str) -> bool:
        """Say whether admins are told by now that a successor takes over a feature of a model."""
        retirement = model.retirement
        return (
            retirement is not None
            and retirement.notice is not None
            and retirement.notice <= self._on
            and retirement.replacement == successor
            and feature in model.ending()
        )

    def is_enough(self, new: Model, old: Model) -> bool:
        """Say whether a retirement that is new or another one leaves customers the time that they were promised.

        A last day that is not earlier than the announced one takes no time from anybody.
        """
        retirement, before = new.retirement, old.retirement
        if retirement is None or retirement.last_day is None or not retirement.replacement:
            return False
        if before and before.last_day and before.last_day <= retirement.last_day and _ending(new) <= _ending(old):
            return before.replacement == retirement.replacement
        told = max(retirement.notice or self._on, self._on)
        return retirement.last_day - told >= self._days and not retirement.over(self._on)

    def cut_short(self, new: Model, old: Model) -> Impact | None:
        """Return how bad a retirement is that ends what was offered until today; None where it does not."""
        was_over = old.retirement is not None and old.retirement.over(self._on) and _ending(new) <= _ending(old)
        if new.retirement is not None and new.retirement.over(self._on) and not was_over:
            return Impact.BREAKING
        return None


def _ending(model: Model) -> set[str]:
    return set(model.features) & set(model.ending())
