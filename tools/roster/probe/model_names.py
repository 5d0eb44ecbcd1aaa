"""Whether the model that an answer names is the one that was asked.

Providers name the same model in several ways: with a date or a version (``gpt-4o-2024-08-06`` for ``gpt-4o``), without
the vendor and the region (``anthropic.claude-…`` for ``us.anthropic.claude-…``), or with a path before it
(``accounts/fireworks/models/…``). A date that was asked for, however, selects one version.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

_DEPLOYMENT_PREFIXES = ("azure", "azure_text", "azure_ai", "sagemaker", "sagemaker_chat")
"""Prefixes of identifiers that name a deployment, which has a name of its own, and not a model."""
_STAGES = frozenset({"latest", "preview", "exp", "experimental", "beta", "0"})
"""Ends of names that do not make another model: ``claude-opus-4-0`` is ``claude-opus-4``."""
_DATE = re.compile(r"[0-9]{3,8}|v[0-9]+")
"""``20250219``, ``2501`` (year and month), ``0613`` (month and day), and the versions ``001`` and ``v1``."""
_JOINED_DATES = (
    (re.compile(r"\b(20\d\d)-(\d\d)-(\d\d)\b"), r"\1\2\3"),
    (re.compile(r"\b(\d\d)-(20\d\d)\b"), r"\2\1"),
    (re.compile(r"\b(preview|exp)-(\d\d)-(\d\d)\b"), r"\1-\2\3"),
)


class _Name(NamedTuple):
    """A name without its way to the model: the words that make the model, and its dates and versions."""

    words: tuple[str, ...]
    dates: frozenset[str]


def is_same_model(asked: str, answered: str) -> bool:
    """Return whether an answer's name is another spelling of the identifier that was asked."""
    if asked.partition("/")[0] in _DEPLOYMENT_PREFIXES or "arn:" in asked:
        return True
    one, other = _parsed(asked), _parsed(answered)
    return one.words == other.words and (not one.dates or not other.dates or one.dates == other.dates)


def public_spelling(answered: str, public_names: Iterable[str]) -> str:
    """Return the name among public ones that an answer names; empty if it is not public, so it could be anything."""
    wanted = answered.casefold().rpartition("/")[2]
    return next((last for name in public_names if (last := name.rpartition("/")[2]).casefold() == wanted), "")


def _parsed(name: str) -> _Name:
    text = name.casefold().partition("#")[0].rpartition("/")[2]
    while match := re.match(r"[a-z][a-z-]*\.(?=[a-z])", text):  # the region and the vendor: us.anthropic.
        text = text[match.end() :]
    text = re.sub(r"-v[0-9]+:[0-9]+k?$|:[0-9]+k?$|:[a-z]+$", "", text)  # Bedrock's version, OpenRouter's variant
    text = re.sub(r"(?<=[0-9])p(?=[0-9])", ".", text)  # Fireworks writes 2p5 for 2.5
    for pattern, joined in _JOINED_DATES:
        text = pattern.sub(joined, text)
    words, dates = [word for word in re.split(r"[^a-z0-9]+", text) if word], set[str]()
    while len(words) > 1 and (words[-1] in _STAGES or _DATE.fullmatch(words[-1])):
        word = words.pop()
        if word not in _STAGES and not word.startswith("v"):
            dates.add(word)
    return _Name(tuple(words), frozenset(dates))
