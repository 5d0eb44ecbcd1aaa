"""``roster explain``."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click

from roster.check.loading import load_registries
from roster.check.pipeline import check
from roster.cli.options.date_option import at_option
from roster.cli.terminal import completion, locations
from roster.findings import ConfigurationError
from roster.naming import closest_name, did_you_mean, quote
from roster.registries import Feature
from roster.repository import FEATURES, Repository, roster_path
from roster.roster import Model, Roster
from roster.rules.all_rules import RULES
from roster.rules.rule import Example, Rule
from roster.rules.suppression_comments import SYNTAX


@click.command
@click.argument("name", shell_complete=completion.explained)
@click.option("--kind", type=click.Choice(["rule", "feature"]), help="Which of the two, where a name is both.")
@at_option
def command(name: str, kind: str | None, today: date) -> None:
    """Explain a rule or a feature.

    A rule: why it exists, a bad and a good example, what to do. A feature: its default and the models that serve it in
    each environment, and where the rosters say so.

    \b
    Examples:
      roster explain missing-default
      roster explain code-generation
    """
    rule = RULES.get(name) if kind != "feature" else None
    repository = _repository(needed=kind == "feature")
    features = _features(repository, needed=rule is None) if repository and kind != "rule" else {}
    feature = features.get(name)
    if rule and feature:
        raise ConfigurationError(f"{quote(name)} is a rule and a feature: say which with --kind rule or --kind feature")
    if rule:
        lines = _of_rule(rule)
    elif feature and repository:
        lines = _of_feature(feature, repository, today)
    else:
        spellings = {alias: entry.name for entry in features.values() for alias in (*entry.aliases, entry.name)}
        raise ConfigurationError(_unknown(name, kind, spellings))
    click.echo("\n".join(lines))


def _repository(*, needed: bool) -> Repository | None:
    """Return the repository around the current folder; a rule can be explained without one."""
    try:
        return Repository.containing(Path())
    except ConfigurationError:
        if needed:
            raise
        return None


def _features(repository: Repository, *, needed: bool) -> dict[str, Feature]:
    """Return the features that a repository knows; a rule can be explained where its registries are broken."""
    try:
        return dict(load_registries(repository).features)
    except ConfigurationError:
        if needed:
            raise
        return {}


def _unknown(name: str, kind: str | None, features: dict[str, str]) -> str:
    """Say that there is no such name, and which was probably meant."""
    rules = [] if kind == "feature" else RULES
    near = name if name in features else closest_name(name, [*rules, *features])
    if near in features:
        return f'there is no feature {quote(name)}: did you mean "{features[near]}"?'
    if near:
        return f"there is no rule {quote(name)}: {did_you_mean(near, rules)}"
    if not features:
        return f"there is no rule {quote(name)}: roster rules lists them, and features are explained in a repository"
    return f"there is no {kind or 'rule or feature'} {quote(name)}: roster rules lists rules, {FEATURES} features"


def _of_rule(rule: Rule) -> Iterator[str]:
    ignoring = SYNTAX.replace("rule-name", rule.name) if rule.ignorable else "This cannot be ignored."
    yield f"{rule.name} ({rule.severity})\n\n{rule.summary}\n\nWhy: {rule.reason}\nWhat to do: {rule.remedy}"
    yield f"To ignore it: {ignoring}"
    for title, example in (("Bad", rule.bad), ("Good", rule.good)):
        yield f"\n{title}:\n\n{_indented(example)}"


def _indented(example: Example) -> str:
    if not isinstance(example, str):
        example = "\n".join(f"# {name}\n{text or '# (no file)'}" for name, text in example.items())
    return "".join(f"    {line}\n" for line in example.splitlines()).rstrip("\n")


def _of_feature(feature: Feature, repository: Repository, today: date) -> Iterator[str]:
    yield f"{feature.name} (feature)\n\n{feature.title}\n"
    yield f"Category: {feature.category}\nSetting: {feature.setting}"
    if feature.required:
        yield "Required: some model must serve it in every environment"
    result = check(repository, today)
    for environment in result.registries.environments:
        yield f"\n{environment}:"
        if environment in result.rosters:
            yield from _in_roster(feature.name, result.rosters[environment], repository, today)
        elif repository.has(roster_path(environment)):
            yield f"  {roster_path(environment)} cannot be read: roster check says why"
        else:
            yield "  no roster"


def _in_roster(feature: str, roster: Roster, repository: Repository, today: date) -> Iterator[str]:
    """Say which model of a roster is the feature's default and which ones serve it, and where the roster says so."""
    groups = {
        title: [(model, roster.at(model, key, getattr(model, key).index(feature))) for model in models.get(feature, ())]
        for title, key, models in (
            ("default", "default_for", roster.defaults),
            ("served by", "features", roster.serving),
        )
    }
    found = locations.find(repository, roster.path, [place for group in groups.values() for _, place in group])
    for title, group in groups.items():
        if not group:
            yield f"  {title:<9}  nobody"
        for model, place in group:
            yield f"  {title:<9}  {model.id or 'a model without id'}, {_state(model, feature, today)}: {found[place]}"
            title = ""


def _state(model: Model, feature: str, today: date) -> str:
    """Return a model's release state, and when it stops to serve a feature if that is announced."""
    state = model.release_state or "in no known release state"
    if model.retirement is None or not model.retirement.last_day or feature not in model.retiring_features():
        return state
    return f"{state}, {'ended' if model.retirement.is_over(today) else 'until'} {model.retirement.last_day}"
