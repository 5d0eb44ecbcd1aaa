"""What the catalogue shows of a model: only values that customers may know.

Templates get these records and no ``Model``, so that no page can contain an endpoint, an identifier, a key name, an
owner or the settings of a gateway.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from roster.display_text import thousands
from roster.model import Model, ReleaseState, Retirement
from roster.naming import printable
from roster.registries import Registries
from roster.roster import Roster
from roster.secret_redaction import redact_message

_STATE_WORDS: dict[str, str] = {ReleaseState.GA: "GA", ReleaseState.BETA: "Beta", ReleaseState.EXPERIMENT: "Experiment"}


class Offer(NamedTuple):
    """How a model serves a feature.

    Attributes:
        state: GA, BETA or EXPERIMENT.
        share: the percentage of users without a selected model that it serves; 0 if it is not a default.
    """

    state: str
    share: int

    @property
    def words(self) -> str:
        """The offer in words: ``Default 80 %``, ``GA``, ``Default Beta``."""
        if not self.share:
            return state_words(self.state)
        share = "Default" if self.share == 100 else f"Default {self.share} %"
        return share if self.state == ReleaseState.GA else f"{share} {state_words(self.state)}"


class Ending(NamedTuple):
    """An announced retirement.

    Attributes:
        features: the names of the features that end; empty for all of them.
        replacement: the id of the model that takes over; empty without one.
    """

    notice: date
    last_day: date
    features: tuple[str, ...]
    replacement: str
    is_over: bool


class Stop(NamedTuple):
    """A suspension: the first day without an offer, and why."""

    since: date
    reason: str
    has_begun: bool


class PublicModel(NamedTuple):
    """A model in one environment.

    Attributes:
        facts: its description, limits and other values by label, as texts; only those that it has.
        documentation: the address of a page about it; empty without one.
        offers: how it serves each feature on the day, by the feature's name.
    """

    id: str
    name: str
    provider: str
    cost: str
    aliases: tuple[str, ...]
    facts: Mapping[str, str]
    capabilities: tuple[str, ...]
    regions: tuple[str, ...]
    documentation: str
    offers: Mapping[str, Offer]
    endings: tuple[Ending, ...]
    stop: Stop | None

    @property
    def status(self) -> str:
        """``offered``, ``suspended``, ``retired``, or ``retiring`` while an end is announced."""
        if self.stop and self.stop.has_begun:
            return "suspended"
        if not self.offers:
            return "retired"
        return "retiring" if any(not each.is_over for each in self.endings) else "offered"


def public_models(roster: Roster, on: date, registries: Registries) -> tuple[PublicModel, ...]:
    """Return the models of a roster on a day, in its order."""
    shares = {feature: _percentages(roster.default_shares(feature, on)) for feature in roster.defaults}
    return tuple(_public_model(model, shares, on, registries) for model in roster if model.id)


def state_words(state: str) -> str:
    """Return a release state as pages show it."""
    return _STATE_WORDS.get(state, state)


@lru_cache(maxsize=10_000)
def shown(text: str) -> str:
    """Return a text of a roster for a page: without secrets, and with invisible characters as escapes."""
    return printable(redact_message(text))


def _address(text: str) -> str:
    """Return an address for a link; empty if it is none, or contains a secret."""
    return text if text.startswith("https://") and redact_message(text) == text else ""


def _percentages(shares: Mapping[str, int]) -> dict[str, int]:
    """Return shares in percent of their sum, which is below 100 while a default is not offered."""
    total = sum(shares.values()) or 1
    return {id_: max(1, round(100 * share / total)) for id_, share in shares.items()}


def _public_model(
    model: Model, shares: Mapping[str, Mapping[str, int]], on: date, registries: Registries
) -> PublicModel:
    capabilities = [registries.capabilities.get(name) for name in model.capabilities]
    titles = tuple(
        each.title if each else shown(name) for each, name in zip(capabilities, model.capabilities, strict=True)
    )
    offers = {
        feature: Offer(model.state_for(feature) or ReleaseState.GA, shares.get(feature, {}).get(model.id, 0))
        for feature in model.offered_features(on)
    }
    stop = model.suspended
    return PublicModel(
        model.id,
        shown(model.display_name or model.name or model.id),
        shown(model.provider or ""),
        shown(model.cost_indicator or ""),
        tuple(map(shown, model.aliases)),
        dict(_facts(model, titles)),
        titles,
        tuple(map(shown, model.processed_in)),
        _address(model.documentation or ""),
        offers,
        tuple(_ending(each, on) for each in model.retirements),
        Stop(stop.since or on, shown(stop.reason or ""), model.is_suspended(on)) if stop else None,
    )


def _facts(model: Model, capabilities: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if model.description:
        yield "Description", shown(model.description)
    if model.provider:
        yield "Provider", shown(model.provider)
    if model.cost_indicator:
        yield "Cost", shown(model.cost_indicator)
    if model.release_state:
        yield "Release state", state_words(model.release_state)
    if model.context_window:
        yield "Context window", f"{thousands(model.context_window)} tokens"
    if model.max_output_tokens:
        yield "Longest answer", f"{thousands(model.max_output_tokens)} tokens"
    if capabilities:
        yield "Capabilities", ", ".join(capabilities)
    if model.processed_in:
        yield "Prompts processed in", ", ".join(map(shown, model.processed_in))
    if model.data_retention_days is not None:
        yield "Prompts stored", _retention(model.data_retention_days)


def _retention(days: int) -> str:
    return "not stored" if days == 0 else "for 1 day" if days == 1 else f"for {days} days"


def _ending(retirement: Retirement, on: date) -> Ending:
    last_day = retirement.last_day or date.max
    replacement = shown(retirement.replacement or "")
    return Ending(retirement.notice or last_day, last_day, retirement.features, replacement, retirement.is_over(on))
