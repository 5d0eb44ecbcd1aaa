"""``roster check``."""

from datetime import date
from functools import partial, reduce
from pathlib import Path
from typing import NamedTuple

import click

from roster.check.pipeline import check
from roster.check.result import CheckResult
from roster.cli.main import ExitStatus
from roster.cli.options.date_option import at_option
from roster.cli.options.format_option import emit, outputs_option
from roster.cli.options.path_type import PathType
from roster.cli.review.check_targets import Target, check_targets
from roster.cli.terminal.progress import progress_bar
from roster.findings import ConfigurationError, Severity
from roster.report import output_formats
from roster.report.check_text import summary
from roster.report.report_paths import paths_from_here, report_paths
from roster.repository import Repository
from roster.rules.all_rules import RULES


@click.command
@click.argument("paths", nargs=-1, type=PathType())
@click.option("--strict", is_flag=True, help="Exit with status 1 on warnings as well.")
@click.option("-q", "--quiet", is_flag=True, help="Print only findings, without a summary or progress.")
@click.option(
    "--changed-since",
    "ref",
    metavar="REF",
    help="Report only findings that are new since the merge base of HEAD and this commit, findings in models that "
    "changed since then, models that were removed without a completed retirement, and models that skip an environment "
    "of the promotion path or its trial period.",
)
@click.option("--fix", is_flag=True, help="Fix findings that have exactly one correction, and report the others.")
@click.option("--diff", is_flag=True, help="Show the changes that --fix makes; without --fix, do not make them.")
@click.option(
    "--stdin-filename",
    type=PathType(),
    metavar="FILE",
    help="Path of the file whose content is read from standard input (with the path -). It need not exist.",
)
@outputs_option(output_formats.CHECK)
@at_option
def command(
    paths: tuple[Path, ...],
    strict: bool,
    quiet: bool,
    ref: str | None,
    fix: bool,
    diff: bool,
    stdin_filename: Path | None,
    outputs: tuple[output_formats.OutputFormat, ...],
    today: date,
) -> int:
    """Check rosters, registries and environments.

    Without PATHS, check the whole repository around the current folder, or all that git lists below it. With PATHS
    (files or folders), report findings in those only; rules across files still read all files. The path - means
    standard input.

    The comment "# roster: ignore[RULE] reason" in a roster suppresses findings of a rule. At the end of a line, it
    applies to that line. On a line of its own, it applies to the next line or, if that line starts a model, to the
    whole model.

    \b
    Examples:
      roster check
      roster check env/production/offered_models_metadata.yaml
      roster check --at 2027-01-01 --strict
      roster check --changed-since origin/main
      roster check --fix --diff
      roster check --format text --format codequality=report.json
      roster check - --stdin-filename env/production/offered_models_metadata.yaml
    """
    if diff and any(output.file is None and not output.styled for output in outputs):
        raise click.UsageError("--diff writes to standard output, too; give the format a file: FORMAT=FILE")
    if fix and stdin_filename:
        raise click.UsageError("--fix cannot write to standard input; use --diff to see what it would change")
    targets = check_targets(paths, stdin_filename)
    run = _Run(today, ref, fix, diff, quiet, several=len(targets) > 1)
    results = [(target.repository.root, run.result(target)) for target in targets]
    if ref is not None:
        from roster.cli.review.removed_repositories import require_present

        require_present(paths, targets, ref)

    def report(output: output_formats.OutputFormat) -> tuple[CheckResult, object]:
        located = (result.relocated(report_paths(root, output)) for root, result in results)
        return reduce(CheckResult.joined, located), RULES

    emit(outputs, report)
    total = reduce(CheckResult.joined, (result for _, result in results))
    if not quiet:
        click.echo(summary(total), err=True)
    return ExitStatus.FINDINGS if total.count(Severity.ERROR) or (strict and total.diagnostics) else 0


class _Run(NamedTuple):
    """The options of a run, for each repository that it checks; ``several`` is whether there is more than one."""

    today: date
    ref: str | None
    fix: bool
    diff: bool
    quiet: bool
    several: bool

    def result(self, target: Target) -> CheckResult:
        """Check a repository, fix it if asked to, and return the selected findings."""
        try:
            return self._result(target)
        except ConfigurationError as error:
            if not self.several:
                raise
            raise ConfigurationError(f"{paths_from_here(target.repository.root)('.')}: {error}") from None

    def _result(self, target: Target) -> CheckResult:
        repository, merge_base = target.repository, None
        if self.ref is not None:
            from roster.check.changed_since import MergeBase

            merge_base = MergeBase(repository, self.ref, self.today)
        base = merge_base.as_base(self.today) if merge_base else None

        def select(repository: Repository, result: CheckResult) -> tuple[CheckResult, str]:
            result = result.within(target.paths) if target.paths else result
            return merge_base.only_new(repository, result) if merge_base else (result, "")

        with progress_bar(quiet=self.quiet) as progress:
            result = check(repository, self.today, progress, unlimited=self.fix or self.diff, base=base)
        if self.fix or self.diff:
            from roster.authoring.fix import CheckedRepository
            from roster.cli.review.check_fix import fix_findings

            before = CheckedRepository(repository, result)
            recheck = partial(check, today=self.today, unlimited=True, base=base)
            repository, result = fix_findings(
                before, recheck, lambda state: select(*state)[0], in_place=self.fix, diff=self.diff, quiet=self.quiet
            )
        result, comparison = select(repository, result)
        if comparison and not self.quiet:
            click.echo(comparison, err=True)
        return result
