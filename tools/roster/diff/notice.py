"""Whether a retirement was announced in time, under an environment's notice policy."""

from collections.abc import Iterable
from datetime import date

from roster.registries import Environment
from roster.roster import Model, Retirement


class NoticePolicy:
    """The notice that an environment's policy requires, judged on a given day."""

    def __init__(self, policy: Environment | None, on: date) -> None:
        self._on = on
        self._required = policy.retirement_notice_days if policy else 0

    def has_ended(self, model: Model, features: Iterable[str]) -> bool:
        """Return whether the last day of a model has passed for all of some features."""
        retirement = model.retirement
        return (
            retirement is not None and retirement.is_over(self._on) and set(features) <= set(model.retiring_features())
        )

    def has_announced(self, model: Model, feature: str, replacement: str) -> bool:
        """Return whether admins already see a notice that ``replacement`` replaces the model for a feature."""
        retirement = model.retirement
        return (
            retirement is not None
            and retirement.notice is not None
            and retirement.notice <= self._on
            and retirement.replacement == replacement
            and feature in model.retiring_features()
        )

    def is_met(self, new: Model, old: Model) -> bool:
        """Return whether a new or changed retirement gives the required notice and names a replacement.

        A retirement that was already announced meets the policy if it neither ends earlier, nor ends more features, nor
        names another replacement.
        """
        retirement, before = new.retirement, old.retirement
        if retirement is None or retirement.last_day is None or not retirement.replacement:
            return False
        if before and before.last_day and before.last_day <= retirement.last_day and _ending(new) <= _ending(old):
            return before.replacement == retirement.replacement
        return not self.shortfall(retirement)

    def shortfall(self, retirement: Retirement) -> str:
        """Return why a new retirement does not meet the policy; empty if it does."""
        if retirement.last_day is None:
            return "its last day is invalid"
        if retirement.is_over(self._on):
            return "its last day has passed"
        if not retirement.replacement:
            return "it names no replacement"
        days = (retirement.last_day - max(retirement.notice or self._on, self._on)).days
        return f"it gives {max(days, 0)} days of notice instead of {self._required}" if days < self._required else ""

    def ends_at_once(self, new: Model, old: Model) -> bool:
        """Return whether a retirement is already over and ends features that were served until now."""
        was_over = old.retirement is not None and old.retirement.is_over(self._on) and _ending(new) <= _ending(old)
        return new.retirement is not None and new.retirement.is_over(self._on) and not was_over


def _ending(model: Model) -> set[str]:
    return set(model.features) & set(model.retiring_features())
