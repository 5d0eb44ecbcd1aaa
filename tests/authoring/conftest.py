"""A repository with one environment, for tests of fixes, and functions that check and fix it."""

from datetime import date
from pathlib import Path

import pytest

from roster.authoring.fix import CheckedRepository, apply_fixes
from roster.check.pipeline import check
from roster.check.result import CheckResult
from roster.registries import ENVIRONMENTS
from roster.repository import Repository
from roster.roster import roster_path
from tests.conftest import copy_data

TODAY = date(2026, 6, 15)
PATH = roster_path("production")


def check_all(repository: Repository) -> CheckResult:
    return check(repository, TODAY)


def fix_all(repository: Repository) -> CheckedRepository:
    """Apply all fixes of a repository's findings."""
    return apply_fixes(
        CheckedRepository(repository, check_all(repository)), check_all, lambda checked: checked.result.diagnostics
    )


def rule_names(result: CheckResult) -> list[str]:
    """Return the rule of each finding."""
    return [diagnostic.rule for diagnostic in result.diagnostics]


@pytest.fixture(scope="session")
def production(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository with the schemas of this one and one environment without a roster."""
    root: Path = tmp_path_factory.mktemp("production")
    copy_data(root, "schemas")
    (root / PATH).parent.mkdir(parents=True)
    (root / ENVIRONMENTS).write_text(
        "- name: production\n  release_states: [BETA, GA]\n  default_release_states: [GA]\n"
        "  retirement_notice_days: 90\n"
    )
    return Repository(root)
