"""The difference between two offered lists: which models are offered now, which no longer, and why."""

from collections.abc import Mapping
from typing import NamedTuple

from roster.instance.selection.offered_list import ListedModel, OfferedList, OfferedRetirement

_Serving = tuple[OfferedRetirement | None, str | None]
"""How a model serves a feature: its retirement, and its release state if that differs from the model's."""


class ListDifference(NamedTuple):
    """Ids of the offered models that differ between two lists, in roster order.

    Attributes:
        added: models that only the newer list offers.
        changed: models in both lists whose description, features or retirement differs. The position in the list and
            the defaults of features do not count.
        removed: models that only the older list offers.
        resumed: those of ``added`` that were suspended.
        renamed: those of ``removed`` that have another id now, with that id.
        suspended: those of ``removed`` that are suspended.
        retired: those of ``removed`` that are retired for some or all features.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    resumed: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    suspended: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return how many models were added, changed and removed, and for which other reasons they came or went."""
        usual = ("added", "changed", "removed")
        other = [kind for kind, models in self.by_kind.items() if models and kind not in usual]
        return ", ".join(f"{len(self.by_kind[kind]):,} {kind}" for kind in (*usual, *other))

    @property
    def by_kind(self) -> dict[str, tuple[str, ...]]:
        """The models for people, by what happened to them: each under one kind."""
        earlier, current = (set(ids) for ids in (zip(*self.renamed, strict=True) if self.renamed else ((), ())))
        explained = {*self.suspended, *self.retired, *earlier}
        return {
            "added": tuple(id_ for id_ in self.added if id_ not in current and id_ not in self.resumed),
            "resumed": self.resumed,
            "changed": self.changed,
            "renamed": tuple(f"{id_} to {new_id}" for id_, new_id in self.renamed),
            "suspended": self.suspended,
            "retired": self.retired,
            "removed": tuple(id_ for id_ in self.removed if id_ not in explained),
        }


NO_DIFFERENCE = ListDifference()


def diff_lists(before: OfferedList, after: OfferedList) -> ListDifference:
    """Return how the offered models of two lists differ."""
    old, new = _offered_models(before), _offered_models(after)
    added, removed = [id_ for id_ in new if id_ not in old], [id_ for id_ in old if id_ not in new]
    suspended = [id_ for id_ in removed if after.current_id(id_) in after.suspended]
    renamed = [(id_, current) for id_ in removed if (current := after.current_id(id_)) in new]
    retired = {id_ for id_, _ in after.retired}
    return ListDifference(
        tuple(added),
        tuple(id_ for id_ in new if id_ in old and new[id_] != old[id_]),
        tuple(removed),
        resumed=tuple(id_ for id_ in added if id_ in before.suspended),
        renamed=tuple(renamed),
        suspended=tuple(suspended),
        retired=tuple(id_ for id_ in removed if after.current_id(id_) in retired and id_ not in suspended),
    )


def _offered_models(offered: OfferedList) -> dict[str, tuple[ListedModel, Mapping[str, _Serving]]]:
    """Return each offered model with the features that it serves."""
    serves: dict[str, dict[str, _Serving]] = {}
    for feature in offered.features.values():
        for id_, retirement in feature.models.items():
            serves.setdefault(id_, {})[feature.name] = retirement, feature.release_states.get(id_)
    return {id_: (model, serves.get(id_, {})) for id_, model in offered.models.items() if model.offered}
