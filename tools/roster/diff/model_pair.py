"""Two versions of one model, and how their changes are built."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from roster.diff.change import BASE, HEAD, Change, ChangeBuilder
from roster.diff.notice import NoticePolicy
from roster.model import Model
from roster.roster import Roster


class ModelPair(NamedTuple):
    """A model, ``old`` in the roster ``base`` and ``new`` in ``head``.

    ``shown`` are both names as admins see them, with the provider where they need it; None if it is not offered.
    ``new_ids`` are the ids in head of the models that both have, by their ids in base.
    """

    base: Roster
    head: Roster
    old: Model
    new: Model
    notice: NoticePolicy
    builder: ChangeBuilder
    shown: tuple[str | None, str | None]
    new_ids: Mapping[str, str]

    def change(self, kind: str, *keys: str | int, side: str = HEAD, **values: Any) -> Change:
        """Build a change at a value of the model."""
        place = self.head.at(self.new, *keys) if side == HEAD else self.base.at(self.old, *keys)
        return self.builder.build(kind, place, model=self.new, side=side, **values)

    def change_of_key(self, kind: str, key: str, **values: Any) -> Change:
        """Build a change at a key of the model; at the old one if the new version lacks it."""
        if key in self.new.entry:
            return self.builder.build(kind, self.head.key(self.new, key), model=self.new, **values)
        return self.builder.build(kind, self.base.key(self.old, key), model=self.new, side=BASE, **values)
