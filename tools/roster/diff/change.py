"""A change that customers can notice, how one is built from its kind, and the result of a comparison."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from operator import attrgetter
from types import MappingProxyType
from typing import Any, NamedTuple

from roster.diff.kinds import KINDS, Impact
from roster.diff.wording import Wording
from roster.findings import Diagnostic, Place
from roster.model import Model, Retirement
from roster.registries import Environment
from roster.roster import Roster

BASE, HEAD = SIDES = ("base", "head")


class Change(NamedTuple):
    """One difference in meaning between two versions of an environment.

    Attributes:
        kind: the name of one of ``KINDS``.
        impact: depends on the kind, on what was announced, and on the environment's policy.
        model: the model's id in head, or in base if it was withdrawn; empty for a change of a feature or environment.
        feature: the feature's name; empty for a change of a whole model or environment.
        old: the value in base, as JSON; None where base has none, or where the kind implies it.
        new: the value in head.
        summary: what changes.
        effect: who is affected, and what they notice.
        place: the key or value that causes the change.
        side: the version that has the place; one of ``SIDES``.
        line: the line of the place, from 1; 0 until ``compare`` sets it.
        wording: what the texts were built from, so that changes with the same cause can share them.
    """

    kind: str
    impact: Impact
    environment: str
    model: str
    feature: str
    old: Any
    new: Any
    summary: str
    effect: str
    place: Place
    side: str
    line: int = 0
    wording: Wording | None = None


class Comparison(NamedTuple):
    """The result of comparing two versions, without secrets.

    Attributes:
        names: the display name of each of ``SIDES``.
        changes: by environment, and within one worst first.
        errors: the check's errors in each version; they may hide changes.
        not_compared: the environments whose roster cannot be read in one of the versions.
        addresses: the address of the folder that paths of a report start from, by side, where there is one.
        trials_unknown: the environments with new models whose trial periods are unknown, because base has no history.
    """

    names: Mapping[str, str]
    changes: tuple[Change, ...]
    errors: Mapping[str, tuple[Diagnostic, ...]]
    not_compared: tuple[str, ...] = ()
    trials_unknown: tuple[str, ...] = ()
    addresses: Mapping[str, str] = MappingProxyType({})

    def relocated(self, names: Mapping[str, Callable[[str], str]]) -> "Comparison":
        """Return the comparison for a report that has other names of files; ``names`` has their namers by side."""
        changes = (
            change._replace(place=change.place._replace(path=names[change.side](change.place.path)))
            for change in self.changes
        )
        errors = {
            side: tuple(error._replace(path=names[side](error.path)) for error in errors)
            for side, errors in self.errors.items()
        }
        return self._replace(changes=tuple(changes), errors=errors)

    @property
    def new_errors(self) -> dict[str, tuple[Diagnostic, ...]]:
        """The errors that only one version has, by side."""
        return {
            side: _without(self.errors[side], self.errors[other])
            for side, other in zip(SIDES, SIDES[::-1], strict=True)
        }

    @property
    def shared_errors(self) -> tuple[Diagnostic, ...]:
        """The errors that both versions have, with their positions in head."""
        return _without(self.errors[HEAD], self.new_errors[HEAD])

    @property
    def complete(self) -> bool:
        """Whether no change can be missing."""
        return not (self.not_compared or any(self.errors.values()))


def _without(errors: Iterable[Diagnostic], others: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return errors without as many equal ones as others has; lines may have moved."""
    remaining, result = Counter(map(_identity, others)), list[Diagnostic]()
    for error in errors:
        remaining[_identity(error)] -= 1
        if remaining[_identity(error)] < 0:
            result.append(error)
    return tuple(result)


def _identity(error: Diagnostic) -> tuple[str, ...]:
    return error.path, error.rule, error.message


class ChangeBuilder:
    """Builds the changes of one environment: applies its policy and fills in the wording.

    ``shared_names``: the names of several models, which are followed by the id.
    """

    def __init__(self, environment: str, policy: Environment | None, shared_names: Collection[str] = ()) -> None:
        self._environment, self._policy, self._shared_names = environment, policy, shared_names

    def name(self, model: Model | None) -> str:
        """Return a model's name for messages, with the id if other models have the same name."""
        name = display_name(model)
        return f"{name} ({model.id})" if model and name in self._shared_names else name

    def fallbacks(self, roster: Roster, features: Iterable[str], on: date) -> dict[str, str]:
        """Return who serves the users of each feature by default on a day: the name of a model, or ``no model``."""
        defaults = {feature: roster.default(feature, on) for feature in features}
        return {feature: self.name(default) if default else "no model" for feature, default in defaults.items()}

    def impact_like(self, kind: str, other: str) -> Impact:
        """Return the worse impact of two kinds, unless the policy overrides that of the first one."""
        impact = policy_impact(kind, self._policy)
        is_overridden = impact is not KINDS[kind].impact
        return impact if is_overridden else min(impact, policy_impact(other, self._policy), key=attrgetter("rank"))

    def build(
        self,
        kind: str,
        place: Place,
        *,
        model: Model | None = None,
        feature: str = "",
        old: Any = None,
        new: Any = None,
        side: str = HEAD,
        safe: bool = False,
        impact: Impact | None = None,
        at_most: Impact = Impact.BREAKING,
        summary: str = "",
        effect: str = "",
        features: Collection[str] = (),
        retirement: Retirement | None = None,
        fallbacks: Mapping[str, str] | None = None,
        shared: tuple[str, str] = ("", ""),
        **words: str,
    ) -> Change:
        """Build a change.

        Args:
            safe: the change is safe, for example because it was announced in time: see ``ChangeKind.safe_if``.
            impact: overrides the policy.
            at_most: the worst impact; the policy can only lower it.
            summary, effect: override those of the kind.
            features, retirement, words: values of placeholders in the wording.
            fallbacks: who serves the users of each feature instead.
            shared: the scope and the detail of a change that models with different values have in common.
        """
        values = {
            "environment": self._environment,
            **{key: value for key, value in (("old", old), ("new", new)) if isinstance(value, str)},
            **_retirement_words(retirement or Retirement()),
            **words,
        }
        summary = summary or KINDS[kind].summary
        effect = (safe and KINDS[kind].safe_effect) or effect or KINDS[kind].effect
        wording = Wording(
            summary,
            effect,
            self.name(model),
            tuple(sorted(features)) or ((feature,) if feature else ()),
            {key: value for key, value in values.items() if f"{{{key}}}" in summary + effect},
            fallbacks or {},
            *shared,
        )
        return Change(
            kind,
            Impact.SAFE if safe else max(at_most, impact or policy_impact(kind, self._policy), key=attrgetter("rank")),
            self._environment,
            model.id if model else "",
            feature,
            old,
            new,
            *wording.texts(),
            place,
            side,
            wording=wording,
        )


def policy_impact(kind: str, policy: Environment | None) -> Impact:
    """Return the impact of an unannounced change under an environment's policy."""
    default = KINDS[kind].impact
    return Impact(policy.impact.get(kind, default)) if policy else default


def display_name(model: Model | None) -> str:
    """Return a model's name for messages."""
    return (model.display_name or model.name or model.id) if model else ""


def _retirement_words(retirement: Retirement) -> dict[str, str]:
    return {
        "notice": str(retirement.notice or "-"),
        "last_day": str(retirement.last_day or "-"),
        "replacement": retirement.replacement or "nothing",
    }
