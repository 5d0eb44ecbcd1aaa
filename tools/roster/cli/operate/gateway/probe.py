"""``roster gateway probe``."""

import os
import textwrap
from collections.abc import Collection, Iterable
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import click

from roster.check.find_repository import find_repository
from roster.check.pipeline import check
from roster.check.result import CheckResult
from roster.cli.main import ExitStatus
from roster.cli.missing_extra import with_extra
from roster.cli.options.date_option import at_option
from roster.cli.options.format_option import emit, outputs_option
from roster.cli.terminal import completion
from roster.cli.terminal.progress import progress_bar
from roster.findings import ConfigurationError
from roster.naming import did_you_mean, join_names, list_names, printable, quote
from roster.probe.client import Limits, ask
from roster.probe.plan import Subject, changed, incomplete_rosters, subjects
from roster.probe.probe_report import ProbeReport, summary
from roster.probe.probed import probe
from roster.probe.verdict import VERDICT_MEANINGS
from roster.report import output_formats
from roster.repository import Repository

_SECONDS = click.FloatRange(min=0, min_open=True, max=3600)
_WIDTH = max(map(len, VERDICT_MEANINGS))
_VERDICTS = "".join(
    textwrap.fill(meaning, 78, initial_indent=f"  {name:<{_WIDTH}}  ", subsequent_indent=" " * (_WIDTH + 4)) + "\n"
    for name, meaning in VERDICT_MEANINGS.items()
)
_HELP = f"""Ask each model of a roster a small question, and show which ones answer.

    Asks the models that every environment, or each named ENVIRONMENT, offers today: through LiteLLM, as a proxy with
    the rendered litellm.yaml would, with the keys in the environment variables that the roster names. Asks for one
    answer and one streamed answer, and for each capability that a model's features require, such as a tool call. Each
    request has a small cost.

    \b
    Verdicts:
{textwrap.indent(_VERDICTS, "    ")}
    Exits with status 1 if a default of a feature does not work for that feature; an answer that arrives late works.
    Never prints a key, an answer or an error message of a provider.

    \b
    Examples:
      roster gateway probe production
      roster gateway probe production --model claude_3_7_sonnet
      roster gateway probe --changed-since origin/main --format text --format junit=probe.xml
    """


@click.command(help=_HELP)
@click.argument("environments", nargs=-1, metavar="[ENVIRONMENT]...", shell_complete=completion.environments)
@click.option("--model", "ids", metavar="ID", multiple=True, help="Ask only this model; repeatable.")
@click.option(
    "--changed-since",
    "ref",
    metavar="REF",
    help="Ask only models whose deployment, features or capabilities changed since the merge base with REF.",
)
@click.option(
    "--jobs", type=click.IntRange(1, 64), default=8, show_default=True, help="How many models to ask at the same time."
)
@click.option(
    "--deadline",
    type=_SECONDS,
    default=60,
    show_default=True,
    metavar="SECONDS",
    help="End all requests this long after the first one.",
)
@click.option(
    "--slow",
    type=_SECONDS,
    default=10,
    show_default=True,
    metavar="SECONDS",
    help="Call an answer slow after this time.",
)
@outputs_option(output_formats.GATEWAY_PROBE)
@at_option
def command(
    environments: tuple[str, ...],
    ids: tuple[str, ...],
    ref: str | None,
    jobs: int,
    deadline: float,
    slow: float,
    outputs: tuple[output_formats.OutputFormat, ...],
    today: date,
) -> int:
    """Ask the models; see the help text above."""
    with with_extra("probe"):
        if find_spec("litellm") is None:
            raise ModuleNotFoundError(name="litellm")
    repository = find_repository(Path())
    result = check(repository, today)
    selected = result.registries.select_environments(environments)
    if incomplete := incomplete_rosters(result, selected):
        verb = "is" if len(incomplete) == 1 else "are"
        raise ConfigurationError(f"{join_names(incomplete)} {verb} missing or cannot be read; run roster check")
    offered = list(subjects(result, selected, today, os.environ))
    if ids:
        offered = _with_ids(offered, ids, result, selected)
    if ref is not None:
        offered = _changed(offered, repository, result, ref, today)
    names = {model.identifier for roster in result.rosters.values() for model in roster if model.identifier}
    with progress_bar("asking") as progress:
        probed = probe(offered, Limits(jobs, slow, deadline), ask, sorted(names), progress)
    report = ProbeReport(today, tuple(selected), probed)
    emit(outputs, lambda _: (report,))
    for line in summary(report):
        click.echo(line, err=True)
    return ExitStatus.FINDINGS if report.failing_defaults else 0


def _with_ids(
    offered: Collection[Subject], ids: Iterable[str], result: CheckResult, environments: Iterable[str]
) -> list[Subject]:
    """Return the models with some ids, or earlier ids; report those that are not offered today.

    Raises:
        ConfigurationError: no roster has a model with an id.
    """
    rosters = [result.rosters[name] for name in environments]
    wanted = set[tuple[str, str]]()
    for id_ in dict.fromkeys(ids):
        models = [(roster.environment, model.id) for roster in rosters if (model := roster.find(id_))]
        if not models:
            registered = dict.fromkeys(model.id for roster in rosters for model in roster)
            hint = did_you_mean(id_, registered) or f"choose from {list_names(registered)}"
            raise ConfigurationError(f"there is no model {quote(id_)}: {hint}")
        wanted.update(models)
    selected = [each for each in offered if (each.environment, each.model.id) in wanted]
    for environment, id_ in sorted(wanted - {(each.environment, each.model.id) for each in selected}):
        click.echo(f"{printable(id_)} is not offered in {environment} today: not asked", err=True)
    return selected


def _changed(
    offered: Iterable[Subject], repository: Repository, result: CheckResult, ref: str, today: date
) -> list[Subject]:
    from roster.check.changed_since import MergeBase

    base = MergeBase(repository, ref, today).result
    return [each for each in offered if changed(each, base.rosters.get(each.environment), base.registries, today)]
