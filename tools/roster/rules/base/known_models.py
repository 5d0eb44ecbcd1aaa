"""The models of a roster that sources say something of."""

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from roster.model import Model
from roster.naming import join_names
from roster.registries import Registries
from roster.roster import Roster

if TYPE_CHECKING:  # not every repository has facts
    from roster.provider_facts import ProviderFacts


class KnownModel(NamedTuple):
    """A model, and what sources say about it at its provider.

    Attributes:
        provider: the provider's name, for messages.
    """

    model: Model
    facts: "ProviderFacts"
    provider: str

    @property
    def attribution(self) -> str:
        """Who says when the model ends, and who names another day."""
        named = [source.name for source in self.facts.sources if source.ends == self.facts.ends]
        others = [
            f"{each.name} says {each.ends}" for each in self.facts.sources if each.ends not in (None, self.facts.ends)
        ]
        return "; ".join([f"according to {join_names(named or [each.name for each in self.facts.sources])}", *others])


def known_models(roster: Roster, registries: Registries) -> list[KnownModel]:
    """Return the models with facts, in the roster's order."""
    return _known_models(roster, registries) if registries.provider_facts else []


@lru_cache(maxsize=1)
def _known_models(roster: Roster, registries: Registries) -> list[KnownModel]:
    known = ((model, registries.facts_of(model)) for model in roster)
    return [KnownModel(model, facts, provider_title(model, registries)) for model, facts in known if facts]


def provider_title(model: Model, registries: Registries) -> str:
    """Return the name of a model's provider for messages; the prefix of one that is not registered."""
    provider = registries.provider_of(model.identifier)
    return provider.title if provider else (model.identifier or "").partition("/")[0]
