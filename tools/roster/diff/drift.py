"""Where environments differ: each model beside itself in the environment before."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from roster.registries import Environment
from roster.roster import Model, Roster
from roster.schema.model_keys import field_name

ABSENT, SKIPPED, OFFERED, SAME, DIFFERS = "absent", "skipped", "offered", "same", "differs"
"""How a model stands in an environment: it is not there yet, or not although a later one has it; it is in the first one
that has it, or the same as in the last one before that has it, or not the same.
"""


class Cell(NamedTuple):
    """How a model stands in one environment.

    Attributes:
        keys: in which it differs, in the order of the roster's schema.
        intended: those of them in which the environment's policy lets it differ.
    """

    state: str
    keys: tuple[str, ...] = ()
    intended: tuple[str, ...] = ()

    @property
    def drifted(self) -> bool:
        """Whether no policy intends that it stands so."""
        return self.state == SKIPPED or self.keys != self.intended

    def __str__(self) -> str:
        keys = ", ".join(f"({key})" if key in self.intended else key for key in self.keys)
        return f"{self.state}: {keys}" if keys else self.state


class Row(NamedTuple):
    """A model in each environment, by the environment's name."""

    id: str
    cells: Mapping[str, Cell]

    @property
    def drifted(self) -> bool:
        """Whether there is an environment where no policy intends that it stands so."""
        return any(cell.drifted for cell in self.cells.values())


def drift(rosters: Mapping[str, Roster], environments: Mapping[str, Environment], keys: Sequence[str]) -> list[Row]:
    """Return how each model stands along the promotion path, in the order of the first environment that has it.

    ``rosters``: one for each of the ``environments``, by name; ``keys``: those of a model, in order.
    """
    ids = dict.fromkeys(model.id for name in environments for model in rosters[name] if model.id)
    return [
        Row(id_, _cells([rosters[name].by_id.get(id_) for name in environments], environments, keys)) for id_ in ids
    ]


def _cells(
    models: Sequence[Model | None], environments: Mapping[str, Environment], keys: Sequence[str]
) -> dict[str, Cell]:
    cells, before = {}, None
    for index, (policy, model) in enumerate(zip(environments.values(), models, strict=True)):
        missing = Cell(SKIPPED if any(models[index + 1 :]) else ABSENT)
        cells[policy.name] = _cell(before, model, policy, keys) if model else missing
        before = model or before
    return cells


def _cell(before: Model | None, model: Model, policy: Environment, keys: Sequence[str]) -> Cell:
    if before is None:
        return Cell(OFFERED)
    differing = tuple(key for key in keys if key != "id" and _said(before, key) != _said(model, key))
    return Cell(
        DIFFERS if differing else SAME, differing, tuple(key for key in differing if key in policy.may_differ_in)
    )


def _said(model: Model, key: str) -> object:
    """Return what a model says at a key; the order of a list means nothing."""
    value = getattr(model, field_name(key))
    return frozenset(value) if key in ("features", "default_for") else value
