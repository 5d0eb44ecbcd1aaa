"""Two sides compared: what changed between them, where that is, and what is wrong with either."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from roster.check.pipeline import Progress, check
from roster.check.result import CheckResult
from roster.diff.changes import Change, diff
from roster.diff.comparison import Comparison, Told
from roster.diff.kinds import KINDS, Impact
from roster.diff.model_lines import lines
from roster.diff.redaction import Blot
from roster.diff.versions import Side
from roster.findings import ConfigurationError, Diagnostic, Place, Severity
from roster.git.commit_tree import Commit
from roster.naming import did_you_mean, printable, quote
from roster.registries import Environment, Registries
from roster.repository import ROSTER_FILE, roster_path
from roster.roster import Roster

_RANK = {impact.value: rank for rank, impact in enumerate(Impact)}


class CheckedSide(NamedTuple):
    """A side, and what a check of it found."""

    side: Side
    result: CheckResult

    @property
    def environments(self) -> list[str]:
        """The environments that it has a roster of, readable or not."""
        return [path.split("/")[1] for path in self.result.files if path.endswith(f"/{ROSTER_FILE}")]

    def rosters(self, environments: Iterable[str]) -> dict[str, Roster]:
        """Return the rosters that it has of some environments."""
        return {name: self.result.rosters[name] for name in environments if name in self.result.rosters}

    def errors(self, environments: Collection[str]) -> tuple[Diagnostic, ...]:
        """Return the errors in the rosters of some environments, and in what all have in common."""
        paths = {roster_path(name) for name in environments}
        return tuple(
            found._replace(path=self.side.shown(found.path))
            for found in self.result.diagnostics
            if found.severity is Severity.ERROR and (found.path in paths or self._is_common(found))
        )

    def _is_common(self, found: Diagnostic) -> bool:
        return not self.side.environment and not found.path.endswith(f"/{ROSTER_FILE}")


def checked(side: Side, today: date, progress: Progress | None = None) -> CheckedSide:
    """Check a side.

    Raises:
        ConfigurationError: it cannot be checked at all, or is a single file that is no roster.
    """
    try:
        result = check(side.tree, today, progress)
    except ConfigurationError as error:
        raise ConfigurationError(f"{side.name} cannot be compared: {error}") from None
    except Exception as error:  # this toolkit need not get along with the schemas of another time
        if not isinstance(side.tree, Commit):
            raise
        raise ConfigurationError(f"{side.name} cannot be compared: {type(error).__name__} in its check") from None
    if side.file:
        path = roster_path(side.environment)
        # which environment it is of is a guess
        told = [found for found in result.within([path]).diagnostics if found.rule != "unknown-environment"]
        if not _lists_models(result.rosters.get(side.environment)):
            reason = "it lists no model" if side.environment in result.rosters else told[0].message
            raise ConfigurationError(f"{printable(side.file)} is not a roster: {reason}")
        result = result._replace(diagnostics=tuple(told))
    return CheckedSide(side, result)


def compare(before: CheckedSide, after: CheckedSide, today: date, chosen: Collection[str] = ()) -> Comparison:
    """Compare the rosters of some environments, or of all (``chosen`` is empty).

    A roster that cannot be read on one side is compared with nothing; of one that can be read in part, that part is.

    Raises:
        ConfigurationError: neither side has a chosen environment.
    """
    weighed = policies(before.result.registries, after.result.registries)
    known = list(dict.fromkeys([*weighed, *after.environments, *before.environments]))
    wanted = _wanted(before.side.environment or after.side.environment, chosen, known)
    unread = {name for each in (before, after) for name in each.environments if name not in each.result.rosters}
    old, new = (each.rosters(name for name in wanted if name not in unread) for each in (before, after))
    changes = diff(old, new, weighed, today)
    touched = {change.environment for change in changes}
    blot = Blot(rosters[name] for rosters in (old, new) for name in touched & rosters.keys())
    return Comparison(
        {"base": printable(before.side.name), "head": printable(after.side.name)},
        tuple(_told(changes, {"base": before, "head": after}, blot)),
        {"base": before.errors(wanted), "head": after.errors(wanted)},
        tuple(name for name in wanted if name in unread),
    )


def policies(base: Registries, head: Registries) -> dict[str, Environment]:
    """Return the policies of head's environments, and of those of base that head no longer has.

    What base asks for counts where head asks for less: a change cannot lower its own weight.
    """
    both = {name: _graver(policy, base.environments.get(name)) for name, policy in head.environments.items()}
    return both | {name: policy for name, policy in base.environments.items() if name not in both}


def _graver(policy: Environment, before: Environment | None) -> Environment:
    if before is None:
        return policy
    weights = {
        kind: min((each.impact.get(kind, KINDS[kind].impact.value) for each in (policy, before)), key=_RANK.__getitem__)
        for kind in KINDS
    }
    days = max(policy.retirement_notice_days, before.retirement_notice_days)
    return policy._replace(impact=weights, retirement_notice_days=days)


def _wanted(single: str, chosen: Collection[str], known: list[str]) -> list[str]:
    for name in chosen:
        if name not in known:
            hint = did_you_mean(name, known) or f"known: {', '.join(known)}"
            raise ConfigurationError(f"there is no environment {quote(name)}: {hint}")
    return [name for name in known if (name == single if single else not chosen or name in chosen)]


def _lists_models(roster: Roster | None) -> bool:
    """Say whether there is at least one model; lists of other things have names, too."""
    return roster is not None and any(model.identifier or model.endpoint or model.features for model in roster)


def _told(changes: list[Change], sides: Mapping[str, CheckedSide], blot: Blot) -> Iterator[Told]:
    found = {name: _lines(changes, side, name) for name, side in sides.items()}
    for change in changes:
        name = _side(change)
        yield Told(
            change.kind,
            change.impact,
            blot.sentence(change.environment),
            blot.sentence(change.model),
            blot.sentence(change.feature),
            blot.value(change.old),
            blot.value(change.new),
            blot.sentence(change.summary),
            blot.sentence(change.effect),
            blot.sentence(sides[name].side.shown(change.place.path)),
            found[name][change.place],
            name,
        )


def _side(change: Change) -> str:
    return "base" if change.in_base else "head"


def _lines(changes: list[Change], side: CheckedSide, name: str) -> dict[Place, int]:
    """Return the lines of the changes whose places are in the files of one side."""
    places: defaultdict[str, list[Place]] = defaultdict(list)
    for change in changes:
        if _side(change) == name:
            places[change.environment].append(change.place)
    found: dict[Place, int] = {}
    for environment, wanted in places.items():
        path = roster_path(environment)
        models = len(side.result.rosters[environment].models)
        found |= lines(path, side.side.tree.read(path), models, wanted)
    return found
