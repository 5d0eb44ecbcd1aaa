"""Drift between environments: how each model differs from itself in the previous environment that has it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from roster.diff.meaning import endings, retirements_meaning
from roster.diff.own_keys import changed_keys
from roster.model import Model, comparable
from roster.registries import Environment
from roster.roster import Roster
from roster.schema.model_keys import field_name

ABSENT, SKIPPED, OFFERED, SAME, DIFFERS = "absent", "skipped", "offered", "same", "differs"
"""The state of a model in an environment: not there yet; not there, although a later environment has it; there for the
first time; the same as in the previous environment that has it; or different.
"""


_UNORDERED = frozenset({"features", "aliases", "capabilities", "processed_in"})
"""The keys of lists whose order has no meaning."""


class DriftCell(NamedTuple):
    """The state of a model in one environment.

    Attributes:
        keys: the keys that differ, in the order of the toolkit's schema; then those that only the repository's has.
        intended: those of them that the environment's policy allows to differ.
    """

    state: str
    keys: tuple[str, ...] = ()
    intended: tuple[str, ...] = ()

    @property
    def drifted(self) -> bool:
        """Whether the state is not intended by the policy."""
        return self.state == SKIPPED or self.keys != self.intended

    def __str__(self) -> str:
        keys = ", ".join(f"({key})" if key in self.intended else key for key in self.keys)
        return f"{self.state}: {keys}" if keys else self.state


class DriftRow(NamedTuple):
    """The states of a model, by environment."""

    id: str
    cells: Mapping[str, DriftCell]

    @property
    def drifted(self) -> bool:
        """Whether any state is not intended by the policy."""
        return any(cell.drifted for cell in self.cells.values())

    @property
    def uniform(self) -> bool:
        """Whether the model is the same in all environments."""
        return {cell.state for cell in self.cells.values()} <= {OFFERED, SAME}


def drift(
    rosters: Mapping[str, Roster], environments: Mapping[str, Environment], keys: Sequence[str]
) -> list[DriftRow]:
    """Return a row for each model, in the order of the first environment that has it.

    Args:
        rosters: the roster of each environment, by name.
        environments: the promotion path.
        keys: the keys of a model, in the order in which a cell lists them.
    """
    ids = dict.fromkeys(model.id for name in environments for model in rosters[name] if model.id)
    compared = [key for key in keys if key != "id"]
    return [
        DriftRow(id_, _cells([rosters[name].by_id.get(id_) for name in environments], environments, compared))
        for id_ in ids
    ]


def _cells(
    models: Sequence[Model | None], environments: Mapping[str, Environment], keys: Sequence[str]
) -> dict[str, DriftCell]:
    cells, previous = {}, None
    for index, (policy, model) in enumerate(zip(environments.values(), models, strict=True)):
        missing = DriftCell(SKIPPED if any(models[index + 1 :]) else ABSENT)
        cells[policy.name] = _cell(previous, model, policy, keys) if model else missing
        previous = model or previous
    return cells


def _cell(previous: Model | None, model: Model, policy: Environment, keys: Sequence[str]) -> DriftCell:
    if previous is None:
        return DriftCell(OFFERED)
    differing = (*(key for key in keys if _value(previous, key) != _value(model, key)), *changed_keys(previous, model))
    intended = tuple(key for key in differing if key.partition(".")[0] in policy.may_differ_in)
    return DriftCell(DIFFERS if differing else SAME, differing, intended)


def _value(model: Model, key: str) -> object:
    """Return the value of a key, comparable."""
    if key == "default_for":
        return {feature: model.default_shares.get(feature, 100) for feature in model.default_for}
    if key == "retirement":
        return retirements_meaning(endings(model))
    value = getattr(model, field_name(key))
    if key == "gateway":
        return comparable(dict(value))
    return frozenset(value) if key in _UNORDERED else value
