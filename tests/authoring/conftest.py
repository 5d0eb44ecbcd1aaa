"""Rosters to mend, in a repository with one environment whose registries stay as they are."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from roster.authoring.fix import CheckedRepository, apply_fixes
from roster.check.pipeline import check
from roster.check.result import CheckResult
from roster.repository import ENVIRONMENTS, Repository, roster_path
from tests.conftest import ROOT

TODAY = date(2026, 6, 15)
PATH = roster_path("production")


def found(repository: Repository) -> CheckResult:
    return check(repository, TODAY)


def fixed(repository: Repository) -> CheckedRepository:
    """Mend all that can be mended in a repository."""
    return apply_fixes(
        CheckedRepository(repository, found(repository)), found, lambda checked: checked.result.diagnostics
    )


def told(result: CheckResult) -> list[str]:
    """The rules that have findings."""
    return [diagnostic.rule for diagnostic in result.diagnostics]


@pytest.fixture(scope="session")
def production(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository with the schemas of this one, whose only environment has no roster yet."""
    root: Path = tmp_path_factory.mktemp("production")
    shutil.copytree(ROOT / "schemas", root / "schemas")
    (root / PATH).parent.mkdir(parents=True)
    (root / ENVIRONMENTS).write_text(
        "- name: production\n  release_states: [BETA, GA]\n  default_release_states: [GA]\n"
        "  retirement_notice_days: 90\n"
    )
    return Repository(root)
