"""Sentences about features that two lists offer differently: their models, defaults and shares."""

from collections.abc import Iterator

from roster.instance.list_changes.compared_lists import ComparedLists, grouped, is_offered, shown
from roster.instance.selection.offered_list import OfferedFeature
from roster.naming import counted, join_names


def ended_features(lists: ComparedLists) -> Iterator[str]:
    """Yield a sentence for each feature that no model serves anymore."""
    for name, feature in lists.before.features.items():
        if feature.offered and not is_offered(lists.after, name):
            yield f"No model serves {shown(feature.title)} anymore"


def moved_defaults(lists: ComparedLists) -> Iterator[str]:
    """Yield a sentence for the features whose default moved from one model to the same other one."""
    moves = (
        ((old.default, new.default), new.name)
        for old, new in lists.kept_features()
        if lists.current_id(old.default) != new.default
    )
    for (start, end), names in grouped(moves):
        features = lists.feature_titles(names)
        if start is None:
            yield f"The default of {features} is {lists.model_name(end or '')} now; there was none"
        elif end is None:
            yield f"There is no default of {features} anymore; it was {lists.model_name(start)}"
        else:
            yield f"The default of {features} went from {lists.model_name(start)} to {lists.model_name(end)}"


def changed_shares(lists: ComparedLists) -> Iterator[str]:
    """Yield a sentence for each feature whose defaults have other shares now, unless one default took over."""
    for old, new in lists.kept_features():
        took_over = not new.shares and lists.current_id(old.default) != new.default
        shares = {lists.current_id(id_): share for id_, share in old.shares.items()}
        if shares != dict(new.shares) and not took_over:
            yield f"The shares of the defaults of {shown(new.title)} changed: {_shares(lists, new)}"


def _shares(lists: ComparedLists, feature: OfferedFeature) -> str:
    total = sum(feature.shares.values())
    shares = {id_: round(100 * share / total) for id_, share in feature.shares.items()}
    shares = shares or ({feature.default: 100} if feature.default else {})
    return join_names(f"{lists.model_name(id_)} {share}%" for id_, share in shares.items()) if shares else "none"


def started_features(lists: ComparedLists) -> Iterator[str]:
    """Yield a sentence for each feature that models began to serve."""
    for feature in lists.started_features():
        returned = feature.name in lists.before.features
        text = f"{shown(feature.title)} is {'offered again' if returned else 'a new feature'}"
        text += f", with {counted(len(feature.models), 'model')}"
        yield f"{text} and the default {lists.model_name(feature.default)}" if feature.default else text


def renamed_features(lists: ComparedLists) -> Iterator[str]:
    """Yield a sentence for each feature that has another title now."""
    for old, new in lists.kept_features():
        if old.title != new.title:
            yield f"The feature {shown(old.title)} is called {shown(new.title)} now"
