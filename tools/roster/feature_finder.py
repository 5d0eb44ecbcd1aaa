"""Features in texts that were meant as lists of features."""

from collections.abc import Mapping
from itertools import chain

from roster.name_lists import listed_names
from roster.naming import Suggestions, fold

_MAX_WORDS = 8
"""In the longest title of a feature that is recognized among others."""
_SWITCH_MARKS = frozenset("=:!~^()")
"""Characters of a text that may switch a feature off, and is no misspelling of its name."""


class FeatureFinder:
    """Finds the features that a text names by name, alias or title; each text is searched once."""

    def __init__(self, spellings: Mapping[str, str], suggestions: Suggestions) -> None:
        self._exact = {fold(spelling): name for spelling, name in spellings.items()}
        self._suggestions = suggestions
        self._cache: dict[str, tuple[str, ...]] = {}

    def named_in(self, text: str) -> tuple[str, ...]:
        """Return the features that a text names; none if it contains anything else. Those switched off are left out."""
        if text not in self._cache:
            named = [self._named_in(listed.name.split()) for listed in listed_names(text) if not listed.is_off]
            self._cache[text] = tuple(chain.from_iterable(named)) if all(named) else ()
        return self._cache[text]

    def is_off(self, text: str) -> bool:
        """Return whether a text such as ``!duo_chat`` names features only to switch them off."""
        return all(listed.is_off and self._named_in(listed.name.split()) for listed in listed_names(text))

    def _named_in(self, words: list[str]) -> list[str]:
        """Return the features that words name, one after the other or, if one is misspelled, together."""
        features, position = list[str](), 0
        while position < len(words):
            for end in range(min(len(words), position + _MAX_WORDS), position, -1):
                if feature := self._exact.get(fold(" ".join(words[position:end]))):
                    break
            else:
                feature, end = self._closest(words[position]), position + 1
            if not feature:
                together = self._closest(" ".join(words))
                return [together] if together else []
            features.append(feature)
            position = end
        return features

    def _closest(self, text: str) -> str | None:
        return self._suggestions.closest(text) if _SWITCH_MARKS.isdisjoint(text) else None
