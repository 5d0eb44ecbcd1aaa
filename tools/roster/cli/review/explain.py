"""``roster explain``."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click

from roster.check.find_repository import find_repository
from roster.check.line_numbers import find_lines
from roster.check.loading import load_registries
from roster.check.pipeline import check
from roster.check.result import CheckResult
from roster.cli.options.date_option import at_option
from roster.cli.review.explain_id import id_lines
from roster.cli.review.explain_provider import find_provider, provider_lines
from roster.cli.terminal import completion
from roster.findings import ConfigurationError
from roster.model import Model
from roster.naming import closest_name, did_you_mean, quote
from roster.registries import FEATURES, PROVIDERS, Feature, Registries
from roster.report.report_paths import PathNames, paths_from_here
from roster.repository import Repository
from roster.roster import roster_path
from roster.rules.all_rules import RULES
from roster.rules.base.rule import Example, Rule
from roster.rules.suppression_comments import SYNTAX


@click.command
@click.argument("name", shell_complete=completion.explained)
@click.option(
    "--kind",
    type=click.Choice(["rule", "feature", "provider", "id"]),
    help="What to explain if NAME is several of these. Without it, an id comes last.",
)
@at_option
def command(name: str, kind: str | None, today: date) -> None:
    """Explain a rule, a feature, a provider or the id of a model.

    For a rule, print its reason, its remedy, and a bad and a good example. For a feature, print its default and the
    models that serve it in each environment, with their lines in the rosters. For a provider, by its name or a prefix,
    print what it supplies and the models that it runs. For an id that any model has or had, print where it leads in
    each environment, since which commit, and what schemas/provider_facts.yaml has about the model.

    \b
    Examples:
      roster explain missing-default
      roster explain code-generation
      roster explain fireworks
      roster explain claude_3_7_sonnet
    """
    rule = RULES.get(name) if kind in (None, "rule") else None
    repository = _repository(needed=kind in ("feature", "provider", "id"))
    registries = _registries(repository, needed=rule is None) if repository and kind not in ("rule", "id") else None
    features = registries.features if registries and kind in (None, "feature") else {}
    feature, provider = features.get(name), find_provider(name, registries) if registries else None
    if rule and feature:
        raise ConfigurationError(f"{quote(name)} is both a rule and a feature: add --kind rule or --kind feature")
    if rule:
        lines = _rule_lines(rule)
    elif feature and repository:
        lines = _feature_lines(feature, repository, today)
    elif provider and repository and kind in (None, "provider"):
        lines = provider_lines(provider, repository, today)
    elif kind in (None, "id") and repository and (lines_of_id := id_lines(name, repository, today)):
        lines = iter(lines_of_id)
    else:
        spellings = {alias: entry.name for entry in features.values() for alias in (*entry.aliases, entry.name)}
        raise ConfigurationError(_unknown(name, kind, spellings))
    click.echo("\n".join(lines))


def _repository(*, needed: bool) -> Repository | None:
    """Return the repository around the current folder; None if there is none and none is needed."""
    try:
        return find_repository(Path())
    except ConfigurationError:
        if needed:
            raise
        return None


def _registries(repository: Repository, *, needed: bool) -> Registries | None:
    """Return the registries of a repository; None if they are broken and not needed."""
    try:
        return load_registries(repository)
    except ConfigurationError:
        if needed:
            raise
        return None


def _unknown(name: str, kind: str | None, features: dict[str, str]) -> str:
    """Return the message about an unknown name, with the nearest known one."""
    if kind == "id":
        return f"no model has or had the id {quote(name)}"
    if kind == "provider":
        return f"there is no provider {quote(name)}: {PROVIDERS} lists all"
    rules = RULES if kind in (None, "rule") else []
    near = name if name in features else closest_name(name, [*rules, *features])
    if near in features:
        return f'there is no feature {quote(name)}: did you mean "{features[near]}"?'
    if near:
        return f"there is no rule {quote(name)}: {did_you_mean(near, rules)}"
    if not features:
        return f"there is no rule {quote(name)}: roster rules lists all rules; features need a repository"
    kinds = kind or "rule, feature, provider or id"
    return f"there is no {kinds} {quote(name)}: see roster rules for rules, {FEATURES} for features"


def _rule_lines(rule: Rule) -> Iterator[str]:
    comment = SYNTAX.replace("rule-name", rule.name) if rule.ignorable else "This rule cannot be suppressed."
    yield f"{rule.name} ({rule.severity})\n\n{rule.summary}\n\nWhy: {rule.reason}\nWhat to do: {rule.remedy}"
    yield f"To suppress it: {comment}"
    for title, example in (("Bad", rule.bad), ("Good", rule.good)):
        yield f"\n{title}:\n\n{_indented(example)}"


def _indented(example: Example) -> str:
    if not isinstance(example, str):
        example = "\n".join(f"# {name}\n{text or '# (no file)'}" for name, text in example.items())
    return "".join(f"    {line}\n" for line in example.splitlines()).rstrip("\n")


def _feature_lines(feature: Feature, repository: Repository, today: date) -> Iterator[str]:
    yield f"{feature.name} (feature)\n\n{feature.title}\n"
    yield f"Category: {feature.category or 'none'}\nSetting: {feature.setting}"
    if feature.required:
        yield "Required: a model must serve it in every environment"
    if feature.requires:
        yield f"Requires of a model: {', '.join(feature.requires)}"
    result, path_name = check(repository, today), paths_from_here(repository.root)
    for environment in result.registries.environments:
        yield f"\n{environment}:"
        if environment in result.rosters and result.rosters[environment].models:
            yield from _roster_lines(feature.name, result, environment, today, path_name)
        elif repository.has(roster_path(environment)):
            yield f"  {path_name(roster_path(environment))} cannot be read; run roster check for the reason"
        else:
            yield "  no roster"


def _roster_lines(
    feature: str, result: CheckResult, environment: str, today: date, path_name: PathNames
) -> Iterator[str]:
    """Yield the default of a feature and the models that serve it, with their lines in the roster."""
    roster = result.rosters[environment]
    defaults, serving = roster.defaults.get(feature, ()), roster.serving.get(feature, ())
    groups = {
        "default": [(model, roster.default_at(model, feature)) for model in defaults],
        "served by": [(model, roster.at(model, "features", model.features.index(feature))) for model in serving],
    }
    lines = find_lines(result, (place for group in groups.values() for _, place in group))
    for title, group in groups.items():
        if not group:
            yield f"  {title:<9}  none"
        for model, place in group:
            name = model.id or "a model without an id"
            share = model.default_shares.get(feature, 100) if group is groups["default"] else 100
            name += f" ({share}%)" if share < 100 else ""
            yield f"  {title:<9}  {name}, {_state(model, feature, today)}: {path_name(place.path)}:{lines[place]}"
            title = ""


def _state(model: Model, feature: str, today: date) -> str:
    """Return a feature's release state, the suspension of its model and its announced last day, if any."""
    state = model.state_for(feature) or "unknown release state"
    if model.suspended and model.suspended.since:
        since = "since" if model.is_suspended(today) else "from"
        state += f", suspended {since} {model.suspended.since}"
    retirement = model.retirement_of(feature)
    if retirement is None or not retirement.last_day:
        return state
    return f"{state}, {'ended' if retirement.is_over(today) else 'until'} {retirement.last_day}"
