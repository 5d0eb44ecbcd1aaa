"""Prompts of ``roster retire`` for missing options."""

import sys
from collections.abc import Iterator
from datetime import date

import click

from roster.authoring.default_move import moved_features
from roster.authoring.retirement import Request, RetiringModel
from roster.cli.options.date_option import parse_date
from roster.cli.write.prompts import prompt
from roster.cli.write.retiring_models import Rosters, candidates_hint, replacement_id, replacements
from roster.naming import MAX_IN_PASSING, join_names, list_names, quote

_ONLY_IN_TERMINAL = "(roster retire prompts for missing values only in a terminal)"


def in_terminal() -> bool:
    """Return whether somebody can answer a prompt."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def prompt_for_id(rosters: Rosters) -> str:
    """Prompt for the model; without a terminal, raise a UsageError."""
    if not in_terminal():
        raise click.UsageError(f"missing ID or --due {_ONLY_IN_TERMINAL}")

    def parse(answer: str) -> str:
        rosters.find(answer.strip())
        return answer.strip()

    click.echo(f"Models: {list_names(rosters.ids())}", err=True)
    return prompt("Id of the model", parse, None)


def complete(request: Request, targets: list[RetiringModel], *, asks_to_move: bool) -> Request:
    """Return a request with the values that it lacks, from prompts; without a terminal, raise a UsageError."""
    if in_terminal():
        if any(target.unannounced(request) for target in targets):
            request = request._replace(last_day=request.last_day or _prompt_for_last_day(request, targets))
            request = request._replace(replacement=request.replacement or _prompt_for_replacement(request, targets))
        if asks_to_move and (features := list(_movable(request, targets))):
            question = f"Move the default for {join_names(dict.fromkeys(features))} now?"
            request = request._replace(moves_default=click.confirm(question, err=True))
    for target in targets:
        if error := _missing_replacement(request, target):
            raise click.UsageError(error)
    return request


def _prompt_for_last_day(request: Request, targets: list[RetiringModel]) -> date:
    days = {target.last_day(request) for target in targets if target.unannounced(request)}
    return prompt("Last day", lambda answer: parse_date(answer.strip()), str(min(days)))


def _prompt_for_replacement(request: Request, targets: list[RetiringModel]) -> str | None:
    """Prompt for a replacement, which is optional where every feature has another default."""
    is_required = any(target.without_fallback(request) for target in targets)

    def parse(answer: str) -> str:
        for target in targets if answer.strip() else ():
            replacement_id(target, answer.strip())
        return answer.strip()

    candidates = [set(replacements(target, request)) for target in targets]
    names = sorted(set.intersection(*candidates))
    click.echo(f"Models that serve the same features: {list_names(names) if names else 'none'}", err=True)
    return (
        prompt(f"Id of the replacement{'' if is_required else ', optional'}", parse, None if is_required else "")
        or None
    )


def _movable(request: Request, targets: list[RetiringModel]) -> Iterator[str]:
    """Yield the defaults that replacements can get."""
    for target in targets:
        for replacement, features in target.replacements(request).items():
            yield from moved_features(target.model, features) if replacement else ()


def _missing_replacement(request: Request, target: RetiringModel) -> str:
    """Return why a replacement is needed, and which models can be one; empty if none is needed."""
    environment, features = target.roster.environment, target.without_fallback(request)
    moved = moved_features(target.model, target.replacements(request).get("", [])) if request.moves_default else []
    if not features and not moved:
        return ""
    names = join_names(features or moved, limit=MAX_IN_PASSING)
    need = "needs" if len(features) == 1 else "need"
    reason = f"after {target.last_day(request)}, {names} {need} another default"
    if not features:
        reason = f"--move-default moves the default for {names} to it"
    missing = f"missing --replacement for {quote(target.model.id)} in {environment}"
    if not replacements(target, request):
        return f"{missing}: {reason}; {candidates_hint(target, request)}"
    return f"{missing}: {reason}; {candidates_hint(target, request)} {_ONLY_IN_TERMINAL}"
