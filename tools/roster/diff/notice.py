"""Whether a retirement was announced in time, under an environment's notice policy."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple

from roster.model import Model, Retirement
from roster.naming import counted
from roster.registries import Environment, Registries


class ProviderEnd(NamedTuple):
    """The day on which a provider ends a model, or did, with the provider's title."""

    provider: str
    day: date
    is_over: bool

    @property
    def words(self) -> dict[str, str]:
        """The values of placeholders in the wording of a change."""
        return {"provider": self.provider, "ends": "ended" if self.is_over else "ends", "end": str(self.day)}


class NoticePolicy:
    """The notice that an environment's policy requires, judged on a given day.

    ``registries`` has the facts about providers: a provider's end may leave less time.
    """

    def __init__(self, policy: Environment | None, on: date, registries: Registries | None = None) -> None:
        self.on, self.registries = on, registries
        self._required = policy.retirement_notice_days if policy else 0

    def has_ended(self, model: Model, features: Iterable[str]) -> bool:
        """Return whether the last day of a model has passed for all of some features."""
        if not any(retirement.is_over(self.on) for retirement in model.retirements):
            return False
        retirements = map(model.retirement_of, features)
        return all(retirement and retirement.is_over(self.on) for retirement in retirements)

    def has_announced(self, model: Model, feature: str, gaining: Collection[str], remaining: Collection[str]) -> bool:
        """Return whether admins already see a notice that some models take over a feature of a model.

        Args:
            gaining: the ids of the models that get its users.
            remaining: the defaults of the feature before, which a retirement without a replacement moves users to.
        """
        retirement = model.retirement_of(feature)
        if retirement is None or retirement.notice is None or retirement.notice > self.on:
            return False
        return set(gaining) <= (set(remaining) if retirement.replacement is None else {retirement.replacement})

    def is_met(self, new: Retirement, old: Retirement | None, successor: str) -> bool:
        """Return whether a new or changed retirement gives the required notice and has a successor.

        A retirement that was already announced meets the policy if it neither ends earlier nor names another
        replacement.

        Args:
            successor: who takes over from the model; empty if nobody does.
        """
        if new.last_day is None or not successor:
            return False
        if old and old.last_day and old.last_day <= new.last_day:
            return old.replacement == new.replacement
        return not self.shortfall(new, successor)

    def shortfall(self, retirement: Retirement, successor: str) -> str:
        """Return why a new retirement does not meet the policy; empty if it does."""
        if retirement.last_day is None:
            return "its last day is invalid"
        if retirement.is_over(self.on):
            return "its last day has passed"
        if not successor:
            return "it names no replacement, and no default takes over"
        days = (retirement.last_day - max(retirement.notice or self.on, self.on)).days
        notice = counted(max(days, 0), "day")
        return f"the notice is {notice} instead of {self._required}" if days < self._required else ""

    def forced_end(self, model: Model, retirement: Retirement) -> ProviderEnd | None:
        """Return the provider's end if that leaves less notice than the policy requires, and the retirement says so.

        A retirement that ends the model even before the provider does is not forced.
        """
        if not (self.registries and retirement.forced_by and retirement.last_day) or retirement.is_over(self.on):
            return None
        facts = self.registries.facts_of(model)
        if not (facts and facts.ends and facts.last_day) or retirement.last_day < facts.last_day:
            return None
        is_forced = facts.cut_short(max(retirement.notice or self.on, self.on), self._required)
        title = self.registries.provider_title(model)
        return ProviderEnd(title, facts.ends, facts.ends <= self.on) if is_forced else None

    def ends_at_once(self, new: Retirement, old: Retirement | None) -> bool:
        """Return whether a retirement is already over and ends what was served until now."""
        return new.is_over(self.on) and not (old and old.is_over(self.on))
