"""``roster retire --due``: every model that its provider ends soon."""

from typing import NamedTuple

import click

from roster.authoring.default_move import moved_features
from roster.authoring.retirement import Request, RetiringModel
from roster.cli.main import ExitStatus
from roster.cli.terminal import file_changes
from roster.cli.write.retirement_proposal import Proposal
from roster.cli.write.retiring_models import Rosters, replacements, suppressed_ends
from roster.findings import ConfigurationError
from roster.model import days_after
from roster.naming import MAX_IN_PASSING, join_names
from roster.registries import PROVIDER_FACTS


class _Outcome(NamedTuple):
    """The outcomes for the due models.

    Attributes:
        retired: their ids by environment.
        refused: the environments by message, for those that need a decision.
        skipped: the same for those that people decided about with a suppression comment.
    """

    retired: dict[str, list[str]]
    refused: dict[str, list[str]]
    skipped: dict[str, list[str]]


def retire_due(proposal: Proposal, rosters: Rosters, request: Request, days: int | None, *, dry_run: bool) -> int:
    """Retire the models that are due, each in each environment as far as that introduces no finding."""
    outcome = _Outcome({}, {}, {})
    for due in rosters.due(days):
        proposal = _retire(proposal, due, request, outcome, dry_run=dry_run)
    for target in rosters.may_end(days):
        _report_possible_end(target, proposal, outcome)
    if proposal.files:
        proposal.print_impact(dry_run=dry_run)
        if not dry_run:
            proposal.write(outcome.retired)
    for message, environments in (*outcome.skipped.items(), *outcome.refused.items()):
        click.echo(f"not retired in {join_names(environments)}: {message}", err=True)
    if not any(outcome):
        click.echo(f"nothing to do: {_nothing_due(rosters, days)}", err=True)
    return ExitStatus.FINDINGS if outcome.refused else 0


def _retire(proposal: Proposal, due: RetiringModel, request: Request, outcome: _Outcome, *, dry_run: bool) -> Proposal:
    """Return the proposal with a model retired in addition, or as it is if that is not possible."""
    environment, id_ = due.roster.environment, due.model.id
    roster = proposal.after.rosters[environment]
    target = due._replace(roster=roster, model=roster.by_id[id_])
    terms = _terms(request, target)
    if rules := suppressed_ends(proposal.after, target):
        message = f"{id_}, because a comment suppresses {join_names(rules)}"
        outcome.skipped.setdefault(message, []).append(environment)
        return proposal
    if features := target.without_fallback(terms):
        outcome.refused.setdefault(_needs_replacement(target, features, terms), []).append(environment)
        return proposal
    if violations := list(target.move_violations(terms)):
        outcome.refused.setdefault(f"{id_}: {'; '.join(violations)}", []).append(environment)
        return proposal
    try:
        proposed = proposal.retire([target], terms)
    except ConfigurationError as error:  # such as a roster that must be changed by hand
        outcome.refused.setdefault(f"{id_}, because roster {error}", []).append(environment)
        return proposal
    introduced = proposed.introduced(proposal.after)
    if introduced.diagnostics:
        file_changes.print_findings(proposal.repository, introduced, dry_run=dry_run)
        message = f"{id_}, because its retirement would introduce the findings above{_advice(target, terms)}"
        outcome.refused.setdefault(message, []).append(environment)
        return proposal
    outcome.retired.setdefault(environment, []).append(id_)
    return proposed


def _advice(target: RetiringModel, terms: Request) -> str:
    """Return what to try if a retirement would introduce findings."""
    if terms.replacement and not terms.moves_default and moved_features(target.model, target.features(terms)):
        return "; add --move-default to move the default at once"
    return f"; try another replacement: roster retire {target.model.id} --replacement ID"


def _report_possible_end(target: RetiringModel, proposal: Proposal, outcome: _Outcome) -> None:
    """Add the message about a model that its provider may end, unless people decided about it."""
    if target.facts and not suppressed_ends(proposal.before, target):
        id_, day = target.model.id, target.facts.ends
        message = f"{id_}, because its provider may end it from {day} on, but names no day; run roster retire {id_}"
        outcome.skipped.setdefault(message, []).append(target.roster.environment)


def _terms(request: Request, target: RetiringModel) -> Request:
    """Return the retirement that the provider's end requires, with the default as the replacement where that is one."""
    terms = request._replace(at_provider_end=True)
    features = target.replacements(terms).get("", [])
    defaults = [target.other_defaults(feature, terms) for feature in features]
    is_evident = bool(defaults) and len(defaults[0]) == 1 and all(each == defaults[0] for each in defaults)
    return terms._replace(replacement=min(defaults[0])) if is_evident else terms


def _needs_replacement(target: RetiringModel, features: list[str], terms: Request) -> str:
    """Return why a model needs a replacement, and the command that retires it with one."""
    id_, end, is_over = target.model.id, target.facts.ends if target.facts else None, target.days_left() <= 0
    move = " --move-default" if target.last_day(terms) <= target.today else ""
    ids = replacements(target, terms)
    reason = f"no other model is the default for {join_names(features, limit=MAX_IN_PASSING)}"
    advice = f"run roster retire {id_} --replacement {ids[0] if len(ids) == 1 else 'ID'}{move}"
    if len(ids) > 1:
        advice += f", where ID is {join_names(ids, word='or')}"
    if not ids:
        reason = f"no other model serves {join_names(target.features(terms), limit=MAX_IN_PASSING)}"
        advice = f"add or promote one, then {advice}"
    return (
        f"{id_} needs a replacement, because its provider {'ended' if is_over else 'ends'} it on {end} and {reason}; "
        f"{advice}"
    )


def _nothing_due(rosters: Rosters, days: int | None) -> str:
    if not rosters.result.registries.provider_facts:
        return f"{PROVIDER_FACTS} has no facts; roster providers update writes it"
    by = f"by {days_after(rosters.today, days)}" if days is not None else "within the notice period of an environment"
    return f"no model is offered beyond an end at its provider {by}"
