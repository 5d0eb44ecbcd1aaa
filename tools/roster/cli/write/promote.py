"""``roster promote``."""

import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import click

from roster.authoring.draft import Draft
from roster.authoring.fix import CheckedRepository
from roster.authoring.promotion import Promotion, found, promoted, values
from roster.authoring.trial_period import offered_since
from roster.check.finding_identity import new_findings_after_edit
from roster.check.pipeline import check
from roster.cli.exit_status import ExitStatus
from roster.cli.options.date_option import at_option
from roster.cli.terminal import colour, completion, locations
from roster.cli.terminal.file_changes import diff_lines, print_diff, write_changes
from roster.cli.write.choices import Known
from roster.cli.write.questions import ask_one, encodable
from roster.diff import diff_text as impact
from roster.diff.compare import compare
from roster.diff.versions import CheckedVersion
from roster.edit.style import Value
from roster.findings import ConfigurationError, Severity
from roster.git.commit_tree import versions
from roster.naming import did_you_mean, listed, quote
from roster.report import check_text, terminal_text
from roster.repository import Repository, roster_path
from roster.roster import ReleaseState, Roster
from roster.rules.credentials import reference


@click.command
@click.argument("id_", metavar="ID")
@click.option(
    "--from",
    "before",
    metavar="ENVIRONMENT",
    required=True,
    shell_complete=completion.environments,
    help="The environment that offers it.",
)
@click.option(
    "--to",
    metavar="ENVIRONMENT",
    required=True,
    shell_complete=completion.environments,
    help="The next one on the promotion path.",
)
@click.option("--endpoint", help="The https address of the inference server there.")
@click.option("--api-key", help="The name of the variable that holds its key there.")
@click.option("--release-state", help=f"{listed(ReleaseState, word='or')}, if it is not to stay what it is.")
@click.option("--default-for", multiple=True, help="A feature that it becomes the default of there; repeatable.")
@click.option("--dry-run", is_flag=True, help="Write nothing; print the change.")
@at_option
def command(id_: str, before: str, to: str, dry_run: bool, today: date, **given: str | tuple[str, ...] | None) -> int:
    """Bring a model, or what changed in it, to the next environment.

    What describes the model is copied. What belongs to the environment is not: endpoint, api-key, default_for and
    retirement, and in a model that is offered there the keys in which it may differ. For a new one a terminal asks
    for endpoint and api-key; elsewhere they are the endpoint as before, and the name that the rules ask for.

    The model has to be offered in the environment before, without a gap, for as many days as trial_days in
    env/environments.yaml says; the commits on HEAD's first-parent history count. The result is checked first: where
    the change would bring an error, that is shown and nothing is written.

    \b
    Examples:
      roster promote gemini_pro --from staging --to production --release-state GA
      roster promote gemini_pro --from staging --to production --dry-run
    """
    draft = Draft(Repository.around(Path()), today, (to,), {"id": id_})
    now = CheckedRepository(draft.repository, check(draft.repository, today))
    known = Known.of(draft, now.result)
    _refuse_a_jump(known, before, to)
    source, target = _roster(draft, known, before), _roster(draft, known, to)
    promotion = _promotion(draft, known, source, target)._replace(given=_chosen(known, given))
    if promotion.target is not None and not promotion.changes():
        click.echo(f"{quote(id_)} is in {to} what it is in {before}: nothing to promote", err=True)
        _tell_what_stays(promotion)
        return 0
    if refusal := promotion.refusal() or _untried(promotion, draft):
        click.echo(f"roster: {refusal}", err=True)
        return ExitStatus.FINDINGS
    promotion = _completed(promotion, draft, known)
    changed = promoted(promotion, draft.text(target.path), target)
    repository = draft.repository._replace(overlay={target.path: changed.encode()})
    after = CheckedRepository(repository, check(repository, today))
    if _tell(now, after, today, dry_run=dry_run):
        click.echo(f"nothing is written: the promotion would bring what is shown{_advice(promotion)}", err=True)
        return ExitStatus.FINDINGS
    if not dry_run:
        write_changes(draft.repository, repository.overlay)
        _tell_what_is_done(promotion, after)
    _tell_what_stays(promotion)
    return 0


def _refuse_a_jump(known: Known, before: str, to: str) -> None:
    """Refuse what is not one step of the promotion path.

    Raises:
        click.UsageError: it is none.
    """
    path = known.choices("environments")
    following = path[path.index(known.choose("environments", before)) + 1 :][:1]
    if following != (known.choose("environments", to),):
        leads = f"{before} leads to {following[0]}" if following else f"{before} is its last environment"
        raise click.UsageError(f"{to} is not the next step of the promotion path: {leads}")


def _roster(draft: Draft, known: Known, environment: str) -> Roster:
    """Return an environment's roster; one that has no file yet has no models."""
    path = roster_path(environment)
    if environment not in known.rosters and draft.repository.has(path):
        raise ConfigurationError(f"{path} cannot be read: roster check says what is wrong")
    return known.rosters.get(environment) or Roster(path, environment, ())


def _promotion(draft: Draft, known: Known, source: Roster, target: Roster) -> Promotion:
    id_ = str(draft.model["id"])
    model, there = found(source, id_), found(target, id_)
    if model is None:
        hint = did_you_mean(id_, source.by_id) or "roster promote takes the id of a model that is offered there"
        raise click.UsageError(f"no model of {source.environment} has the id {quote(id_)}: {hint}")
    return Promotion(
        id_,
        source.environment,
        known.registries.environments[target.environment],
        values(source.path, draft.text(source.path), model),
        values(target.path, draft.text(target.path), there) if there else None,
        {},
    )


def _chosen(known: Known, given: Mapping[str, str | tuple[str, ...] | None]) -> dict[str, Value]:
    """Return what the options say.

    Raises:
        click.UsageError: one says what nobody knows, or is no text.
    """
    chosen = {"api-key" if key == "api_key" else key: value for key, value in given.items() if value}
    for key, value in chosen.items():
        for word in [value] if isinstance(value, str) else value:
            if encodable(word) and known.choices(key):
                known.choose(key, word)
    return chosen


def _untried(promotion: Promotion, draft: Draft) -> str:
    """Return why a model has to be tried longer; nothing where it was tried for long enough, or need not be."""
    if not promotion.policy.trial_days:
        return ""
    history = versions(draft.repository.root, roster_path(promotion.before))
    since = offered_since(history, promotion.id, draft.today, promotion.enough(draft.today))
    return promotion.untried(since, draft.today)


def _completed(promotion: Promotion, draft: Draft, known: Known) -> Promotion:
    """Return a promotion that says what a new model has there of its own."""
    if promotion.target is not None:
        return promotion
    usual = {"endpoint": str(promotion.source.get("endpoint") or ""), "api-key": reference(promotion.id)}
    given = dict(promotion.given)
    for key, value in usual.items():
        if key not in given:
            asked = sys.stdin.isatty() and sys.stderr.isatty()
            given[key] = ask_one(key, draft, known, default=value) if asked else value
    return promotion._replace(given=given)


def _tell(before: CheckedRepository, after: CheckedRepository, today: date, *, dry_run: bool) -> bool:
    """Show a change, its impact and what a check finds because of it; say whether that keeps it from being made."""
    print_diff(diff_lines(before.repository, after.repository.overlay))
    brought = tuple(new_findings_after_edit(before.result.diagnostics, after.result.diagnostics))
    style = terminal_text.plain if dry_run else colour.paint()
    old, new = (CheckedVersion("", each.repository, each.result) for each in (before, after))
    click.echo(impact.write(compare(old, new, today), style), nl=False, err=dry_run, color=True)
    click.echo(
        check_text.write(after.result._replace(diagnostics=brought), paint=style), nl=False, err=dry_run, color=True
    )
    return any(found.severity is Severity.ERROR for found in brought)


def _advice(promotion: Promotion) -> str:
    """Return what may help where a model is a default only in the environment that it comes from."""
    options = " ".join(f"--default-for {feature}" for feature in promotion.lost_defaults())
    told = f"; it is a default in {promotion.before}, and {options} makes it that in {promotion.policy.name} too"
    return told if options else ""


def _tell_what_is_done(promotion: Promotion, after: CheckedRepository) -> None:
    roster = after.result.rosters[promotion.policy.name]
    place = roster.at(roster.by_id[promotion.id])
    there = locations.find(after.repository, roster.path, [place])[place]
    if promotion.target is None:
        click.echo(f"added {there}", err=True)
        click.echo(
            f"The gateways there look for its key in the environment, as {promotion.given['api-key']}.", err=True
        )
    else:
        click.echo(f"changed {there}: {listed(promotion.changes())}", err=True)


def _tell_what_stays(promotion: Promotion) -> None:
    if left := promotion.left():
        click.echo(f"{promotion.policy.name} keeps its own: {listed(left)}", err=True)
