"""``roster demo``."""

import gc
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from roster.check.pipeline import check
from roster.cli.exit_status import ExitStatus
from roster.cli.publish.render import artifacts, refused
from roster.cli.terminal import completion
from roster.demo.run import run
from roster.demo.service_process import Failed
from roster.demo.services import Ports
from roster.findings import ConfigurationError
from roster.publishing.release import Release
from roster.publishing.sequence import publication
from roster.render.artifacts import ARTIFACTS
from roster.repository import Repository, roster_path


@click.command
@click.argument("environment", required=False, shell_complete=completion.environments)
@click.option(
    "--port",
    type=click.IntRange(1, 65536 - len(Ports._fields)),
    help="The first of the ports; the others follow it.  [default: any that are free]",
)
def command(environment: str | None, port: int | None) -> int:
    """Run the whole chain on this machine: a package registry, the gateway, a relay, an instance.

    It serves the roster of an ENVIRONMENT, the last one of the promotion path unless another one is named, and nothing
    leaves the machine. What is edited meanwhile is checked, rendered and published, committed or not; the gateway takes
    it, and the instance's page shows it.

    Ctrl-C ends it. Exits with 1 if the roster has an error, with 3 if one of the servers fails.

    \b
    Examples:
      roster demo
      roster demo staging --port 8100
    """
    gc.enable()  # which rests in commands that are soon over
    edition = _Edition(Repository.containing(Path()), environment)
    try:
        return (
            0
            if run(edition.repository.root, edition.render, port, os.environ, edition.show, _tell)
            else ExitStatus.FINDINGS
        )
    except Failed as failed:
        click.echo(f"roster: {failed}", err=True)
        return ExitStatus.USAGE if failed.configured_wrongly else ExitStatus.DEFECT


class _Edition:
    """An environment's roster as it is now, edit after edit; what is wrong with the first is the command's result."""

    def __init__(self, repository: Repository, environment: str | None) -> None:
        self.repository = repository
        self._environment = environment
        self._again = False

    def render(self, least: int) -> Release | None:
        """Return what publishes the roster, with ``least`` as its sequence where git gives it a lower one.

        For git, an edit changes nothing before it is committed; and a branch that has fewer commits counts less.
        """
        try:
            return self._rendered(least)
        except ConfigurationError as error:
            if not self._again:
                raise
            _tell(f"not published: {error}")
            return None

    def _rendered(self, least: int) -> Release | None:
        today = datetime.now(UTC).date()
        result = check(self.repository, today)
        environment = self._environment = self._environment or list(result.registries.environments)[-1]
        chosen = result.registries.select_environments([environment])
        if refused(result, chosen, err=self._again):
            return None
        published = publication(self.repository.root, today)
        published = published._replace(sequence=max(published.sequence, least))
        targets = [name for name, artifact in ARTIFACTS.items() if artifact.by_default]
        rendered = artifacts(self.repository, result, targets, chosen, today, published)
        self._again = True
        files = {path.rpartition("/")[2]: data for path, data in rendered.items()}
        return Release(environment, published.sequence, published.revision, files)

    def show(self, shown: Mapping[str, str]) -> None:
        """Print what there is to look at."""
        width = max(map(len, shown))
        for name, value in shown.items():
            click.echo(f"{name:<{width}}  {value}")
        edited = roster_path(str(self._environment))
        click.echo(f"\nAn edit of {edited} is published at once; load the page anew to see it. Ctrl-C ends it.")


def _tell(line: str) -> None:
    click.echo(line, err=True)
