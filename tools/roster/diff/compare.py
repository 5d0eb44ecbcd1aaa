"""The comparison of two checked versions: changes with their line numbers, the errors of both, and no secrets."""

from collections.abc import Collection
from datetime import date
from operator import attrgetter

from roster.diff.change import BASE, HEAD, Comparison, policy_impact
from roster.diff.kinds import KINDS
from roster.diff.line_numbers import locate
from roster.diff.redaction import Redactor
from roster.diff.roster_changes import diff_rosters
from roster.diff.versions import CheckedVersion
from roster.naming import printable
from roster.registries import Environment, Registries, require_environment


def compare(base: CheckedVersion, head: CheckedVersion, today: date, selected: Collection[str] = ()) -> Comparison:
    """Compare the rosters of the selected environments, or of all if none is selected.

    A roster that cannot be read in one version is not compared; of one that can be read in part, that part is.

    Raises:
        ConfigurationError: neither version has a selected environment.
    """
    policies = strictest_policies(base.result.registries, head.result.registries)
    present = list(dict.fromkeys([*policies, *head.environments, *base.environments]))
    environments = _selected(base, head, selected, present)
    unreadable = {
        name for version in (base, head) for name in version.environments if name not in version.result.rosters
    }
    readable = [name for name in environments if name not in unreadable]
    old, new = base.rosters(readable), head.rosters(readable)
    changes = diff_rosters(old, new, policies, today)
    changed = {change.environment for change in changes}
    redactor = Redactor(rosters[name] for rosters in (old, new) for name in changed & rosters.keys())
    return Comparison(
        {BASE: printable(base.name), HEAD: printable(head.name)},
        tuple(map(redactor.change, locate(changes, {BASE: base, HEAD: head}))),
        {BASE: base.errors(environments), HEAD: head.errors(environments)},
        tuple(name for name in environments if name in unreadable),
    )


def strictest_policies(base: Registries, head: Registries) -> dict[str, Environment]:
    """Return the policies of head's environments, then of those that only base has.

    Where base is stricter than head, base applies: a change cannot lower its own impact.
    """
    merged = {name: _stricter(policy, base.environments.get(name)) for name, policy in head.environments.items()}
    return merged | {name: policy for name, policy in base.environments.items() if name not in merged}


def _stricter(head: Environment, base: Environment | None) -> Environment:
    if base is None:
        return head
    worst = {kind: min(policy_impact(kind, head), policy_impact(kind, base), key=attrgetter("rank")) for kind in KINDS}
    days = max(head.retirement_notice_days, base.retirement_notice_days)
    return head._replace(impact={kind: str(impact) for kind, impact in worst.items()}, retirement_notice_days=days)


def _selected(base: CheckedVersion, head: CheckedVersion, selected: Collection[str], present: list[str]) -> list[str]:
    for name in selected:
        require_environment(name, present)
    single = base.single or head.single
    wanted = {single.environment} if single else set(selected or present)
    return [name for name in present if name in wanted]
