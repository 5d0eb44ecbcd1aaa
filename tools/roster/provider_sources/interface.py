"""The interface of sources of provider facts: their statements about models, and the names that they list."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple

from roster.provider_facts import FactSource

LITELLM, MODELS_DEV = "litellm", "models.dev"
PUBLIC_SOURCES = (LITELLM, MODELS_DEV)
"""The names of the public sources, as in the lock file."""


class SourceError(Exception):
    """A source that cannot be used: one sentence, with the position where there is one."""


class Statement(NamedTuple):
    """The facts of one source about a model; None for those that it lacks.

    Attributes:
        ends_earliest: whether ``ends`` is only the earliest possible end.
        context_window: how many tokens a request and its answer may have together; for LiteLLM, a request alone.
        capabilities: names of ``schemas/capabilities.yaml``.
        input_price: US dollars per million tokens, like ``output_price``.
        is_deprecated: whether the source calls the model deprecated, without a day.
    """

    ends: date | None = None
    ends_earliest: bool = False
    context_window: int | None = None
    max_output_tokens: int | None = None
    capabilities: frozenset[str] | None = None
    input_price: float | None = None
    output_price: float | None = None
    is_deprecated: bool = False


class Listing(NamedTuple):
    """A source as a list of models.

    Attributes:
        name: ``litellm``, ``models.dev``, or empty for facts that people wrote.
        title: its path or URL.
        names: by group of prefixes, the names of the models without a prefix, each with its key in the source.
        read: returns what the source says about a model by its key.
        pages: by key, the pages that people read, for facts that they wrote.
    """

    name: str
    title: str
    names: Mapping[str, Mapping[str, str]]
    read: Callable[[str], Statement]
    pages: Mapping[str, tuple[FactSource, ...]] = {}
