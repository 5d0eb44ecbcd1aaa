"""Provider facts: an entry of ``schemas/provider_facts.yaml`` as a typed value."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

FACT_DATE_KEYS = frozenset({"ends", "read"})
"""The keys whose value is a date, as in the JSON Schema."""


class FactSource(NamedTuple):
    """A source of facts about an identifier.

    Attributes:
        name: ``litellm``, ``models.dev``, or the address of the page that says it.
        read: the day on which the source was read when it last changed the facts.
        ends: the end that it names; None if it names none.
    """

    name: str
    read: date
    ends: date | None = None


class ProviderFacts(NamedTuple):
    """The facts about an identifier. Unknown facts are None, or empty.

    Attributes:
        ends: the first day on which the provider no longer answers, the earliest of all sources.
        ends_earliest: whether that day is only the earliest possible end.
        context_window: how many tokens a request and its answer may have together.
        max_output_tokens: how many tokens an answer may have.
        capabilities: those of any source; None if no source lists capabilities.
        input_price: US dollars per million tokens of a request.
        output_price: US dollars per million tokens of an answer.
        unknown_to: the public sources that list models of this provider, but not this identifier.
        similar: the most similar identifier that one of these lists.
    """

    identifier: str
    ends: date | None
    ends_earliest: bool
    context_window: int | None
    max_output_tokens: int | None
    capabilities: tuple[str, ...] | None
    input_price: float | None
    output_price: float | None
    unknown_to: tuple[str, ...]
    similar: str | None
    sources: tuple[FactSource, ...]

    @property
    def last_day(self) -> date | None:
        """The last day on which the provider answers; None without an end, or if that is only the earliest possible."""
        return None if self.ends is None or self.ends_earliest else self.ends - timedelta(days=self.ends > date.min)

    def has_ended(self, on: date) -> bool:
        """Return whether the provider no longer answers on a day. An earliest possible end does not count."""
        return self.ends is not None and not self.ends_earliest and self.ends <= on

    def cut_short(self, notice: date, days: int) -> bool:
        """Return whether the provider ends the model before a notice period of some days is over."""
        return self.last_day is not None and (self.last_day - notice).days < days


def parse_facts(entry: Mapping[str, Any]) -> ProviderFacts:
    """Return the facts of an entry that is valid under its JSON Schema."""
    capabilities = entry.get("capabilities")
    return ProviderFacts(
        identifier=entry["identifier"],
        ends=_day(entry.get("ends")),
        ends_earliest=entry.get("ends_earliest", False),
        context_window=entry.get("context_window"),
        max_output_tokens=entry.get("max_output_tokens"),
        capabilities=None if capabilities is None else tuple(capabilities),
        input_price=entry.get("input_price"),
        output_price=entry.get("output_price"),
        unknown_to=tuple(entry.get("unknown_to", ())),
        similar=entry.get("similar"),
        sources=tuple(
            FactSource(each["name"], date.fromisoformat(each["read"]), _day(each.get("ends")))
            for each in entry["sources"]
        ),
    )


def price_text(price: float) -> str:
    """Return a price in US dollars: $3, $3.30 or $0.075."""
    amount = f"{price:,.12g}"
    return f"${amount}0" if amount[-2:-1] == "." else f"${amount}"


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
