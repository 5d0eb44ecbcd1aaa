"""The comparison of two checked versions: changes with their line numbers, the errors of both, and no secrets."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from operator import attrgetter
from typing import Any

from roster.check.line_numbers import find_lines
from roster.check.result import Base
from roster.diff import own_keys
from roster.diff.change import BASE, HEAD, Change, Comparison, policy_impact
from roster.diff.kinds import KINDS
from roster.diff.roster_changes import diff_rosters
from roster.diff.versions import CheckedVersion
from roster.naming import printable
from roster.registries import Environment, Registries, require_environment
from roster.roster import Roster
from roster.rules.base.promotion_path import Entry, enforced_policies, entries, violations
from roster.secret_redaction import redact_message, redact_text

_KEY = "endpoint: "
"""Makes the redaction recognize an address without a scheme."""
_WITH_ANY_KEYS = frozenset({"gateway", "own_keys"})
"""The parts of a model's meaning whose keys may be those of secrets."""
_FIELDS = ("environment", "model", "feature", "old", "new", "summary", "effect")


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
    entering = [entry for entry in _entering(base, head, today) if entry.roster.environment in readable]
    rosters = base.result.rosters
    as_base = base.as_base or Base(base.result, lambda entry: date.min if entry.may_be_in(rosters) else None, today)
    path_violations = list(violations(entering, as_base.trial_start, as_base.today))
    changes = diff_rosters(old, new, policies, today, path_violations, head.result.registries, base.result.registries)
    trials_unknown = [] if base.as_base else [entry for entry in entering if entry.trial(as_base.trial_start).since]
    changed = {change.environment for change in changes}
    redactor = Redactor(rosters[name] for rosters in (old, new) for name in changed & rosters.keys())
    return Comparison(
        {BASE: printable(base.name), HEAD: printable(head.name)},
        tuple(map(redactor.change, _located(changes, {BASE: base, HEAD: head}))),
        {BASE: base.errors(environments), HEAD: head.errors(environments)},
        tuple(name for name in environments if name in unreadable),
        tuple(dict.fromkeys(entry.roster.environment for entry in trials_unknown)),
    )


def _entering(base: CheckedVersion, head: CheckedVersion, today: date) -> list[Entry]:
    path = enforced_policies(base.result.registries.environments, head.result.registries.environments)
    return list(entries(base.result.rosters, head.result.rosters, path, head.result.registries, today))


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
    return head._replace(impact=worst, retirement_notice_days=days)


def _selected(base: CheckedVersion, head: CheckedVersion, selected: Collection[str], present: list[str]) -> list[str]:
    for name in selected:
        require_environment(name, present)
    environment = base.environment or head.environment
    wanted = {environment} if environment else set(selected or present)
    return [name for name in present if name in wanted]


def _located(changes: Sequence[Change], versions: Mapping[str, CheckedVersion]) -> Iterator[Change]:
    """Yield changes with their line numbers and with paths as the user knows them; ``versions`` by side."""
    lines = {
        side: find_lines(version.result, (change.place for change in changes if change.side == side))
        for side, version in versions.items()
    }
    for change in changes:
        path = versions[change.side].display_path(change.place.path)
        yield change._replace(place=change.place._replace(path=path), line=lines[change.side][change.place])


class Redactor:
    """Redacts whatever looks like a secret, and the user info in the endpoints of some rosters.

    A check already leaves values in known key formats out of its rosters.
    """

    def __init__(self, rosters: Iterable[Roster]) -> None:
        endpoints = {
            model.endpoint for roster in rosters for model in roster if model.endpoint and "@" in model.endpoint
        }
        self._redacted = {
            endpoint: redact_text(f"{_KEY}{endpoint}").removeprefix(_KEY) for endpoint in sorted(endpoints)
        }

    def change(self, change: Change) -> Change:
        """Return a change without secrets."""
        path = self.text(change.place.path)
        values = {field: self.value(getattr(change, field)) for field in _FIELDS}
        wording = change.wording and change.wording._replace(
            name=self.text(change.wording.name),
            features=tuple(map(self.text, change.wording.features)),
            words={name: self.text(word) for name, word in change.wording.words.items()},
            fallbacks={self.text(feature): self.text(name) for feature, name in change.wording.fallbacks.items()},
            detail=self.text(change.wording.detail),
        )
        return change._replace(place=change.place._replace(path=path), wording=wording, **values)

    def text(self, text: str) -> str:
        """Return a text without secrets."""
        for endpoint, redacted in self._redacted.items():
            text = text.replace(endpoint, redacted)
        return redact_message(text)

    def value(self, value: Any) -> Any:
        """Return a JSON value without secrets in its keys and strings."""
        if isinstance(value, str):
            return self.text(value)
        text = json.dumps(value, ensure_ascii=False)
        if self.text(text) == text and not any(f'"{key}": ' in text for key in _WITH_ANY_KEYS):
            return value
        if isinstance(value, dict):
            for key in _WITH_ANY_KEYS & value.keys():
                settings = {name: own_keys.redacted(name, item) for name, item in value[key].items()}
                value = value | {key: settings}
            return {self.text(key): self.value(item) for key, item in value.items()}
        return [self.value(item) for item in value] if isinstance(value, list) else self.text(text)
