"""The changes of what admins read about a model and use to choose it: provider, cost, description, documentation."""

from collections.abc import Iterator
from itertools import takewhile
from typing import Any

from roster.diff.change import Change
from roster.diff.kinds import Impact
from roster.diff.meaning import served_features
from roster.diff.model_pair import ModelPair
from roster.naming import quote

_CONTEXT = 20
"""How many characters of a common start a message shows before the difference of two texts."""


def shown_name(pair: ModelPair) -> Iterator[Change]:
    """Yield the change of the name that admins see, which may end with the provider because of other models' names."""
    before, after = pair.shown
    if before and after and before != after and pair.old.complete_name == pair.new.complete_name:
        key = "display_name" if pair.new.display_name else "name"
        words = {"before": quote(before), "after": quote(after)}
        yield pair.change("shown-name-changed", key, old=before, new=after, **words)


def provider(pair: ModelPair, key: str) -> Iterator[Change]:
    """Yield the change of a model's provider, which is a part of its name for admins."""
    old, new = pair.old.provider, pair.new.provider
    words = {"before": old or "none", "after": new or "none"}
    yield _change(pair, "provider-changed", key, old=old, new=new, **words)


def cost(pair: ModelPair, key: str) -> Iterator[Change]:
    """Yield the change of a model's cost indicator; more characters are dearer."""
    old, new = pair.old.cost_indicator, pair.new.cost_indicator
    kind = "cost-raised" if len(new or "") > len(old or "") else "cost-lowered"
    words = {"before": old or "none", "after": new or "none"}
    yield _change(pair, kind, key, old=old, new=new, safe=old is None, **words)


def description(pair: ModelPair, key: str) -> Iterator[Change]:
    """Yield the change of a model's description."""
    old, new = pair.old.description, pair.new.description
    before, after = differing_parts(old, new)
    yield _change(pair, "description-changed", key, old=old, new=new, **_shared(before, after))


def documentation(pair: ModelPair, key: str) -> Iterator[Change]:
    """Yield the change of the page about a model."""
    old, new = pair.old.documentation, pair.new.documentation
    yield _change(pair, "documentation-changed", key, old=old, new=new, **_shared(old or "none", new or "none"))


def _shared(before: str, after: str) -> dict[str, Any]:
    """Return the words of a change that models with different values have in common."""
    return {"before": before, "after": after, "shared": ("", f"{before} → {after}")}


def _change(pair: ModelPair, kind: str, key: str, **values: Any) -> Change:
    """Build a change; one of a model that has ended concerns nobody."""
    if all(pair.notice.has_ended(model, served_features(model)) for model in (pair.old, pair.new)):
        values |= {"at_most": Impact.SAFE, "safe": False, "effect": "{Its} last day has passed; no admin sees {it}."}
    return pair.change_of_key(kind, key, **values)


def differing_parts(old: str | None, new: str | None) -> tuple[str, str]:
    """Return two texts for a message, from shortly before their first difference, so that long texts differ in it."""
    common = takewhile(lambda pair: pair[0] == pair[1], zip(old or "", new or "", strict=False))
    start = sum(1 for _ in common) - _CONTEXT
    cut = [f"…{text[start:]}" if text and start > 0 else text for text in (old, new)]
    return _quoted(cut[0]), _quoted(cut[1])


def _quoted(text: str | None) -> str:
    return "none" if text is None else quote(text)
