"""The names of models in definitions, which end with the provider where people need it to tell models apart."""

import re
from collections import Counter

from roster.model import Model

_WORD = re.compile(r"[^\W_]+")


def names_with_provider(models: list[Model]) -> dict[int, str]:
    """Return the name of each model by position, with its provider, which people need to tell models apart.

    A name that already names the provider remains as it is, unless another model could have the same name then.
    """
    complete = {model.position: model.complete_name for model in models}
    short = {model.position: model.api_name if _names_provider(model) else complete[model.position] for model in models}
    counts = Counter(name for position in short for name in {short[position], complete[position]})
    return {position: name if counts[name] == 1 else complete[position] for position, name in short.items()}


def _names_provider(model: Model) -> bool:
    """Return whether a model's name ends with its provider, or has it in parentheses."""
    name, provider = model.api_name.casefold(), (model.provider or "").casefold()
    words = _WORD.findall(provider)
    return bool(words) and (_WORD.findall(name)[-len(words) :] == words or f"({provider})" in name)
