"""The models of a roster that have provider facts."""

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from roster.model import Model
from roster.naming import join_names
from roster.registries import Registries
from roster.roster import Roster

if TYPE_CHECKING:  # not every repository has facts
    from roster.provider_facts import ProviderFacts


class ModelWithFacts(NamedTuple):
    """A model and its provider facts.

    Attributes:
        provider: the provider's name, for messages.
    """

    model: Model
    facts: "ProviderFacts"
    provider: str

    @property
    def attribution(self) -> str:
        """The sources that name the model's end, and those that name another day."""
        named = [source.name for source in self.facts.sources if source.ends == self.facts.ends]
        others = [
            f"{each.name} says {each.ends}" for each in self.facts.sources if each.ends not in (None, self.facts.ends)
        ]
        return "; ".join([f"according to {join_names(named or [each.name for each in self.facts.sources])}", *others])


def models_with_facts(roster: Roster, registries: Registries) -> list[ModelWithFacts]:
    """Return the models with facts, in the roster's order."""
    return _models_with_facts(roster, registries) if registries.provider_facts else []


@lru_cache(maxsize=1)
def _models_with_facts(roster: Roster, registries: Registries) -> list[ModelWithFacts]:
    pairs = ((model, registries.facts_of(model)) for model in roster)
    return [ModelWithFacts(model, facts, registries.provider_title(model)) for model, facts in pairs if facts]
