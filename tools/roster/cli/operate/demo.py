"""``roster demo``."""

import gc
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from roster.check.find_repository import find_repository
from roster.check.pipeline import check
from roster.cli.main import ExitStatus
from roster.cli.publish.render import render_artifacts, report_errors
from roster.cli.terminal import completion
from roster.demo.run import run
from roster.demo.service_process import ServiceFailed
from roster.demo.services import Ports
from roster.findings import ConfigurationError
from roster.publishing.release import Release
from roster.publishing.sequence import current_publication
from roster.render.artifacts import ARTIFACTS
from roster.repository import Repository
from roster.roster import roster_path


@click.command
@click.argument("environment", required=False, shell_complete=completion.environments)
@click.option(
    "--port",
    type=click.IntRange(1, 65536 - len(Ports._fields)),
    help="First of four consecutive ports.  [default: free ports]",
)
def command(environment: str | None, port: int | None) -> int:
    """Run the whole chain on this machine: a package registry, the gateway, a relay and an instance.

    Serves the roster of ENVIRONMENT, by default the last one on the promotion path. Everything runs locally. Each edit
    is checked, rendered and published when you save it, without a commit; the gateway serves it, and the instance's
    page shows it.

    Press Ctrl-C to stop. Exits with status 1 if the roster has an error, and with 3 if a server fails.

    \b
    Examples:
      roster demo
      roster demo staging --port 8100
    """
    gc.enable()  # which is off in short-lived commands
    edition = _Edition(find_repository(Path()), environment)
    try:
        started = run(edition.repository.root, edition.render, port, os.environ, edition.show, _report)
    except ServiceFailed as failure:
        click.echo(f"roster: {failure}", err=True)
        return ExitStatus.USAGE if failure.misconfigured else ExitStatus.DEFECT
    return 0 if started else ExitStatus.FINDINGS


class _Edition:
    """The current roster of an environment. Errors in the first edition fail the command; later ones are reported."""

    def __init__(self, repository: Repository, environment: str | None) -> None:
        self.repository = repository
        self._environment = environment
        self._published = False

    def render(self, minimum_sequence: int) -> Release | None:
        """Render the current files; None if they have errors.

        The sequence from git does not increase with uncommitted edits, and can decrease with a change of branches, so
        it is raised to the minimum.
        """
        try:
            return self._render(minimum_sequence)
        except ConfigurationError as error:
            if not self._published:
                raise
            _report(f"not published: {error}")
            return None

    def _render(self, minimum_sequence: int) -> Release | None:
        today = datetime.now(UTC).date()
        result = check(self.repository, today)
        environment = self._environment = self._environment or list(result.registries.environments)[-1]
        selected = result.registries.select_environments([environment])
        if report_errors(self.repository, result, selected, err=self._published):
            return None
        published = current_publication(self.repository.root, today)
        published = published._replace(sequence=max(published.sequence, minimum_sequence))
        targets = [name for name, artifact in ARTIFACTS.items() if artifact.by_default]
        rendered = render_artifacts(self.repository, result, targets, selected, today, published)
        self._published = True
        files = {path.rpartition("/")[2]: data for path, data in rendered.items()}
        return Release(environment, published.sequence, published.revision, files)

    def show(self, values: Mapping[str, str]) -> None:
        """Print URLs and tokens by name."""
        width = max(map(len, values))
        for name, value in values.items():
            click.echo(f"{name:<{width}}  {value}")
        roster = roster_path(str(self._environment))
        click.echo(f"\nEdits of {roster} are published at once; reload the page to see them. Press Ctrl-C to stop.")


def _report(line: str) -> None:
    click.echo(line, err=True)
